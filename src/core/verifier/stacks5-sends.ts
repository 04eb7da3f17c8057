import { TICKS_PER_MS } from '../clock/clock'
import type { Kernel } from '../kernel/kernel'
import { constant } from '../ndis/constants'
import type { Adapters } from '../ndis/adapters'
import type { DriverLife } from '../ndis/driver'
import type { Network } from '../ndis/network'
import { PACKET } from '../ndis/packet-layout'
import { NDIS_STATUS_PENDING } from '../ndis/status'
import type { DescriptorPointers } from './descriptor-pointer'
import { hex } from './hex'
import type { PacketChainChecks } from './packet-chains'
import type { RuleFamily } from './rules'
import type { Handles5 } from './stacks5-handles'
import { createWatch } from './watch'

const DESERIALIZE = constant('NDIS_ATTRIBUTE_DESERIALIZE')
/** Driver Verifier NdisTimedDataSend. */
const SEND_TICKS = 30_000 * TICKS_PER_MS
/** Driver Verifier NdisTimedDataHang. */
const HANG_TICKS = 22_000 * TICKS_PER_MS

interface Parts {
  readonly driver: DriverLife
  readonly network: Network
  readonly adapters: Adapters
  readonly handles: Handles5
  readonly pointers: DescriptorPointers
  readonly chains: PacketChainChecks
}

/** Packets that are sent, and how their sends end (PV NdisSend, NdisSendPackets, NdisMSendComplete). */
export function sendRules5(k: Kernel, { driver, network, adapters, handles, pointers, chains }: Parts): RuleFamily {
  const { space, verifier, access } = k
  const { violation } = verifier
  const { ways } = network.stacks5

  /** true: NDIS and the miniport could not follow the packet. */
  function badPacket(fn: string, packet: number): boolean {
    if (pointers.badPacket(fn, packet, false) || chains.badChain(fn, packet)) return true
    chains.stale(fn, packet)
    if (space.r32(packet + PACKET.Head) === 0)
      violation(
        'SendEmptyPacket',
        fn,
        `${fn} sends the packet at ${hex(packet)}, which has no buffers.`,
        pointers.details(packet),
      )
    return false
  }
  /** true: the array is not there, or holds what is no packet. */
  function badArray(fn: string, array: number, count: number): boolean {
    const from = array >>> 0
    const packets = count >>> 0
    const before = verifier.count()
    if (packets > 0) access.range(fn, from, 4 * packets, false)
    // Whatever lies behind the array is no packet.
    if (verifier.count() !== before) return true
    for (let i = 0; i < packets; i++) if (badPacket(fn, space.r32(from + 4 * i))) return true
    return false
  }

  /** true: a packet that was sent, came back and is not even allocated any more. */
  function endedBefore(packet: number): boolean {
    if (!pointers.isFreed(packet) || ways.sentSite(packet) === 0) return false
    violation(
      'SendCompleteTwice',
      'NdisMSendComplete',
      `NdisMSendComplete is given the packet at ${hex(packet)} again: its send was completed before, and the protocol has freed it.`,
      { ...pointers.details(packet), freed: pointers.freeSite(packet) },
    )
    return true
  }

  /** What the miniport takes packets with. */
  let handler = 'MiniportSendPackets'
  const sends = createWatch(k, SEND_TICKS, (limit) => {
    let oldest = Infinity
    const look = (packet: number, why: string): void => {
      const since = ways.heldSince(packet)
      if (since > limit) return void (oldest = Math.min(oldest, since))
      violation('NdisTimedDataSend', handler, `A packet was sent 30 seconds ago and ${why}.`, {
        acquired: ways.sentSite(packet),
      })
    }
    for (const { sender } of network.units5.values()) {
      for (const packet of sender.pending()) look(packet, 'the miniport has not completed it')
      for (const packet of sender.queued())
        look(packet, 'the miniport has not taken it since it returned NDIS_STATUS_RESOURCES')
    }
    return oldest
  })
  const hangs = createWatch(k, HANG_TICKS, (limit) => {
    let oldest = Infinity
    for (const { sender } of network.units5.values()) {
      const [first] = sender.pending()
      if (first === undefined) continue
      const since = Math.max(ways.heldSince(first), sender.doneAt())
      if (since > limit) oldest = Math.min(oldest, since)
      else
        violation('NdisTimedDataHang', handler, 'The miniport has packets to send and completed none in 22 seconds.', {
          acquired: ways.sentSite(first),
        })
    }
    return oldest
  })
  driver.returned.push((entry) => {
    if (entry !== 'MiniportSend' && entry !== 'MiniportSendPackets') return
    handler = entry
    sends.started()
    hangs.started()
  })

  return {
    before: {
      NdisSend(_Status: unknown, handle: number, packet: number) {
        handles.binding('NdisSend', handle)
        return badPacket('NdisSend', packet)
      },
      NdisSendPackets(handle: number, array: number, count: number) {
        handles.binding('NdisSendPackets', handle)
        return badArray('NdisSendPackets', array, count)
      },
      NdisCancelSendPackets(handle: number) {
        handles.binding('NdisCancelSendPackets', handle)
        return false
      },
      NdisMSendComplete(handle: number, packet: number, status: number) {
        const fn = 'NdisMSendComplete'
        if (handles.badAdapter(fn, handle) || endedBefore(packet) || pointers.badPacket(fn, packet, false)) return true
        if ((status | 0) === NDIS_STATUS_PENDING)
          violation(
            'SendCompletePending',
            fn,
            `${fn} ends the send of the packet at ${hex(packet)} with NDIS_STATUS_PENDING, which is no end.`,
          )
        return false
      },
      NdisMSendResourcesAvailable(handle: number) {
        const fn = 'NdisMSendResourcesAvailable'
        if (handles.badAdapter(fn, handle)) return true
        if (((adapters.find(handle)?.attributeFlags ?? 0) & DESERIALIZE) !== 0)
          violation(
            'SendResourcesDeserialized',
            fn,
            `${fn} is called by a deserialized miniport: NDIS keeps no packets for it, it queues them itself.`,
          )
        return false
      },
    },
  }
}
