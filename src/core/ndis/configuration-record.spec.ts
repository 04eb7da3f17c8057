import { describe, expect, test } from 'vitest'
import { createMachine } from '../machine'
import type { ConfigurationOptions } from './registry'

const logOf = (configuration?: ConfigurationOptions) => {
  const { log } = createMachine({ ...(configuration && { configuration }) }).kernel
  return { events: log.count(), hash: log.hash() }
}

describe('the log of a run says what its instance was configured with', () => {
  test('nothing without parameters', () => {
    expect(logOf({ parameters: {} })).toEqual(logOf())
    expect(logOf().events).toBe(0)
  })
  test('the same configuration gives the same log, in whatever order and case it is written', () => {
    const log = logOf({ parameters: { RingSize: 64, Name: 'Net' } })
    expect(log.events).toBe(2)
    expect(logOf({ parameters: { NAME: 'Net', ringsize: 64 } })).toEqual(log)
  })
  test('another name, value, type or key gives another log', () => {
    const configurations: ConfigurationOptions[] = [
      { parameters: { A: 1 } },
      { parameters: { A: 2 } },
      { parameters: { A: '1' } },
      { parameters: { A: ['1'] } },
      { parameters: { A: { binary: [1] } } },
      { parameters: { B: 1 } },
      { keys: { First: { parameters: { A: 1 } } } },
      { keys: { Second: { parameters: { A: 1 } } } },
    ]
    const hashes = configurations.map((options) => logOf(options).hash)
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})
