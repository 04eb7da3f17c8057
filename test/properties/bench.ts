import { ACTIVATION } from '../../src/core/kernel/cpus'
import { createMachine, createSharedMemory, type Machine } from '../../src/core/machine'
import { Out } from '../../src/core/memory/cell'
import { OWNER_DRIVER } from '../../src/core/memory/tagged-pool'
import { API, apiByName } from '../../src/core/ndis/api'
import { createBinder, type Bound } from '../../src/script/binding'

const TAG = 0x706f7250
/** Enough for everything that a sequence may allocate, and small enough to make many of them. */
const MEMORY = 4 * 1024 * 1024
/** Calls that are told about when a sequence fails. */
const TRACED = 60

/** Rules about the design of a whole driver: a sequence that is drawn has none, and each of its calls is legal. */
const OF_DESIGN = {
  'DV:LockHierarchy': 'off',
  UninitializedRead: 'off',
} as const

export const cell = (): Out => new Out(-1)

/** A machine whose functions are called as drivers call them: through the bindings, with all rules in between. */
export interface Bench {
  readonly machine: Machine
  /** Each call is a call site of its own, so that every broken rule is reported. */
  call(name: string, ...args: unknown[]): number
  /** The last calls, oldest first. */
  trace(): string[]
  /** Live memory of the driver. */
  memory(bytes: number): number
  /** Rules that were broken since this was asked last. */
  broken(): string[]
  /** true when so many violations are kept that later ones would only be counted. */
  isFull(): boolean
  /** Runs a sequence as a function of the driver at PASSIVE_LEVEL. */
  run(sequence: () => void): void
}

export function createBench(platform: 'nt' | 'ce' = 'nt', seed = 1): Bench {
  const machine = createMachine({ platform, seed, memory: createSharedMemory(MEMORY), levels: OF_DESIGN })
  const { kernel } = machine
  const { bind } = createBinder(machine, API, () => undefined)
  const bound = new Map<string, Bound>()
  let seen = 0
  const calls: unknown[][] = []
  let made = 0

  function functionOf(name: string): Bound {
    const known = bound.get(name)
    if (known) return known
    const entry = apiByName.get(name)
    if (!entry) throw new Error(`the API table has no ${name}`)
    const fresh = bind(entry)
    bound.set(name, fresh)
    return fresh
  }
  return {
    machine,
    call(name, ...args) {
      kernel.site.s++
      calls[made++ % TRACED] = [name, ...args]
      return Number(functionOf(name)(...args) ?? 0)
    },
    trace: () =>
      Array.from({ length: Math.min(made, TRACED) }, (_unused, i) => {
        const [name, ...args] = calls[(made - Math.min(made, TRACED) + i) % TRACED]!
        return `${String(name)}(${args.map((arg) => (typeof arg === 'object' ? 'cell' : String(arg))).join(', ')})`
      }),
    memory: (bytes) => kernel.pool.allocate(bytes, TAG, OWNER_DRIVER, 0, 0),
    broken() {
      const news = kernel.verifier.violations.slice(seen).map(({ rule }) => rule)
      seen = kernel.verifier.violations.length
      return news
    },
    isFull: () => kernel.verifier.violations.length > 800,
    run: (sequence) => machine.driver.call(ACTIVATION.THREAD, 'Sequence', 0, sequence),
  }
}
