import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL, HIGH_LEVEL, irqlName } from '../kernel/irql'
import type { OutParam } from '../memory/cell'

/** SYNCH_LEVEL of 32-bit multiprocessor Windows: just below the levels of the system's own interrupts. */
const SYNCH_LEVEL = 27

/** Raising and lowering the IRQL (WDM KeRaiseIrql, KeLowerIrql; DDI ndis_raise_irql_to_dispatch, ndis_lower_irql). */
export function createIrqlCalls(k: Kernel) {
  const { cpus, scheduler, preempt } = k
  const { put8 } = k.cells

  function raise(irql: number): number {
    preempt()
    const old = cpus.irql()
    if (irql < old || irql > HIGH_LEVEL)
      k.bugcheck(
        'IRQL_NOT_GREATER_OR_EQUAL',
        [irql, old],
        `The IRQL is to be raised from ${irqlName(old)} to ${irql > HIGH_LEVEL ? irql : irqlName(irql)}: that is no raise.`,
      )
    return scheduler.raise(irql)
  }
  function lower(irql: number): void {
    const now = cpus.irql()
    if (irql > now)
      k.bugcheck(
        'IRQL_NOT_LESS_OR_EQUAL',
        [irql, now],
        `The IRQL is to be lowered from ${irqlName(now)} to ${irql > HIGH_LEVEL ? irql : irqlName(irql)}: that is no lowering.`,
      )
    scheduler.lower(irql)
    preempt()
  }
  function current(): number {
    preempt()
    return cpus.irql()
  }
  return {
    KeGetCurrentIrql: current,
    NDIS_CURRENT_IRQL: current,
    KeRaiseIrql: (NewIrql: number, OldIrql: OutParam): void => put8(OldIrql, raise(NewIrql & 0xff)),
    KeRaiseIrqlToDpcLevel: (): number => raise(DISPATCH_LEVEL),
    KeRaiseIrqlToSynchLevel: (): number => raise(SYNCH_LEVEL),
    KeLowerIrql: (NewIrql: number): void => lower(NewIrql & 0xff),
    NDIS_RAISE_IRQL_TO_DISPATCH: (pIrql: OutParam): void => put8(pIrql, raise(DISPATCH_LEVEL)),
    NDIS_LOWER_IRQL: (OldIrql: number, _CurIrql: number): void => lower(OldIrql & 0xff),
  }
}
