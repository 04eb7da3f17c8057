/** Keywords of an instance, from the run configuration to the driver that reads them. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Keywords } from '../shared/configuration'
import { runScript } from './test-driver'

const DRIVER = readFileSync(new URL('../../examples/10-configuration.ts', import.meta.url), 'utf8')
const run = (keywords: Keywords) => runScript(DRIVER, { keywords })

describe('a driver finds the keywords of its instance', () => {
  test('their values, whatever the case of their names', () => {
    expect(run({ ringsize: 128, NetworkAddress: '02-00-00-00-00-01' })).toMatchObject({
      outcome: 'clean',
      output: ['RingSize is 128', 'address 6 bytes, first 2'],
    })
  })
  test('nothing when nothing is configured', () => {
    expect(run({})).toMatchObject({ outcome: 'clean', output: ['RingSize is not set'] })
  })
  test('another configuration gives another log, the same one the same hash', () => {
    const configurations: Keywords[] = [{ RingSize: 64 }, { RingSize: 65 }, { Unread: 1 }, { Unread: 2 }, {}]
    const hashes = configurations.map((keywords) => run(keywords).traceHash)
    expect(new Set(hashes).size).toBe(5)
    expect(run({ RingSize: 64 }).traceHash).toBe(hashes[0])
  })
  test('a value that no registry can hold is refused by its name', () => {
    expect(() => run({ RingSize: 1.5 })).toThrow(/^RingSize: 1.5 is no integer of 32 bits/)
  })
})
