import type { Kernel } from '../kernel/kernel'
import { APC_LEVEL, irqlName } from '../kernel/irql'
import { HEADER, isDispatcherObject } from '../ndis/dispatcher'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** Events that were never initialized, and waits for what is no object to wait for. */
export function dispatcherRules(k: Kernel): RuleFamily {
  const { access, verifier } = k
  const event =
    (fn: string) =>
    (address: number): boolean => {
      if (!isDispatcherObject(k, address))
        verifier.violation(
          'EventUninitialized',
          fn,
          `${fn} uses the event at ${hex(address)}, which was never initialized.`,
        )
      return false
    }
  return {
    before: {
      NdisSetEvent: event('NdisSetEvent'),
      NdisResetEvent: event('NdisResetEvent'),
      NdisWaitEvent: event('NdisWaitEvent'),
      KeSetEvent(address: number, _Increment: number, Wait: unknown) {
        if (Wait && k.cpus.irql() > APC_LEVEL)
          verifier.violation(
            'IrqlKeSetEvent',
            'KeSetEvent',
            `KeSetEvent is given Wait at ${irqlName(k.cpus.irql())}: a wait follows, for which APC_LEVEL is the most.`,
          )
        return event('KeSetEvent')(address)
      },
      KeResetEvent: event('KeResetEvent'),
      KeClearEvent: event('KeClearEvent'),
      KeWaitForSingleObject(object: number) {
        const fn = 'KeWaitForSingleObject'
        if (!access.range(fn, Number(object) >>> 0, HEADER.SIZE, true)) return true
        if (isDispatcherObject(k, object)) return false
        verifier.violation(
          'WaitObject',
          fn,
          `${fn} was given ${hex(object)}, where there is no event, timer or mutex that was initialized.`,
        )
        return true
      },
    },
  }
}
