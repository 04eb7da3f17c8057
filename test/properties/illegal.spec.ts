import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MachineStopped } from '../../src/core/kernel/bugcheck'
import { createBench, type Bench } from './bench'
import { brokenInvariants } from './invariants'
import { same } from './same'
import { commands, seed, sequences, timeout, type Command } from './suite'
import { drawFrom } from './world'
import { createMess, rightMoves, wrongMoves, type Mess, type Move } from './wrong-moves'

/** Sequences of mistakes; two of three moves are right, so that there is something to do wrong. */
const WRONG = 6_000

interface Stage {
  readonly bench: Bench
  readonly mess: Mess
  readonly right: readonly Move[]
  readonly wrong: readonly Move[]
}
function build(): Stage {
  const bench = createBench()
  const mess = createMess(bench)
  return { bench, mess, right: rightMoves(mess), wrong: wrongMoves(mess) }
}
/** Runs a sequence as driver code; true when the machine stopped, which is the documented end of many mistakes. */
function stopped(bench: Bench, sequence: () => void): boolean {
  try {
    bench.run(sequence)
    return false
  } catch (thrown) {
    if (thrown instanceof MachineStopped) return true
    throw new Error(`the last calls were\n${bench.trace().join('\n')}`, { cause: thrown })
  }
}
function expectWhole(bench: Bench): void {
  const broken = brokenInvariants(bench.machine)
  if (broken.length > 0) throw new Error(`${broken.join('\n')}\nafter\n${bench.trace().join('\n')}`)
}

describe('illegal sequences', () => {
  test(
    'of mistakes: each is reported by name or stops the machine, and no list or pool is damaged',
    () => {
      let stage: Stage | undefined
      const reported = new Map<string, number>()
      function move({ bench, right, wrong }: Stage, [which, choices]: Command): void {
        const able = (which % 3 === 0 ? wrong : right).filter((each) => each.may())
        if (able.length === 0) return
        const chosen = able[(which >> 2) % able.length]!
        bench.broken()
        try {
          chosen.run(drawFrom(choices))
        } catch (thrown) {
          if (!(thrown instanceof MachineStopped) || !chosen.stops)
            throw new Error(`at: ${chosen.name}`, { cause: thrown })
          reported.set(chosen.name, (reported.get(chosen.name) ?? 0) + 1)
          throw thrown
        }
        const rules = bench.broken()
        if (chosen.rules.length === 0) return same(rules, [], chosen.name)
        same(
          rules.some((rule) => chosen.rules.includes(rule)),
          true,
          `${chosen.name} reported ${rules.join(', ')}`,
        )
        reported.set(chosen.name, (reported.get(chosen.name) ?? 0) + 1)
      }
      fc.assert(
        fc.property(commands, (sequence) => {
          const current = (stage ??= build())
          stage = undefined
          const over = stopped(current.bench, () => sequence.forEach((command) => move(current, command)))
          expectWhole(current.bench)
          if (!over && !current.bench.isFull()) stage = current
        }),
        { numRuns: sequences(WRONG), seed },
      )
      expect([...reported.keys()].sort()).toEqual(
        build()
          .wrong.map(({ name }) => name)
          .sort(),
      )
    },
    timeout,
  )
})
