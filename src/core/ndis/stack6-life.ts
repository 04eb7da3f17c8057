import { TICKS_PER_MS } from '../clock/clock'
import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { constant } from './constants'
import type { NdisRecords } from './ndis-record'
import { writeHeader } from './object-header'
import type { BindingStation, FilterStation, Stack6 } from './stack6'
import { NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './status'

const EVENT = layout(
  'NET_PNP_EVENT_NOTIFICATION',
  'NetPnPEvent.NetEvent',
  'NetPnPEvent.Buffer',
  'NetPnPEvent.BufferLength',
)
const PAUSE = layout('NDIS_PROTOCOL_PAUSE_PARAMETERS', 'PauseReason')
const RESTART = layout('NDIS_PROTOCOL_RESTART_PARAMETERS', 'BoundIfIndex')

/** How long a pause, restart, bind or PnP event may stay pending before the watchdog strikes: ten minutes, as NDIS waits. */
export const TRANSITION_TICKS = 600_000 * TICKS_PER_MS
/** Second parameter of bug check 0x7C, code 0x25. */
export const WATCHDOG = {
  PROTOCOL_PAUSE: 0x01,
  PNP: 0x02,
  UNBIND: 0x04,
  FILTER_PAUSE: 0x11,
  MINIPORT_PAUSE: 0x21,
} as const

/** What a pending operation ended with, by the handle of who owes it. */
export interface Pending {
  /** The status itself, or what it is completed with when it is NDIS_STATUS_PENDING. */
  settle(owner: number, status: number, what: string, watchdog: number): number
  /** From now on a completion may come, also before the callback has returned. */
  expect(owner: number): void
  /** false when nothing of the owner is pending. */
  complete(owner: number, status: number): boolean
}

export function createPending(k: Kernel): Pending {
  const open = new Map<number, number | undefined>()
  return {
    expect: (owner) => void open.set(owner, undefined),
    settle(owner, status, what, watchdog) {
      if (status === NDIS_STATUS_PENDING) {
        if (!k.scheduler.runUntil(() => open.get(owner) !== undefined, TRANSITION_TICKS))
          k.bugcheck(
            'BUGCODE_NDIS_DRIVER',
            [NDIS_BUGCHECK.WATCHDOG, watchdog, owner],
            `${what} returned NDIS_STATUS_PENDING and nothing completed it in ten minutes.`,
          )
      }
      const result = status === NDIS_STATUS_PENDING ? open.get(owner)! : status
      open.delete(owner)
      return result
    },
    complete(owner, status) {
      if (!open.has(owner) || open.get(owner) !== undefined) return false
      open.set(owner, status)
      return true
    },
  }
}

/** What the miniport at the foot of a stack does when the stack pauses and restarts. */
export interface MiniportFlow {
  pause(reason: number): void
  /** A status: a miniport may refuse to restart. */
  restart(): number
}
/** The same for a filter module. */
export interface FilterFlow {
  pause(filter: FilterStation, reason: number): void
  restart(filter: FilterStation): number
}

/** Pausing and restarting whole stacks (NET "driver stack management"). */
export interface StackLife6 {
  /** Tells a binding of a network PnP event, with a buffer of the event's own. */
  tell(binding: BindingStation, event: number, bytes: number, fill: (buffer: number) => void): number
  startBinding(binding: BindingStation): void
  pauseBinding(binding: BindingStation, reason: number): void
  /** Bindings, then filters from the top, then the miniport. */
  pause(stack: Stack6, reason: number): void
  /** The miniport, then filters from below, then bindings; false when one refused: it and what is above stay paused. */
  restart(stack: Stack6): boolean
}

export function createStackLife6(
  k: Kernel,
  records: NdisRecords,
  miniportOf: (stack: Stack6) => MiniportFlow,
  filters: FilterFlow,
): StackLife6 {
  const { space } = k
  const { w32 } = space
  const header = (at: number, type: string, revision: string, size: number): void =>
    writeHeader(space, at, constant(`NDIS_OBJECT_TYPE_${type}`), constant(`${revision}_REVISION_1`), size)

  function tell(binding: BindingStation, event: number, bytes: number, fill: (buffer: number) => void): number {
    return records.with(
      EVENT.SIZE + bytes,
      (at) => {
        header(at, 'DEFAULT', 'NET_PNP_EVENT_NOTIFICATION', EVENT.SIZE)
        w32(at + EVENT['NetPnPEvent.NetEvent'], event)
        if (bytes > 0) w32(at + EVENT['NetPnPEvent.Buffer'], at + EVENT.SIZE)
        w32(at + EVENT['NetPnPEvent.BufferLength'], bytes)
        fill(at + EVENT.SIZE)
      },
      (at) => (at === 0 ? NDIS_STATUS_SUCCESS : binding.end.netPnPEvent(at)),
    )
  }
  /** DDI protocol_net_pnp_event: a protocol succeeds these events. */
  function mustSucceed(event: string, status: number): void {
    if (status !== NDIS_STATUS_SUCCESS)
      k.verifier.violation(
        'NetPnPEventFailed',
        'ProtocolNetPnPEvent',
        `ProtocolNetPnPEvent ends ${event} with 0x${(status >>> 0).toString(16)}; a protocol must succeed it. NDIS goes on as if it had.`,
      )
  }
  function startBinding(binding: BindingStation): void {
    binding.bound = true
    binding.state = 'restarting'
    const status = tell(binding, constant('NetEventRestart'), RESTART.SIZE, (at) => {
      header(at, 'PROTOCOL_RESTART_PARAMETERS', 'NDIS_PROTOCOL_RESTART_PARAMETERS', RESTART.SIZE)
      w32(at + RESTART.BoundIfIndex, binding.stack.adapter.ifIndex)
    })
    mustSucceed('NetEventRestart', status)
    binding.state = 'running'
  }
  function pauseBinding(binding: BindingStation, reason: number): void {
    binding.state = 'pausing'
    const status = tell(binding, constant('NetEventPause'), PAUSE.SIZE, (at) => {
      header(at, 'DEFAULT', 'NDIS_PROTOCOL_PAUSE_PARAMETERS', PAUSE.SIZE)
      w32(at + PAUSE.PauseReason, reason)
    })
    mustSucceed('NetEventPause', status)
    binding.state = 'paused'
  }

  function pause(stack: Stack6, reason: number): void {
    for (const binding of [...stack.bindings]) if (binding.state === 'running') pauseBinding(binding, reason)
    for (const filter of [...stack.filters].reverse())
      if (filter.state === 'running') {
        filter.state = 'pausing'
        filters.pause(filter, reason)
        filter.state = 'paused'
      }
    if (stack.miniport.state !== 'running') return
    stack.miniport.state = 'pausing'
    miniportOf(stack).pause(reason)
    stack.miniport.state = 'paused'
  }
  function restart(stack: Stack6): boolean {
    if (stack.miniport.state === 'paused') {
      stack.miniport.state = 'restarting'
      const status = miniportOf(stack).restart()
      stack.miniport.state = status === NDIS_STATUS_SUCCESS ? 'running' : 'paused'
      if (status !== NDIS_STATUS_SUCCESS) return false
    }
    for (const filter of [...stack.filters])
      if (filter.state === 'paused') {
        filter.state = 'restarting'
        const status = filters.restart(filter)
        filter.state = status === NDIS_STATUS_SUCCESS ? 'running' : 'paused'
        if (status !== NDIS_STATUS_SUCCESS) return false
      }
    for (const binding of [...stack.bindings]) if (binding.bound && binding.state === 'paused') startBinding(binding)
    return true
  }
  return { tell, startBinding, pauseBinding, pause, restart }
}
