import { EVENT, PHASE, type EventLog, type RecordEvent } from '../trace/log'
import type { Clock } from '../clock/clock'
import { TICK_NS } from '../clock/clock'
import type { Cpus } from '../kernel/cpus'
import type { DriverFunction } from '../kernel/text'
import { createIrqlBlame, type IrqlBlame } from './irql-blame'
import type { RwHold } from './held-locks'
import type { LevelOf } from './levels'
import type { Place } from './place'
import type { RuleLevel } from './rules/types'
import type { LockUse, MemoryExcerpt, MemoryTouch } from './story'

export type { Place }

/** A call of the interface in the driver's source. */
export interface CallPlace extends Place {
  /** Interface function that is called there. */
  readonly api?: string
}

/** Another place that belongs to the story of a violation. */
export interface Related {
  readonly text: string
  readonly place: Place
  /** How the driver came there, innermost first, when that is known. */
  readonly stack?: readonly Place[]
}

/** What only the script's side knows: where in the driver we are. */
export interface Locator {
  /** Driver frames of the current JavaScript stack, innermost first. */
  stack(): readonly Place[]
  /** Those of the activation that runs: without the code that it interrupted, or that called it through NDIS. */
  activation?(): readonly Place[]
  /** The call site with this number, and the interface function that is called there. */
  site(number: number): CallPlace | undefined
  /** Keeps the stack of this moment at little cost. */
  keep?(): object
  /** What was kept, as frames of the driver, innermost first, no further than the callback that ran. */
  kept?(mark: object): readonly Place[]
  /** Where a function of the driver is written. */
  definition(target: DriverFunction): Place | undefined
  /** Why the author accepts that this rule is broken on this line; undefined when it is not accepted. */
  accepted?(rule: string, place: Place): string | undefined
}

export interface TouchedObject {
  readonly kind: string
  readonly address: number
  readonly offset: number
  readonly size: number
}

export interface Violation extends Place {
  readonly rule: string
  readonly message: string
  readonly cpu: number
  readonly irql: number
  readonly timeNs: number
  readonly event: number
  readonly stack: readonly Place[]
  readonly allocatedAt?: Place
  readonly freedAt?: Place
  readonly acquiredAt?: Place
  /** The other places of the story, in the order in which they are told. */
  readonly related?: readonly Related[]
  readonly object?: TouchedObject
  /** How often the rule was broken at this place so far. */
  readonly count: number
  /** Why the author accepts it. */
  readonly accepted?: string
  readonly memory?: MemoryExcerpt
}

export interface ViolationDetails {
  /** Call site numbers. */
  readonly allocated?: number
  readonly freed?: number
  readonly acquired?: number
  readonly related?: readonly Related[]
  readonly object?: TouchedObject
  /** The bytes that the report shows with those around them; those at the offset of the object when left out. */
  readonly touched?: MemoryTouch
  /** The stack to show when it is not the current one. */
  readonly stack?: readonly Place[]
  /** The place to blame when it is not the current one, e.g. the allocation of a leak: a call site number. */
  readonly at?: number
}

export interface Verifier {
  readonly enabled: boolean
  /** While true nothing is reported: a debugger looks, the driver does nothing. */
  muted: boolean
  /** What becomes of a broken rule; `off` for all of them when the rules are off. */
  readonly level: LevelOf
  /** Why the author accepts that a rule is broken at a call site (its number). */
  accepted(rule: string, at: number): string | undefined
  /** A callback begins, by the name that people know; `ended` when it returned. */
  called(name: string, target: DriverFunction): void
  ended(name: string): void
  /**
   * Reports a broken rule once for each place, and counts repetitions; without a place, once for each object, or message. `fn` is the
   * interface function or callback concerned. What a callback did wrong by returning is reported where it is written. Without a name it
   * is the call that executes.
   */
  violation(rule: string, fn: string, message: string, details?: ViolationDetails): void
  /** For messages and related places: the call site with this number, the driver's stack. */
  readonly locator: Locator
  readonly irqlBlame: IrqlBlame
  /** Acquires of read/write locks that are in force, the newest last; their rules keep it. */
  readonly rwHolds: RwHold[]
  /** Addresses of what a rule reported as left behind before the driver was unloaded: it is no second report then that it leaks. */
  readonly leftBehind: Set<number>
  readonly violations: readonly Violation[]
  /** How locks were used, by class; the lock analysis keeps it, empty without. */
  readonly lockUses: LockUse[]
  /** Broken rules, repetitions included, those that are off left out. */
  count(): number
}

/** Violations kept with their stacks; later ones are only counted. */
const KEPT = 1000

export interface VerifierContext {
  readonly enabled: boolean
  readonly levels: LevelOf
  readonly clock: Clock
  readonly cpus: Cpus
  readonly log: EventLog
  readonly record: RecordEvent
  readonly locator: Locator
  readonly excerpt: (touched: MemoryTouch) => MemoryExcerpt | undefined
  readonly site: { readonly s: number }
  /** Called for each violation that is kept; a debugger may stop here. */
  readonly onViolation: (violation: Violation) => void
}

