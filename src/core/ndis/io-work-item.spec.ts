import { describe, expect, test } from 'vitest'
import { createDeviceGuest } from './test-device'

const DELAYED = 1

function allocated(options = {}) {
  const guest = createDeviceGuest(options)
  const device = guest.device('Net')
  const ran: number[] = []
  const routine = (of: number, context: number): void =>
    void ran.push(of, context, guest.machine.kernel.cpus.irql(), guest.machine.kernel.cpus.depth())
  const item = guest.call('IoAllocateWorkItem', device)
  return { guest, device, item, ran, routine, idle: () => guest.machine.driver.idle(1000) }
}

describe('IoAllocateWorkItem, IoQueueWorkItem, IoFreeWorkItem (WDM)', () => {
  test('the routine runs once, later, at PASSIVE_LEVEL with the device and the context', () => {
    const { guest, device, item, ran, routine, idle } = allocated()
    guest.call('IoQueueWorkItem', item, routine, DELAYED, 42)
    expect(ran).toEqual([])
    idle()
    idle()
    expect(ran).toEqual([device, 42, 0, 1])
    guest.call('IoQueueWorkItem', item, routine, DELAYED, 43)
    idle()
    expect(ran[5]).toBe(43)
    guest.call('IoFreeWorkItem', item)
    expect(guest.broken()).toEqual([])
  })
  test('a routine may free its item, and the device outlives a queued one', () => {
    const { guest, device, item, idle } = allocated()
    guest.call('IoQueueWorkItem', item, () => void guest.call('IoFreeWorkItem', item), DELAYED, 0)
    guest.call('IoDeleteDevice', device)
    expect(guest.machine.kernel.objects.find(device, 'device object')).toBeDefined()
    idle()
    expect(guest.machine.kernel.objects.find(device, 'device object')).toBeUndefined()
    expect(guest.broken()).toEqual([])
  })
  test('queued twice, freed while queued, and what is none', () => {
    const { guest, item, routine } = allocated()
    guest.call('IoQueueWorkItem', item, routine, DELAYED, 0)
    guest.call('IoQueueWorkItem', item, routine, DELAYED, 0)
    guest.call('IoFreeWorkItem', item)
    guest.call('IoFreeWorkItem', guest.memory(32))
    guest.call('IoAllocateWorkItem', guest.memory(184))
    expect(guest.broken()).toEqual([
      'WorkItemQueuedTwice',
      'WorkItemFreedWhileQueued',
      'InvalidHandle',
      'InvalidHandle',
    ])
    const unchecked = allocated({ rules: false })
    expect(unchecked.guest.crash(() => unchecked.guest.call('IoFreeWorkItem', 0x20_0000)).name).toBe(
      'PAGE_FAULT_IN_NONPAGED_AREA',
    )
  })
  test('still queued when the driver is gone', () => {
    const { guest, item, routine } = allocated()
    guest.call('IoQueueWorkItem', item, routine, DELAYED, 0)
    expect(guest.crash(() => guest.machine.driver.unload()).name).toBe(
      'DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS',
    )
  })
})
