import { describe, expect, test } from 'vitest'
import { createMachine, createSharedMemory } from '../machine'
import { PHYSICAL_OFFSET } from '../memory/map'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { COPY_CAUSE, COPY_REGISTER, createCopyDevice } from './copy-device'
import type { Device, DeviceFactory, DeviceHost } from './device'
import { createWiring } from '../wire/wiring'
import { createPhysicalMemory } from './physical-memory'
import { createPciBus, DEVICE_MEMORY_START, DEVICE_PORTS_START } from './pci'

function setUp(slots = 1, factory: DeviceFactory = createCopyDevice) {
  const { kernel } = createMachine({ memory: createSharedMemory(3 * 1024 * 1024) })
  const refused: string[] = []
  const levels: [slot: number, asserted: boolean][] = []
  const messages: [slot: number, message: number][] = []
  const notMaster: number[] = []
  const misused: [slot: number, rule: string, message: string][] = []
  const wiring = createWiring(kernel)
  const site = { s: 0 }
  const bus = createPciBus(
    Array.from({ length: slots }, () => factory),
    {
      clock: kernel.clock,
      memory: createPhysicalMemory({
        space: kernel.space,
        end: kernel.shadow.base,
        refused: (message) => refused.push(message),
      }),
      frames: wiring.frames,
      plug: wiring.plug,
      state: () => ({ words: kernel.space.i32, at: 0 }),
      misused: ({ slot }, rule, message) => misused.push([slot, rule, message]),
      site: () => site.s,
      log: () => undefined,
      interruptChanged: ({ slot }, asserted) => levels.push([slot, asserted]),
      messageSent: ({ slot }, message) => messages.push([slot, message]),
      notMaster: ({ slot }) => notMaster.push(slot),
    },
  )
  const allocate = (): number => kernel.pool.allocate(64, 0x74736554, OWNER_DRIVER, 0, 0)
  const store = (register: number, value: number): boolean =>
    bus.write('memory', DEVICE_MEMORY_START + register, 4, value)
  const load = (register: number): number | undefined => bus.read('memory', DEVICE_MEMORY_START + register, 4)
  /** Rings the doorbell for a copy between two physical addresses. */
  function copy(source: number, target: number, length: number): void {
    store(COPY_REGISTER.MASK, COPY_CAUSE.DONE | COPY_CAUSE.FAILED)
    store(COPY_REGISTER.SOURCE, source)
    store(COPY_REGISTER.TARGET, target)
    store(COPY_REGISTER.LENGTH, length)
    store(COPY_REGISTER.DOORBELL, 1)
  }
  return { kernel, bus, refused, levels, messages, notMaster, allocate, site, store, load, copy }
}
const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer)
const word = (bytes: Uint8Array): number => new DataView(bytes.buffer).getUint32(0, true)

