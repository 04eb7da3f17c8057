import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { LiveCell } from '../memory/cell'
import type { Adapter, AdapterControl, OidOutcome } from './adapters'
import { constant } from './constants'
import { ADDRESS_BYTES } from './frame-filter'
import type { HandlerCalls } from './handler-calls'
import { OID_TICKS } from './miniport6-control'
import type { NdisRecords } from './ndis-record'
import type { PacketDma } from './packet-dma'
import { createRequester5, type Requester5 } from './request5'
import { createResetter5, type Resetter5 } from './reset5'
import { createSender5, type Sender5 } from './send5'
import type { Serial } from './serial'
import type { MiniportEnd5, RequestDone, Stack5, Stacks5 } from './stack5'
import { TRANSITION_TICKS } from './stack6-life'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const CURRENT_ADDRESS = constant('OID_802_3_CURRENT_ADDRESS')

/** One adapter of a script's NDIS 5 miniport as the stack and the scenarios know it. */
export interface Unit5 {
  readonly adapter: Adapter
  readonly stack: Stack5
  readonly sender: Sender5
  readonly requester: Requester5
  readonly resetter: Resetter5
  readonly control: AdapterControl
  /** Asks for the address of the NIC, which directed frames go to. */
  learnAddress(): void
  free(): void
}
export interface Unit5Parts {
  readonly serial: Serial
  readonly calls: HandlerCalls
  readonly records: NdisRecords
  readonly stacks5: Stacks5
  readonly packetDma: PacketDma
  /** A packet that the miniport took is the protocol's again. */
  readonly sent: (packet: number, status: number) => void
}

export function createUnit5(k: Kernel, parts: Unit5Parts, adapter: Adapter): Unit5 {
  const { serial, calls, records, stacks5 } = parts
  const shared = { serial, calls, records, adapter }
  const sender = createSender5(k, { ...shared, packetDma: parts.packetDma, sent: parts.sent })
  const requester = createRequester5(k, shared)
  const has = (member: string): boolean => Boolean(adapter.handlers[member])

  function transferData(packet: number, context: number, offset: number, length: number) {
    if (!has('TransferDataHandler')) return { status: NDIS_STATUS_FAILURE, bytes: 0 }
    return records.with(
      4,
      () => undefined,
      (at) => {
        const status = calls.callAt(DISPATCH_LEVEL, adapter.handlers['TransferDataHandler']!, 'MiniportTransferData', [
          packet,
          new LiveCell(k, at, 'u32'),
          adapter.context,
          context,
          offset,
          length,
        ])
        return { status, bytes: k.space.r32(at) }
      },
    )
  }
  const end: MiniportEnd5 = {
    send: sender.send,
    transferData,
    returnPacket(packet) {
      const address = adapter.handlers['ReturnPacketHandler']
      if (address)
        serial.run(adapter, () =>
          calls.callAt(DISPATCH_LEVEL, address, 'MiniportReturnPacket', [adapter.context, packet]),
        )
    },
    query: (oid, buffer, length, done) => requester.ask(false, oid, buffer, length, done),
    set: (oid, buffer, length, done) => requester.ask(true, oid, buffer, length, done),
    reset: (done) => resetter.reset(done),
    cancelSend(cancelId) {
      const address = adapter.handlers['CancelSendPacketsHandler']
      if (address) calls.call(address, 'MiniportCancelSendPackets', [adapter.context, cancelId])
    },
  }
  const stack = stacks5.create(adapter, end)
  const resetter = createResetter5(k, { ...shared, stack: () => stack, end: () => end, hold: sender.hold })
  return {
    adapter,
    stack,
    sender,
    requester,
    resetter,
    control: createControl5(k, { ...shared, end }),
    learnAddress() {
      const buffer = records.allocate(ADDRESS_BYTES)
      if (buffer === 0) return
      end.query(CURRENT_ADDRESS, buffer, ADDRESS_BYTES, (status, bytes) => {
        if (status === NDIS_STATUS_SUCCESS && bytes === ADDRESS_BYTES)
          stack.address = k.space.u8.slice(buffer, buffer + ADDRESS_BYTES)
        records.free(buffer)
      })
    },
    free() {
      sender.free()
      requester.free()
      stacks5.destroy(stack)
      serial.forget(adapter)
    },
  }
}

/** What is done with an adapter of NDIS 5 from above. */
export function createControl5(
  k: Kernel,
  {
    serial,
    calls,
    records,
    adapter,
    end,
  }: Omit<Unit5Parts, 'sent' | 'stacks5' | 'packetDma'> & { adapter: Adapter; end: MiniportEnd5 },
): AdapterControl {
  const empty = new Uint8Array(0)
  function ask(set: boolean, oid: number, bytes: number, data?: Uint8Array): OidOutcome | undefined {
    const buffer = records.allocate(Math.max(4, bytes))
    if (buffer === 0) return { status: NDIS_STATUS_RESOURCES, data: empty, needed: 0 }
    if (data) k.space.u8.set(data, buffer)
    let outcome: OidOutcome | undefined
    const done: RequestDone = (status, written, needed) => {
      const length = !set && status === NDIS_STATUS_SUCCESS ? Math.min(written, bytes) : 0
      outcome = { status, data: k.space.u8.slice(buffer, buffer + length), needed }
    }
    if (set) end.set(oid, buffer, bytes, done)
    else end.query(oid, buffer, bytes, done)
    if (!k.scheduler.runUntil(() => outcome !== undefined, OID_TICKS)) {
      k.verifier.violation(
        'NdisTimedOidComplete',
        set ? 'MiniportSetInformation' : 'MiniportQueryInformation',
        `The OID request 0x${oid.toString(16).padStart(8, '0')} was not completed in 12 seconds.`,
      )
      return undefined
    }
    records.free(buffer)
    return outcome
  }
  return {
    // NDIS 5 has no pause: the protocols stop.
    pause: () => undefined,
    restart: () => true,
    reset() {
      let result: number | undefined
      if (!end.reset((status) => (result = status))) return undefined
      k.scheduler.runUntil(() => result !== undefined, TRANSITION_TICKS)
      return result ?? NDIS_STATUS_FAILURE
    },
    checkForHang() {
      const address = adapter.handlers['CheckForHangHandler']
      if (!address) return undefined
      let hangs = false
      serial.run(adapter, () => {
        hangs = calls.callAt(DISPATCH_LEVEL, address, 'MiniportCheckForHang', [adapter.context]) !== 0
      })
      return hangs
    },
    query: (oid, bytes) => ask(false, oid, bytes),
    set: (oid, data) => ask(true, oid, data.length, data),
    pnpEvent(event, information = 0) {
      const address = adapter.handlers['PnPEventNotifyHandler']
      if (!address) return
      records.with(
        4,
        (at) => k.space.w32(at, information),
        (at) => calls.callAt(PASSIVE_LEVEL, address, 'MiniportPnPEventNotify', [adapter.context, event, at, 4]),
      )
    },
    shutdown() {
      // Since NDIS 5.1 it stands in the characteristics; an adapter may still register one with a context of its own.
      const own = adapter.handlers['AdapterShutdownHandler']
      const handler = adapter.shutdown ?? (own ? { handler: own, context: adapter.context } : undefined)
      if (handler) calls.callAt(PASSIVE_LEVEL, handler.handler, 'MiniportShutdown', [handler.context])
    },
  }
}
