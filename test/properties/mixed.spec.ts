import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLists } from './areas/lists'
import { createMemoryArea } from './areas/memory'
import { createNetBufferArea } from './areas/net-buffers'
import { createPackets } from './areas/packets'
import { createProcessor } from './areas/processor'
import { commands, createSuite, seed, sequences, timeout } from './suite'

const COUNT = 25_000

test(
  `${COUNT} legal sequences of all kinds of calls at once agree with all the models`,
  () => {
    const run = createSuite({
      areas: [createProcessor, createPackets, createNetBufferArea, createLists, createMemoryArea],
    })
    let done = 0
    fc.assert(
      fc.property(commands, (sequence) => {
        run(sequence)
        done++
      }),
      { numRuns: sequences(COUNT), seed },
    )
    expect(done).toBe(sequences(COUNT))
  },
  timeout,
)