/** What was called last by the name of a callback. */
interface Callback {
  target: DriverFunction
  /** How often it is in the midst of its work. */
  running: number
}

/** Callbacks that violations are about. */
function createCallbacks() {
  const byName = new Map<string, Callback>()
  const numbers = new Map<DriverFunction, number>()
  return {
    called(name: string, target: DriverFunction): void {
      const callback = byName.get(name)
      if (!callback) byName.set(name, { target, running: 1 })
      else {
        callback.target = target
        callback.running++
      }
    },
    ended(name: string): void {
      byName.get(name)!.running--
    },
    /** The function that returned, when it did: as long as it runs, the line that executes says more. */
    returned(name: string): DriverFunction | undefined {
      const callback = byName.get(name)
      return callback?.running === 0 ? callback.target : undefined
    },
    /** Tells functions apart. */
    number(target: DriverFunction): number {
      const number = numbers.get(target) ?? numbers.size
      numbers.set(target, number)
      return number
    },
  }
}

/** Tells findings apart that no line of the driver is to blame for: what they are about does. */
const subjectOf = (message: string, { object }: ViolationDetails): string =>
  object ? `${object.kind} ${object.address}` : message

/** A violation as it is kept: its count goes on. */
type Counted = Violation & { count: number }
const OFF = (): RuleLevel => 'off'
/** What the report shows the bytes of. */
const touchedBy = ({ touched, object }: ViolationDetails): MemoryTouch | undefined =>
  touched ?? (object && { address: object.address + object.offset, size: 1, how: 'found' })

const NOWHERE: Place = { function: '', file: '', line: 0, column: 0 }

export function createVerifier(context: VerifierContext): Verifier {
  const { clock, cpus, log, record, locator, site } = context
  const violations: Counted[] = []
  const byPlace = new Map<string, Counted>()
  const callbacks = createCallbacks()
  let total = 0
  const place = (number: number | undefined) => (number ? locator.site(number) : undefined)
  /** The interface function that is called at the top of the stack. */
  function callAt(top: Place | undefined): string | undefined {
    const call = place(site.s)
    return top && call?.file === top.file && call.line === top.line && call.column === top.column ? call.api : undefined
  }

  const level = context.enabled ? context.levels : OFF
  let muted = false

  return {
    enabled: context.enabled,
    level,
    accepted: (rule, at) => locator.accepted?.(rule, place(at) ?? NOWHERE),
    get muted() {
      return muted
    },
    set muted(value) {
      muted = value
    },
    locator,
    irqlBlame: createIrqlBlame(cpus),
    rwHolds: [],
    leftBehind: new Set<number>(),
    violations,
    lockUses: [],
    called: callbacks.called,
    ended: callbacks.ended,
    count: () => total,
    violation(rule, fn, message, details = {}) {
      if (muted || level(rule) === 'off') return
      total++
      const returned = details.at ? undefined : callbacks.returned(fn)
      const blamed = details.at ?? site.s
      const source = returned ? `callback ${callbacks.number(returned)}` : blamed
      const key = `${rule} ${source} ${fn}${!returned && blamed === 0 ? ` ${subjectOf(message, details)}` : ''}`
      const known = byPlace.get(key)
      if (known) known.count++
      if (known || violations.length >= KEPT) return
      const stack = details.stack ?? locator.stack()
      const at = place(details.at)
      const defined = returned && locator.definition(returned)
      // Of what happens by itself the last call of the driver says nothing.
      const last = fn === '' ? undefined : place(site.s)
      const { api, ...where } = at ?? { api: callAt(stack[0]), ...(defined ?? stack[0] ?? last ?? NOWHERE) }
      const event = log.enabled ? log.count() : -1
      const time = clock.now()
      record(EVENT.VIOLATION | (PHASE.OTHER << 26), violations.length, 0, 0, 0)
      const allocatedAt = place(details.allocated)
      const freedAt = place(details.freed)
      const acquiredAt = place(details.acquired)
      const touched = touchedBy(details)
      const memory = touched && context.excerpt(touched)
      const accepted = locator.accepted?.(rule, where)
      const violation: Counted = {
        rule,
        message,
        ...where,
        function: fn || api || where.function,
        cpu: cpus.current(),
        irql: cpus.irql(),
        timeNs: time * TICK_NS,
        event,
        stack,
        ...(allocatedAt && { allocatedAt }),
        ...(freedAt && { freedAt }),
        ...(acquiredAt && { acquiredAt }),
        ...(details.related && { related: details.related }),
        ...(details.object && { object: details.object }),
        count: 1,
        ...(accepted !== undefined && { accepted }),
        ...(memory && { memory }),
      }
      byPlace.set(key, violation)
      violations.push(violation)
      context.onViolation(violation)
    },
  }
}
