import { constant } from './constants'
import { ADDRESS_BYTES } from './frame-filter'

const PACKET_FILTER = constant('OID_GEN_CURRENT_PACKET_FILTER')
const MULTICAST_LIST = constant('OID_802_3_MULTICAST_LIST')
const FILTER_BYTES = 4

/** What a binding wants to receive. */
export interface Wanted {
  packetFilter: number
  /** Six bytes an address. */
  multicast: Uint8Array
}

/** Sets that NDIS merges over all bindings of an adapter, so that the NIC lets through what any of them wants. */
export const isMerged = (oid: number, bytes: number): boolean =>
  (oid === PACKET_FILTER && bytes >= FILTER_BYTES) || oid === MULTICAST_LIST

const filterOf = (value: Uint8Array): number => new DataView(value.buffer, value.byteOffset).getUint32(0, true)

/** The value to set in the NIC when one of the bindings asks for `value`. */
export function mergeSets(own: Wanted, all: readonly Wanted[], oid: number, value: Uint8Array): Uint8Array {
  const others = all.filter((other) => other !== own)
  if (oid === PACKET_FILTER) {
    const bits = others.reduce((sum, other) => sum | other.packetFilter, filterOf(value))
    return new Uint8Array(new Uint32Array([bits >>> 0]).buffer)
  }
  const addresses = new Map<string, Uint8Array>()
  for (const list of [value, ...others.map((other) => other.multicast)])
    for (let at = 0; at + ADDRESS_BYTES <= list.length; at += ADDRESS_BYTES) {
      const address = list.slice(at, at + ADDRESS_BYTES)
      addresses.set(address.join(), address)
    }
  return Uint8Array.from([...addresses.values()].flatMap((address) => [...address]))
}

/** The set succeeded: that is what the binding receives from now on. */
export function rememberSet(binding: Wanted, oid: number, value: Uint8Array): void {
  if (oid === PACKET_FILTER) binding.packetFilter = filterOf(value)
  else binding.multicast = value.slice()
}
