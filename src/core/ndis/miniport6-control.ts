import { TICKS_PER_MS } from '../clock/clock'
import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { LiveCell } from '../memory/cell'
import { layout } from '../memory/layout'
import type { AdapterControl, OidOutcome } from './adapters'
import { constant } from './constants'
import type { HandlerCalls } from './handler-calls'
import type { Ndis6 } from './ndis6'
import { writeHeader } from './object-header'
import { OID_KIND, OID_REQUEST_BYTES } from './oid-request'
import type { Stack6 } from './stack6'
import { createPending, WATCHDOG } from './stack6-life'
import { NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES } from './status'

const PNP = layout('NET_DEVICE_PNP_EVENT', 'DevicePnPEvent', 'InformationBuffer', 'InformationBufferLength')
const SHUTDOWN_ACTION = constant('NdisShutdownPowerOff')
/** An OID request must be completed in 12 seconds (SDV NdisTimedOidComplete). */
export const OID_TICKS = 12_000 * TICKS_PER_MS

/** What NDIS does with an adapter of NDIS 6 from above: scenarios, power, hang checks. */
export function createControl6(k: Kernel, ndis: Ndis6, calls: HandlerCalls) {
  const { space, scheduler } = k
  const { records, requests, oids, life } = ndis
  const resets = createPending(k)

  function ask(stack: Stack6, kind: number, oid: number, bytes: number, data?: Uint8Array): OidOutcome | undefined {
    const request = records.allocate(OID_REQUEST_BYTES + Math.max(4, bytes))
    const empty = new Uint8Array(0)
    if (request === 0) return { status: NDIS_STATUS_RESOURCES, data: empty, needed: 0 }
    const buffer = request + OID_REQUEST_BYTES
    if (data) space.u8.set(data, buffer)
    requests.build(request, kind, oid, buffer, bytes)
    let late: number | undefined
    const now = oids.send(stack, undefined, request, false, (status) => (late = status))
    if (now === NDIS_STATUS_PENDING && !scheduler.runUntil(() => late !== undefined, OID_TICKS)) {
      // The driver may still write to it: the request stays.
      k.verifier.violation(
        'NdisTimedOidComplete',
        'MiniportOidRequest',
        `The OID request 0x${oid.toString(16).padStart(8, '0')} was not completed in 12 seconds.`,
      )
      return undefined
    }
    const status = late ?? now
    const done = kind === OID_KIND.QUERY && status === 0 ? Math.min(requests.done(request), bytes) : 0
    const outcome = { status, data: space.u8.slice(buffer, buffer + done), needed: requests.needed(request) }
    records.free(request)
    return outcome
  }
  function reset(stack: Stack6): number | undefined {
    const { adapter } = stack
    const address = adapter.handlers['ResetHandlerEx']
    if (!address) return undefined
    resets.expect(adapter.handle)
    const status = records.with(
      4,
      () => undefined,
      (at) =>
        resets.settle(
          adapter.handle,
          // Without memory for what a handler is given NDIS does not call it.
          at === 0
            ? NDIS_STATUS_RESOURCES
            : calls.callAt(PASSIVE_LEVEL, address, 'MINIPORT_RESET', [adapter.context, new LiveCell(k, at, 'u8')]),
          'MiniportResetEx',
          WATCHDOG.PNP,
        ),
    )
    return status
  }
  function pnpEvent(stack: Stack6, event: number, information: number): void {
    records.with(
      PNP.SIZE + 4,
      (at) => {
        writeHeader(
          space,
          at,
          constant('NDIS_OBJECT_TYPE_DEFAULT'),
          constant('NET_DEVICE_PNP_EVENT_REVISION_1'),
          constant('NDIS_SIZEOF_NET_DEVICE_PNP_EVENT_REVISION_1'),
        )
        space.w32(at + PNP.DevicePnPEvent, event)
        space.w32(at + PNP.InformationBuffer, at + PNP.SIZE)
        space.w32(at + PNP.InformationBufferLength, 4)
        space.w32(at + PNP.SIZE, information)
      },
      (at) => (at === 0 ? undefined : ndis.path.devicePnPEvent(undefined, stack, at)),
    )
  }

  function control(stack: Stack6): AdapterControl {
    const { adapter } = stack
    return {
      pause: (reason) => life.pause(stack, reason),
      restart: () => life.restart(stack),
      reset: () => reset(stack),
      checkForHang() {
        const address = adapter.handlers['CheckForHangHandlerEx']
        return address
          ? calls.callAt(PASSIVE_LEVEL, address, 'MINIPORT_CHECK_FOR_HANG', [adapter.context]) !== 0
          : undefined
      },
      query: (oid, bytes) => ask(stack, OID_KIND.QUERY, oid, bytes),
      set: (oid, data) => ask(stack, OID_KIND.SET, oid, data.length, data),
      pnpEvent: (event, information = 0) => pnpEvent(stack, event, information),
      shutdown() {
        // NDIS calls nothing of the miniport any more (DDI "miniport adapter states": Shutdown).
        adapter.phase = 'shutdown'
        stack.miniport.state = 'paused'
        calls.callAt(PASSIVE_LEVEL, adapter.handlers['ShutdownHandlerEx']!, 'MINIPORT_SHUTDOWN', [
          adapter.context,
          SHUTDOWN_ACTION,
        ])
      },
    }
  }
  return Object.assign(control, {
    resetComplete: (handle: number, status: number): boolean => resets.complete(handle, status),
    requestReset(handle: number): void {
      const stack = ndis.stacks.find((candidate) => candidate.adapter.handle === handle)
      if (stack) scheduler.queuePassive('reset', () => void reset(stack))
    },
  })
}
