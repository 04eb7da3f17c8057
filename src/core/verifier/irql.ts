import type { Kernel } from '../kernel/kernel'
import { activationIrql } from '../kernel/kernel'
import { DISPATCH_LEVEL, HIGH_LEVEL, irqlName } from '../kernel/irql'
import type { RuleFamily } from './rules'

interface Raise {
  readonly activation: number
  readonly old: number
}
const nameOf = (irql: number): string => (irql > HIGH_LEVEL ? `${irql}` : irqlName(irql))

/** Raises and lowerings that do not go together (DV:RaiseIrqlBad, DV:LowerIrqlBad; DDI ndis_lower_irql). */
export function irqlRules(k: Kernel): RuleFamily {
  const { cpus, verifier } = k
  const { violation } = verifier
  /** Raises that were not undone yet, of each CPU. */
  const raises: readonly Raise[][] = Array.from({ length: cpus.count }, () => [])

  function raise(fn: string, irql: number): boolean {
    const now = cpus.irql()
    if (irql < now || irql > HIGH_LEVEL)
      violation(
        'DV:RaiseIrqlBad',
        fn,
        `${fn} is to raise the IRQL to ${nameOf(irql)} while it is ${irqlName(now)}: Windows stops here.`,
      )
    else raises[cpus.current()]!.push({ activation: cpus.depth() - 1, old: now })
    return false
  }
  function lower(fn: string, irql: number): boolean {
    const now = cpus.irql()
    const activation = cpus.depth() - 1
    const stack = raises[cpus.current()]!
    const last = stack.at(-1)?.activation === activation ? stack.pop() : undefined
    const entered = activation < 0 ? 0 : activationIrql(cpus, activation)
    if (irql > now)
      violation(
        'DV:LowerIrqlBad',
        fn,
        `${fn} is to lower the IRQL to ${nameOf(irql)} while it is ${irqlName(now)}: Windows stops here.`,
      )
    else if (irql < entered)
      violation(
        'DV:LowerIrqlBad',
        fn,
        `${fn} lowers the IRQL to ${irqlName(irql)}, below ${irqlName(entered)}, at which this function was called: only who raised it may lower it.`,
      )
    else if (last && last.old !== irql)
      violation(
        'DV:LowerIrqlBad',
        fn,
        `${fn} lowers the IRQL to ${irqlName(irql)}; the raise before it started from ${irqlName(last.old)}.`,
      )
    return false
  }
  return {
    before: {
      KeRaiseIrql: (NewIrql: number) => raise('KeRaiseIrql', NewIrql),
      KeRaiseIrqlToDpcLevel: () => raise('KeRaiseIrqlToDpcLevel', DISPATCH_LEVEL),
      NDIS_RAISE_IRQL_TO_DISPATCH: () => raise('NDIS_RAISE_IRQL_TO_DISPATCH', DISPATCH_LEVEL),
      KeLowerIrql: (NewIrql: number) => lower('KeLowerIrql', NewIrql),
      NDIS_LOWER_IRQL: (OldIrql: number) => lower('NDIS_LOWER_IRQL', OldIrql),
    },
    activationEnded(index) {
      const stack = raises[cpus.current()]!
      while (stack.length > 0 && stack.at(-1)!.activation >= index) stack.pop()
    },
  }
}
