import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { constant } from './constants'
import { createFrameCopies, type Frame5 } from './frame-copies'
import type { FrameCounters } from './frame-counters'
import { ADDRESS_BYTES, passesFilter } from './frame-filter'
import { LONGEST_CHAIN, type Mdls } from './mdl'
import type { Ndis5Check } from './ndis5-call'
import type { NdisRecords } from './ndis-record'
import { packetsAt } from './packet-array'
import { PACKET } from './packet-layout'
import type { Binding5, Stack5, Stacks5 } from './stack5'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './status'
import { WAY_TRANSFER } from './way'

const ETHERNET_HEADER = 14
const REQUEST_ABORTED = constant('NDIS_STATUS_REQUEST_ABORTED')
const NOT_ACCEPTED = constant('NDIS_STATUS_NOT_ACCEPTED')
const RESET_IN_PROGRESS = constant('NDIS_STATUS_RESET_IN_PROGRESS')
/** A call of ProtocolReceive. */
interface Receiving5 {
  readonly binding: Binding5
  readonly context: number
  readonly outer: Receiving5 | undefined
}

export interface Indications5Parts {
  readonly stacks5: Stacks5
  readonly records: NdisRecords
  readonly counters: FrameCounters
  readonly mdls: Mdls
  readonly check5: Ndis5Check
  /** A protocol has not given the packet back. */
  readonly isHeld: (packet: number) => boolean
  /** A protocol gave a packet back that it had kept; false when it holds no such packet. */
  readonly giveBack: (packet: number) => boolean
  readonly copyPacket: (to: number, toOffset: number, bytes: number, from: number, fromOffset: number) => number
}

