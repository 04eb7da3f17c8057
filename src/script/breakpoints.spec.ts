import { describe, expect, test } from 'vitest'
import type { CompiledBreakpoint } from '../shared/engine'
import { isExpression } from '../shared/expressions'
import { hitTest } from '../shared/hit-condition'
import { logTemplate } from './breakpoints'
import { runScript } from './test-driver'

const LOOP = `import { DbgPrint } from 'ndis'
export function DriverEntry() {
  for (let i = 0; i < 5; i++)
    DbgPrint('%d\\n', i)
  return 0
}
`
/** What the driver prints and what logpoints say, in the order in which a person sees it. */
function outputWith(breakpoint: Omit<CompiledBreakpoint, 'id' | 'file'>): readonly string[] {
  const seen: string[] = []
  const see = (text: string) => void seen.push(text)
  const compiledBreakpoints = [{ id: 1, file: 'driver.ts', ...breakpoint }]
  const { output } = runScript(LOOP, {}, { compiledBreakpoints, onOutput: see, onLog: see })
  expect(output).toEqual(['0', '1', '2', '3', '4'])
  return seen
}

describe('line breakpoints that are compiled into their line', () => {
  test('a logpoint prints and does not stop, also on a body without braces', () => {
    expect(outputWith({ line: 4, logMessage: 'i is {i}', condition: 'i > 2' })).toEqual([
      '0',
      '1',
      '2',
      'i is 3',
      '3',
      'i is 4',
      '4',
    ])
  })
  test('a hit count counts the passes on which the condition holds', () => {
    expect(outputWith({ line: 4, logMessage: 'hit', condition: 'i % 2 === 0', hitCondition: '2' })).toEqual([
      '0',
      '1',
      'hit',
      '2',
      '3',
      '4',
    ])
  })
  test('a condition that throws does not hold', () => {
    expect(outputWith({ line: 4, logMessage: 'hit', condition: 'nothing.here' })).toEqual(['0', '1', '2', '3', '4'])
  })
  test('a line without a statement moves to the next that has one', () => {
    expect(outputWith({ line: 1, logMessage: 'start' })[0]).toBe('start')
  })
})

test.each([
  ['i > 3', true],
  ['a, b', true],
  ['i >', false],
  ['1) || (2', false],
  ['if (x) y', false],
  ['}', false],
])('%j is an expression: %j', (text, expected) => {
  expect(isExpression(text)).toBe(expected)
})

test('log messages become templates; what is in braces must be an expression', () => {
  expect(logTemplate('a `b` ${c} {d + 1}')).toBe('`a \\`b\\` \\$${$ndisLog(c)} ${$ndisLog(d + 1)}`')
  expect(logTemplate('{1 +}')).toBeNull()
})

test.each([
  ['5', 5, true],
  ['5', 6, false],
  ['>= 5', 7, true],
  ['> 5', 5, false],
  ['% 3', 6, true],
  ['% 3', 7, false],
])('hit condition %j at hit %i: %j', (condition, hits, expected) => {
  expect(hitTest(condition)?.(hits)).toBe(expected)
})
test('a hit condition that is none is refused', () => {
  expect(hitTest('often')).toBeNull()
})
