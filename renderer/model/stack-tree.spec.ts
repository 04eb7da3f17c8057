import { expect, it } from 'vitest'
import { allKeys, stackTree, type StackNode } from './stack-tree'
import { flatten } from './tree'

const cpu = (number: number, irql: number, busy = true) => ({
  cpu: number,
  irql,
  locksHeld: busy ? 1 : 0,
  dpcsQueued: 0,
  interruptsPending: 0,
  activations: busy ? [{ index: 0, kind: 'DPC' as const, name: 'Dpc', irql }] : [],
})
const frame = (id: number, name: string) => ({ id, name, line: 1, column: 1 })
const words = (value: StackNode) => (value.kind === 'frame' ? value.frame.name : `${value.title} ${value.notes}`.trim())

it('shows each CPU with its IRQL and locks, what runs on it, and the frames', () => {
  const threads = [
    { id: 1, name: 'CPU 0: thread DriverEntry', frames: [frame(3, 'DriverEntry')] },
    { id: 2, name: 'CPU 0: DPC TimerDpc', frames: [frame(1, 'Helper'), frame(2, 'TimerDpc')] },
  ]
  const tree = stackTree([cpu(0, 2), cpu(1, 0, false)], threads)
  expect(flatten(tree, new Set(allKeys(tree))).map((row) => [row.level, words(row.value)])).toEqual([
    [1, 'CPU 0 DISPATCH_LEVEL, 1 lock held'],
    [2, 'thread DriverEntry'],
    [3, 'DriverEntry'],
    [2, 'DPC TimerDpc'],
    [3, 'Helper'],
    [3, 'TimerDpc'],
    [1, 'CPU 1 PASSIVE_LEVEL, idle'],
  ])
})

it('puts frames right below a thread that is the CPU, and below nothing without a machine', () => {
  const thread = { id: 1, name: 'CPU 0', frames: [frame(1, 'DriverEntry')] }
  expect(stackTree([cpu(0, 0)], [thread])[0]?.children?.map((node) => words(node.value))).toEqual(['DriverEntry'])
  expect(stackTree([], [thread]).map((node) => words(node.value))).toEqual(['DriverEntry'])
})
