import type { Machine } from '../core/machine'
import { DISPATCH_LEVEL, HIGH_LEVEL, irqlBounds, irqlName, irqlWords, PASSIVE_LEVEL } from '../core/kernel/irql'
import type { ApiEntry } from '../core/ndis/api/types'
import { SYS_ACTIVATION } from '../core/memory/records'
import { PHASE } from '../core/trace/log'
import { heldLock } from '../core/verifier/held-locks'
import { irqlRuleOf, irqlRulesOf } from '../core/verifier/irql-rule'
import type { After, Before } from '../core/verifier/rules'
import type { ViolationDetails } from '../core/verifier/verifier'
import { compileIn } from './compile'
import { NotImplemented } from './not-implemented'
import { stopHere } from './stop-here'

/** Any function of the interface as scripts call it. */
export type Bound = (...args: unknown[]) => unknown

/** What a call breakpoint adds to a binding: evaluated with the call's arguments, true stops before the call. */
export interface CallStop {
  readonly stops: (args: readonly unknown[]) => boolean
}

const RESULT_OF_REFUSED: Readonly<Record<string, string>> = { VOID: 'undefined' }

const isVariadic = (entry: ApiEntry): boolean => entry.params.at(-1)?.name === '...'

/** C types of 64 bits: their cells may hold a bigint. */
const is64Bit = (type: string): boolean => /64|LONGLONG|LARGE_INTEGER|PHYSICAL_ADDRESS/.test(type)

/** How an argument appears in an event record: an integer, or the value that an out parameter has after the call. */
function recorded(entry: ApiEntry, index: number): string {
  const param = entry.params[index]
  if (!param) return '0'
  const name = `a${index}`
  if (param.direction === 'in') return `(typeof ${name}==='number'?${name}|0:0)`
  const value = is64Bit(param.type) ? `cell(${name})` : `${name}==null?0:${name}.value|0`
  return `(typeof ${name}==='number'?${name}:${value})`
}

interface Parts {
  readonly entry: ApiEntry
  readonly number: number
  readonly implementation: Bound
  readonly befores: readonly Before[]
  readonly afters: readonly After[]
  readonly stop: CallStop | undefined
  readonly marshal: ((args: unknown[]) => void) | undefined
}

/**
 * The text of one binding. It is generated, a function of its own for each entry, so that V8 sees one target at each of
 * its calls and can inline the implementation; a shared wrapper would be a megamorphic call.
 */
function bindingText(machine: Machine, parts: Parts): string {
  const { entry, number, befores, afters, stop, marshal } = parts
  const { kernel } = machine
  const { enabled: checked, level } = kernel.verifier
  const names = entry.params.map((_param, index) => `a${index}`)
  const variadic = isVariadic(entry)
  const list = (variadic ? [...names.slice(0, -1), '...rest'] : names).join(',')
  const [lowest, high] = irqlBounds(entry.irql)
  const low = /^NdisDpr/.test(entry.name) && !kernel.traits.dprNeedsDispatchLevel ? PASSIVE_LEVEL : lowest
  const lines: string[] = []
  const required = entry.params.findLastIndex((param) => !param.optional && param.name !== '...')
  if (stop) lines.push(`if(stop.stops([${list}]))stopHere();`)
  if (marshal) lines.push(`{const all=[${list}];marshal(all);${names.map((name, i) => `${name}=all[${i}]`).join(';')}}`)
  if (checked && required >= 0) lines.push(`if(a${required}===undefined)missing(${required});`)
  const outside = [...(low > 0 ? [`level<${low}`] : []), ...(high < HIGH_LEVEL ? [`level>${high}`] : [])]
  if (irqlRulesOf(entry).some((rule) => level(rule) !== 'off') && outside.length > 0)
    lines.push(`const level=irql();if(${outside.join('||')})wrongIrql(level);`)
  const lockRule =
    entry.noSpinLock === 'always' || (entry.noSpinLock === 'ce' && kernel.traits.poolCallsWithoutSpinLock)
  if (level('SpinLockHeldAtCall') !== 'off' && lockRule) lines.push('if(locksHeld()!==0)lockHeld();')
  befores.forEach((_before, i) =>
    lines.push(`if(before${i}(${list}))return ${RESULT_OF_REFUSED[entry.returns] ?? '0'};`),
  )
  if (kernel.log.enabled && entry.reenters)
    lines.push(`record(${number | (PHASE.ENTER << 26)},${[0, 1, 2, 3].map((i) => recorded(entry, i)).join(',')});`)
  lines.push(`const result=implementation(${list});`)
  afters.forEach((_after, i) => lines.push(`after${i}(result,${list});`))
  if (kernel.log.enabled) {
    const result = entry.returns === 'VOID' ? recorded(entry, 3) : `(typeof result==='number'?result|0:0)`
    lines.push(
      `record(${number | ((entry.reenters ? PHASE.RETURN : PHASE.CALL) << 26)},${[0, 1, 2].map((i) => recorded(entry, i)).join(',')},${result});`,
    )
  }
  lines.push('return result;')
  return `return function ${entry.name}(${list}){${lines.join('')}}\n//# sourceURL=ndis:///${entry.name}`
}

