import { expect, it } from 'vitest'
import { problemCount, problemTree, type ProblemSources } from './problems'
import { flatten } from './tree'

const site = (line: number) => ({ function: 'Send', file: 'driver.ts', line, column: 3 })
const none: ProblemSources = { types: [], violations: [], bugcheck: null, leaks: [], error: undefined }
const violation = {
  rule: 'DV:DoubleFree',
  message: 'This packet was freed before.',
  ...site(40),
  cpu: 0,
  irql: 2,
  timeNs: 0,
  event: 1,
  count: 1,
  stack: [site(40), site(12)],
  allocatedAt: site(20),
  freedAt: site(30),
  object: { kind: 'NDIS_PACKET', address: 0x80001a40, offset: 0, size: 56 },
}

it('shows where an object came from and went, then the stack', () => {
  const tree = problemTree({ ...none, violations: [violation] })
  const rows = flatten(tree, new Set(['run', 'violation0']))
  expect(rows.map((row) => [row.level, row.value.title, row.value.site?.line ?? row.value.address])).toEqual([
    [1, 'Last run', undefined],
    [2, 'DV:DoubleFree', 40],
    [3, 'NDIS_PACKET, 56 bytes', 0x80001a40],
    [3, 'allocated at', 20],
    [3, 'freed at', 30],
    [3, 'at', 40],
    [3, 'called from', 12],
  ])
})

it('groups type errors by document and counts everything once', () => {
  const type = { uri: '/d/a.ts', name: 'a.ts', line: 1, column: 1, message: 'no', severity: 'error' as const }
  const sources: ProblemSources = {
    ...none,
    types: [type, { ...type, uri: '/d/b.ts', name: 'b.ts' }],
    violations: [violation],
    leaks: [{ kind: 'NDIS_PACKET', tag: '', bytes: 0, count: 2, ...site(9) }],
  }
  expect(problemTree(sources).map((node) => [node.value.title, node.value.text])).toEqual([
    ['Last run', '2'],
    ['a.ts', '1'],
    ['b.ts', '1'],
  ])
  expect(problemCount(sources)).toBe(4)
})

it('words a bugcheck with its four parameters', () => {
  const bugcheck = {
    code: 0xc4,
    name: 'DRIVER_VERIFIER_DETECTED_VIOLATION',
    parameters: [1, 2, 3, 0x80001a40] as const,
    message: 'Double free.',
    ...site(4),
    stack: [],
    cpu: 0,
    irql: 0,
    timeNs: 0,
  }
  const [run] = problemTree({ ...none, bugcheck })
  expect(run?.children?.[0]?.value).toMatchObject({
    title: 'Bugcheck 0x000000C4 DRIVER_VERIFIER_DETECTED_VIOLATION',
    text: 'Double free. (0x00000001, 0x00000002, 0x00000003, 0x80001A40)',
  })
})
