/** ping over the drivers of NICs: the peer host's answers to ARP, neighbour discovery and echo reach a protocol script. */
import { describe, expect, test } from 'vitest'
import type { NicModel } from '../../src/core/nic/names'
import { loadDriver, type LoadOptions } from '../../src/lib'
import { DEFAULT_RUN_CONFIG } from '../../src/shared/engine'
import { FILES, findings } from './matrix'

const SEEDS = 10
const MEMORY_BYTES = 8 * 1024 * 1024

/** The ping of 21-ping.ts over another miniport: what a person would change in it. */
const OVER_82540EM = 'ping-over-82540em.ts'
const WITH_IT = {
  ...FILES,
  [OVER_82540EM]: FILES['21-ping.ts']!.replace("'./20-teaching-nic'", "'./18-82540em-ndis6'"),
}

function run(entry: string, nics: readonly NicModel[], options: LoadOptions = {}) {
  const report = loadDriver(WITH_IT, { entry, nics, memoryBytes: MEMORY_BYTES, ...options }).run()
  expect(findings(report)).toEqual([])
  return report
}
/** What ping prints when everything is answered, with the microseconds of each reply by IPv4 and IPv6. */
const pinged = (time4: string, time6: string): string[] =>
  [
    ['10.0.0.1', time4],
    ['fe80::ff:fe00:1', time6],
  ].flatMap(([host, time]) => [
    `${host} is at 02-00-00-00-00-01`,
    ...[1, 2, 3].map((sequence) => `64 bytes from ${host}: seq=${sequence} time=${time} us`),
    `${host}: 3 sent, 3 received`,
  ])
/** Lines of ping, without those of the devices. */
const linesOfPing = (output: readonly string[]): string[] => output.filter((line) => /^(10\.|fe80|64 bytes)/.test(line))
const withoutTimes = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/time=[\d.]+/, 'time=?'))
const times = (lines: readonly string[]): number[] =>
  lines.flatMap((line) => line.match(/(?<=time=)[\d.]+/)?.map(Number) ?? [])

/** Twice 98 bytes with preamble and check sequence at a gigabit, and 100 metres of cable: less is not possible, microseconds. */
const LEAST = 2 * (0.88 + 0.5)

test('ping over the teaching NIC takes exactly so long', () => {
  expect(linesOfPing(run('21-ping.ts', ['teaching']).output)).toEqual(pinged('5.9', '6.1'))
})

describe.each<[entry: string, nic: NicModel]>([
  ['21-ping.ts', 'teaching'],
  [OVER_82540EM, '82540EM'],
  ['22-ping-ndis5.ts', '82540EM'],
])('%s over %s', (entry, nic) => {
  test.each([1, 4])('with %i CPUs and any seed', (cpus) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { output } = run(entry, [nic], { cpus, seed })
      const lines = linesOfPing(output)
      expect(withoutTimes(lines)).toEqual(pinged('?', '?'))
      expect(Math.min(...times(lines))).toBeGreaterThan(LEAST)
    }
  })
  test('is the same every time', () => {
    const [first, second] = [run(entry, [nic], { cpus: 4 }), run(entry, [nic], { cpus: 4 })]
    expect([first.traceHash, first.output]).toEqual([second.traceHash, second.output])
    expect(first.traceHash).not.toBe('')
  })
  test('says when nobody answers', () => {
    const link = { ...DEFAULT_RUN_CONFIG.link, loss: 1 }
    expect(linesOfPing(run(entry, [nic], { link }).output)).toEqual([
      '10.0.0.1: nobody answers',
      'fe80::ff:fe00:1: nobody answers',
    ])
  })
})

describe('23-two-nics.ts', () => {
  const NICS = ['82540EM', 'teaching'] as const
  test.each([1, 4])('each binding hears from the peer host, and the second one from the first, on %i CPUs', (cpus) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { output } = run('23-two-nics.ts', NICS, { cpus, seed })
      const own = '10.0.0.11: '
      const lines = withoutTimes(output)
      expect(linesOfPing(lines.filter((line) => !line.startsWith(own)))).toEqual(pinged('?', '?'))
      const second = lines.filter((line) => line.startsWith(own)).map((line) => line.slice(own.length))
      expect(second.slice(0, 10)).toEqual(pinged('?', '?'))
      expect(second[10]).toMatch(/^10\.0\.0\.10 is at /)
      expect(second.slice(11)).toEqual([
        ...[1, 2, 3].map((sequence) => `64 bytes from 10.0.0.10: seq=${sequence} time=? us`),
        '10.0.0.10: 3 sent, 3 received',
      ])
    }
  })
})
