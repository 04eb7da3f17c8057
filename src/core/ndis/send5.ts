import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Adapter } from './adapters'
import type { HandlerCalls } from './handler-calls'
import type { NdisRecords } from './ndis-record'
import type { PacketDma } from './packet-dma'
import { OOB, PACKET } from './packet-layout'
import type { Serial } from './serial'
import { NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES } from './status'

/** The most packets that a miniport is given at once; it may say less in OID_GEN_MAXIMUM_SEND_PACKETS. */
const MOST_PACKETS = 16

/** What the status of a packet is before MiniportSendPackets, when the rules look whether the miniport sets it. */
const NOT_SET = 0xcbcb_cbcb | 0

/** Sends packets through one miniport of NDIS 3 to 5. */
export interface Sender5 {
  send(packets: readonly number[]): void
  /** NdisMSendComplete: the miniport takes packets again, once `resume` is called. false when it does not have the packet. */
  complete(packet: number): boolean
  /** Offers again what waits: after NdisMSendComplete and NdisMSendResourcesAvailable. */
  resume(): void
  /** Packets that the miniport has, the oldest first. */
  pending(): Iterable<number>
  /** Virtual time at which the last packet was done, ticks; 0 before. */
  doneAt(): number
  /** Packets that it has not got yet, or refused with NDIS_STATUS_RESOURCES. */
  queued(): Iterable<number>
  /** true while the MiniportSendPackets runs that was given the packet: only then may the miniport set its status. */
  isOffered(packet: number): boolean
  /** Nothing goes down while it is held. */
  hold(held: boolean): void
  /** Takes back what the miniport never got. */
  flush(): number[]
  free(): void
}

export interface Sender5Parts {
  readonly serial: Serial
  readonly calls: HandlerCalls
  readonly records: NdisRecords
  readonly adapter: Adapter
  /** Scatter/gather lists of packets, for adapters that take them. */
  readonly packetDma: PacketDma
  /** A packet is the protocol's again. */
  readonly sent: (packet: number, status: number) => void
}

/**
 * How NDIS sends (NT4 204trnsf_3, 204trnsf_7; PV MiniportSendPackets): a serialized miniport that answers
 * NDIS_STATUS_RESOURCES gets the packet, and all behind it, again when it completed another or says that it has resources.
 */
