import { describe, expect, test } from 'vitest'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import { layout } from '../memory/layout'
import { createGuest, type Guest } from '../test-guest'
import type { MachineOptions } from '../machine'
import { constant } from './constants'

const KDPC = layout('KDPC', 'Number', 'Importance', 'DpcData', 'SystemArgument1')
const WATCHDOG = layout('KDPC_WATCHDOG_INFORMATION')
const INVALID = constant('STATUS_INVALID_PARAMETER')

const setUp = (options: MachineOptions = {}) => {
  const guest = createGuest(options)
  const { kernel } = guest.machine
  const ran: unknown[][] = []
  const make = (context = 7, run: (dpc: number) => void = () => undefined): number => {
    const dpc = guest.memory(KDPC.SIZE)
    guest.call(
      'KeInitializeDpc',
      dpc,
      (...args: number[]) => {
        ran.push([...args.slice(1), kernel.cpus.irql(), kernel.cpus.current()])
        run(args[0]!)
      },
      context,
    )
    return dpc
  }
  /** Runs with DPCs held off, then lets them run. */
  const atDispatch = (run: () => void): void => {
    guest.call('KeRaiseIrqlToDpcLevel')
    run()
    guest.call('KeLowerIrql', PASSIVE_LEVEL)
  }
  return { guest, kernel, make, ran, atDispatch, insert: (dpc: number, a = 0, b = 0) => guest.call('KeInsertQueueDpc', dpc, a, b) } // prettier-ignore
}

describe('DPCs (WDM keinitializedpc, keinsertqueuedpc)', () => {
  test('run at DISPATCH_LEVEL with their context and arguments, before a caller below that level goes on', () => {
    const { guest, make, ran, insert } = setUp()
    expect(insert(make(7), 8, 9)).toBe(1)
    expect(ran).toEqual([[7, 8, 9, DISPATCH_LEVEL, 0]])
    expect(guest.broken()).toEqual([])
  })
  test('wait at DISPATCH_LEVEL; one that waits is not queued again and keeps its arguments', () => {
    const { guest, kernel, make, ran, insert, atDispatch } = setUp()
    const dpc = make()
    atDispatch(() => {
      expect([insert(dpc, 1, 2), insert(dpc, 3, 4)]).toEqual([1, 0])
      expect(kernel.space.r32(dpc + KDPC.DpcData)).not.toBe(0)
      expect(ran).toEqual([])
    })
    expect(ran.map(([, first, second]) => [first, second])).toEqual([[1, 2]])
    expect(kernel.space.r32(dpc + KDPC.DpcData)).toBe(0)
    expect(insert(dpc)).toBe(1)
    expect(guest.broken()).toEqual([])
  })
  test('may queue themselves again', () => {
    const { guest, make, ran, insert } = setUp()
    let left = 3
    insert(make(7, (dpc) => void (left-- > 0 && guest.call('KeInsertQueueDpc', dpc, left, 0))))
    expect(ran).toHaveLength(4)
  })
  test('are taken back by KeRemoveQueueDpc, once', () => {
    const { guest, make, ran, insert, atDispatch } = setUp()
    const dpc = make()
    const remove = () => guest.call('KeRemoveQueueDpc', dpc)
    atDispatch(() => {
      insert(dpc)
      expect([remove(), remove()]).toEqual([1, 0])
      expect(insert(dpc)).toBe(1)
      expect(remove()).toBe(1)
    })
    expect(ran).toEqual([])
    expect(guest.broken()).toEqual([])
  })
  test('of high importance go in front of the others (KeSetImportanceDpc)', () => {
    const { guest, make, ran, insert, atDispatch } = setUp()
    const urgent = make(3)
    guest.call('KeSetImportanceDpc', urgent, constant('HighImportance'))
    atDispatch(() => [make(1), make(2), urgent].forEach((dpc) => insert(dpc)))
    expect(ran.map(([context]) => context)).toEqual([3, 1, 2])
  })
})

describe('the processor of a DPC (WDM kesettargetprocessordpc, kesettargetprocessordpcex)', () => {
  const number = (guest: Guest, group: number, index: number): number => {
    const at = guest.memory(4)
    guest.machine.kernel.space.w16(at, group)
    guest.machine.kernel.space.w8(at + 2, index)
    return at
  }
  test('is the one that it is sent to', () => {
    const { guest, make, ran, insert } = setUp({ cpus: 4 })
    const first = make(1)
    const second = make(2)
    guest.call('KeSetTargetProcessorDpc', first, 3)
    expect(guest.call('KeSetTargetProcessorDpcEx', second, number(guest, 0, 2))).toBe(0)
    insert(first)
    insert(second)
    guest.call('KeFlushQueuedDpcs')
    expect(ran.map((run) => [run[0], run[4]]).sort()).toEqual([
      [1, 3],
      [2, 2],
    ])
    expect(guest.broken()).toEqual([])
  })
  test('must exist', () => {
    const { guest, make } = setUp({ cpus: 2 })
    const dpc = make()
    expect(guest.call('KeSetTargetProcessorDpcEx', dpc, number(guest, 0, 2))).toBe(INVALID)
    expect(guest.call('KeSetTargetProcessorDpcEx', dpc, number(guest, 1, 0))).toBe(INVALID)
    guest.call('KeSetTargetProcessorDpc', dpc, 2)
    expect(guest.broken()).toEqual(['DpcTargetProcessor'])
  })
})

