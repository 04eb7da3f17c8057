import { APC_LEVEL, DISPATCH_LEVEL, irqlName } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { timeoutTicks, type Timeout } from '../ndis/kernel-wait'
import { heldLock } from './held-locks'
import type { RuleFamily } from './rules'

/** All that it reports. */
export const WAIT_FAMILY = [
  'DV:WaitAtDispatch',
  'NdisMSleepLimit',
  'NdisStallExecution_Delay',
  'WaitWithSpinLock',
] as const

/** Microseconds: DDI ndisstallexecution and ndismsleep. */
const LONGEST_STALL = 50
const LONGEST_SLEEP = 30_000_000

/** Waits: too long, or with a spin lock or read/write lock held, for which others spin meanwhile. */
export function waitRules(k: Kernel): RuleFamily {
  const { verifier, cpus } = k
  const { violation } = verifier
  /** A lock that is held keeps the IRQL up, for which the wait is reported; this is for one that does not. */
  function withLock(fn: string): void {
    const held = cpus.irql() < DISPATCH_LEVEL ? heldLock(k) : undefined
    if (!held) return
    const { what, who, acquired } = held
    violation('WaitWithSpinLock', fn, `${fn} waits while ${what}: ${who} spins meanwhile.`, { acquired })
  }
  /** A wait of the kernel; one with a timeout of 0 only looks. */
  function kernelWait(fn: string, timeout: Timeout): boolean {
    if (timeoutTicks(k, timeout) === 0) return false
    if (cpus.irql() > APC_LEVEL) {
      const held = heldLock(k)
      violation(
        'DV:WaitAtDispatch',
        fn,
        `${fn} waits at ${irqlName(cpus.irql())}; above APC_LEVEL it may only look, with a timeout of 0.`,
        held ? { acquired: held.acquired } : {},
      )
    } else withLock(fn)
    return false
  }
  function stall(fn: string, microseconds: number): boolean {
    if (microseconds >>> 0 > LONGEST_STALL)
      violation(
        'NdisStallExecution_Delay',
        fn,
        `${fn} keeps the CPU busy for ${microseconds >>> 0} microseconds; 50 is the most. NdisMSleep or a timer waits without that.`,
      )
    return false
  }
  return {
    before: {
      NdisWaitEvent() {
        withLock('NdisWaitEvent')
        return false
      },
      NDIS_WAIT_FOR_MUTEX() {
        withLock('NDIS_WAIT_FOR_MUTEX')
        return false
      },
      KeWaitForSingleObject: (_object: number, _reason: number, _mode: number, _alertable: unknown, timeout: Timeout) =>
        kernelWait('KeWaitForSingleObject', timeout),
      KeWaitForMutexObject: (_mutex: number, _reason: number, _mode: number, _alertable: unknown, timeout: Timeout) =>
        kernelWait('KeWaitForMutexObject', timeout),
      NdisMSleep(MicrosecondsToSleep: number) {
        withLock('NdisMSleep')
        if (MicrosecondsToSleep >>> 0 > LONGEST_SLEEP)
          violation(
            'NdisMSleepLimit',
            'NdisMSleep',
            `NdisMSleep is asked for ${MicrosecondsToSleep >>> 0} microseconds; 30 seconds is the most.`,
          )
        return false
      },
      NdisStallExecution: (microseconds: number) => stall('NdisStallExecution', microseconds),
      KeStallExecutionProcessor: (microseconds: number) => stall('KeStallExecutionProcessor', microseconds),
    },
  }
}
