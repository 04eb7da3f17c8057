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
