import { describe, expect, test } from 'vitest'
import type { ActivationView, CpuView } from '../../shared/views'
import { groupFrames, threadsOf } from './frames'
import { framesOf } from './frames.fixture'

const cpu = (number: number, ...activations: ActivationView[]): CpuView => ({
  cpu: number,
  irql: 0,
  locksHeld: 0,
  dpcsQueued: 0,
  interruptsPending: 0,
  activations,
})
const DRIVER_ENTRY: ActivationView = { index: 0, kind: 'thread', name: 'DriverEntry', irql: 0 }
const DPC: ActivationView = { index: 1, kind: 'DPC', name: 'MiniportHandleInterrupt', irql: 2 }
const names = (frames: readonly { functionName: string }[]) => frames.map(({ functionName }) => functionName)

describe('one stack of V8, cut at the engine', () => {
  test('frames of the driver without engine between them belong together, innermost first', () => {
    const groups = groupFrames(
      framesOf('(api)', 'inner:3', 'handler:2', '(engine)', '(api)', 'helper:9', 'DriverEntry:5', '(engine)'),
    )
    expect(groups.map(names)).toEqual([
      ['inner', 'handler'],
      ['helper', 'DriverEntry'],
    ])
    expect(groupFrames(framesOf('(engine)'))).toEqual([])
  })

  test('the innermost activation has the innermost frames; idle CPUs are threads without any', () => {
    const threads = threadsOf(
      [cpu(0, DRIVER_ENTRY), cpu(1, DPC), cpu(2)],
      framesOf('dpc:3', '(engine)', 'DriverEntry:5', '(engine)'),
    )
    expect(threads.map(({ name, frames }) => [name, names(frames)])).toEqual([
      ['CPU 1: DPC MiniportHandleInterrupt (DISPATCH_LEVEL)', ['dpc']],
      ['CPU 0: thread DriverEntry (PASSIVE_LEVEL)', ['DriverEntry']],
      ['CPU 2: idle', []],
    ])
    expect(new Set(threads.map(({ id }) => id)).size).toBe(3)
  })

  test('an innermost activation that runs none of the driver leaves the others their frames', () => {
    const threads = threadsOf([cpu(0, DRIVER_ENTRY, DPC)], framesOf('(engine)', 'DriverEntry:5', '(engine)'))
    expect(threads.map(({ frames }) => names(frames))).toEqual([[], ['DriverEntry']])
  })

  test('there is a thread to name even before the machine is there', () => {
    expect(threadsOf([], [])).toHaveLength(1)
  })
})
