import type { Kernel } from '../kernel/kernel'
import { activationIrql } from '../kernel/kernel'
import { DISPATCH_LEVEL, HIGH_LEVEL, irqlName } from '../kernel/irql'
import { SYS_ACTIVATION } from '../memory/records'
import type { RuleFamily } from './rules'

interface Raise {
  readonly activation: number
  readonly old: number
  readonly site: number
}
const nameOf = (irql: number): string => (irql > HIGH_LEVEL ? `${irql}` : irqlName(irql))

/** Raises and lowerings that do not go together (DV:RaiseIrqlBad, DV:LowerIrqlBad, IrqlReturn; DDI ndis_lower_irql). */
export function irqlRules(k: Kernel): RuleFamily {
  const { cpus, site, verifier } = k
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
    else raises[cpus.current()]!.push({ activation: cpus.depth() - 1, old: now, site: site.s })
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
  /** `raise`: the first one of the function that was not undone; without one a lock, for instance, left the IRQL. */
  function returned(index: number, raise: Raise | undefined): void {
    const [before, now, name] = [cpus.activation(index, SYS_ACTIVATION.Irql), cpus.irql(), cpus.nameOf(index)]
    if (now === before) return
    violation(
      'IrqlReturn',
      name,
      `${name} was called at ${irqlName(before)} and returned at ${irqlName(now)}${now > before ? ': an IRQL that was raised was never restored' : ''}.`,
      raise && now > before ? { at: raise.site } : {},
    )
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
      let first: Raise | undefined
      while (stack.length > 0 && stack.at(-1)!.activation >= index) first = stack.pop()
      returned(index, first)
    },
  }
}
