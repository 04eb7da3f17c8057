import { describe, expect, it } from 'vitest'
import type { ViolationReport } from '../../src/shared/report'
import { problemPage, problemText } from './problem-page'
import { filterProblems, openProblems, problemsOf, problemTree, type ProblemSources } from './problems'
import { flatten } from './tree'

const site = (line: number) => ({ function: 'Send', file: 'driver.ts', line, column: 3 })
const none: ProblemSources = { types: [], violations: [], bugcheck: null, leaks: [], error: undefined, notes: [] }
const violation: ViolationReport = {
  rule: 'DV:DoubleFree',
  message: 'This packet was freed before.',
  ...site(40),
  cpu: 0,
  irql: 2,
  timeNs: 1500,
  event: 1,
  count: 3,
  stack: [site(40), site(12)],
  allocatedAt: site(20),
  freedAt: site(30),
  object: { kind: 'NDIS_PACKET', address: 0x80001a40, offset: 4, size: 56 },
}
const bugcheck = {
  code: 0xc4,
  name: 'DRIVER_VERIFIER_DETECTED_VIOLATION',
  parameters: [1, 2, 3, 0x80001a40] as const,
  message: 'Double free.',
  ...site(4),
  stack: [site(4)],
  cpu: 0,
  irql: 0,
  timeNs: 0,
  analysis: {
    parameters: [
      { value: 1, meaning: 'the rule' },
      { value: 2, meaning: 'the IRQL' },
      { value: 3, meaning: 'not used' },
      { value: 0x80001a40, meaning: 'the packet' },
    ] as const,
    sections: [],
  },
}
const leak = { kind: 'NDIS_PACKET', tag: 'Abcd', bytes: 112, count: 2, ...site(9), stack: [site(9)] }
const type = { uri: '/d/a.ts', name: 'a.ts', line: 1, column: 1, message: 'no', severity: 'error' as const }
const sources: ProblemSources = {
  types: [type, { ...type, uri: '/d/b.ts', name: 'b.ts' }],
  violations: [
    violation,
    { ...violation, rule: 'SpinLock', function: 'Halt', stack: [], accepted: 'the hardware wants it' },
    { ...violation, line: 50, stack: [site(50)] },
  ],
  bugcheck,
  leaks: [leak],
  error: undefined,
  notes: [{ code: 'accept-unused', message: 'This accepts nothing.', file: 'driver.ts', line: 3, column: 1 }],
}
const all = problemsOf(sources)
const titles = (by: Parameters<typeof problemTree>[1]) =>
  problemTree(all, by).map(({ value }) => value.kind === 'group' && [value.title, value.problems])

describe('the list', () => {
  it('has the worst first, an entry a place, and does not count what was accepted', () => {
    expect(all.map(({ title, severity, count }) => [title, severity, count])).toEqual([
      ['Bugcheck 0x000000C4 DRIVER_VERIFIER_DETECTED_VIOLATION', 'violation', 1],
      ['DV:DoubleFree', 'violation', 3],
      ['SpinLock', 'accepted', 3],
      ['DV:DoubleFree', 'violation', 3],
      ['Leak: 2 NDIS_PACKET', 'violation', 1],
      ['Note', 'note', 1],
      ['no', 'error', 1],
      ['no', 'error', 1],
    ])
    expect(openProblems(all)).toBe(6)
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length)
  })

  it('is grouped as one likes', () => {
    expect(titles('source')).toEqual([
      ['Last run', 6],
      ['a.ts', 1],
      ['b.ts', 1],
    ])
    expect(titles('rule')).toEqual([
      ['Bugcheck 0x000000C4 DRIVER_VERIFIER_DETECTED_VIOLATION', 1],
      ['DV:DoubleFree', 2],
      ['SpinLock', 1],
      ['Leaks', 1],
      ['Note', 1],
      ['Types', 2],
    ])
    expect(titles('function')).toEqual([
      ['Send', 4],
      ['Halt', 1],
      ['Outside of functions', 3],
    ])
    expect(titles('file')).toEqual([
      ['driver.ts', 6],
      ['a.ts', 1],
      ['b.ts', 1],
    ])
  })

  it('shows the problems of open groups', () => {
    const rows = flatten(problemTree(all, 'source'), new Set(['group/a.ts']))
    expect(rows.map(({ level, value }) => [level, value.kind === 'group' ? value.title : value.problem.title])).toEqual(
      [
        [1, 'Last run'],
        [1, 'a.ts'],
        [2, 'no'],
        [1, 'b.ts'],
      ],
    )
  })

  it.each([
    ['doublefree', 2],
    ['DoubleFree :40', 1],
    ['send -doublefree', 2],
    ['halt', 1],
    ['nowhere', 0],
    ['send -', 4],
  ])("has under the filter '%s' %i entries", (filter, entries) => {
    expect(filterProblems(all, filter)).toHaveLength(entries)
  })

  it('says why a driver did not run, and where', () => {
    const error = { code: 'syntax', message: 'no such name', file: 'driver.ts', line: 7 } as const
    expect(problemsOf({ ...none, error })[0]).toMatchObject({
      text: 'no such name',
      site: { file: 'driver.ts', line: 7, column: 1 },
    })
  })
})

describe('the page', () => {
  it('tells where an object came from and went, and the stack', () => {
    const page = problemPage(all[1]!)
    expect(page.facts).toEqual([
      ['CPU', '0 at DISPATCH_LEVEL'],
      ['Time', '1.5 µs'],
      ['Found', '3 times'],
    ])
    expect(
      page.stories.map(({ heading, places }) => [heading, places.map(({ text, site: at }) => [text, at.line])]),
    ).toEqual([
      [
        'Where',
        [
          ['at', 40],
          ['called from', 12],
        ],
      ],
      [
        'Before',
        [
          ['allocated at', 20],
          ['freed at', 30],
        ],
      ],
    ])
    expect(page.object).toEqual({ text: 'NDIS_PACKET, 56 bytes, touched at offset 4', address: 0x80001a40 })
    expect(page).toMatchObject({ event: 1, rule: 'DV:DoubleFree' })
  })

  it('words a bugcheck with its four parameters', () => {
    expect(problemPage(all[0]!).facts).toContainEqual(['Parameter 4', '0x80001A40  the packet'])
  })

  it('is text for a bug report, too', () => {
    expect(problemText(all[1]!)).toContain('allocated at Send driver.ts:20')
    expect(problemText(all[4]!).split('\n')).toContain('Tag: Abcd')
  })
})
