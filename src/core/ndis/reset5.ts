import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { LiveCell } from '../memory/cell'
import type { Adapter } from './adapters'
import { constant } from './constants'
import type { HandlerCalls } from './handler-calls'
import { mergeSets } from './merged-sets'
import type { NdisRecords } from './ndis-record'
import type { Serial } from './serial'
import type { MiniportEnd5, Stack5 } from './stack5'
import { NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES } from './status'

const PACKET_FILTER = constant('OID_GEN_CURRENT_PACKET_FILTER')
const RESET_START = constant('NDIS_STATUS_RESET_START')
const RESET_END = constant('NDIS_STATUS_RESET_END')
const MULTICAST_LIST = constant('OID_802_3_MULTICAST_LIST')

/** Resets one miniport of NDIS 3 to 5 (PV MiniportReset, NdisMResetComplete). */
export interface Resetter5 {
  /** false when the driver has no reset handler, or one runs. `done` may be called before it returns. */
  reset(done: (status: number) => void): boolean
  /** NdisMResetComplete; false when none is pending. */
  complete(status: number, addressingReset: boolean): boolean
}

export interface Resetter5Parts {
  readonly serial: Serial
  readonly calls: HandlerCalls
  readonly records: NdisRecords
  readonly adapter: Adapter
  readonly stack: () => Stack5 | undefined
  readonly end: () => MiniportEnd5
  /** Holds the sends back meanwhile. */
  readonly hold: (held: boolean) => void
}

export function createResetter5(k: Kernel, parts: Resetter5Parts): Resetter5 {
  const { serial, calls, records, adapter } = parts
  let pending: ((status: number) => void) | undefined
  /** MiniportReset was called for it. */
  let running = false
  let cell = 0

  /** NDIS sets again what the reset made the NIC forget. */
  function restoreAddressing(done: () => void): void {
    const bindings = parts.stack()?.bindings ?? []
    const filter = bindings.reduce((bits, binding) => bits | binding.packetFilter, 0)
    const nobody = { packetFilter: 0, multicast: new Uint8Array(0) }
    const multicast = mergeSets(nobody, bindings, MULTICAST_LIST, nobody.multicast)
    const bytes = 4 + multicast.length
    const buffer = records.allocate(bytes)
    if (buffer === 0) return done()
    k.space.w32(buffer, filter)
    k.space.u8.set(multicast, buffer + 4)
    const over = (): void => {
      records.free(buffer)
      done()
    }
    const setFilter = (): void => parts.end().set(PACKET_FILTER, buffer, 4, over)
    if (multicast.length > 0) parts.end().set(MULTICAST_LIST, buffer + 4, multicast.length, setFilter)
    else setFilter()
  }
  /** Protocols learn when a reset begins and ends, whoever asked for it (PV ProtocolStatus). */
  function tell(code: number): void {
    for (const { end } of [...(parts.stack()?.bindings ?? [])]) {
      end.status(code, 0, 0)
      end.statusComplete()
    }
  }
  function finish(status: number, addressingReset: boolean): void {
    const done = pending
    pending = undefined
    running = false
    if (cell !== 0) records.free(cell)
    cell = 0
    const over = (): void => {
      const stack = parts.stack()
      if (stack) stack.resetting = false
      parts.hold(false)
      tell(RESET_END)
      done?.(status)
    }
    if (addressingReset && status === 0) restoreAddressing(over)
    else over()
  }
  return {
    reset(done) {
      const address = adapter.handlers['ResetHandler']
      if (!address || pending) return false
      pending = done
      const stack = parts.stack()
      if (stack) stack.resetting = true
      parts.hold(true)
      tell(RESET_START)
      serial.run(adapter, () => {
        cell = records.allocate(4)
        if (cell === 0) return finish(NDIS_STATUS_RESOURCES, false)
        running = true
        const status = calls.callAt(DISPATCH_LEVEL, address, 'MiniportReset', [
          new LiveCell(k, cell, 'u8'),
          adapter.context,
        ])
        if (status === NDIS_STATUS_PENDING) return
        if (running) return finish(status, cell !== 0 && k.space.r8(cell) !== 0)
        k.verifier.violation(
          'ResetCompleteTwice',
          'MiniportReset',
          `MiniportReset returned 0x${(status >>> 0).toString(16)} after NdisMResetComplete: a reset that it completes itself is NDIS_STATUS_PENDING.`,
        )
      })
      return true
    },
    complete(status, addressingReset) {
      if (!running) return false
      finish(status, addressingReset)
      return true
    },
  }
}
