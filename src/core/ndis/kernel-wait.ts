import type { Kernel } from '../kernel/kernel'
import { constant } from './constants'
import { HEADER, OBJECT } from './dispatcher'
import { ticksUntil } from './due-time'
import type { Mutants } from './mutex'
import type { Waits } from './waits'

const STATUS_SUCCESS = constant('STATUS_SUCCESS')
const STATUS_TIMEOUT = constant('STATUS_TIMEOUT')
/** Objects that one wait uses up. */
const TAKEN_BY_ONE: ReadonlySet<number> = new Set([OBJECT.SYNCHRONIZATION_EVENT, OBJECT.SYNCHRONIZATION_TIMER])

/** The address of a LARGE_INTEGER, or nothing: no limit. */
export type Timeout = number | null | undefined

/** Ticks that a wait may last; Infinity without a limit. */
export function timeoutTicks(k: Kernel, timeout: Timeout): number {
  if (timeout === null || timeout === undefined || timeout === 0) return Infinity
  return ticksUntil(k, BigInt.asIntN(64, k.space.r64(timeout)))
}

/** Waiting for kernel objects (WDM kewaitforsingleobject). A wait with a timeout of 0 only looks. */
export function createKernelWaits(k: Kernel, waits: Waits, mutants: Mutants) {
  const { r8, r32, w32 } = k.space

  function wait(fn: string, object: number, limit: Timeout): number {
    k.preempt()
    const isMutant = r8(object + HEADER.Type) === OBJECT.MUTANT
    const ready = (): boolean => (isMutant ? mutants.isMine(object) : (r32(object + HEADER.SignalState) | 0) > 0)
    const ticks = timeoutTicks(k, limit)
    if (!ready() && (ticks === 0 || !waits.until(fn, ready, ticks))) return STATUS_TIMEOUT
    if (isMutant) mutants.take(object)
    else if (TAKEN_BY_ONE.has(r8(object + HEADER.Type))) w32(object + HEADER.SignalState, 0)
    return STATUS_SUCCESS
  }
  return {
    KeWaitForSingleObject: (
      Object: number,
      _WaitReason: number,
      _WaitMode: number,
      _Alertable: unknown,
      Timeout?: Timeout,
    ): number => wait('KeWaitForSingleObject', Object, Timeout),
    KeWaitForMutexObject: (
      Mutex: number,
      _WaitReason: number,
      _WaitMode: number,
      _Alertable: unknown,
      Timeout?: Timeout,
    ): number => wait('KeWaitForMutexObject', Mutex, Timeout),
    /** Level is reserved: always 0. */
    KeInitializeMutex(Mutex: number, _Level: number): void {
      mutants.initialize(Mutex)
      k.preempt()
    },
    KeReleaseMutex(Mutex: number, _Wait: unknown): number {
      const before = mutants.release(Mutex)
      k.preempt()
      return before
    },
  }
}