describe('KeFlushQueuedDpcs', () => {
  test('returns when everything that was queued has run, on every processor', () => {
    const { guest, make, ran, insert } = setUp({ cpus: 4, seed: 3 })
    for (let cpu = 0; cpu < 4; cpu++) {
      const dpc = make(cpu)
      guest.call('KeSetTargetProcessorDpc', dpc, cpu)
      insert(dpc)
    }
    guest.call('KeFlushQueuedDpcs')
    expect(ran.map(([context]) => context).sort()).toEqual([0, 1, 2, 3])
  })
  test('cannot wait at DISPATCH_LEVEL', () => {
    const { guest } = setUp()
    guest.call('KeRaiseIrqlToDpcLevel')
    expect(guest.crash(() => guest.call('KeFlushQueuedDpcs')).name).toBe('ATTEMPTED_SWITCH_FROM_DPC')
  })
})

test('KeQueryDpcWatchdogInformation: no limits, and only for DPCs', () => {
  const { guest, atDispatch } = setUp()
  const at = guest.memory(WATCHDOG.SIZE)
  expect(guest.call('KeQueryDpcWatchdogInformation', at)).toBe(constant('STATUS_UNSUCCESSFUL'))
  atDispatch(() => expect(guest.call('KeQueryDpcWatchdogInformation', at)).toBe(0))
  expect(new Set(guest.bytes(at, WATCHDOG.SIZE))).toEqual(new Set([0]))
})

describe('DPCs in trouble', () => {
  test('used before they are initialized', () => {
    const { guest } = setUp()
    const dpc = guest.memory(KDPC.SIZE)
    expect(guest.call('KeInsertQueueDpc', dpc, 0, 0)).toBe(0)
    guest.call('KeRemoveQueueDpc', dpc)
    guest.call('KeSetImportanceDpc', dpc, 0)
    guest.call('KeSetTargetProcessorDpc', dpc, 0)
    expect(guest.broken()).toEqual(Array.from({ length: 4 }, () => 'DpcUninitialized'))
  })
  test('initialized, and freed, while they are queued', () => {
    const { guest, make, insert } = setUp()
    const dpc = make()
    guest.call('KeRaiseIrqlToDpcLevel')
    insert(dpc)
    guest.call('NdisFreeMemory', dpc, KDPC.SIZE, 0)
    guest.call('KeInitializeDpc', make(), () => undefined, 0)
    expect(guest.broken()).toEqual(['FreeWithQueuedDpc'])
    expect(guest.crash(() => guest.call('KeLowerIrql', PASSIVE_LEVEL)).name).toBe('TIMER_OR_DPC_INVALID')
  })
  test('initialized while they are queued', () => {
    const { guest, make, insert } = setUp()
    const dpc = make()
    guest.call('KeRaiseIrqlToDpcLevel')
    insert(dpc)
    guest.call('KeInitializeDpc', dpc, () => undefined, 0)
    expect(guest.broken()).toEqual(['DpcReinit'])
  })
  test('without a function they stop the machine; so do those that outlive their driver', () => {
    const { guest, insert } = setUp()
    const dpc = guest.memory(KDPC.SIZE)
    guest.call('KeInitializeDpc', dpc, 0, 0)
    expect(guest.crash(() => insert(dpc)).name).toBe('TIMER_OR_DPC_INVALID')
    const other = setUp()
    const queued = other.make()
    other.guest.call('KeRaiseIrqlToDpcLevel')
    other.insert(queued)
    const { name, parameters } = other.guest.crash(() => other.guest.machine.driver.unload())
    expect([name, parameters[0]]).toEqual(['DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS', queued])
  })
  test.each([
    [0, 'NullCheck'],
    [0xdead, 'NullCheck'],
    [undefined, 'InvalidPointer'],
    [-1, 'InvalidPointer'],
  ])('garbage where a DPC should be (%s) is reported', (garbage, rule) => {
    const { guest } = setUp()
    const stop = guest.crash(() => guest.call('KeInsertQueueDpc', garbage, 0, 0))
    expect([stop.name, guest.broken()]).toEqual(['PAGE_FAULT_IN_NONPAGED_AREA', [rule]])
  })
})