export function createSender5(k: Kernel, parts: Sender5Parts): Sender5 {
  const { space } = k
  const { serial, calls, records, adapter, packetDma, sent } = parts
  const { violation, enabled } = k.verifier
  const queue: number[] = []
  const out = new Set<number>()
  const array = records.allocate(4 * MOST_PACKETS)
  let waiting = false
  let doneAt = 0
  let held = false
  /** Calls of MiniportSendPackets that have not returned. */
  let depth = 0
  let offered: readonly number[] = []

  const statusAt = (packet: number): number => packet + space.r16(packet + PACKET.NdisPacketOobOffset) + OOB.Status
  const end = (packet: number, status: number): void => {
    out.delete(packet)
    doneAt = k.clock.now()
    packetDma.unmapPacket(packet)
    sent(packet, status)
  }

  function sendArray(packets: readonly number[]): void {
    const serialized = serial.isSerialized(adapter)
    // The array lives until the call returns; a send inside of a send of a deserialized miniport has one of its own.
    const at = depth === 0 && array !== 0 ? array : records.allocate(4 * packets.length)
    if (at === 0) return packets.forEach((packet) => end(packet, NDIS_STATUS_RESOURCES))
    packets.forEach((packet, index) => {
      space.w32(at + 4 * index, packet)
      out.add(packet)
      if (enabled && serialized) space.w32(statusAt(packet), NOT_SET)
    })
    depth++
    const outer = offered
    offered = packets
    const irql = serialized ? DISPATCH_LEVEL : k.cpus.irql()
    calls.callAt(irql, adapter.handlers['SendPacketsHandler']!, 'MiniportSendPackets', [
      adapter.context,
      at,
      packets.length,
    ])
    offered = outer
    depth--
    if (at !== array) records.free(at)
    // Deserialized miniports complete each packet; NDIS does not look at their status (PV MiniportSendPackets).
    if (serialized) settle(packets)
  }
  /** Reads what a serialized miniport left in the packets. */
  function settle(packets: readonly number[]): void {
    const refused: number[] = []
    for (const packet of packets) {
      if (!out.has(packet)) continue
      const status = space.r32(statusAt(packet)) | 0
      if (status === NOT_SET && enabled && refused.length === 0) {
        statusNeverSet(packet)
        continue
      }
      if (refused.length > 0 || status === NDIS_STATUS_RESOURCES) {
        // NDIS treats what follows a refused packet as refused, too.
        out.delete(packet)
        refused.push(packet)
      } else if (status !== NDIS_STATUS_PENDING) end(packet, status)
    }
    if (refused.length === 0) return
    waiting = true
    queue.unshift(...refused)
  }
  function statusNeverSet(packet: number): void {
    space.w32(statusAt(packet), NDIS_STATUS_PENDING)
    violation(
      'SendStatusNotSet',
      'MiniportSendPackets',
      `MiniportSendPackets returned and did not set the status of the packet at 0x${packet.toString(16)} (NDIS_SET_PACKET_STATUS): NDIS takes the send for pending, and it may never end.`,
    )
  }
  function sendOne(packet: number): void {
    out.add(packet)
    const status = calls.callAt(
      serial.isSerialized(adapter) ? DISPATCH_LEVEL : k.cpus.irql(),
      adapter.handlers['SendHandler']!,
      'MiniportSend',
      [adapter.context, packet, space.r32(packet + PACKET.Flags)],
    )
    if (status === NDIS_STATUS_PENDING) return
    if (!out.has(packet))
      return violation(
        'SendCompleteTwice',
        'MiniportSend',
        `MiniportSend returned 0x${(status >>> 0).toString(16)} for a packet that it has completed with NdisMSendComplete: after that it must return NDIS_STATUS_PENDING.`,
      )
    if (status === NDIS_STATUS_RESOURCES && serial.isSerialized(adapter)) {
      waiting = true
      out.delete(packet)
      queue.unshift(packet)
      return
    }
    if (status === NDIS_STATUS_RESOURCES)
      violation(
        'SendResourcesDeserialized',
        'MiniportSend',
        'MiniportSend of a deserialized miniport returned NDIS_STATUS_RESOURCES: it must queue what it cannot send yet, NDIS does not offer it again.',
      )
    end(packet, status)
  }
  function pump(): void {
    while (!waiting && !held && queue.length > 0) {
      if (!serial.enter(adapter)) return serial.whenFree(adapter, pump)
      const many = adapter.handlers['SendPacketsHandler'] !== 0 && adapter.handlers['SendPacketsHandler'] !== undefined
      if (many) sendArray(queue.splice(0, MOST_PACKETS))
      else sendOne(queue.shift()!)
      serial.leave(adapter)
    }
  }
  return {
    send(packets) {
      for (const packet of packets)
        if (packetDma.mapPacket(adapter, packet)) queue.push(packet)
        else sent(packet, NDIS_STATUS_RESOURCES)
      pump()
    },
    complete(packet) {
      if (!out.delete(packet)) return false
      doneAt = k.clock.now()
      packetDma.unmapPacket(packet)
      waiting = false
      return true
    },
    pending: () => out,
    doneAt: () => doneAt,
    queued: () => queue,
    isOffered: (packet) => offered.includes(packet),
    resume() {
      waiting = false
      serial.whenFree(adapter, pump)
    },
    hold(now) {
      held = now
      if (!now) pump()
    },
    flush() {
      queue.forEach(packetDma.unmapPacket)
      return queue.splice(0)
    },
    free() {
      out.forEach(packetDma.unmapPacket)
      if (array !== 0) records.free(array)
    },
  }
}
