import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import type { FrameCounters } from './frame-counters'
import { createIndications5, ETHERNET_HEADER } from './indications5'
import type { Mdls } from './mdl'
import { isMerged, mergeSets, rememberSet } from './merged-sets'
import type { Unit5 } from './miniport5-unit'
import type { NdisRecords } from './ndis-record'
import { OID_KIND } from './oid-request'
import { OOB, PACKET } from './packet-layout'
import type { Binding5, RequestDone, Stack5, Stacks5 } from './stack5'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

const REQUEST = layout(
  'NDIS_REQUEST',
  'RequestType',
  'DATA.QUERY_INFORMATION.Oid',
  'DATA.QUERY_INFORMATION.InformationBuffer',
  'DATA.QUERY_INFORMATION.InformationBufferLength',
  'DATA.QUERY_INFORMATION.BytesWritten',
  'DATA.QUERY_INFORMATION.BytesNeeded',
)
/** The longest array that is believed. */
const MOST_PACKETS = 0x1000

export interface DataCalls5Parts {
  readonly stacks5: Stacks5
  readonly units: ReadonlyMap<number, Unit5>
  readonly records: NdisRecords
  readonly counters: FrameCounters
  readonly mdls: Mdls
  /** A protocol gave a packet back that it had kept; false when it holds no such packet. */
  readonly giveBack: (packet: number) => boolean
  readonly copyPacket: (to: number, toOffset: number, bytes: number, from: number, fromOffset: number) => number
}

