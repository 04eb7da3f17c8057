import { TICK_NS } from '../clock/clock'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { PoolGate } from '../memory/pool-gate'
import { apiNumber } from '../ndis/api'
import type { ApiEntry } from '../ndis/api/types'
import { readListPoolParameters, readPoolParameters } from '../ndis/net-buffer-pool-parameters'
import { EVENT, PHASE } from '../trace/log'
import { callStackKey } from './call-stack-key'
import { createFaultChoice } from './fault-choice'
import { ALLOCATES_AT_TIMES, FAULT_EFFECTS, type FaultEffect } from './fault-effects.table'
import type { AllocationSite, FaultPlan, FaultReport, FaultSurvey } from './fault-plan'
import { createMemoryBudget } from './memory-budget'
import { createRemovalPoints, type RemovalPoints } from './removal-points'
import type { Locator, Place } from './verifier'

type Implementation = (...args: unknown[]) => unknown

/** Brings about the faults of a plan, at the one joint that all calls of drivers pass: the bindings of the interface. */
export interface FaultInjector {
  /** The implementation with what a plan does to it; the same one when the plan has nothing for this function. */
  guard(entry: ApiEntry, implementation: Implementation): Implementation
  readonly points: RemovalPoints
  readonly reports: readonly FaultReport[]
  survey(): FaultSurvey
}

export interface FaultParts {
  readonly plan: FaultPlan
  readonly seed: number
  /** The gate that the pool was made with; the injector says what it lets through. */
  readonly gate: FaultGate
  readonly locator: Locator
  /** Takes the hardware off the bus. */
  readonly pull: () => void
  /** One of them was injected; a debugger may stop here. */
  readonly onFault?: ((fault: FaultReport) => void) | undefined
}

/** A gate that is open until an injector takes it over: the pool is there before the injector can be. */
export interface FaultGate extends PoolGate {
  keeper: PoolGate | undefined
}
export function createFaultGate(): FaultGate {
  const gate: FaultGate = {
    keeper: undefined,
    refuses: (bytes) => gate.keeper?.refuses(bytes) ?? false,
    taken: (address, bytes) => gate.keeper?.taken(address, bytes),
    freed: (address) => gate.keeper?.freed(address),
  }
  return gate
}

/** Faults that are reported with their stacks; a share of many calls would fill the report. */
const MOST_REPORTS = 1000
const NOWHERE: Place = { function: '', file: '', line: 0, column: 0 }
const KINDS: readonly FaultReport['kind'][] = ['allocation', 'low memory', 'removal']

/** A call of an allocating function that is under way. */
interface Call {
  readonly entry: ApiEntry
  readonly args: readonly unknown[]
  /** Depth of activations: what runs on top of the call is somebody else's. */
  readonly depth: number
  /** It fails only if it asks for memory; undefined: not asked yet. */
  fails: boolean | undefined
}

/** Pool tag of a call, as its arguments or pool parameters give it; 0 for none. */
function tagOf(k: Kernel, { name, params }: ApiEntry, args: readonly unknown[]): number {
  const at = params.findIndex((param) => param.name === 'Tag' || param.name === 'PoolTag')
  if (at >= 0) return Number(args[at]) | 0
  const parameters = Number(args[1])
  if (name === 'NdisAllocateNetBufferListPool') return (readListPoolParameters(k.space, parameters)?.tag ?? 0) | 0
  if (name === 'NdisAllocateNetBufferPool') return (readPoolParameters(k.space, parameters)?.tag ?? 0) | 0
  return 0
}

