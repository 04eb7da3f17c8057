import type { Kernel } from '../kernel/kernel'
import type { DataCalls5Parts } from './data-calls5'
import { ADDRESS_BYTES, passesFilter } from './frame-filter'
import { LONGEST_CHAIN } from './mdl'
import { PACKET } from './packet-layout'
import type { Binding5 } from './stack5'

export const ETHERNET_HEADER = 14

/** Received frames on their way to the protocols of an adapter of NDIS 3 to 5. */
export function createIndications5(k: Kernel, parts: DataCalls5Parts) {
  const { r32, u8 } = k.space
  const { stacks5, counters } = parts
  /** A packet that is being shown to protocols that take none. */
  let shown = 0

  const wants = (binding: Binding5, destination: Uint8Array): boolean =>
    binding.packetFilter !== 0 &&
    passesFilter(binding.packetFilter, destination, binding.stack.address, binding.multicast)
  const destinationAt = (address: number): Uint8Array => u8.subarray(address, address + ADDRESS_BYTES)

  /** Shows a packet to a protocol that takes no packets, as the start of a frame (PV NdisMIndicateReceivePacket). */
  function show(binding: Binding5, packet: number, start: number, firstBytes: number, total: number): void {
    const before = shown
    shown = packet
    binding.end.receive(
      packet,
      start,
      ETHERNET_HEADER,
      start + ETHERNET_HEADER,
      firstBytes - ETHERNET_HEADER,
      total - ETHERNET_HEADER,
    )
    shown = before
  }
  /** Hands a packet to the protocols of an adapter: how often it will come back; undefined when none is bound. */
  function take(handle: number, packet: number, mayKeep: boolean): number | undefined {
    const stack = stacks5.of(handle)
    if (!stack || stack.bindings.length === 0) return undefined
    const first = r32(packet + PACKET.Head)
    const start = parts.mdls.systemAddress(first)
    const firstBytes = parts.mdls.byteCount(first)
    counters.received++
    let total = 0
    for (let mdl = first, links = 0; mdl !== 0 && links < LONGEST_CHAIN; mdl = parts.mdls.next(mdl), links++)
      total += parts.mdls.byteCount(mdl)
    if (firstBytes < ETHERNET_HEADER) {
      counters.dropped++
      return 0
    }
    let references = 0
    let takers = 0
    for (const binding of [...stack.bindings]) {
      if (!wants(binding, destinationAt(start))) continue
      takers++
      if (!binding.end.receivePacket) show(binding, packet, start, firstBytes, total)
      else references += kept(binding.end.receivePacket(packet), mayKeep)
    }
    if (takers === 0) counters.dropped++
    return references
  }
  function kept(references: number, mayKeep: boolean): number {
    if (references <= 0) return 0
    if (mayKeep) return references
    k.verifier.violation(
      'ReceiveResources',
      'ProtocolReceivePacket',
      `ProtocolReceivePacket returned ${references} for a packet with the status NDIS_STATUS_RESOURCES, which it must copy and return 0 for.`,
    )
    return 0
  }
  function indicate(
    handle: number,
    context: number,
    header: number,
    headerBytes: number,
    lookahead: number,
    lookaheadBytes: number,
    bytes: number,
  ): void {
    const stack = stacks5.of(handle)
    if (!stack) return
    counters.received++
    const takers = stack.bindings.filter((binding) => wants(binding, destinationAt(header)))
    if (takers.length === 0) counters.dropped++
    for (const { end } of takers) end.receive(context, header, headerBytes, lookahead, lookaheadBytes, bytes)
  }
  return { take, indicate, shown: (): number => shown }
}
