import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import { layout } from '../memory/layout'
import { createGuest } from '../test-guest'
import { constant } from './constants'

const NUMBER = layout('PROCESSOR_NUMBER', 'Group', 'Number')
const ALL = constant('ALL_PROCESSOR_GROUPS')
const NONE = constant('INVALID_PROCESSOR_INDEX')

describe('processor groups (DDI ndisactivegroupcount, ndisgroupactiveprocessorcount, ndisgroupactiveprocessormask)', () => {
  test('all processors are in the first', () => {
    const guest = createGuest({ cpus: 3 })
    expect(guest.call('NdisActiveGroupCount')).toBe(1)
    expect(guest.call('NdisMaxGroupCount')).toBe(1)
    for (const name of ['NdisGroupActiveProcessorCount', 'NdisGroupMaxProcessorCount', 'KeQueryActiveProcessorCountEx'])
      expect([0, 1, ALL].map((group) => guest.call(name, group))).toEqual([3, 0, 3])
    expect([0, 1].map((group) => guest.call('NdisGroupActiveProcessorMask', group))).toEqual([7, 0])
    expect(guest.broken()).toEqual([])
  })
})

describe('processors by number and by index (WDM kegetcurrentprocessornumberex ...; DDI ndisprocessornumbertoindex)', () => {
  test('the current one', () => {
    const guest = createGuest({ cpus: 4 })
    const { cpus, space } = guest.machine.kernel
    const at = guest.memory(NUMBER.SIZE)
    cpus.switchTo(2)
    expect(guest.call('KeGetCurrentProcessorNumberEx', at)).toBe(2)
    expect(guest.bytes(at, 4)).toEqual([0, 0, 2, 0])
    expect(guest.call('KeGetCurrentProcessorNumberEx', 0)).toBe(2)
    const record = guest.call('NdisCurrentGroupAndProcessor')
    expect([space.r16(record + NUMBER.Group), space.r8(record + NUMBER.Number)]).toEqual([0, 2])
    expect(guest.call('NdisProcessorNumberToIndex', record)).toBe(2)
    expect(guest.call('NdisCurrentGroupAndProcessor')).toBe(record)
    cpus.switchTo(0)
    expect(guest.broken()).toEqual([])
  })
  test('there and back, and those that there are not', () => {
    const guest = createGuest({ cpus: 2 })
    const { space } = guest.machine.kernel
    const at = guest.memory(NUMBER.SIZE)
    expect(guest.call('KeGetProcessorNumberFromIndex', 1, at)).toBe(0)
    expect(guest.call('KeGetProcessorIndexFromNumber', at)).toBe(1)
    expect(guest.call('KeGetProcessorNumberFromIndex', 2, at)).toBe(constant('STATUS_INVALID_PARAMETER'))
    space.w8(at + NUMBER.Number, 2)
    expect(guest.call('KeGetProcessorIndexFromNumber', at)).toBe(NONE)
    space.w32(at, 1)
    expect(guest.call('NdisProcessorNumberToIndex', at)).toBe(NONE)
    expect(guest.crash(() => guest.call('NdisProcessorNumberToIndex', 1)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
  })
})

describe('threads and critical regions (WDM kegetcurrentthread, keentercriticalregion)', () => {
  const setUp = () => {
    const guest = createGuest()
    const { scheduler } = guest.machine.kernel
    const thread = <T>(run: () => T): T => scheduler.runNested(ACTIVATION.WORK_ITEM, 'thread', PASSIVE_LEVEL, run)
    return { guest, thread, current: () => guest.call('KeGetCurrentThread') }
  }
  test('each thread is another', () => {
    const { thread, current } = setUp()
    thread(() => {
      const mine = current()
      expect([current(), thread(current) === mine, mine]).toEqual([mine, false, mine])
      expect(mine).not.toBe(0)
    })
  })
  test('a region is entered and left as often, in the thread that entered it', () => {
    const { guest, thread } = setUp()
    thread(() => {
      guest.call('KeEnterCriticalRegion')
      guest.call('KeEnterCriticalRegion')
      guest.call('KeLeaveCriticalRegion')
      guest.call('KeLeaveCriticalRegion')
    })
    expect(guest.broken()).toEqual([])
    thread(() => void guest.call('KeEnterCriticalRegion'))
    thread(() => void guest.call('KeLeaveCriticalRegion'))
    expect(guest.broken()).toEqual(['CriticalRegion', 'CriticalRegion'])
  })
})
