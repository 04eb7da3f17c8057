import type { Kernel } from '../kernel/kernel'
import { activationIrql } from '../kernel/kernel'
import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL, HIGH_LEVEL, irqlName } from '../kernel/irql'
import { SYS_ACTIVATION } from '../memory/records'
import type { RuleFamily } from './rules'

/** All that it reports, and nobody else needs what it notes. */
export const IRQL_FAMILY = [
  'DV:CompletionChangedIrql',
  'DV:IsrChangedIrql',
  'DV:LowerIrqlBad',
  'DV:RaiseIrqlBad',
  'Flags_Irql',
  'IrqlReturn',
] as const

interface Raise {
  readonly activation: number
  readonly old: number
  readonly site: number
}
/** Callbacks of NDIS 6 whose flags tell that the IRQL is DISPATCH_LEVEL. */
const FLAGGED: ReadonlySet<string> = new Set([
  'MiniportSendNetBufferLists',
  'MiniportReturnNetBufferLists',
  'ProtocolSendNetBufferListsComplete',
  'ProtocolReceiveNetBufferLists',
  'FilterSendNetBufferLists',
  'FilterSendNetBufferListsComplete',
  'FilterReceiveNetBufferLists',
  'FilterReturnNetBufferLists',
])
const nameOf = (irql: number): string => (irql > HIGH_LEVEL ? `${irql}` : irqlName(irql))

/** What it is called when a function returns at another IRQL than it was called at. */
const changedIrql = (kind: number, name: string): 'DV:IsrChangedIrql' | 'DV:CompletionChangedIrql' | 'IrqlReturn' =>
  kind === ACTIVATION.ISR
    ? 'DV:IsrChangedIrql'
    : name === 'IO_COMPLETION_ROUTINE'
      ? 'DV:CompletionChangedIrql'
      : 'IrqlReturn'

/** Raises and lowerings that do not go together (DV:RaiseIrqlBad, DV:LowerIrqlBad, IrqlReturn; DDI ndis_lower_irql), flags that are not used. */
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
  function toDispatch(): boolean {
    const now = cpus.irql()
    if (now <= DISPATCH_LEVEL) raises[cpus.current()]!.push({ activation: cpus.depth() - 1, old: now, site: site.s })
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
    if (now === before || verifier.irqlBlame.isBlamed(index)) return
    violation(
      changedIrql(cpus.activation(index, SYS_ACTIVATION.Kind), name),
      name,
      `${name} was called at ${irqlName(before)} and returned at ${irqlName(now)}${now > before ? ': an IRQL that was raised was never restored' : ''}.`,
      raise && now > before ? { at: raise.site } : {},
    )
  }
  function query(fn: string): boolean {
    const name = cpus.depth() > 0 ? cpus.nameOf(cpus.depth() - 1) : ''
    if (FLAGGED.has(name))
      violation(
        'Flags_Irql',
        fn,
        `${name} asks with ${fn} for the IRQL that its flags tell: it looks at the DISPATCH_LEVEL flag instead.`,
      )
    return false
  }
  return {
    before: {
      KeGetCurrentIrql: () => query('KeGetCurrentIrql'),
      NDIS_CURRENT_IRQL: () => query('NDIS_CURRENT_IRQL'),
      KeRaiseIrql: (NewIrql: number) => raise('KeRaiseIrql', NewIrql),
      // Above DISPATCH_LEVEL they may not be called, which is reported as that.
      KeRaiseIrqlToDpcLevel: toDispatch,
      NDIS_RAISE_IRQL_TO_DISPATCH: toDispatch,
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