/** Builds bindings of the interface for one machine. */
export function createBinder(
  machine: Machine,
  entries: readonly ApiEntry[],
  marshalFor: (entry: ApiEntry) => ((args: unknown[]) => void) | undefined,
) {
  const { kernel, rules, functions, faults } = machine
  const { cpus, verifier, log, record } = kernel
  const numbers = new Map(entries.map((entry, index) => [entry.name, index]))
  const cell = (target: { value?: unknown } | null | undefined): number => {
    const value = target?.value
    return typeof value === 'number' ? value | 0 : 0
  }

  /** Where the lock was acquired that this CPU took last, when it holds one. */
  function newestLock(): ViolationDetails {
    const held = heldLock(kernel)
    return held ? { acquired: held.acquired } : {}
  }

  function bind(entry: ApiEntry, stop?: CallStop): Bound {
    const own = functions[entry.name] as Bound | undefined
    if (!own)
      return () => {
        throw new NotImplemented(entry.name)
      }
    const implementation = faults?.guard(entry, own) ?? own
    const befores = rules.flatMap((family) => family.before?.[entry.name] ?? [])
    const afters = rules.flatMap((family) => family.after?.[entry.name] ?? [])
    const marshal = marshalFor(entry)
    if (!stop && !marshal && !log.enabled && !verifier.enabled) return implementation
    const scope: Record<string, unknown> = {
      implementation,
      stop,
      stopHere,
      marshal,
      cell,
      record,
      irql: cpus.irql,
      locksHeld: cpus.locksHeld,
      missing(index: number) {
        throw new TypeError(
          `${entry.name} takes ${entry.params.length} arguments; ${entry.params[index]!.name} is missing`,
        )
      },
      wrongIrql(level: number) {
        // A lock that nobody holds, or one that was released too early: its own rule says so.
        const isTold = cpus.locksHeld() === 0 || verifier.irqlBlame.isBlamed()
        if (entry.category === 'unlock' && level < DISPATCH_LEVEL && isTold) return
        const irqlRule = irqlRuleOf(entry, level)
        verifier.violation(
          irqlRule,
          entry.name,
          `${entry.name} is called at ${irqlName(level)}; it may be called ${irqlWords(entry.irql)} only.`,
          level === DISPATCH_LEVEL ? newestLock() : {},
        )
      },
      lockHeld() {
        // What the caller of this callback holds was reported at the call that led here.
        const taken = cpus.locksHeld() > cpus.activation(cpus.depth() - 1, SYS_ACTIVATION.LocksAtEntry)
        if (taken)
          verifier.violation(
            'SpinLockHeldAtCall',
            entry.name,
            `${entry.name} is called while a spin lock is held: a driver must release its spin locks before this call.`,
            newestLock(),
          )
      },
    }
    befores.forEach((before, i) => (scope[`before${i}`] = before))
    afters.forEach((after, i) => (scope[`after${i}`] = after))
    const text = bindingText(machine, {
      entry,
      number: numbers.get(entry.name)!,
      implementation,
      befores,
      afters,
      stop,
      marshal,
    })
    return compileIn(scope, text) as Bound
  }
  return { bind, numbers }
}
export type Binder = ReturnType<typeof createBinder>