/** Sends, OID requests and resets of protocols of NDIS 3 to 5, and their ends (PV NdisSend, NdisRequest, NdisReset ...). */
export function createDataCalls5(k: Kernel, parts: DataCalls5Parts) {
  const { space, preempt } = k
  const { r32, w32, u8 } = space
  const { put32 } = k.cells
  const { stacks5, units, records, counters } = parts
  const { ways } = stacks5
  /** The packet of the NdisSend that runs, and what the miniport answered at once. */
  let direct = { packet: 0, status: NDIS_STATUS_PENDING }
  /** Packets into which received data is transferred later. */
  const transfers = new Map<number, Binding5>()

  /** The addresses in an array of packets, as far as it lies in memory. */
  function packetsAt(array: number, count: number): number[] {
    const start = array >>> 0
    const there = Math.max(0, Math.floor((space.size - start) / 4))
    const length = Math.min(count >>> 0, there, MOST_PACKETS)
    return Array.from({ length }, (_unused, index) => r32(start + 4 * index))
  }
  function ended(packet: number, status: number): Binding5 | undefined {
    const binding = ways.station(ways.origin(packet))
    ways.end(packet)
    if (status === NDIS_STATUS_SUCCESS) counters.sent++
    else counters.dropped++
    if (binding) binding.sent--
    return binding
  }
  /** The miniport's answer to a send. */
  function sent(packet: number, status: number): void {
    const binding = ended(packet, status)
    if (direct.packet === packet) direct.status = status
    else binding?.end.sendComplete(packet, status)
  }
  /** false: the packet is out already. */
  function begin(fn: string, binding: Binding5, packet: number): boolean {
    if (ways.isOut(packet)) {
      k.verifier.violation(
        'PacketInUse',
        fn,
        `${fn} sends the packet at 0x${packet.toString(16)} again while it is on its way.`,
        { acquired: ways.sentSite(packet) },
      )
      return false
    }
    ways.begin(packet, binding.id, 0)
    binding.sent++
    const at = packet + space.r16(packet + PACKET.NdisPacketOobOffset) + OOB.Status
    w32(at, NDIS_STATUS_PENDING)
    return true
  }
  function merged(binding: Binding5, oid: number, buffer: number, length: number, done: RequestDone): void {
    const value = u8.slice(buffer, buffer + length)
    const all = mergeSets(binding, binding.stack.bindings, oid, value)
    const own = records.allocate(Math.max(4, all.length))
    if (own === 0) return done(NDIS_STATUS_RESOURCES, 0, 0)
    u8.set(all, own)
    binding.stack.end.set(oid, own, all.length, (status, _bytes, needed) => {
      records.free(own)
      if (status === NDIS_STATUS_SUCCESS) rememberSet(binding, oid, value)
      done(status, status === NDIS_STATUS_SUCCESS ? length : 0, needed)
    })
  }
  function request(Status: OutParam, binding: Binding5, at: number): void {
    const oid = r32(at + REQUEST['DATA.QUERY_INFORMATION.Oid'])
    const buffer = r32(at + REQUEST['DATA.QUERY_INFORMATION.InformationBuffer'])
    const length = r32(at + REQUEST['DATA.QUERY_INFORMATION.InformationBufferLength'])
    const kind = r32(at + REQUEST.RequestType)
    let now: number | undefined
    let late = false
    binding.requests++
    const done: RequestDone = (status, bytes, needed) => {
      w32(at + REQUEST['DATA.QUERY_INFORMATION.BytesWritten'], bytes)
      w32(at + REQUEST['DATA.QUERY_INFORMATION.BytesNeeded'], needed)
      binding.requests--
      now = status
      if (late) binding.end.requestComplete(at, status)
    }
    if (kind === OID_KIND.SET && isMerged(oid, length)) merged(binding, oid, buffer, length, done)
    else if (kind === OID_KIND.SET) binding.stack.end.set(oid, buffer, length, done)
    else if (kind === OID_KIND.QUERY || kind === OID_KIND.STATISTICS) binding.stack.end.query(oid, buffer, length, done)
    else done(NDIS_STATUS_NOT_SUPPORTED, 0, 0)
    late = true
    put32(Status, now ?? NDIS_STATUS_PENDING)
  }

  const { take, indicate, shown } = createIndications5(k, parts)
  function each(handle: number, visit: (end: Binding5['end'], stack: Stack5) => void): void {
    preempt()
    const stack = stacks5.of(handle)
    for (const { end } of [...(stack?.bindings ?? [])]) visit(end, stack!)
  }
  function transfer(binding: Binding5, context: number, offset: number, bytes: number, packet: number) {
    if (shown() !== 0 && context === shown())
      return {
        status: NDIS_STATUS_SUCCESS,
        bytes: parts.copyPacket(packet, 0, bytes, shown(), offset + ETHERNET_HEADER),
      }
    const result = binding.stack.end.transferData(packet, context, offset, bytes)
    if (result.status === NDIS_STATUS_PENDING) transfers.set(packet, binding)
    return result
  }

  return {
    sent,
    take,
    indicate,
    /** A packet is back later than the send that took it down. */
    finished: (packet: number, status: number): void => ended(packet, status)?.end.sendComplete(packet, status),
    functions: {
      NdisSend(Status: OutParam, NdisBindingHandle: number, Packet: number): void {
        preempt()
        const binding = stacks5.binding(NdisBindingHandle)
        if (!binding || !begin('NdisSend', binding, Packet)) return put32(Status, NDIS_STATUS_FAILURE)
        const outer = direct
        const own = { packet: Packet, status: NDIS_STATUS_PENDING }
        direct = own
        binding.stack.end.send([Packet])
        direct = outer
        put32(Status, own.status)
      },
      NdisSendPackets(NdisBindingHandle: number, PacketArray: number, NumberOfPackets: number): void {
        preempt()
        const binding = stacks5.binding(NdisBindingHandle)
        if (!binding) return
        const packets: number[] = []
        for (const packet of packetsAt(PacketArray, NumberOfPackets)) {
          if (begin('NdisSendPackets', binding, packet)) packets.push(packet)
        }
        const outer = direct
        direct = { packet: 0, status: NDIS_STATUS_PENDING }
        binding.stack.end.send(packets)
        direct = outer
      },
      NdisCancelSendPackets(NdisBindingHandle: number, CancelId: number): void {
        preempt()
        stacks5.binding(NdisBindingHandle)?.stack.end.cancelSend(CancelId)
      },
      NdisMSendComplete(MiniportAdapterHandle: number, Packet: number, Status: number): void {
        preempt()
        if (!units.get(MiniportAdapterHandle)?.sender.complete(Packet))
          return k.verifier.violation(
            'SendCompleteTwice',
            'NdisMSendComplete',
            `NdisMSendComplete is given the packet at 0x${(Packet >>> 0).toString(16)}, which this miniport does not have: completed already, or never sent to it.`,
          )
        if (direct.packet === Packet) direct = { packet: 0, status: NDIS_STATUS_PENDING }
        ended(Packet, Status | 0)?.end.sendComplete(Packet, Status | 0)
      },
      NdisMSendResourcesAvailable(MiniportAdapterHandle: number): void {
        preempt()
        units.get(MiniportAdapterHandle)?.sender.resourcesAvailable()
      },
      NdisReturnPackets(PacketsToReturn: number, NumberOfPackets: number): void {
        preempt()
        for (const packet of packetsAt(PacketsToReturn, NumberOfPackets)) {
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
        const { status, bytes } = binding
          ? transfer(binding, MacReceiveContext, ByteOffset, BytesToTransfer, Packet)
          : { status: NDIS_STATUS_FAILURE, bytes: 0 }
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
        if (!binding || binding.stack.adapter.handle !== MiniportAdapterHandle) return
        transfers.delete(Packet)
        binding.end.transferComplete(Packet, Status | 0, BytesTransferred)
      },
      /** The packet behind a frame that is being shown; NULL when the miniport indicated no packet. */
      NdisGetReceivedPacket(_NdisBindingHandle: number, MacContext: number): number {
        preempt()
        return shown() !== 0 && MacContext === shown() ? shown() : 0
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
      NdisMEthIndicateReceiveComplete: (handle: number): void => each(handle, (end) => end.receiveComplete()),
      NdisMIndicateStatus: (handle: number, GeneralStatus: number, StatusBuffer: number, size: number): void =>
        each(handle, (end) => end.status(GeneralStatus | 0, StatusBuffer, size)),
      NdisMIndicateStatusComplete: (handle: number): void => each(handle, (end) => end.statusComplete()),
      NdisRequest(Status: OutParam, NdisBindingHandle: number, NdisRequest: number): void {
        preempt()
        const binding = stacks5.binding(NdisBindingHandle)
        if (binding) request(Status, binding, NdisRequest)
        else put32(Status, NDIS_STATUS_FAILURE)
      },
      NdisReset(Status: OutParam, NdisBindingHandle: number): void {
        preempt()
        const binding = stacks5.binding(NdisBindingHandle)
        let now: number | undefined
        let late = false
        const started = binding?.stack.end.reset((status) => {
          now = status
          if (late) binding.end.resetComplete(status)
        })
        late = true
        put32(Status, started ? (now ?? NDIS_STATUS_PENDING) : NDIS_STATUS_FAILURE)
      },
      NdisMQueryInformationComplete: (handle: number, Status: number): void => requestComplete(handle, false, Status),
      NdisMSetInformationComplete: (handle: number, Status: number): void => requestComplete(handle, true, Status),
    },
  }
  function requestComplete(handle: number, set: boolean, status: number): void {
    preempt()
    if (units.get(handle)?.requester.complete(set, status | 0)) return
    const fn = set ? 'NdisMSetInformationComplete' : 'NdisMQueryInformationComplete'
    k.verifier.violation('NdisOidDoubleComplete', fn, `${fn} is called while no such request is pending.`)
    k.bugcheck(
      'BUGCODE_NDIS_DRIVER',
      [NDIS_BUGCHECK.INVALID_OID_COMPLETION, handle],
      `${fn} is called while no such request is pending.`,
    )
  }
}
