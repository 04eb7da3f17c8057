import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import { createGuest } from '../test-guest'
import { MUTEX } from './mutex'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_SUCCESS } from './status'

const setUp = () => {
  const guest = createGuest()
  const { space, scheduler } = guest.machine.kernel
  const mutex = guest.memory(MUTEX.SIZE)
  const init = () => guest.call('NDIS_INIT_MUTEX', mutex)
  const wait = () => guest.call('NDIS_WAIT_FOR_MUTEX', mutex)
  const release = () => guest.call('NDIS_RELEASE_MUTEX', mutex)
  const signal = () => space.r32(mutex + MUTEX['Header.SignalState']) | 0
  const owner = () => space.r32(mutex + MUTEX.OwnerThread)
  /** Runs in a thread of its own, on top of this one. */
  const thread = <T>(run: () => T): T => scheduler.runNested(ACTIVATION.WORK_ITEM, 'work item', PASSIVE_LEVEL, run)
  const queue = (run: () => void) =>
    scheduler.queueThread(0, { name: 'work item', kind: ACTIVATION.WORK_ITEM, irql: PASSIVE_LEVEL, run })
  return { guest, mutex, init, wait, release, signal, owner, thread, queue }
}

describe('mutexes (DDI ndis_init_mutex, ndis_wait_for_mutex, ndis_release_mutex)', () => {
  test('begins signaled: nobody holds it', () => {
    const { guest, mutex, init, signal, owner } = setUp()
    init()
    expect([signal(), owner()]).toEqual([1, 0])
    expect(guest.bytes(mutex, 3)).toEqual([2, 0, 8])
  })
  test('is taken and released; 0 says that it is free again', () => {
    const { guest, init, wait, release, signal, owner, thread } = setUp()
    init()
    thread(() => {
      expect([wait(), signal()]).toEqual([NDIS_STATUS_SUCCESS, 0])
      expect(owner()).not.toBe(0)
      expect([release(), signal(), owner()]).toEqual([0, 1, 0])
    })
    expect(guest.broken()).toEqual([])
  })
  test('its thread takes it again, and releases it as often', () => {
    const { guest, init, wait, release, signal, thread } = setUp()
    init()
    thread(() => {
      wait()
      wait()
      expect(signal()).toBe(-1)
      expect(release()).not.toBe(0)
      expect(release()).toBe(0)
    })
    expect(guest.broken()).toEqual([])
  })
  test('a callback belongs to the thread that it is called in', () => {
    const { guest, init, wait, release, thread } = setUp()
    const { scheduler } = guest.machine.kernel
    init()
    thread(() => {
      wait()
      scheduler.runNested(ACTIVATION.CALLBACK, 'NetAllocateMdl', PASSIVE_LEVEL, () => {
        expect(wait()).toBe(NDIS_STATUS_SUCCESS)
        release()
      })
      release()
    })
    expect(guest.broken()).toEqual([])
  })
  test('a release by another thread stops the machine', () => {
    const { guest, init, wait, release, thread } = setUp()
    init()
    const crash = guest.crash(() =>
      thread(() => {
        wait()
        thread(release)
      }),
    )
    expect([crash.name, crash.parameters[0]]).toEqual(['KMODE_EXCEPTION_NOT_HANDLED', 0xc000_0046])
  })
  test('a release of a mutex that is signaled stops the machine', () => {
    const { guest, init, release } = setUp()
    init()
    expect(guest.crash(() => release()).name).toBe('KMODE_EXCEPTION_NOT_HANDLED')
  })
})

describe('rules of mutexes', () => {
  test('used before it is a mutex', () => {
    const { guest, wait, release } = setUp()
    wait()
    release()
    expect(guest.broken()).toEqual(['MutexNotInitialized', 'MutexNotInitialized'])
  })
  test('initialized while it is held', () => {
    const { guest, init, wait, thread } = setUp()
    init()
    thread(() => {
      wait()
      init()
    })
    expect(guest.broken()).toEqual(['DV:LockReinit'])
  })
  test('held when its thread ends, after which nobody may release it', () => {
    const { guest, init, wait, thread } = setUp()
    init()
    thread(wait)
    expect(guest.broken()).toEqual(['MutexHeldAtReturn'])
    expect(wait()).toBe(NDIS_STATUS_FAILURE)
    expect(guest.broken()).toEqual(['MutexHeldAtReturn', 'WaitForever'])
  })
  test('a wait with a spin lock held', () => {
    const { guest, init, wait } = setUp()
    const lock = guest.memory(8)
    init()
    guest.call('NdisAllocateSpinLock', lock)
    guest.call('NdisAcquireSpinLock', lock)
    guest.call('KeLowerIrql', 0)
    wait()
    expect(guest.broken()).toContain('WaitWithSpinLock')
  })
  test('threads that follow one another have nothing in common', () => {
    const { guest, init, wait, release, owner, queue } = setUp()
    const owners: number[] = []
    init()
    for (let i = 0; i < 3; i++)
      queue(() => {
        wait()
        owners.push(owner())
        release()
      })
    guest.call('NdisMSleep', 100)
    expect([owners.length, new Set(owners).size]).toEqual([3, 3])
    expect(guest.broken()).toEqual([])
  })
})