describe('configuration space (PCI 3.0, 6.1 and 6.2.5)', () => {
  test('names the device and the addresses that the firmware gave it', () => {
    const [device] = setUp().bus.functions
    expect(word(device!.readConfig(0x00, 4))).toBe(0x00c0_fffe)
    expect(word(device!.readConfig(0x08, 4))).toBe(0x0280_0001)
    expect(word(device!.readConfig(0x10, 4))).toBe(DEVICE_MEMORY_START)
    expect(word(device!.readConfig(0x14, 4))).toBe(DEVICE_PORTS_START | 1)
    expect(Array.from(device!.readConfig(0x3c, 2))).toEqual([9, 1])
  })
  test('ones written to a base address read back as its size', () => {
    const [device] = setUp().bus.functions
    device!.writeConfig(0x10, u32(0xffff_ffff))
    device!.writeConfig(0x14, u32(0xffff_ffff))
    expect(word(device!.readConfig(0x10, 4))).toBe(0xffff_ff00)
    expect(word(device!.readConfig(0x14, 4))).toBe(0xffff_ff01)
  })
  test('what is read-only stays, and nothing lies behind 256 bytes', () => {
    const [device] = setUp().bus.functions
    expect(device!.writeConfig(0, u32(0x1234_5678))).toBe(4)
    expect(word(device!.readConfig(0, 4))).toBe(0x00c0_fffe)
    expect(device!.readConfig(254, 4)).toHaveLength(2)
    expect(device!.writeConfig(254, u32(1))).toBe(2)
    expect(device!.writeConfig(300, u32(1))).toBe(0)
  })
  test('a moved base address moves the registers; a device that does not decode does not answer', () => {
    const { bus, load } = setUp()
    bus.functions[0]!.writeConfig(0x10, u32(DEVICE_MEMORY_START + 0x1000))
    expect(load(COPY_REGISTER.MASK)).toBeUndefined()
    expect(bus.read('memory', DEVICE_MEMORY_START + 0x1000 + COPY_REGISTER.MASK, 4)).toBe(0)
    bus.functions[0]!.writeConfig(0x04, Uint8Array.of(0, 0))
    expect(bus.read('memory', DEVICE_MEMORY_START + 0x1000, 4)).toBeUndefined()
    expect(bus.write('io', DEVICE_PORTS_START, 4, 1)).toBe(false)
  })
})

describe('registers', () => {
  test('are the same through memory and ports, in every width, and two slots are two devices', () => {
    const { bus, store } = setUp(2)
    store(COPY_REGISTER.SOURCE, 0x8765_4321)
    expect(bus.read('io', DEVICE_PORTS_START, 4)).toBe(0x8765_4321)
    expect(bus.read('io', DEVICE_PORTS_START + 2, 2)).toBe(0x8765)
    expect(bus.read('memory', DEVICE_MEMORY_START + 1, 1)).toBe(0x43)
    expect(bus.read('memory', DEVICE_MEMORY_START + 0x100, 4)).toBe(0)
    expect(bus.read('memory', DEVICE_MEMORY_START + 0x200, 4)).toBeUndefined()
  })
})

describe('transfers and the interrupt line', () => {
  test('the doorbell copies by physical address and asserts the line until the cause is cleared', () => {
    const { kernel, allocate, copy, store, load, levels } = setUp()
    const [source, target] = [allocate(), allocate()]
    for (let i = 0; i < 64; i++) kernel.space.w8(source + i, i)
    copy(source + PHYSICAL_OFFSET, target + PHYSICAL_OFFSET, 64)
    expect(Array.from({ length: 64 }, (_unused, i) => kernel.space.r8(target + i))).toEqual([...Array(64).keys()])
    expect(load(COPY_REGISTER.CAUSE)).toBe(COPY_CAUSE.DONE)
    store(COPY_REGISTER.CAUSE, COPY_CAUSE.DONE)
    expect(levels).toEqual([
      [0, true],
      [0, false],
    ])
  })
  test('a virtual address is refused by name and nothing is written', () => {
    const { kernel, allocate, copy, load, refused } = setUp()
    const [source, target] = [allocate(), allocate()]
    const before = kernel.space.r32(target)
    copy(source, target + PHYSICAL_OFFSET, 64)
    expect(load(COPY_REGISTER.CAUSE)).toBe(COPY_CAUSE.FAILED)
    expect(kernel.space.r32(target)).toBe(before)
    expect(refused).toHaveLength(1)
    expect(refused[0]).toContain(
      `virtual address of memory; a device takes physical ones, 0x${(source + PHYSICAL_OFFSET).toString(16)}`,
    )
  })
  test.each([0, 0xffff_fff0, PHYSICAL_OFFSET, DEVICE_MEMORY_START])('there is no memory at 0x%s', (address) => {
    const { copy, load, refused } = setUp()
    copy(address, address, 64)
    expect(load(COPY_REGISTER.CAUSE)).toBe(COPY_CAUSE.FAILED)
    expect(refused[0]).toContain('no memory that a device may reach')
  })
  test('without the bus-master bit nothing is transferred', () => {
    const { bus, allocate, copy, load, notMaster } = setUp()
    bus.functions[0]!.writeConfig(0x04, Uint8Array.of(3, 0))
    copy(allocate() + PHYSICAL_OFFSET, allocate() + PHYSICAL_OFFSET, 64)
    expect(load(COPY_REGISTER.CAUSE)).toBe(COPY_CAUSE.FAILED)
    expect(notMaster).toEqual([0])
  })
  test('a reset clears the registers and the line', () => {
    const { bus, copy, load, levels } = setUp()
    copy(0, 0, 64)
    bus.functions[0]!.device.reset()
    expect(load(COPY_REGISTER.CAUSE)).toBe(0)
    expect(levels.at(-1)).toEqual([0, false])
  })
})

