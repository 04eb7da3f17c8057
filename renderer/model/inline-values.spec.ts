import { expect, it } from 'vitest'
import { inlineValues } from './inline-values'

const source = [
  'const Outside = 1',
  'export function DriverEntry(DriverObject) {',
  '  const Status = out()',
  "  DbgPrint('Status is unknown') // Status",
  '  Pool.Status = 4',
  '  return Status.value',
]
const variables = [
  { name: 'Status', value: '0x0' },
  { name: 'DriverObject', value: '0x80001000' },
  { name: 'Outside', value: '1' },
]

it('shows locals beside their lines up to the head of the function', () => {
  expect(inlineValues(source, 6, variables)).toEqual([
    { line: 2, text: 'DriverObject = 0x80001000' },
    { line: 3, text: 'Status = 0x0' },
    { line: 6, text: 'Status = 0x0' },
  ])
})

it('does not take members, strings or comments for variables', () => {
  expect(inlineValues(source, 5, variables).map((entry) => entry.line)).toEqual([2, 3])
})

it('reads the cell of an out parameter as what it holds, and leaves out what says nothing', () => {
  const values = [
    { name: 'Pool', value: '{ value: 0x00200030 }' },
    { name: 'later', value: 'undefined' },
    { name: 'helper', value: 'ƒ helper' },
  ]
  expect(inlineValues(['use(Pool, later, helper)'], 1, values)).toEqual([{ line: 1, text: 'Pool = 0x00200030' }])
})

it('shortens long values', () => {
  const [value] = inlineValues(['x'], 1, [{ name: 'x', value: 'y'.repeat(80) }])
  expect(value?.text).toHaveLength('x = '.length + 48)
})
