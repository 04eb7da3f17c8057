import { describe, expect, it } from 'vitest'
import type { SweepReport, SweepRow } from '../../shared/sweep'
import { PLAIN } from './style'
import { sweepText } from './sweep-text'

const place = { function: 'allocateRing', file: 'driver/buffers.ts', line: 43, column: 5 }
const caller = { function: 'MiniportInitializeEx', file: 'driver.ts', line: 9, column: 3 }
const good = { outcome: 'handled', rules: [], leaks: [], message: '' } as const
const row: SweepRow = {
  ...good,
  ...{ key: '0123abcd', function: 'NdisMAllocateSharedMemory', place, stack: [place, caller] },
  faults: { allocations: { stack: '0123abcd' } },
  option: '--fail-alloc stack:0123abcd',
}
const report: SweepReport = {
  ...{ kind: 'allocations', driver: 'driver.ts', seed: 1, scenario: 'echo', plain: good, rows: [row], handled: 1 },
  ...{ runs: 2, cancelled: false, wallMs: 1234 },
}
const text = (more: Partial<SweepReport>): string => sweepText({ ...report, ...more }, (file) => `drv/${file}`, PLAIN)

describe('the table of a sweep', () => {
  it('has a line for what is handled, with the option that does it again', () => {
    expect(text({})).toBe(
      'handled  NdisMAllocateSharedMemory              allocateRing drv/driver/buffers.ts:43      --fail-alloc stack:0123abcd\n' +
        '\n1 of 1 call stacks that allocate handled  seed 1 · scenario echo · 2 runs · 1.2 s\n',
    )
  })

  it('says of the others how they came about and what was broken', () => {
    const crashed: SweepRow = { ...row, outcome: 'crashed', rules: ['DV:NullPage'], message: 'PAGE_FAULT: read at 0.' }
    expect(
      text({ rows: [crashed], handled: 0 })
        .split('\n')
        .slice(1, 3),
    ).toEqual([
      '         called from MiniportInitializeEx drv/driver.ts:9',
      '         DV:NullPage: PAGE_FAULT: read at 0.',
    ])
  })

  it('keeps to 120 columns, and gives a long option a line of its own', () => {
    const option = `--fail-alloc stack:${Array(4).fill('0123abcd').join('+')}`
    const message = 'Something that takes many words to be told. '.repeat(10)
    const deep = { ...place, file: `${'folder/'.repeat(12)}file.ts` }
    const long: SweepRow = { ...row, option, message, outcome: 'violated', place: deep, stack: Array(9).fill(deep) }
    const lines = text({ rows: [long] }).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
    expect(lines[1]).toBe(`         ${option}`)
  })

  it('begins with what the run without a fault does', () => {
    const plain = { outcome: 'leaked', rules: ['DV:LeakAtUnload'], leaks: [], message: 'One block.' } as const
    expect(text({ plain })).toMatch(/^leaked {3}without any fault; .*\n {9}DV:LeakAtUnload: One block\.\n/)
  })

  it('says why there is none', () => {
    expect(text({ error: 'line 3 is no TypeScript' })).toBe('nothing was swept: line 3 is no TypeScript\n')
  })
})
