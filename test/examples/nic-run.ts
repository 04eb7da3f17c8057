/** Runs of a driver with a NIC on a machine to which something happens meanwhile. */
import { TICKS_PER_MS } from '../../src/core/clock/clock'
import { ACTIVATION } from '../../src/core/kernel/cpus'
import { PASSIVE_LEVEL } from '../../src/core/kernel/irql'
import type { Machine } from '../../src/core/machine'
import type { AdapterControl } from '../../src/core/ndis/adapters'
import { Engine } from '../../src/script/engine'
import { tables } from '../../src/script/tables'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../src/shared/engine'
import type { RunReport } from '../../src/shared/report'
import { FILES, findings } from './matrix'

const MEMORY_BYTES = 8 * 1024 * 1024
/** Command, in configuration space. */
const COMMAND = 4

type Prepare = (machine: Machine) => void
export type NicRun = (config?: Partial<RunConfig>, prepare?: Prepare) => RunReport

/** Runs of one example, or of a session that `files` has besides all examples, on machines that are prepared for it. */
export const nicRun =
  (entry: string, always: Partial<RunConfig>, files: Readonly<Record<string, string>> = {}): NicRun =>
  (config = {}, prepare) => {
    const engine = new Engine({
      config: { ...DEFAULT_RUN_CONFIG, memoryBytes: MEMORY_BYTES, ...always, ...config },
      files: { ...FILES, ...files },
      entry,
      tables,
    })
    prepare?.(engine.machine)
    return engine.run()
  }

/** Does something with the adapter in a thread, so many virtual microseconds after the start. */
export const later =
  (microseconds: number, act: (control: AdapterControl, machine: Machine) => void): Prepare =>
  (machine) => {
    const { clock, scheduler } = machine.kernel
    const work = {
      name: 'interference',
      kind: ACTIVATION.THREAD,
      irql: PASSIVE_LEVEL,
      run: () =>
        machine.executive.adapters.forEach(({ control }) => {
          if (control) act(control, machine)
        }),
    }
    clock.setAlarm((microseconds * TICKS_PER_MS) / 1000, () => scheduler.queueThread(0, work))
  }

/** Somebody pulls the card: no interrupt, no transfer, and nobody answers to its addresses. */
export function pullCard({ executive }: Machine): void {
  const [nic] = executive.bus.functions
  nic!.device.reset()
  nic!.writeConfig(COMMAND, Uint8Array.of(0, 0))
}

/** The n-th allocation from the pool after DriverEntry began fails; how many there were. */
export function failing(
  run: NicRun,
  config: Partial<RunConfig>,
  n: number,
): { readonly report: RunReport; readonly allocations: number } {
  let allocations = 0
  const report = run(config, ({ kernel }) => {
    const { pool } = kernel
    const { allocate } = pool
    Object.assign(pool, {
      allocate: (...args: Parameters<typeof allocate>) => (++allocations === n ? 0 : allocate(...args)),
    })
  })
  return { report, allocations }
}

export const outcome = (report: RunReport) => ({ findings: findings(report), outcome: report.outcome })
export const CLEAN = { findings: [], outcome: 'clean' }

export const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer)
export const number = (data: Uint8Array): number => new DataView(data.buffer, data.byteOffset).getUint32(0, true)
