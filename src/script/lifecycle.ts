import type { Machine } from '../core/machine'
import { ACTIVATION } from '../core/kernel/cpus'
import { PASSIVE_LEVEL } from '../core/kernel/irql'
import { MachineStopped } from '../core/kernel/bugcheck'
import { findLeaks, type Leak } from '../core/verifier/leaks'
import { LoadError } from './errors'
import type { ScriptLocator } from './locator'
import { NotImplemented } from './not-implemented'
import { driverFrames } from './locator'

/** How long a driver lives by itself when no scenario says otherwise: one second of virtual time. */
const LIFE_TICKS = 10_000_000

/** Loads the driver, lets it live, unloads it. Throws MachineStopped after a bugcheck, LoadError when there is no DriverEntry. */
export function runDriver(
  machine: Machine,
  locator: ScriptLocator,
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
  const entry = exports['DriverEntry'] ?? exports['default']
  if (typeof entry !== 'function')
    throw new LoadError(
      'unknown-export',
      "the driver has no DriverEntry: write 'export function DriverEntry(DriverObject, RegistryPath)'",
      [...locator.insertions.keys()][0],
      1,
      1,
    )
  guarded(() => {
    machine.driver.load(entry as (DriverObject: number, RegistryPath: number) => unknown)
    machine.driver.start()
    machine.driver.idle(LIFE_TICKS)
    machine.driver.unload()
  })
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
