import fc from 'fast-check'
import { same } from './same'
import { BLOCK_ALLOCATED } from '../../src/core/memory/tagged-pool'
import { SYS_BLOCK } from '../../src/core/memory/records'
import { createBench } from './bench'
import { brokenInvariants, spoiledBlocks } from './invariants'
import { drawFrom, expectSettled, type Area, type CreateArea, type World } from './world'

/** More of them: PROPERTY_FACTOR multiplies the number of sequences, PROPERTY_SEED makes other ones. */
const { PROPERTY_FACTOR = '1', PROPERTY_SEED = '20' } = process.env
export const sequences = (count: number): number => Math.ceil(count * Number(PROPERTY_FACTOR))
export const seed = Number(PROPERTY_SEED)
/** Milliseconds; a quiet machine takes a tenth of it. */
export const timeout = 300_000 * Math.max(1, Number(PROPERTY_FACTOR))

/** A machine is used for this many sequences: a failure depends on a few of them at most. */
const SEQUENCES_PER_MACHINE = 250
/** After this many all of freed memory is looked at. */
const BETWEEN_LOOKS = 25
export const SHORTEST = 5
export const LONGEST = 40

/** One call: which, and a number that all its choices come from. */
export const command = fc.tuple(fc.nat(0xffff), fc.nat(0x7fff_ffff))
export type Command = readonly [which: number, choices: number]
export const commands = fc.array(command, { minLength: SHORTEST, maxLength: LONGEST, size: 'max' })

interface Stage {
  readonly world: World
  readonly areas: readonly Area[]
  readonly live: string
  used: number
}

export interface SuiteOptions {
  readonly areas: readonly CreateArea[]
  readonly platform?: 'nt' | 'ce'
}

/** Runs legal sequences against the models of some areas, each on a machine that others before it have used and left clean. */
export function createSuite({ areas, platform = 'nt' }: SuiteOptions) {
  let stage: Stage | undefined

  function build(): Stage {
    const bench = createBench(platform)
    const world: World = { bench, irql: 0, locks: 0, outOfOrder: false }
    const made = areas.map((create) => create(world))
    return { world, areas: made, live: liveBlocks(world), used: 0 }
  }
  function runSequence({ world, areas: models }: Stage, sequence: readonly Command[]): void {
    const steps = models.flatMap((area) => area.steps)
    for (const [which, choices] of sequence) {
      const able = steps.filter((step) => step.may())
      const step = able[which % able.length]!
      const broken = step.run(drawFrom(choices))
      expectSettled(world, step.name, Array.isArray(broken) ? broken : [])
    }
    for (const area of models) area.check()
    // The processor comes first: the others then give back at DISPATCH_LEVEL or below, and hold no lock.
    for (const area of models) area.drain()
    same(world.bench.broken(), [])
  }
  return function run(sequence: readonly Command[]): void {
    const current = (stage ??= build())
    // Until it went well it is not used again.
    stage = undefined
    const { world } = current
    try {
      world.bench.run(() => runSequence(current, sequence))
    } catch (thrown) {
      throw new Error(`the last calls were\n${world.bench.trace().join('\n')}`, { cause: thrown })
    }
    // What could not be lowered any more is lowered by the return, and reported unless its cause was.
    const isReported = world.irql !== 0 && !world.outOfOrder
    world.irql = 0
    world.outOfOrder = false
    expectSettled(world, 'the return of the driver', isReported ? ['IrqlReturn'] : [])
    same(brokenInvariants(world.bench.machine), [])
    same(liveBlocks(world), current.live)
    if (++current.used % BETWEEN_LOOKS === 0) same(spoiledBlocks(world.bench.machine), [])
    if (current.used < SEQUENCES_PER_MACHINE && !world.bench.isFull()) stage = current
  }
}

/** Blocks of tagged pool that are not free: a sequence leaves those that it found. */
function liveBlocks({ bench }: World): string {
  const { pool, space } = bench.machine.kernel
  const found: number[] = []
  pool.forEach((block) => {
    if (space.i32[(block + SYS_BLOCK.State) >> 2] === BLOCK_ALLOCATED) found.push(block)
  })
  return found.join(' ')
}
