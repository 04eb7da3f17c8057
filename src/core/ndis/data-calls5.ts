import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { constant } from './constants'
import type { FrameCounters } from './frame-counters'
import { isMerged, mergeSets, rememberSet } from './merged-sets'
import type { Unit5 } from './miniport5-unit'
import type { Ndis5Check } from './ndis5-call'
import type { NdisRecords } from './ndis-record'
import { doubleCompletion } from './oid-completions'
import { OID_KIND } from './oid-request'
import { packetsAt } from './packet-array'
import { OOB, PACKET } from './packet-layout'
import { oneBack, type Binding5, type RequestDone, type Stacks5 } from './stack5'
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
const CLOSING = constant('NDIS_STATUS_CLOSING')
const RESET_IN_PROGRESS = constant('NDIS_STATUS_RESET_IN_PROGRESS')
const NOT_RESETTABLE = constant('NDIS_STATUS_NOT_RESETTABLE')

export interface DataCalls5Parts {
  readonly stacks5: Stacks5
  readonly units: ReadonlyMap<number, Unit5>
  readonly records: NdisRecords
  readonly counters: FrameCounters
  readonly check5: Ndis5Check
}

/** Sends, OID requests and resets of protocols of NDIS 3 to 5, and their ends (PV NdisSend, NdisRequest, NdisReset ...). */
export function createDataCalls5(k: Kernel, parts: DataCalls5Parts) {
  const { space, preempt } = k
  const { r32, w32, u8 } = space
  const { put32 } = k.cells
  const { stacks5, units, records, counters } = parts
  const { ways } = stacks5
  function unitOf(fn: string, handle: number): Unit5 | undefined {
    const unit = units.get(handle)
    if (!unit) parts.check5(fn, handle)
    return unit
  }
  /** The packet of the NdisSend that runs, and what the miniport answered at once. */
  let direct = { packet: 0, status: NDIS_STATUS_PENDING }
  /** Addresses of the requests that are under way. */
  const pending = new Set<number>()

  function ended(packet: number, status: number): Binding5 | undefined {
    const binding = ways.station(ways.origin(packet))
    ways.end(packet)
    if (status === NDIS_STATUS_SUCCESS) counters.sent++
    else counters.dropped++
    if (binding) oneBack(binding, 'sent')
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
    // What others set meanwhile is merged with it already.
    const { packetFilter, multicast } = binding
    rememberSet(binding, oid, value)
    binding.stack.end.set(oid, own, all.length, (status, _bytes, needed) => {
      records.free(own)
      if (status !== NDIS_STATUS_SUCCESS) Object.assign(binding, { packetFilter, multicast })
      done(status, status === NDIS_STATUS_SUCCESS ? length : 0, needed)
    })
  }
  function request(Status: OutParam, binding: Binding5, at: number): void {
    const oid = r32(at + REQUEST['DATA.QUERY_INFORMATION.Oid'])
    const buffer = r32(at + REQUEST['DATA.QUERY_INFORMATION.InformationBuffer'])
    const length = r32(at + REQUEST['DATA.QUERY_INFORMATION.InformationBufferLength'])
    const kind = r32(at + REQUEST.RequestType)
    if (binding.stack.resetting) return put32(Status, RESET_IN_PROGRESS)
    let now: number | undefined
    let late = false
    if (pending.has(at)) {
      k.verifier.violation(
        'OidRequestInUse',
        'NdisRequest',
        `NdisRequest is given the NDIS_REQUEST at 0x${at.toString(16)} while it is pending.`,
      )
      return put32(Status, NDIS_STATUS_FAILURE)
    }
    pending.add(at)
    binding.requests++
    const done: RequestDone = (status, bytes, needed) => {
      w32(at + REQUEST['DATA.QUERY_INFORMATION.BytesWritten'], bytes)
      w32(at + REQUEST['DATA.QUERY_INFORMATION.BytesNeeded'], needed)
      pending.delete(at)
      now = status
      if (late) binding.end.requestComplete(at, status)
      oneBack(binding, 'requests')
    }
    if (kind === OID_KIND.SET && isMerged(oid, length)) merged(binding, oid, buffer, length, done)
    else if (kind === OID_KIND.SET) binding.stack.end.set(oid, buffer, length, done)
    else if (kind === OID_KIND.QUERY || kind === OID_KIND.STATISTICS) binding.stack.end.query(oid, buffer, length, done)
    else done(NDIS_STATUS_NOT_SUPPORTED, 0, 0)
    late = true
    put32(Status, now ?? NDIS_STATUS_PENDING)
  }

  /** NDIS_STATUS_CLOSING or NDIS_STATUS_FAILURE: the binding can no longer be used. */
  const gone = (binding: Binding5 | undefined): number => (binding ? CLOSING : NDIS_STATUS_FAILURE)

  return {
    sent,
    /** A packet is back later than the send that took it down. */
    finished: (packet: number, status: number): void => ended(packet, status)?.end.sendComplete(packet, status),
    functions: {
      NdisSend(Status: OutParam, NdisBindingHandle: number, Packet: number): void {
        preempt()
        const binding = stacks5.binding(NdisBindingHandle)
        if (!binding || binding.closing) return put32(Status, gone(binding))
        if (!begin('NdisSend', binding, Packet)) return put32(Status, NDIS_STATUS_FAILURE)
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
        if (!binding || binding.closing) return
        const packets: number[] = []
        for (const packet of packetsAt(space, PacketArray, NumberOfPackets))
          if (begin('NdisSendPackets', binding, packet)) packets.push(packet)
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
        const unit = unitOf('NdisMSendComplete', MiniportAdapterHandle)
        if (!unit?.sender.complete(Packet))
          return k.verifier.violation(
            'SendCompleteTwice',
            'NdisMSendComplete',
            `NdisMSendComplete is given the packet at 0x${(Packet >>> 0).toString(16)}, which this miniport does not have: its send was completed before, or the packet was never given to it.`,
          )
        if (direct.packet === Packet) direct = { packet: 0, status: NDIS_STATUS_PENDING }
        ended(Packet, Status | 0)?.end.sendComplete(Packet, Status | 0)
        unit.sender.resume()
      },
      NdisMSendResourcesAvailable(MiniportAdapterHandle: number): void {
        preempt()
        unitOf('NdisMSendResourcesAvailable', MiniportAdapterHandle)?.sender.resume()
      },
      NdisRequest(Status: OutParam, NdisBindingHandle: number, NdisRequest: number): void {
        preempt()
        const binding = stacks5.binding(NdisBindingHandle)
        if (binding && !binding.closing) request(Status, binding, NdisRequest)
        else put32(Status, gone(binding))
      },
      NdisReset(Status: OutParam, NdisBindingHandle: number): void {
        preempt()
        const binding = stacks5.binding(NdisBindingHandle)
        if (!binding || binding.closing) return put32(Status, gone(binding))
        if (binding.stack.resetting) return put32(Status, RESET_IN_PROGRESS)
        let now: number | undefined
        let late = false
        const started = binding.stack.end.reset((status) => {
          now = status
          if (late) binding.end.resetComplete(status)
        })
        late = true
        put32(Status, started ? (now ?? NDIS_STATUS_PENDING) : NOT_RESETTABLE)
      },
      NdisMQueryInformationComplete: (handle: number, Status: number): void => requestComplete(handle, false, Status),
      NdisMSetInformationComplete: (handle: number, Status: number): void => requestComplete(handle, true, Status),
    },
  }
  function requestComplete(handle: number, set: boolean, status: number): void {
    preempt()
    const fn = set ? 'NdisMSetInformationComplete' : 'NdisMQueryInformationComplete'
    if (unitOf(fn, handle)?.requester.complete(set, status | 0)) return
    const why = `${fn} is called while no such request is pending: it was completed before, or it was never made.`
    k.verifier.violation(doubleCompletion(k.cpus), fn, why)
    k.bugcheck('BUGCODE_NDIS_DRIVER', [NDIS_BUGCHECK.INVALID_OID_COMPLETION, handle], why)
  }
}
