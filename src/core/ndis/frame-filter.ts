import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { adapterFacts } from './adapter-facts'
import { constant } from './constants'
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

const isBroadcast = (address: Uint8Array): boolean => address.every((byte) => byte === 0xff)
const matches = (address: Uint8Array, other: Uint8Array, at = 0): boolean =>
  other.length >= at + ADDRESS_BYTES && address.every((byte, index) => other[at + index] === byte)

/** Whether a frame to an address passes a packet filter (DDI oid-gen-current-packet-filter). */
export function passesFilter(filter: number, destination: Uint8Array, own: Uint8Array, multicast: Uint8Array): boolean {
  if ((filter & EVERYTHING) !== 0) return true
  if ((destination[0]! & 1) === 0) return (filter & PACKET_TYPE.DIRECTED) !== 0 && matches(destination, own)
  if (isBroadcast(destination)) return (filter & PACKET_TYPE.BROADCAST) !== 0
  if ((filter & PACKET_TYPE.ALL_MULTICAST) !== 0) return true
  if ((filter & PACKET_TYPE.MULTICAST) === 0) return false
  for (let at = 0; at < multicast.length; at += ADDRESS_BYTES) if (matches(destination, multicast, at)) return true
  return false
}

/** NDIS hands a binding the frames that its packet filter lets through, whatever else the NIC receives. */
export function createFrameFilter(k: Kernel, mdls: Mdls): Accepts {
  const { i32, u8 } = k.space
  const destination = new Uint8Array(ADDRESS_BYTES)
  const own = new WeakMap<Stack6, Uint8Array>()
  const get = (address: number): number => i32[address >> 2]! >>> 0

  function ownAddress(stack: Stack6): Uint8Array {
    const known = own.get(stack)
    if (known) return known
    const address = adapterFacts(stack.adapter).currentAddress
    own.set(stack, address)
    return address
  }
  /** Gathers the address that the first frame of a list goes to; false when it is shorter. */
  function readDestination(list: number): boolean {
    const netBuffer = get(list + FIRST_NET_BUFFER)
    if (netBuffer === 0) return false
    let mdl = get(netBuffer + NB.CurrentMdl)
    let at = get(netBuffer + NB.CurrentMdlOffset)
    let length = 0
    for (
      let links = 0;
      mdl !== 0 && length < ADDRESS_BYTES && links < LONGEST_CHAIN;
      links++, mdl = mdls.next(mdl), at = 0
    ) {
      const start = mdls.systemAddress(mdl)
      const end = Math.min(mdls.byteCount(mdl), at + ADDRESS_BYTES - length)
      for (; at < end; at++) destination[length++] = u8[start + at]!
    }
    return length === ADDRESS_BYTES
  }
  return (binding: BindingStation, list: number): boolean => {
    if ((binding.packetFilter & EVERYTHING) !== 0) return true
    return (
      readDestination(list) &&
      passesFilter(binding.packetFilter, destination, ownAddress(binding.stack), binding.multicast)
    )
  }
}