describe('messages (PCI 3.0, 6.8.1)', () => {
  const CAPABILITY = 0x50
  test('the capability names one message; it is off', () => {
    const [device] = setUp().bus.functions
    expect(word(device!.readConfig(4, 4)) >>> 16).toBe(0x10)
    expect(device!.readConfig(0x34, 1)[0]).toBe(CAPABILITY)
    expect(Array.from(device!.readConfig(CAPABILITY, 4))).toEqual([5, 0, 0, 0])
    expect(device!.msi.enabled()).toBe(false)
  })
  test('enabled, each cause sends one message, and the line stays quiet', () => {
    const { bus, copy, store, messages, levels } = setUp()
    const [device] = bus.functions
    device!.msi.enable(0x39)
    expect(word(device!.readConfig(CAPABILITY + 4, 4))).toBe(0xfee0_0000)
    expect(device!.readConfig(CAPABILITY + 8, 1)[0]).toBe(0x39)
    copy(0, 0, 64)
    copy(0, 0, 64)
    expect([messages, levels, device!.interrupt()]).toEqual([[[0, 0]], [], false])
    store(COPY_REGISTER.CAUSE, COPY_CAUSE.FAILED)
    copy(0, 0, 64)
    expect(messages).toEqual([
      [0, 0],
      [0, 0],
    ])
  })
  test('disabled again, the line says what it said all the time', () => {
    const { bus, copy, messages } = setUp()
    const [device] = bus.functions
    device!.writeConfig(CAPABILITY + 2, Uint8Array.of(1, 0))
    copy(0, 0, 64)
    device!.msi.disable()
    expect([messages, device!.interrupt()]).toEqual([[[0, 0]], true])
  })
  test.each([3, 64])('%i messages are refused', (messages) => {
    const factory = (host: DeviceHost): Device => {
      const device = createCopyDevice(host)
      return { ...device, identity: { ...device.identity, messages } }
    }
    expect(() => createMachine({ devices: [factory] })).toThrow(RangeError)
  })
  test('a device without messages has no capability and sends none', () => {
    const factory = (host: DeviceHost): Device => {
      const device = createCopyDevice(host)
      return { ...device, identity: { ...device.identity, messages: 0 } }
    }
    const [device] = createMachine({ devices: [factory] }).executive.bus.functions
    device!.msi.enable(1)
    expect([device!.msi.enabled(), device!.readConfig(0x34, 1)[0]]).toEqual([false, 0])
    device!.msi.disable()
  })
})

test('a device works for the last write to its registers, for a read as long as that takes, or for what it resumes', () => {
  let host: DeviceHost | undefined
  const orders: number[] = []
  const { site, store, load } = setUp(1, (given) => {
    host = given
    return {
      ...createCopyDevice(given),
      write: () => void orders.push(given.order()),
      read: () => orders.push(given.order()),
    }
  })
  expect(host!.order()).toBe(0)
  site.s = 7
  store(0, 1)
  site.s = 8
  load(0)
  expect([orders, host!.order()]).toEqual([[7, 8], 7])
  const before = host!.resume(3)
  expect([before, host!.order()]).toEqual([7, 3])
  host!.resume(before)
  expect(host!.order()).toBe(7)
})
