import { EVENT, PHASE, type EventLog, type RecordEvent } from '../trace/log'
import type { Clock } from '../clock/clock'
import { TICK_NS } from '../clock/clock'
import type { Cpus } from '../kernel/cpus'

/** A place in the driver's source. Lines and columns count from 1. */
export interface Place {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What only the script's side knows: where in the driver we are. */
export interface Locator {
  /** Driver frames of the current JavaScript stack, innermost first. */
  stack(): readonly Place[]
  /** The call site with this number. */
  site(number: number): Place | undefined
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
  readonly object?: TouchedObject
}

export interface ViolationDetails {
  /** Call site numbers. */
  readonly allocated?: number
  readonly freed?: number
  readonly acquired?: number
  readonly object?: TouchedObject
  /** The place to blame when it is not the current one, e.g. the allocation of a leak: a call site number. */
  readonly at?: number
}

export interface Verifier {
  readonly enabled: boolean
  /** While true nothing is reported: a debugger looks, the driver does nothing. */
  muted: boolean
  /** Reports a broken rule once for each place; `fn` is the interface function or callback concerned. */
  violation(rule: string, fn: string, message: string, details?: ViolationDetails): void
  readonly violations: readonly Violation[]
  /** Broken rules, repetitions included. */
  count(): number
}

/** Violations kept with their stacks; later ones are only counted. */
const KEPT = 1000

export interface VerifierContext {
  readonly enabled: boolean
  readonly clock: Clock
  readonly cpus: Cpus
  readonly log: EventLog
  readonly record: RecordEvent
  readonly locator: Locator
  readonly site: { readonly s: number }
  /** Called for each violation that is kept; a debugger may stop here. */
  readonly onViolation: (violation: Violation) => void
}

const NOWHERE: Place = { function: '', file: '', line: 0, column: 0 }

export function createVerifier(context: VerifierContext): Verifier {
  const { clock, cpus, log, record, locator, site } = context
  const violations: Violation[] = []
  const seen = new Set<string>()
  let total = 0
  const place = (number: number | undefined): Place | undefined => (number ? locator.site(number) : undefined)

  let muted = false

  return {
    enabled: context.enabled,
    get muted() {
      return muted
    },
    set muted(value) {
      muted = value
    },
    violations,
    count: () => total,
    violation(rule, fn, message, details = {}) {
      if (!context.enabled || muted) return
      total++
      const key = `${rule} ${details.at ?? site.s} ${fn}`
      if (seen.has(key) || violations.length >= KEPT) return
      seen.add(key)
      const stack = locator.stack()
      const where = place(details.at) ?? stack[0] ?? place(site.s) ?? NOWHERE
      const event = log.enabled ? log.count() : -1
      const time = clock.now()
      record(EVENT.VIOLATION | (PHASE.OTHER << 26), violations.length, 0, 0, 0)
      const allocatedAt = place(details.allocated)
      const freedAt = place(details.freed)
      const acquiredAt = place(details.acquired)
      const violation: Violation = {
        rule,
        message,
        ...where,
        function: fn || where.function,
        cpu: cpus.current(),
        irql: cpus.irql(),
        timeNs: time * TICK_NS,
        event,
        stack,
        ...(allocatedAt && { allocatedAt }),
        ...(freedAt && { freedAt }),
        ...(acquiredAt && { acquiredAt }),
        ...(details.object && { object: details.object }),
      }
      violations.push(violation)
      context.onViolation(violation)
    },
  }
}
