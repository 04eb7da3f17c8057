import type { Kernel } from '../kernel/kernel'
import { POOL_KIND } from '../ndis/descriptor-pool'
import { LONGEST_CHAIN, type Mdls } from '../ndis/mdl'
import { addUpChain, newTotals } from '../ndis/packet-chain'
import { PACKET } from '../ndis/packet-layout'
import type { ChainedBuffers } from './chained'
import type { DescriptorPointers } from './descriptor-pointer'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

const PACKET_INFO_SLOTS = 12

/** Calls on one packet that only read it, and those that change it. */
const READ = [
  'NdisGetPacketFlags', 'NdisQuerySendFlags', 'NdisGetPoolFromPacket', 'NDIS_PACKET_FIRST_NDIS_BUFFER', 'NDIS_PACKET_LAST_NDIS_BUFFER',
  'NDIS_PACKET_VALID_COUNTS', 'NDIS_OOB_DATA_FROM_PACKET', 'NDIS_GET_PACKET_HEADER_SIZE', 'NDIS_GET_PACKET_STATUS',
  'NDIS_GET_PACKET_TIME_TO_SEND', 'NDIS_GET_PACKET_TIME_SENT', 'NDIS_GET_PACKET_TIME_RECEIVED',
  'NDIS_GET_PACKET_MEDIA_SPECIFIC_INFO', 'NDIS_GET_PACKET_PROTOCOL_TYPE', 'NDIS_PACKET_EXTENSION_FROM_PACKET',
  'NDIS_GET_ORIGINAL_PACKET', 'NDIS_GET_PACKET_CANCEL_ID', 'NdisGetPacketCancelId',
] as const // prettier-ignore
const CHANGE = [
  'NdisReinitializePacket', 'NdisSetPacketFlags', 'NdisClearPacketFlags', 'NdisSetSendFlags', 'NdisRecalculatePacketCounts',
  'NDIS_SET_PACKET_HEADER_SIZE', 'NDIS_SET_PACKET_STATUS', 'NdisSetPacketStatus', 'NDIS_SET_PACKET_TIME_TO_SEND',
  'NDIS_SET_PACKET_TIME_SENT', 'NDIS_SET_PACKET_TIME_RECEIVED', 'NDIS_SET_PACKET_MEDIA_SPECIFIC_INFO',
  'NDIS_SET_ORIGINAL_PACKET', 'NDIS_SET_PACKET_CANCEL_ID', 'NdisSetPacketCancelId',
] as const // prettier-ignore

/** What the rules about packets with chains share. */
export interface PacketChainChecks {
  /** true when a chain goes in a circle or leads to no buffer: nothing may follow it. */
  badChain(fn: string, packet: number): boolean
  stale(fn: string, packet: number): void
}

export function createPacketChainChecks(k: Kernel, pointers: DescriptorPointers, mdls: Mdls): PacketChainChecks {
  const { i32, u8 } = k.space
  const { violation } = k.verifier
  const totals = newTotals()
  return {
    badChain(fn, packet) {
      let mdl = i32[(packet + PACKET.Head) >> 2]! >>> 0
      for (let links = 0; mdl !== 0; links++, mdl = mdls.next(mdl)) {
        if (pointers.badMdl(fn, mdl)) return true
        if (links < LONGEST_CHAIN) continue
        violation(
          'BufferChainLoop',
          fn,
          `The chain of the packet at ${hex(packet)} goes in a circle: ${fn} would never come to its end.`,
          pointers.details(packet),
        )
        return true
      }
      return false
    },
    /** PV ff557102: counts that are marked valid are believed, whatever the chain has become. */
    stale(fn, packet) {
      if (u8[packet + PACKET.ValidCounts] === 0) return
      addUpChain(mdls, i32[(packet + PACKET.Head) >> 2]! >>> 0, totals)
      const count = i32[(packet + PACKET.Count) >> 2]! >>> 0
      const length = i32[(packet + PACKET.TotalLength) >> 2]! >>> 0
      if (count === totals.buffers && length === totals.bytes) return
      violation(
        'StalePacketCounts',
        fn,
        `The packet at ${hex(packet)} still says ${count} buffers and ${length} bytes, but its chain has ${totals.buffers} and ${totals.bytes}: it was changed by hand, and NdisRecalculatePacketCounts must follow that.`,
        pointers.details(packet),
      )
    },
  }
}

