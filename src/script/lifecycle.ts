import type { Machine } from '../core/machine'
import { ACTIVATION } from '../core/kernel/cpus'
import { PASSIVE_LEVEL } from '../core/kernel/irql'
import { MachineStopped } from '../core/kernel/bugcheck'
import type { ScenarioName } from '../core/scenario/names'
import { runScenario } from '../core/scenario/scenario'
import { findLeaks, type Leak } from '../core/verifier/leaks'
import { LoadError } from './errors'
import type { ScriptLocator } from './locator'
import { NotImplemented } from './not-implemented'
import { driverFrames } from './locator'

export interface Life {
  readonly scenario: ScenarioName
  /** Frames of the scenario; 0: as many as it says itself. */
  readonly frames: number
}
/** A driver of a session: the name of its service, and its DriverEntry. */
type Entry = readonly [name: string, entry: (DriverObject: number, RegistryPath: number) => unknown]

/**
 * The drivers of a session: `export const drivers = { miniport, filter, protocol }` of DriverEntry functions, in the order in
 * which they load, or one `export function DriverEntry`.
 */
function entriesOf(exports: Readonly<Record<string, unknown>>): readonly Entry[] | undefined {
  const several = exports['drivers']
  const named = typeof several === 'object' && several !== null ? Object.entries(several) : []
  const one = exports['DriverEntry'] ?? exports['default']
  const all = named.length > 0 ? named : [['Driver', one] as const]
  return all.every(([, entry]) => typeof entry === 'function') ? (all as unknown as Entry[]) : undefined
}

/**
 * Loads the drivers, drives them through a scenario, unloads them. Throws MachineStopped after a bugcheck, LoadError when
 * there is no DriverEntry.
 */
export function runDriver(
  machine: Machine,
  locator: ScriptLocator,
  life: Life,
  evaluate: () => Readonly<Record<string, unknown>>,
): { leaks: Leak[] } {
  const { kernel } = machine
  const guarded = <T>(run: () => T): T => {
    try {
      return run()
    } catch (thrown) {
      if (thrown instanceof MachineStopped || thrown instanceof NotImplemented || thrown instanceof LoadError)
        throw thrown
      return threw(machine, locator, thrown)
    }
  }
  const exports = guarded(() => machine.driver.call(ACTIVATION.THREAD, 'load', PASSIVE_LEVEL, evaluate)) as Readonly<
    Record<string, unknown>
  >
  const entries = entriesOf(exports)
  if (!entries)
    throw new LoadError(
      'unknown-export',
      "the driver has no DriverEntry: write 'export function DriverEntry(DriverObject, RegistryPath)'; several drivers are 'export const drivers = { name: DriverEntry, ... }'",
      [...locator.insertions.keys()][0],
      1,
      1,
    )
  const unloaded = guarded(() => {
    for (const [name, entry] of entries) machine.driver.load(entry, name)
    return runScenario(machine, life.scenario, life.frames)
  })
  if (!unloaded) return { leaks: [] }
  const leaks = findLeaks(kernel, machine.pools, locator.site, (site) => locator.sites[site]?.api ?? '')
  return { leaks }
}

/** A script that throws is a driver that faults: the machine stops as Windows does for an exception nobody handles. */
function threw(machine: Machine, locator: ScriptLocator, thrown: unknown): never {
  const error =
    thrown instanceof Error || (typeof thrown === 'object' && thrown !== null && 'message' in thrown)
      ? (thrown as Error)
      : new Error(String(thrown))
  const frames = driverFrames(error.stack ?? '', locator.insertions)
  const at = frames[0] ? ` (${frames[0].file}:${frames[0].line})` : ''
  locator.frames = frames
  return machine.kernel.bugcheck(
    'KMODE_EXCEPTION_NOT_HANDLED',
    [0],
    `The driver threw ${error.name ?? 'an error'}: ${error.message}${at}`,
  )
}
