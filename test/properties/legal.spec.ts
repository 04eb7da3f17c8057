import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLists } from './areas/lists'
import { createMemoryArea } from './areas/memory'
import { createNetBufferArea } from './areas/net-buffers'
import { createPackets } from './areas/packets'
import { createProcessor } from './areas/processor'
import { commands, createSuite, seed, sequences, timeout, type SuiteOptions } from './suite'

/** 75,000 sequences here and 25,000 in mixed.spec.ts, which another process runs. */
const SUITES: readonly (readonly [name: string, count: number, options: SuiteOptions])[] = [
  ['IRQL and spin locks', 15_000, { areas: [createProcessor] }],
  ['packets and buffers', 12_000, { areas: [createProcessor, createPackets] }],
  ['packets and buffers on CE', 8_000, { areas: [createProcessor, createPackets], platform: 'ce' }],
  ['NET_BUFFERs and NET_BUFFER_LISTs', 15_000, { areas: [createProcessor, createNetBufferArea] }],
  ['lists', 15_000, { areas: [createProcessor, createLists] }],
  ['memory', 10_000, { areas: [createProcessor, createMemoryArea] }],
]

describe('legal sequences of calls agree with a model of', () => {
  test.each(SUITES)(
    '%s (%i)',
    (_name, count, options) => {
      const run = createSuite(options)
      let done = 0
      fc.assert(
        fc.property(commands, (sequence) => {
          run(sequence)
          done++
        }),
        { numRuns: sequences(count), seed },
      )
      expect(done).toBe(sequences(count))
    },
    timeout,
  )
})
