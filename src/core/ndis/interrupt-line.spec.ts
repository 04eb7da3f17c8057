import { describe, expect, test } from 'vitest'
import { COPY_CAUSE, COPY_REGISTER, createCopyDevice } from '../nic/copy-device'
import { createHardwareGuest, type HardwareGuest } from '../test-hardware'

const { CAUSE, MASK, DOORBELL } = COPY_REGISTER
const { DONE } = COPY_CAUSE

/** A driver whose ISR does `service`, and the number of its calls. */
function driver(service: (guest: HardwareGuest) => void, more: Parameters<typeof createHardwareGuest>[0] = {}) {
  const calls = { isr: 0 }
  const guest = createHardwareGuest({
    ...more,
    isr: (hardware) => {
      calls.isr++
      service(hardware)
    },
  })
  return { guest, calls }
}
const clear = (guest: HardwareGuest): void => guest.store(CAUSE, DONE)

describe('the interrupt line of a device (PCI 3.0, 2.2.6: level sensitive)', () => {
  test('calls the ISR once for a cause that it clears, and again for the next', () => {
    const { guest, calls } = driver(clear)
    guest.connect()
    for (let i = 1; i <= 3; i++) {
      guest.ring(DONE)
      guest.machine.kernel.preempt()
      expect(calls.isr).toBe(i)
    }
    expect(guest.broken()).toEqual([])
  })
  test('calls it again when it returned and the cause is still there', () => {
    const { guest, calls } = driver((hardware) => {
      if (calls.isr === 3) clear(hardware)
    })
    guest.connect()
    guest.ring(DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(3)
  })
  test('an ISR that masks the cause at the device is not called again', () => {
    const { guest, calls } = driver((hardware) => hardware.store(MASK, 0))
    guest.connect()
    guest.ring(DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(1)
    guest.store(MASK, DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(2)
  })
  test('a request that is taken back in time calls nobody', () => {
    const { guest, calls } = driver(clear)
    guest.connect()
    guest.ring(DONE)
    clear(guest)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(0)
  })
  test('what was asserted before somebody listened is served at once (DDI ndismregisterinterruptex)', () => {
    const { guest, calls } = driver(clear)
    guest.ring(DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(0)
    guest.connect()
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(1)
  })
  test('nothing comes after NdisMDeregisterInterrupt', () => {
    const { guest, calls } = driver(clear)
    guest.call('NdisMDeregisterInterrupt', guest.connect())
    guest.ring(DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(0)
  })
  test('the first adapter has the first device, the second the second; a third has none', () => {
    const guest = createHardwareGuest({ devices: [createCopyDevice, createCopyDevice] })
    const { adapters, bus } = guest.machine.executive
    const second = adapters.create(0x50001, {})!
    expect([guest.adapter.hardware, second.hardware]).toEqual(bus.functions)
    expect(adapters.create(0x50001, {})!.hardware).toBeUndefined()
    adapters.destroy(second)
    expect(adapters.create(0x50001, {})!.hardware).toBe(bus.functions[1])
  })
})

describe('a line that screams', () => {
  test('is reported and masked after 100 calls of an ISR that does not quiet it', () => {
    const { guest, calls } = driver(() => undefined)
    guest.connect()
    guest.ring(DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(100)
    expect(guest.broken()).toEqual(['InterruptStorm'])
    guest.ring(DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(100)
  })
  test('99 calls are none yet', () => {
    const { guest, calls } = driver((hardware) => {
      if (calls.isr % 99 === 0) clear(hardware)
    })
    guest.connect()
    for (let i = 0; i < 3; i++) {
      guest.ring(DONE)
      guest.machine.kernel.preempt()
    }
    expect(calls.isr).toBe(297)
    expect(guest.broken()).toEqual([])
  })
  test('is masked with the rules off, too', () => {
    const { guest, calls } = driver(() => undefined, { rules: false })
    guest.connect()
    guest.ring(DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(100)
  })
  test('an ISR that clears the cause and makes the next one is a storm as well', () => {
    const { guest, calls } = driver((hardware) => {
      clear(hardware)
      hardware.store(DOORBELL, 1)
    })
    guest.connect()
    guest.ring(DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(100)
    expect(guest.broken()).toEqual(['InterruptStorm'])
  })
  test('a DPC that turns the interrupt on without removing its cause does not hang the machine', () => {
    const { guest, calls } = driver((hardware) => hardware.store(MASK, 0), {
      dpc: (hardware) => hardware.store(MASK, DONE),
    })
    guest.adapter.phase = 'running'
    guest.connect()
    guest.ring(DONE)
    guest.machine.kernel.preempt()
    expect(calls.isr).toBe(10_001)
    expect(guest.broken()).toEqual(['InterruptStorm'])
  })
  test('the same work one piece at a time is none', () => {
    const { guest, calls } = driver(clear)
    guest.connect()
    for (let i = 0; i < 11_000; i++) {
      guest.ring(DONE)
      guest.machine.kernel.preempt()
    }
    expect(calls.isr).toBe(11_000)
    expect(guest.broken()).toEqual([])
  })
})

describe('what a device does to memory', () => {
  test('a transfer to where no memory is breaks DV:DmaMisuse', () => {
    const guest = createHardwareGuest()
    guest.store(COPY_REGISTER.LENGTH, 4)
    guest.store(DOORBELL, 1)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
  test('a transfer with the bus-master bit clear breaks BusMasterDisabled', () => {
    const guest = createHardwareGuest()
    guest.device.writeConfig(4, Uint8Array.of(3, 0))
    guest.ring(0)
    expect(guest.broken()).toEqual(['BusMasterDisabled'])
  })
})
