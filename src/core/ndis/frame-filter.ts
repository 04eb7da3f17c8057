import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { adapterFacts } from './adapter-facts'
import { constant } from './constants'
import { BROADCAST } from '../wire/formats/ethernet'
import { LONGEST_CHAIN, type Mdls } from './mdl'
import type { Accepts, BindingStation, Stack6 } from './stack6'

const FIRST_NET_BUFFER = layout('NET_BUFFER_LIST', 'FirstNetBuffer').FirstNetBuffer
const NB = layout('NET_BUFFER', 'CurrentMdl', 'CurrentMdlOffset')
export const PACKET_TYPE = {
  DIRECTED: constant('NDIS_PACKET_TYPE_DIRECTED'),
  MULTICAST: constant('NDIS_PACKET_TYPE_MULTICAST'),
  ALL_MULTICAST: constant('NDIS_PACKET_TYPE_ALL_MULTICAST'),
  BROADCAST: constant('NDIS_PACKET_TYPE_BROADCAST'),
  PROMISCUOUS: constant('NDIS_PACKET_TYPE_PROMISCUOUS'),
  ALL_LOCAL: constant('NDIS_PACKET_TYPE_ALL_LOCAL'),
} as const
const EVERYTHING = PACKET_TYPE.PROMISCUOUS | PACKET_TYPE.ALL_LOCAL
export const ADDRESS_BYTES = 6

function matches(bytes: Uint8Array, at: number, other: Uint8Array, otherAt: number): boolean {
  if (other.length < otherAt + ADDRESS_BYTES) return false
  for (let i = 0; i < ADDRESS_BYTES; i++) if (bytes[at + i] !== other[otherAt + i]) return false
  return true
}

/** Whether a frame to the address at `at` passes a packet filter (DDI oid-gen-current-packet-filter). */
export function passesFilter(
  filter: number,
  bytes: Uint8Array,
  at: number,
  own: Uint8Array,
  multicast: Uint8Array,
): boolean {
  if ((filter & EVERYTHING) !== 0) return true
  if ((bytes[at]! & 1) === 0) return (filter & PACKET_TYPE.DIRECTED) !== 0 && matches(bytes, at, own, 0)
  if (matches(bytes, at, BROADCAST, 0)) return (filter & PACKET_TYPE.BROADCAST) !== 0
  if ((filter & PACKET_TYPE.ALL_MULTICAST) !== 0) return true
  if ((filter & PACKET_TYPE.MULTICAST) === 0) return false
  for (let other = 0; other < multicast.length; other += ADDRESS_BYTES)
    if (matches(bytes, at, multicast, other)) return true
  return false
}

/** NDIS hands a binding the frames that its packet filter lets through, whatever else the NIC receives. */
export function createFrameFilter(k: Kernel, mdls: Mdls): Accepts {
  const { i32, u8 } = k.space
  /** Of a frame whose address lies in more than one MDL. */
  const gathered = new Uint8Array(ADDRESS_BYTES)
  const view = new DataView(gathered.buffer)
  const own = new WeakMap<Stack6, Uint8Array>()
  const get = (address: number): number => i32[address >> 2]! >>> 0

  function ownAddress(stack: Stack6): Uint8Array {
    const known = own.get(stack)
    if (known) return known
    const address = adapterFacts(stack.adapter).currentAddress
    own.set(stack, address)
    return address
  }
  /** Gathers the address from several MDLs; false when the frame is shorter. */
  function gather(first: number, offset: number): boolean {
    let length = 0
    let mdl = first
    let at = offset
    for (
      let links = 0;
      mdl !== 0 && length < ADDRESS_BYTES && links < LONGEST_CHAIN;
      links++, mdl = mdls.next(mdl), at = 0
    ) {
      const start = mdls.systemAddress(mdl)
      const end = Math.min(mdls.byteCount(mdl), at + ADDRESS_BYTES - length)
      for (; at < end; at++) view.setUint8(length++, u8[start + at]!)
    }
    return length === ADDRESS_BYTES
  }
  return (binding: BindingStation, list: number): boolean => {
    const { packetFilter, multicast, stack } = binding
    if ((packetFilter & EVERYTHING) !== 0) return true
    // The first frame of a list stands for all of it.
    const netBuffer = get(list + FIRST_NET_BUFFER)
    const mdl = netBuffer === 0 ? 0 : get(netBuffer + NB.CurrentMdl)
    if (mdl === 0) return false
    const offset = get(netBuffer + NB.CurrentMdlOffset)
    if (mdls.byteCount(mdl) - offset >= ADDRESS_BYTES)
      return passesFilter(packetFilter, u8, mdls.systemAddress(mdl) + offset, ownAddress(stack), multicast)
    return gather(mdl, offset) && passesFilter(packetFilter, gathered, 0, ownAddress(stack), multicast)
  }
}