/** Packets that are used: dead ones, those that a receiver holds, chains that were broken, counts that are out of date. */
export function packetChainRules(
  k: Kernel,
  mdls: Mdls,
  pointers: DescriptorPointers,
  chained: ChainedBuffers,
  { badChain, stale }: PacketChainChecks,
): RuleFamily {
  const { violation } = k.verifier
  const { badPacket, badMdl, badPool, details } = pointers

  /** Follows the buffer that is about to be chained; true when it cannot be. */
  function badAddition(fn: string, packet: number, buffer: number): boolean {
    let mdl = buffer
    for (let links = 0; mdl !== 0; links++, mdl = mdls.next(mdl)) {
      if (badMdl(fn, mdl)) return true
      if (links >= LONGEST_CHAIN) {
        violation('BufferChainLoop', fn, `The buffers at ${hex(buffer)} are linked in a circle.`)
        return true
      }
    }
    const other = chained.packetOf(buffer)
    if (other === 0) return false
    violation(
      'BufferChainedTwice',
      fn,
      other === packet
        ? `The buffer at ${hex(buffer)} is in the chain of this packet already: chaining it again makes a circle.`
        : `The buffer at ${hex(buffer)} is in the chain of the packet at ${hex(other)}, which loses what follows it.`,
      details(other),
    )
    return other === packet
  }
  const chain =
    (fn: string) =>
    (Packet: number, Buffer: number): boolean => {
      if (badPacket(fn, Packet, true) || badChain(fn, Packet) || badAddition(fn, Packet, Buffer)) return true
      chained.note(Packet, Buffer)
      return false
    }
  const follow =
    (fn: string, touches: boolean) =>
    (Packet: number): boolean =>
      badPacket(fn, Packet, touches) || badChain(fn, Packet)
  const query =
    (fn: string) =>
    (Packet: number): boolean => {
      if (badPacket(fn, Packet, false) || badChain(fn, Packet)) return true
      stale(fn, Packet)
      return false
    }
  const copy =
    (fn: string) =>
    (Destination: number, _offset: number, _bytes: number, Source: number): boolean =>
      badPacket(fn, Destination, true) ||
      badChain(fn, Destination) ||
      badPacket(fn, Source, false) ||
      badChain(fn, Source)
  const each = (names: readonly string[], touches: boolean): Record<string, Before> =>
    Object.fromEntries(names.map((name) => [name, (Packet: number) => badPacket(name, Packet, touches)]))

  return {
    before: {
      ...each(READ, false),
      ...each(CHANGE, true),
      NdisChainBufferAtFront: chain('NdisChainBufferAtFront'),
      NdisChainBufferAtBack: chain('NdisChainBufferAtBack'),
      NdisUnchainBufferAtFront: follow('NdisUnchainBufferAtFront', true),
      NdisUnchainBufferAtBack: follow('NdisUnchainBufferAtBack', true),
      NdisQueryPacket(
        Packet: number,
        PhysicalBufferCount: unknown,
        BufferCount: unknown,
        FirstBuffer: unknown,
        TotalPacketLength: unknown,
      ) {
        if (!PhysicalBufferCount && !BufferCount && !FirstBuffer && !TotalPacketLength)
          violation(
            'NdisQueryPacketNothing',
            'NdisQueryPacket',
            'NdisQueryPacket was given no place for any result; at least one must not be NULL.',
          )
        return query('NdisQueryPacket')(Packet)
      },
      NdisQueryPacketLength: query('NdisQueryPacketLength'),
      NdisGetFirstBufferFromPacket: follow('NdisGetFirstBufferFromPacket', false),
      NdisGetFirstBufferFromPacketSafe: follow('NdisGetFirstBufferFromPacketSafe', false),
      NdisCopyFromPacketToPacket: copy('NdisCopyFromPacketToPacket'),
      NdisCopyFromPacketToPacketSafe: copy('NdisCopyFromPacketToPacketSafe'),
      NDIS_PER_PACKET_INFO_FROM_PACKET(Packet: number, InfoType: number) {
        if (badPacket('NDIS_PER_PACKET_INFO_FROM_PACKET', Packet, false)) return true
        if (Number.isInteger(InfoType) && InfoType >= 0 && InfoType < PACKET_INFO_SLOTS) return false
        violation(
          'PacketInfoType',
          'NDIS_PER_PACKET_INFO_FROM_PACKET',
          `${String(InfoType)} is no NDIS_PER_PACKET_INFO value: a packet has ${PACKET_INFO_SLOTS} slots.`,
          details(Packet),
        )
        return true
      },
      NdisSetPacketPoolProtocolId: (PacketPoolHandle: number) =>
        badPool('NdisSetPacketPoolProtocolId', PacketPoolHandle, POOL_KIND.PACKET, 'packet'),
    },
  }
}