/** What miniports of NDIS 3 to 5 indicate, as protocols see it (PV ProtocolReceive, ProtocolReceivePacket, NdisTransferData). */
export function createIndications5(k: Kernel, parts: Indications5Parts) {
  const { preempt } = k
  const { r32, u8 } = k.space
  const { put32 } = k.cells
  const { stacks5, records, counters } = parts
  const { ways } = stacks5
  /** Packets into which received data is transferred later. */
  const transfers = new Map<number, Binding5>()
  /** A packet that is being shown to protocols that take none. */
  let shown = 0
  /** The calls of ProtocolReceive that have not returned, the last one first. */
  let receiving: Receiving5 | undefined
  /** With the rules on: the only binding that kept a packet, undefined when several did. */
  const keepers = new Map<number, Binding5 | undefined>()
  const withCopies = createFrameCopies(k, records)

  function stackOf(fn: string, handle: number): Stack5 | undefined {
    const stack = stacks5.of(handle)
    if (!stack) parts.check5(fn, handle)
    return stack
  }
  /** A miniport that does not tell its address filters directed frames itself. */
  const passes = (filter: number, destination: Uint8Array, own: Uint8Array, multicast: Uint8Array): boolean =>
    own.length === 0 && (destination[0]! & 1) === 0
      ? filter !== 0
      : passesFilter(filter, destination, 0, own, multicast)
  const wants = (binding: Binding5, destination: Uint8Array): boolean =>
    !binding.closing &&
    binding.packetFilter !== 0 &&
    passes(binding.packetFilter, destination, binding.stack.address, binding.multicast)
  const destinationAt = (address: number): Uint8Array => u8.subarray(address, address + ADDRESS_BYTES)

  /** Calls ProtocolReceive of one binding. */
  function give(binding: Binding5, frame: Frame5): void {
    receiving = { binding, context: frame.context, outer: receiving }
    withCopies(frame, (header, lookahead) => {
      const { context, headerBytes, lookaheadBytes, bytes } = frame
      const status = binding.end.receive(context, header, headerBytes, lookahead, lookaheadBytes, bytes)
      if (status !== NDIS_STATUS_SUCCESS && status !== NOT_ACCEPTED)
        k.verifier.violation(
          'ProtocolReceiveStatus',
          'ProtocolReceive',
          `ProtocolReceive returned 0x${(status >>> 0).toString(16)}; it may return NDIS_STATUS_SUCCESS and NDIS_STATUS_NOT_ACCEPTED and nothing else.`,
        )
    })
    receiving = receiving.outer
  }
  /** Shows a packet to a protocol that takes no packets, as the start of a frame (PV NdisMIndicateReceivePacket). */
  function show(binding: Binding5, packet: number, start: number, firstBytes: number, total: number): void {
    const before = shown
    shown = packet
    give(binding, {
      context: packet,
      header: start,
      headerBytes: ETHERNET_HEADER,
      lookahead: start + ETHERNET_HEADER,
      lookaheadBytes: firstBytes - ETHERNET_HEADER,
      bytes: total - ETHERNET_HEADER,
    })
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
    keepers.delete(packet)
    for (const binding of [...stack.bindings]) {
      if (!wants(binding, destinationAt(start))) continue
      takers++
      if (!binding.end.receivePacket) show(binding, packet, start, firstBytes, total)
      else {
        const own = kept(binding.end.receivePacket(packet), mayKeep)
        references += own
        if (own > 0) noteKeeper(packet, binding)
      }
    }
    if (takers === 0) counters.dropped++
    return references
  }
  function noteKeeper(packet: number, binding: Binding5): void {
    if (k.verifier.enabled) keepers.set(packet, keepers.has(packet) ? undefined : binding)
  }
  function kept(references: number, mayKeep: boolean): number {
    if (references < 0)
      k.verifier.violation(
        'ReceivePacketReferences',
        'ProtocolReceivePacket',
        `ProtocolReceivePacket returned ${references}: it says how often the packet will be given to NdisReturnPackets.`,
      )
    if (references <= 0) return 0
    if (mayKeep) return references
    k.verifier.violation(
      'ReceiveResources',
      'ProtocolReceivePacket',
      `ProtocolReceivePacket returned ${references} for a packet that nobody may keep (NDIS_STATUS_RESOURCES, or a miniport without ReturnPacketHandler): it must copy and return 0.`,
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
    const stack = stackOf('NdisMEthIndicateReceive', handle)
    if (!stack) return
    counters.received++
    const takers = stack.bindings.filter((binding) => wants(binding, destinationAt(header)))
    if (takers.length === 0) counters.dropped++
    for (const binding of takers) give(binding, { context, header, headerBytes, lookahead, lookaheadBytes, bytes })
  }
  function each(fn: string, handle: number, visit: (end: Binding5['end'], stack: Stack5) => void): void {
    preempt()
    const stack = stackOf(fn, handle)
    for (const { end } of [...(stack?.bindings ?? [])]) visit(end, stack!)
  }
  function transfer(binding: Binding5, context: number, offset: number, bytes: number, packet: number) {
    if (shown !== 0 && context === shown)
      return {
        status: NDIS_STATUS_SUCCESS,
        bytes: parts.copyPacket(packet, 0, bytes, shown, offset + ETHERNET_HEADER),
      }
    if (ways.isOut(packet)) return { status: NDIS_STATUS_FAILURE, bytes: 0 }
    if (binding.stack.resetting) return { status: RESET_IN_PROGRESS, bytes: 0 }
    // It may be complete before the miniport has returned.
    transfers.set(packet, binding)
    ways.begin(packet, binding.id, WAY_TRANSFER)
    const result = binding.stack.end.transferData(packet, context, offset, bytes)
    if (result.status === NDIS_STATUS_PENDING) return result
    if (result.bytes > bytes >>> 0)
      k.verifier.violation(
        'TransferBytes',
        'MiniportTransferData',
        `MiniportTransferData says that it copied ${result.bytes} bytes, but was asked for ${bytes >>> 0}.`,
      )
    if (transfers.delete(packet)) ways.end(packet)
    else transferEndedTwice('MiniportTransferData', packet)
    return result
  }

  const transferEndedTwice = (fn: string, packet: number): void =>
    k.verifier.violation(
      'TransferCompleteTwice',
      fn,
      `${fn} ends the transfer into the packet at 0x${(packet >>> 0).toString(16)}, but none is pending: it is over already, or never began.`,
    )

  return {
    take,
    indicate,
    /** Packets that only this binding kept and that are not back. */
    heldBy: (binding: Binding5): number[] =>
      [...keepers].flatMap(([packet, keeper]) => (keeper === binding && parts.isHeld(packet) ? [packet] : [])),
    /** true while the binding looks at a frame with this MacReceiveContext. */
    isReceiving(binding: Binding5, context: number): boolean {
      for (let look = receiving; look; look = look.outer)
        if (look.binding === binding && look.context === context) return true
      return false
    },
    functions: {
      NdisReturnPackets(PacketsToReturn: number, NumberOfPackets: number): void {
        preempt()
        for (const packet of packetsAt(k.space, PacketsToReturn, NumberOfPackets)) {
          if (!parts.giveBack(packet))
            k.verifier.violation(
              'ReturnPacketNotHeld',
              'NdisReturnPackets',
              `NdisReturnPackets is given the packet at 0x${packet.toString(16)}, which no protocol holds.`,
            )
        }
      },
      NdisTransferData(
        Status: OutParam,
        NdisBindingHandle: number,
        MacReceiveContext: number,
        ByteOffset: number,
        BytesToTransfer: number,
        Packet: number,
        BytesTransferred: OutParam,
      ): void {
        preempt()
        const binding = stacks5.binding(NdisBindingHandle)
        const { status, bytes } =
          binding && !binding.closing
            ? transfer(binding, MacReceiveContext, ByteOffset, BytesToTransfer, Packet)
            : { status: binding ? REQUEST_ABORTED : NDIS_STATUS_FAILURE, bytes: 0 }
        put32(BytesTransferred, bytes)
        put32(Status, status)
      },
      NdisMTransferDataComplete(
        MiniportAdapterHandle: number,
        Packet: number,
        Status: number,
        BytesTransferred: number,
      ): void {
        preempt()
        const binding = transfers.get(Packet)
        if (!binding || binding.stack.adapter.handle !== MiniportAdapterHandle)
          return transferEndedTwice('NdisMTransferDataComplete', Packet)
        transfers.delete(Packet)
        ways.end(Packet)
        binding.end.transferComplete(Packet, Status | 0, BytesTransferred)
      },
      /** The packet behind a frame that is being shown; NULL when the miniport indicated no packet. */
      NdisGetReceivedPacket(_NdisBindingHandle: number, MacContext: number): number {
        preempt()
        return shown !== 0 && MacContext === shown ? shown : 0
      },
      NdisMEthIndicateReceive(
        MiniportAdapterHandle: number,
        MiniportReceiveContext: number,
        HeaderBuffer: number,
        HeaderBufferSize: number,
        LookaheadBuffer: number,
        LookaheadBufferSize: number,
        PacketSize: number,
      ): void {
        preempt()
        indicate(
          MiniportAdapterHandle,
          MiniportReceiveContext,
          HeaderBuffer,
          HeaderBufferSize,
          LookaheadBuffer,
          LookaheadBufferSize,
          PacketSize,
        )
      },
      NdisMEthIndicateReceiveComplete: (handle: number): void =>
        each('NdisMEthIndicateReceiveComplete', handle, (end) => end.receiveComplete()),
      NdisMIndicateStatus: (handle: number, GeneralStatus: number, StatusBuffer: number, size: number): void =>
        each('NdisMIndicateStatus', handle, (end) => end.status(GeneralStatus | 0, StatusBuffer, size)),
      NdisMIndicateStatusComplete: (handle: number): void =>
        each('NdisMIndicateStatusComplete', handle, (end) => end.statusComplete()),
    },
  }
}
export type Indications5 = ReturnType<typeof createIndications5>
