import type { Kernel } from '../core/kernel/kernel'
import type { ApiEntry } from '../core/ndis/api/types'
import { tagText } from '../core/verifier/hex'
import type { CallBreakpoint, CallBreakpointState } from '../shared/engine'
import type { CallStop } from './binding'
import type { StopReason } from '../shared/engine'
import { isExpression } from '../shared/expressions'
import { hitTest } from '../shared/hit-condition'

interface Condition {
  readonly id: number
  readonly holds: (args: readonly unknown[]) => boolean
}

/** Call breakpoints by function: one name, a wildcard ('NdisAllocate*') or a category ('category:lock'). */
export class CallStops {
  readonly active = new Map<string, CallStop>()
  states: CallBreakpointState[] = []
  readonly #compile = Function

  constructor(
    private readonly kernel: Kernel,
    private readonly api: readonly ApiEntry[],
    private readonly onStop: (reason: StopReason) => void,
  ) {}

  /** Takes a new set; the names of functions whose binding changes. */
  set(breakpoints: readonly CallBreakpoint[]): string[] {
    const before = new Set(this.active.keys())
    const byFunction = new Map<string, Condition[]>()
    this.states = breakpoints.map((breakpoint) => this.#add(breakpoint, byFunction))
    this.active.clear()
    for (const [name, conditions] of byFunction) this.active.set(name, this.#stopFor(name, conditions))
    return [...new Set([...before, ...this.active.keys()])]
  }

  #covered(name: string): ApiEntry[] {
    const callable = this.api.filter((entry) => entry.kind !== 'callback')
    if (name.startsWith('category:'))
      return callable.filter((entry) => entry.category === name.slice('category:'.length))
    const pattern = new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`)
    return callable.filter((entry) => pattern.test(entry.name))
  }

  #add(breakpoint: CallBreakpoint, into: Map<string, Condition[]>): CallBreakpointState {
    const { id, name } = breakpoint
    const refused = (message: string): CallBreakpointState => ({ id, verified: false, functions: [], message })
    const entries = this.#covered(name)
    if (entries.length === 0) return refused(`no function of the interface is called '${name}'`)
    if (breakpoint.condition !== undefined && !isExpression(breakpoint.condition))
      return refused(`'${breakpoint.condition}' is not an expression`)
    const hit = hitTest(breakpoint.hitCondition)
    if (hit === null) return refused(`'${breakpoint.hitCondition}' is no hit count; write 5, >= 5 or % 5`)
    let hits = 0
    for (const entry of entries) {
      const test = this.#condition(entry, breakpoint.condition)
      const holds = (args: readonly unknown[]): boolean => test(args) && hit(++hits)
      const list = into.get(entry.name)
      if (list) list.push({ id, holds })
      else into.set(entry.name, [{ id, holds }])
    }
    return { id, verified: true, functions: entries.map((entry) => entry.name) }
  }

  /** The condition over parameter names, `irql`, `cpu` and `tag` (as text). One that throws does not hold. */
  #condition(entry: ApiEntry, condition: string | undefined): (args: readonly unknown[]) => boolean {
    if (condition === undefined || condition.trim() === '') return () => true
    const { cpus } = this.kernel
    const names = entry.params.map((param) => param.name).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name))
    const extra = ['irql', 'cpu', 'tag'].filter((name) => !names.includes(name))
    const test = this.#compile(...names, ...extra, `'use strict';return !!(${condition}\n)`) as (
      ...args: unknown[]
    ) => boolean
    const tagIndex = entry.params.findIndex((param) => /tag$/i.test(param.name))
    return (args) => {
      const tag = tagIndex >= 0 ? tagText(Number(args[tagIndex])) : undefined
      const values: Record<string, unknown> = { irql: cpus.irql(), cpu: cpus.current(), tag }
      try {
        return test(...names.map((_name, i) => args[i]), ...extra.map((name) => values[name]))
      } catch {
        return false
      }
    }
  }

  #stopFor(name: string, conditions: readonly Condition[]): CallStop {
    return {
      stops: (args) => {
        const ids = conditions.filter((condition) => condition.holds(args)).map((condition) => condition.id)
        if (ids.length === 0) return false
        this.onStop({ kind: 'call', breakpointIds: ids, function: name })
        return true
      },
    }
  }
}
