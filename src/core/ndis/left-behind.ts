import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import type { Kernel } from '../kernel/kernel'
import type { Timers } from '../kernel/timers'
import type { Adapter } from './adapters'

/** How an adapter ended: each way has its own codes of bug check 0x7C. */
export const ENDED = {
  HALT: {
    interrupt: NDIS_BUGCHECK.HALT_WITHOUT_INTERRUPT_DEREGISTER,
    timer: NDIS_BUGCHECK.HALT_WITHOUT_CANCEL_TIMER,
    name: 'MiniportHalt returned',
  },
  INITIALIZE_FAILED: {
    interrupt: NDIS_BUGCHECK.INIT_FAILED_WITHOUT_INTERRUPT_DEREGISTER,
    timer: NDIS_BUGCHECK.INIT_FAILED_WITHOUT_CANCEL_TIMER,
    name: 'MiniportInitialize failed',
  },
  /** NDIS could not use the adapter although it initialized, and halted it at once. */
  HALT_AFTER_INITIALIZE: {
    interrupt: NDIS_BUGCHECK.HALT_INIT_WITHOUT_INTERRUPT_DEREGISTER,
    timer: NDIS_BUGCHECK.HALT_INIT_WITHOUT_CANCEL_TIMER,
    name: 'MiniportHalt returned right after MiniportInitialize',
  },
} as const
export type Ending = (typeof ENDED)[keyof typeof ENDED]

/** Stops the machine when the adapter left an interrupt connected or a timer armed: both would call into nothing. */
export function checkLeftBehind(k: Kernel, timers: Timers, adapter: Adapter, ending: Ending): void {
  const [interrupt] = adapter.interrupts
  if (interrupt !== undefined)
    k.bugcheck(
      'BUGCODE_NDIS_DRIVER',
      [ending.interrupt, adapter.handle, interrupt],
      `${ending.name} and left its interrupt registered.`,
    )
  const armed = [...adapter.timers].find((timer) => timers.isArmed(timer))
  if (armed !== undefined)
    k.bugcheck(
      'BUGCODE_NDIS_DRIVER',
      [ending.timer, adapter.handle, armed],
      `${ending.name} and left its timer at 0x${armed.toString(16)} armed.`,
    )
}
