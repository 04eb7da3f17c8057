import { expect, test } from 'vitest'
import { loadDriver } from '../../src/lib'
import { cleanInEveryScenario, FILES, findings } from './matrix'

cleanInEveryScenario('16-ndis5-protocol.ts', 12)
cleanInEveryScenario('17-ndis5-stack.ts', 12)

// One of these frames ends, in a granule of its own, with the byte that memory has which nobody wrote.
test('what NdisTransferData brings is written, whatever it is', () => {
  const config = {
    entry: '16-ndis5-protocol.ts',
    scenario: 'flood',
    seed: 30,
    frames: 16,
    memoryBytes: 8 * 1024 * 1024,
  }
  expect(findings(loadDriver(FILES, config).run())).toEqual([])
})

// With this seed an echo arrives while the pools of the adapter are freed already.
test('a frame that is on its way when the adapter goes is lost, and nothing else', () => {
  const config = { entry: '16-ndis5-protocol.ts', scenario: 'echo', seed: 38, cpus: 2, frames: 16 }
  expect(findings(loadDriver(FILES, config).run())).toEqual([])
})
