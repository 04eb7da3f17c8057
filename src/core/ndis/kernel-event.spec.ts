import { describe, expect, test } from 'vitest'
import { TICKS_PER_MS } from '../clock/clock'
import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import { layout } from '../memory/layout'
import { createGuest } from '../test-guest'
import { constant } from './constants'
import { MUTEX } from './mutex'

const EVENT = layout('KEVENT', 'Header.Type', 'Header.SignalState')
const STATUS_TIMEOUT = constant('STATUS_TIMEOUT')

const setUp = () => {
  const guest = createGuest()
  const { kernel } = guest.machine
  const event = (type: string, state = 0): number => {
    const address = guest.memory(EVENT.SIZE)
    guest.call('KeInitializeEvent', address, constant(type), state)
    return address
  }
  const limit = guest.memory(8)
  /** `ms` undefined: without a limit. */
  function wait(object: number, ms?: number): number {
    if (ms !== undefined) kernel.space.w64(limit, BigInt(-ms * TICKS_PER_MS))
    return guest.call('KeWaitForSingleObject', object, 0, constant('KernelMode'), 0, ms === undefined ? 0 : limit)
  }
  const later = (run: () => void): void =>
    kernel.scheduler.queueThread(0, { name: 'thread', kind: ACTIVATION.WORK_ITEM, irql: PASSIVE_LEVEL, run })
  return { guest, kernel, event, wait, later }
}

describe('kernel events (WDM keinitializeevent, kesetevent, keresetevent, keclearevent)', () => {
  test('lie in storage of the driver as a KEVENT', () => {
    const { guest, event } = setUp()
    expect(guest.bytes(event('SynchronizationEvent', 1), 8)).toEqual([1, 1, 4, 3, 1, 0, 0, 0])
    expect(guest.bytes(event('NotificationEvent'), 8)).toEqual([0, 1, 4, 3, 0, 0, 0, 0])
  })
  test('give their old state when they are set and reset', () => {
    const { guest, event, wait } = setUp()
    const it = event('NotificationEvent')
    expect([guest.call('KeSetEvent', it, 0, 0), guest.call('KeSetEvent', it, 0, 0)]).toEqual([0, 1])
    expect([guest.call('KeResetEvent', it), guest.call('KeResetEvent', it)]).toEqual([1, 0])
    guest.call('KeSetEvent', it, 0, 0)
    guest.call('KeClearEvent', it)
    expect(wait(it, 0)).toBe(STATUS_TIMEOUT)
    expect(guest.broken()).toEqual([])
  })
  test('a notification event lets all through, a synchronization event one', () => {
    const { guest, event, wait } = setUp()
    const all = event('NotificationEvent', 1)
    const one = event('SynchronizationEvent', 1)
    expect([wait(all), wait(all), wait(one), wait(one, 0)]).toEqual([0, 0, 0, STATUS_TIMEOUT])
    expect(guest.broken()).toEqual([])
  })
})

describe('KeWaitForSingleObject (WDM)', () => {
  test('waits until another thread sets the event', () => {
    const { guest, event, wait, later } = setUp()
    const it = event('SynchronizationEvent')
    later(() => void guest.call('KeSetEvent', it, 0, 0))
    expect(wait(it)).toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('waits no longer than its timeout', () => {
    const { guest, kernel, event, wait } = setUp()
    expect(wait(event('NotificationEvent'), 25)).toBe(STATUS_TIMEOUT)
    expect(Math.floor(kernel.clock.now() / TICKS_PER_MS)).toBe(25)
    expect(guest.broken()).toEqual([])
  })
  test('may look at DISPATCH_LEVEL, and not wait (DV:WaitAtDispatch)', () => {
    const { guest, kernel, event, wait } = setUp()
    const set = event('SynchronizationEvent', 1)
    kernel.cpus.setIrql(DISPATCH_LEVEL)
    expect([wait(set, 0), wait(set, 0)]).toEqual([0, STATUS_TIMEOUT])
    expect(guest.broken()).toEqual([])
    expect(guest.crash(() => wait(set)).name).toBe('ATTEMPTED_SWITCH_FROM_DPC')
    expect(guest.broken()).toEqual(['DV:WaitAtDispatch'])
  })
  test('for ever is reported and ends', () => {
    const { guest, event, wait } = setUp()
    expect(wait(event('NotificationEvent'))).toBe(STATUS_TIMEOUT)
    expect(guest.broken()).toEqual(['WaitForever'])
  })
  test('of something that is no object is refused', () => {
    const { guest, wait } = setUp()
    wait(guest.memory(16))
    expect(guest.broken()).toEqual(['WaitObject'])
    expect(guest.crash(() => wait(0)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
  })
})

test('events that were never initialized are reported, those of NDIS too', () => {
  const { guest } = setUp()
  const it = guest.memory(16)
  for (const name of ['KeSetEvent', 'KeResetEvent', 'KeClearEvent', 'NdisSetEvent', 'NdisResetEvent'])
    guest.call(name, it, 0, 0)
  expect(guest.broken()).toEqual(Array.from({ length: 5 }, () => 'EventUninitialized'))
})

describe('kernel mutexes (WDM keinitializemutex, kewaitformutexobject, kereleasemutex)', () => {
  const withMutex = () => {
    const parts = setUp()
    const { guest, kernel } = parts
    const mutex = guest.memory(MUTEX.SIZE)
    guest.call('KeInitializeMutex', mutex, 0)
    const thread = (run: () => void): void =>
      kernel.scheduler.runNested(ACTIVATION.WORK_ITEM, 'thread', PASSIVE_LEVEL, run)
    const take = () => guest.call('KeWaitForMutexObject', mutex, 0, 0, 0, 0)
    return { ...parts, mutex, thread, take, release: () => guest.call('KeReleaseMutex', mutex, 0) }
  }
  test('belong to the thread that took them, as often as it did; both waits take them', () => {
    const { guest, mutex, thread, take, wait, release } = withMutex()
    thread(() => {
      expect([take(), wait(mutex)]).toEqual([0, 0])
      thread(() => expect(wait(mutex, 0)).toBe(STATUS_TIMEOUT))
      expect(release()).not.toBe(0)
      expect(release()).toBe(0)
    })
    thread(() => {
      expect([take(), release()]).toEqual([0, 0])
    })
    expect(guest.broken()).toEqual([])
  })
  test('held when the thread ends, initialized while held, and never initialized', () => {
    const { guest, mutex, thread, wait } = withMutex()
    thread(() => void wait(mutex))
    guest.call('KeInitializeMutex', mutex, 0)
    guest.call('KeReleaseMutex', guest.memory(MUTEX.SIZE), 0)
    guest.call('KeWaitForMutexObject', guest.memory(MUTEX.SIZE), 0, 0, 0, 0)
    expect(guest.broken()).toEqual(['MutexHeldAtReturn', 'DV:LockReinit', 'MutexNotInitialized', 'MutexNotInitialized'])
  })
  test('released by another thread they stop the machine', () => {
    const { guest, thread, take, release } = withMutex()
    thread(() => {
      take()
      thread(() => expect(guest.crash(release).name).toBe('KMODE_EXCEPTION_NOT_HANDLED'))
    })
  })
})