export function createFaults(k: Kernel, { plan, seed, gate, locator, pull, onFault }: FaultParts): FaultInjector {
  const { cpus, clock, log, site } = k
  const reports: FaultReport[] = []
  const sites = new Map<string, AllocationSite>()
  const chosen = plan.allocations && createFaultChoice(plan.allocations, seed)
  const budget = plan.memory && createMemoryBudget(plan.memory)
  let current: Call | undefined
  let calls = 0

  const stackNow = (): readonly Place[] => locator.activation?.() ?? locator.stack()
  function report(kind: FaultReport['kind'], fn: string, stack: readonly Place[], number: number): void {
    const event = log.enabled ? log.count() : -1
    k.record(EVENT.FAULT | (PHASE.OTHER << 26), KINDS.indexOf(kind), number, reports.length, 0)
    if (reports.length >= MOST_REPORTS) return
    const place = stack[0] ?? locator.site(site.s) ?? NOWHERE
    const fault: FaultReport = {
      kind,
      function: fn,
      place,
      stack,
      key: callStackKey(fn, stack),
      timeNs: clock.now() * TICK_NS,
      event,
    }
    reports.push(fault)
    onFault?.(fault)
  }
  function count(entry: ApiEntry, stack: readonly Place[]): void {
    const key = callStackKey(entry.name, stack)
    const known = sites.get(key)
    const within = cpus.nameOf(cpus.depth() - 1)
    sites.set(
      key,
      known ? { ...known, count: known.count + 1 } : { key, function: entry.name, within, stack, count: 1 },
    )
  }
  /** An allocation is asked for: does it fail? */
  function decide(entry: ApiEntry, args: readonly unknown[]): boolean {
    calls++
    let stack: readonly Place[] | undefined
    const where = (): readonly Place[] => (stack ??= stackNow())
    if (plan.survey) count(entry, where())
    const call = { function: entry.name, tag: tagOf(k, entry, args), key: () => callStackKey(entry.name, where()) }
    if (!chosen?.(call)) return false
    report('allocation', entry.name, where(), apiNumber(entry.name))
    return true
  }

  gate.keeper = {
    refuses(bytes) {
      if (current?.depth !== cpus.depth()) return false
      current.fails ??= decide(current.entry, current.args)
      if (current.fails) return true
      if (!budget?.refuses(bytes, calls)) return false
      report('low memory', current.entry.name, stackNow(), apiNumber(current.entry.name))
      return true
    },
    taken(address, bytes) {
      if (current?.depth === cpus.depth()) budget?.taken(address, bytes)
    },
    freed: (address) => budget?.freed(address),
  }

  /** Runs the function itself; what it allocates is the driver's. */
  function run(call: Call, implementation: Implementation): unknown {
    const outer = current
    current = call
    const result = implementation(...call.args)
    current = outer
    return result
  }
  function fail({ result, outs }: FaultEffect, args: readonly unknown[]): unknown {
    k.preempt()
    for (const [index, value] of outs) {
      const target = args[index] as OutParam | null | undefined
      if (target !== null && target !== undefined) k.cells.put32(target, value)
    }
    return result
  }
  function guardAllocation(entry: ApiEntry, implementation: Implementation): Implementation {
    const effect = FAULT_EFFECTS[entry.name]
    const spared = entry.name === 'NdisAllocateBufferPool' && k.traits.bufferPoolAlwaysSucceeds
    if (effect && !spared)
      return (...args) => {
        if (decide(entry, args)) return fail(effect, args)
        return budget
          ? run({ entry, args, depth: cpus.depth(), fails: false }, implementation)
          : implementation(...args)
      }
    if (!ALLOCATES_AT_TIMES.has(entry.name)) return implementation
    return (...args) => run({ entry, args, depth: cpus.depth(), fails: undefined }, implementation)
  }

  const points = createRemovalPoints(k, plan, locator, (fault) => {
    report(fault.kind, fault.function, stackNow(), 0)
    pull()
  })
  const pointsMatter = plan.survey || plan.removeAt !== undefined
  return {
    points,
    reports,
    survey: () => ({ allocations: [...sites.values()], points: points.found }),
    guard(entry, implementation) {
      const guarded = guardAllocation(entry, implementation)
      if (!pointsMatter) return guarded
      return (...args) => {
        points.pass('call', entry.name)
        return guarded(...args)
      }
    },
  }
}
