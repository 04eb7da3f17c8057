import { describe as group, expect, it } from 'vitest'
import {
  describe,
  look,
  moveLines,
  pairAnswers,
  settleLine,
  toVerdict,
  NO_DETAILS,
  putLine,
  standing,
  toFunctionBreakpoint,
  toggleCall,
  toggleLine,
  toSourceBreakpoint,
} from './breakpoints'

const two = toggleLine(toggleLine([], 'a.ts', 3), 'a.ts', 7)

group('line breakpoints', () => {
  it('toggle on and off by line and document', () => {
    expect(two.map((entry) => entry.line)).toEqual([3, 7])
    expect(toggleLine(two, 'a.ts', 3).map((entry) => entry.line)).toEqual([7])
    expect(toggleLine(two, 'b.ts', 3)).toHaveLength(3)
  })
  it('keep their identity when lines are inserted above', () => {
    const moved = moveLines(
      two,
      'a.ts',
      new Map([
        [1, 5],
        [2, 9],
      ]),
    )
    expect(moved.map(({ id, line }) => [id, line])).toEqual([
      [1, 5],
      [2, 9],
    ])
  })
  it('become one when an edit puts two on one line', () => {
    expect(
      moveLines(
        two,
        'a.ts',
        new Map([
          [1, 4],
          [2, 4],
        ]),
      ),
    ).toHaveLength(1)
  })
  it('take details from the inline editor, new or known', () => {
    const log = { ...NO_DETAILS, logMessage: '{nbl}' }
    expect(putLine(two, 'a.ts', 3, log)).toHaveLength(2)
    expect(putLine(two, 'a.ts', 4, log)[2]).toMatchObject({ line: 4, logMessage: '{nbl}' })
  })
})

group('what is drawn', () => {
  it('tells conditional and log breakpoints from plain ones', () => {
    expect(look(NO_DETAILS)).toBe('plain')
    expect(look({ ...NO_DETAILS, hitCondition: '% 5' })).toBe('conditional')
    expect(look({ ...NO_DETAILS, condition: 'x', logMessage: 'y' })).toBe('log')
    expect(describe({ condition: 'tag == 1', hitCondition: '>= 5', logMessage: '' })).toBe('when tag == 1, hits >= 5')
  })
  it('turns hollow only when a session refused it', () => {
    expect(standing(true, undefined)).toBe('enabled')
    expect(standing(true, { verified: false })).toBe('unverified')
    expect(standing(false, { verified: true })).toBe('disabled')
  })
})

group('on the wire', () => {
  it('leaves out what is not set', () => {
    const [plain] = two
    expect(plain && toSourceBreakpoint(plain)).toEqual({ line: 3 })
    const [call] = toggleCall([], 'NdisAllocate*')
    expect(call && toFunctionBreakpoint({ ...call, condition: 'irql == 2' })).toEqual({
      name: 'NdisAllocate*',
      condition: 'irql == 2',
    })
  })
  it('pairs answers with what was asked, in order', () => {
    const pairs = pairAnswers(two, [
      { verified: true, line: 4 },
      { verified: false, message: 'no code' },
    ])
    expect(pairs.map(([entry, answer]) => [entry.id, toVerdict(answer)])).toEqual([
      [1, { verified: true, line: 4 }],
      [2, { verified: false, message: 'no code' }],
    ])
  })
  it('moves a disc to the line that the run stops at', () => {
    expect(settleLine(two, 1, 5).map((entry) => entry.line)).toEqual([5, 7])
    expect(settleLine(two, 1, 7)).toHaveLength(1)
    expect(settleLine(two, 1, 3)).toBe(two)
  })
})
