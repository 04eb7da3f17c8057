import { expect, it } from 'vitest'
import { complete, wordAt } from './complete'

it('goes on with the name before the caret, those nearest first', () => {
  expect(complete('arp or ip.s', 11).map(({ name }) => name)).toEqual(['ip.src'])
  expect(complete('tcp.fl', 6)[0]?.name).toBe('tcp.flags')
  expect(complete('ip', 2).map(({ name }) => name)).toContain('ipv6')
  expect(complete('udp.', 4).map(({ name }) => name)).toContain('udp.port')
})
it('has nothing to say behind a space, a number or a whole name', () => {
  expect(complete('arp ', 4)).toEqual([])
  expect(complete('10', 2)).toEqual([])
  expect(complete('ip.src', 6)).toEqual([])
  expect(wordAt('not ip.ad == 1', 9)).toBe('ip.ad')
})
