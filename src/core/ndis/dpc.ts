import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Work } from '../kernel/scheduler'
import { layout } from '../memory/layout'
import { constant } from './constants'
import type { DriverLife } from './driver'
import type { Waits } from './waits'

const KDPC = layout(
  'KDPC',
  'Type', 'Importance', 'Number', 'DeferredRoutine', 'DeferredContext', 'SystemArgument1', 'SystemArgument2', 'DpcData',
) // prettier-ignore
const PROCESSOR_NUMBER = layout('PROCESSOR_NUMBER', 'Group', 'Number')
const WATCHDOG = layout('KDPC_WATCHDOG_INFORMATION')
/** KDPC.Type of a DPC that is no threaded one. */
const DPC_OBJECT = 19
/** KDPC.Number is the processor plus this for a DPC that runs on that one only; below, it runs where it is queued. */
const TARGETED = constant('MAXIMUM_PROCESSORS')
const HIGH_IMPORTANCE = constant('HighImportance')
const MEDIUM_IMPORTANCE = constant('MediumImportance')
const STATUS_SUCCESS = constant('STATUS_SUCCESS')
const STATUS_UNSUCCESSFUL = constant('STATUS_UNSUCCESSFUL')
const STATUS_INVALID_PARAMETER = constant('STATUS_INVALID_PARAMETER')

export interface Dpcs {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  isInitialized(dpc: number): boolean
  isQueued(dpc: number): boolean
  queued(): Iterable<number>
  /** Runs the routine of a DPC as the DPC of the timer at `timer`; its memory is read when the work runs. */
  timerWork(timer: number, dpcOf: () => number): Work
}

/** DPCs in storage of the driver (WDM keinitializedpc, keinsertqueuedpc, keremovequeuedpc, keflushqueueddpcs). */
export function createDpcs(k: Kernel, driver: DriverLife, waits: Waits): Dpcs {
  const { space, cpus, scheduler, preempt } = k
  const { r8, r16, r32, w8, w16, w32 } = space
  const waiting = new Map<number, Work>()

  const work = (kind: number, owner: number, dpcOf: () => number, begin: (dpc: number) => void): Work =>
    driver.work(kind, 'KDEFERRED_ROUTINE', DISPATCH_LEVEL, (invoke) => {
      const dpc = dpcOf()
      begin(dpc)
      const routine = r32(dpc + KDPC.DeferredRoutine)
      const handler = driver.handler(routine)
      if (!handler)
        k.bugcheck(
          'TIMER_OR_DPC_INVALID',
          [1, owner, routine],
          `The DPC at 0x${dpc.toString(16)} runs and its memory holds no function of the driver: it was freed or overwritten while the DPC was queued, or the DPC was given none.`,
        )
      const members = [KDPC.DeferredContext, KDPC.SystemArgument1, KDPC.SystemArgument2]
      invoke(handler, [dpc, ...members.map((member) => r32(dpc + member))])
    })
  function unqueue(dpc: number): void {
    waiting.delete(dpc)
    w32(dpc + KDPC.DpcData, 0)
  }
  function targetOf(dpc: number): number {
    const number = r16(dpc + KDPC.Number) - TARGETED
    return number >= 0 && number < cpus.count ? number : cpus.current()
  }
  function setTarget(dpc: number, cpu: number): boolean {
    if (cpu < 0 || cpu >= cpus.count) return false
    w16(dpc + KDPC.Number, TARGETED + cpu)
    return true
  }

  const functions = {
    KeInitializeDpc(Dpc: number, DeferredRoutine: unknown, DeferredContext: number): void {
      space.fill(Dpc, KDPC.SIZE, 0)
      w8(Dpc + KDPC.Type, DPC_OBJECT)
      w8(Dpc + KDPC.Importance, MEDIUM_IMPORTANCE)
      w32(Dpc + KDPC.DeferredRoutine, driver.address(DeferredRoutine))
      w32(Dpc + KDPC.DeferredContext, Number(DeferredContext ?? 0))
      preempt()
    },
    KeInsertQueueDpc(Dpc: number, SystemArgument1: number, SystemArgument2: number): number {
      const isNew = r32(Dpc + KDPC.DpcData) === 0
      if (isNew) {
        w32(Dpc + KDPC.SystemArgument1, Number(SystemArgument1 ?? 0))
        w32(Dpc + KDPC.SystemArgument2, Number(SystemArgument2 ?? 0))
        // Not 0 while it is queued: on Windows the queue of its processor.
        w32(Dpc + KDPC.DpcData, k.machine)
        const entry = work(ACTIVATION.DPC, Dpc, () => Dpc, unqueue)
        waiting.set(Dpc, entry)
        scheduler.queueDpc(targetOf(Dpc), entry, r8(Dpc + KDPC.Importance) === HIGH_IMPORTANCE)
      }
      // Below DISPATCH_LEVEL it runs right here, before the call returns.
      preempt()
      return isNew ? 1 : 0
    },
    KeRemoveQueueDpc(Dpc: number): number {
      const entry = waiting.get(Dpc)
      const removed = entry !== undefined && scheduler.removeDpc(entry)
      if (removed) unqueue(Dpc)
      preempt()
      return removed ? 1 : 0
    },
    /** A mark behind everything that waits on each processor; the wait ends when all of them came to their turn. */
    KeFlushQueuedDpcs(): void {
      preempt()
      let left = cpus.count
      for (let cpu = 0; cpu < cpus.count; cpu++)
        scheduler.queueDpc(cpu, {
          kind: ACTIVATION.DPC,
          name: 'KeFlushQueuedDpcs',
          irql: DISPATCH_LEVEL,
          run: () => void left--,
        })
      waits.until('KeFlushQueuedDpcs', () => left === 0, Infinity)
    },
    KeSetImportanceDpc(Dpc: number, Importance: number): void {
      w8(Dpc + KDPC.Importance, Importance)
      preempt()
    },
    KeSetTargetProcessorDpc(Dpc: number, Number: number): void {
      setTarget(Dpc, Number)
      preempt()
    },
    KeSetTargetProcessorDpcEx(Dpc: number, ProcNumber: number): number {
      preempt()
      const group = r16(ProcNumber + PROCESSOR_NUMBER.Group)
      const known = group === 0 && setTarget(Dpc, r8(ProcNumber + PROCESSOR_NUMBER.Number))
      return known ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER
    },
    /** This machine has no watchdog for DPCs: all limits are 0, as where it is turned off. */
    KeQueryDpcWatchdogInformation(WatchdogInformation: number): number {
      preempt()
      space.fill(WatchdogInformation, WATCHDOG.SIZE, 0)
      return cpus.irql() >= DISPATCH_LEVEL ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL
    },
  }
  return {
    functions,
    isInitialized: (dpc) => r8(dpc + KDPC.Type) === DPC_OBJECT,
    isQueued: (dpc) => waiting.has(dpc),
    queued: () => waiting.keys(),
    timerWork: (timer, dpcOf) => work(ACTIVATION.TIMER, timer, dpcOf, () => undefined),
  }
}
