import { describe, expect, test } from 'vitest'
import { PHYSICAL_OFFSET } from '../memory/map'
import { WINDOWS_START } from '../memory/device-windows'
import { COPY_REGISTER, createCopyDevice } from '../nic/copy-device'
import { cell } from '../test-guest'
import { createHardwareGuest, type HardwareGuest } from '../test-hardware'

const SUCCESS = 0
const FAILURE = 0xc0000001 | 0
const RESOURCES = 0xc000009a | 0
const CONFLICT = 0xc001001e | 0
const { SOURCE, TARGET, MASK } = COPY_REGISTER

function mapRegisters(guest: HardwareGuest, bytes = guest.registers.bytes): number {
  const address = cell()
  expect(guest.call('NdisMMapIoSpace', address, guest.adapter.handle, BigInt(guest.registers.start), bytes)).toBe(0)
  return address.value
}
function registerPorts(guest: HardwareGuest): number {
  const offset = cell()
  const { start, bytes } = guest.ports
  expect(guest.call('NdisMRegisterIoPortRange', offset, guest.adapter.handle, start, bytes)).toBe(SUCCESS)
  return offset.value
}

describe('NdisMRegisterIoPortRange (DDI ndismregisterioportrange)', () => {
  test('gives the base for the port calls, and claims the range', () => {
    const guest = createHardwareGuest()
    expect(registerPorts(guest)).toBe(guest.ports.start)
    const again = guest.call('NdisMRegisterIoPortRange', cell(), guest.adapter.handle, guest.ports.start + 4, 4)
    expect(again).toBe(CONFLICT)
    expect(guest.broken()).toEqual([])
  })
  test.each([
    [0xc000, 0],
    [0xfff0, 0x11],
  ])('0x%s with %i ports is no range of a PC', (first, count) => {
    const guest = createHardwareGuest({ rules: false })
    expect(guest.call('NdisMRegisterIoPortRange', cell(), guest.adapter.handle, first, count)).toBe(FAILURE)
    expect(guest.call('NdisMRegisterIoPortRange', cell(), guest.adapter.handle, 0xfff0, 0x10)).toBe(SUCCESS)
  })
  test('ports of another device conflict', () => {
    const guest = createHardwareGuest({ devices: [createCopyDevice, createCopyDevice] })
    const other = guest.machine.executive.bus.functions[1]!.bars[1]!
    expect(guest.call('NdisMRegisterIoPortRange', cell(), guest.adapter.handle, other.start, 4)).toBe(CONFLICT)
    expect(guest.broken()).toEqual(['ResourceNotAssigned'])
  })
  test('outside of MiniportInitialize and before the attributes it breaks its rule', () => {
    const guest = createHardwareGuest()
    guest.adapter.attributesSet = false
    registerPorts(guest)
    guest.adapter.attributesSet = true
    guest.call(
      'NdisMDeregisterIoPortRange',
      guest.adapter.handle,
      guest.ports.start,
      guest.ports.bytes,
      guest.ports.start,
    )
    guest.adapter.phase = 'running'
    registerPorts(guest)
    expect(guest.broken()).toEqual(['NdisMRegisterIoPortRange', 'NdisMRegisterIoPortRange'])
  })
  test('an adapter without a device takes what the registry says', () => {
    const guest = createHardwareGuest()
    const { handle } = Object.assign(guest.machine.executive.adapters.create(0x50001, {})!, { attributesSet: true })
    expect(guest.call('NdisMRegisterIoPortRange', cell(), handle, 0x300, 0x20)).toBe(SUCCESS)
    expect(guest.broken()).toEqual([])
  })
})

describe('NdisMDeregisterIoPortRange (DDI ndismderegisterioportrange)', () => {
  test('takes the very range; afterwards it is free', () => {
    const guest = createHardwareGuest()
    const offset = registerPorts(guest)
    const { start, bytes } = guest.ports
    guest.call('NdisMDeregisterIoPortRange', guest.adapter.handle, start, bytes, offset)
    expect(guest.broken()).toEqual([])
    registerPorts(guest)
  })
  test('a part, a second time and another offset are reported', () => {
    const guest = createHardwareGuest()
    const offset = registerPorts(guest)
    const { start, bytes } = guest.ports
    const give = (...args: number[]): number => guest.call('NdisMDeregisterIoPortRange', guest.adapter.handle, ...args)
    give(start, bytes - 1, offset)
    give(start, bytes, offset + 1)
    give(start, bytes, offset)
    expect(guest.broken()).toEqual(Array(3).fill('PortRangeNotRegistered'))
  })
  test('a running adapter gives nothing up', () => {
    const guest = createHardwareGuest()
    const offset = registerPorts(guest)
    guest.adapter.phase = 'running'
    guest.call('NdisMDeregisterIoPortRange', guest.adapter.handle, offset, guest.ports.bytes, offset)
    expect(guest.broken()).toEqual(['ReleaseOutsideHalt'])
  })
})

describe('NdisMMapIoSpace (DDI ndismmapiospace)', () => {
  test('maps the registers above all memory, at the same place in the page', () => {
    const guest = createHardwareGuest()
    const address = mapRegisters(guest)
    expect(address).toBeGreaterThanOrEqual(WINDOWS_START)
    expect(address % 0x1000).toBe(guest.registers.start % 0x1000)
    guest.call('WRITE_REGISTER_ULONG', address + SOURCE, 0x8765_4321)
    expect(guest.load(SOURCE)).toBe(0x8765_4321)
    expect(guest.broken()).toEqual([])
  })
  test('takes the address as number, bigint and record', () => {
    const guest = createHardwareGuest()
    const physical = guest.registers.start
    for (const form of [physical, BigInt(physical), { QuadPart: BigInt(physical) }])
      expect(guest.call('NdisMMapIoSpace', cell(), guest.adapter.handle, form, 0x100)).toBe(SUCCESS)
  })
  test.each([
    ['nothing', 0x7800_0000, 0, RESOURCES],
    ['memory of drivers', PHYSICAL_OFFSET + 0x10_0000, 16, CONFLICT],
    ['an address that is none', 'x', 16, FAILURE],
    ['the end of the address map', 0xffff_fff0, 17, FAILURE],
  ])('%s cannot be mapped', (_what, physical, length, status) => {
    const guest = createHardwareGuest()
    const address = cell()
    expect(guest.call('NdisMMapIoSpace', address, guest.adapter.handle, physical, length)).toBe(status)
    expect(address.value).toBe(-1)
  })
  test('the registers of another device conflict, and so does a range that reaches into them', () => {
    const guest = createHardwareGuest({ devices: [createCopyDevice, createCopyDevice] })
    const { handle } = guest.adapter
    expect(guest.call('NdisMMapIoSpace', cell(), handle, guest.registers.start + 0x100, 4)).toBe(CONFLICT)
    expect(guest.call('NdisMMapIoSpace', cell(), handle, guest.registers.start, 0x101)).toBe(CONFLICT)
    expect(guest.broken()).toEqual(['ResourceNotAssigned', 'ResourceNotAssigned'])
  })
  test('where no device is, all ones are read', () => {
    const guest = createHardwareGuest()
    const other = guest.machine.executive.adapters.create(0x50001, {})!
    const address = cell()
    guest.call('NdisMMapIoSpace', address, other.handle, 0xd_0000, 0x100)
    expect(guest.call('READ_REGISTER_USHORT', address.value)).toBe(0xffff)
    expect(guest.broken()).toEqual([])
  })
  test('outside of MiniportInitialize it breaks its rule', () => {
    const guest = createHardwareGuest()
    guest.adapter.phase = 'running'
    mapRegisters(guest)
    expect(guest.broken()).toEqual(['NdisMMapIoSpace'])
  })
  test('room for windows is found again and again', () => {
    const guest = createHardwareGuest({ rules: false })
    const { handle } = guest.adapter
    for (let i = 0; i < 300; i++) {
      const address = cell()
      expect(guest.call('NdisMMapIoSpace', address, handle, 0x8000_0000, 0x100_0000)).toBe(SUCCESS)
      guest.call('NdisMUnmapIoSpace', handle, address.value, 0x100_0000)
    }
    expect(guest.call('NdisMMapIoSpace', cell(), handle, 0x8000_0000, 0x1000_0000)).toBe(RESOURCES)
  })
})

describe('NdisMUnmapIoSpace (DDI ndismunmapiospace)', () => {
  test('unmaps; touching the registers afterwards is a page fault', () => {
    const guest = createHardwareGuest()
    const address = mapRegisters(guest)
    guest.call('NdisMUnmapIoSpace', guest.adapter.handle, address, 0x100)
    expect(guest.broken()).toEqual([])
    const bugcheck = guest.crash(() => guest.call('NdisReadRegisterUlong', address + MASK, cell()))
    expect(bugcheck.name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
    expect(guest.broken()).toEqual(['DeviceMemoryNotMapped'])
    expect(bugcheck.message).toContain('until it was unmapped')
  })
  test('twice, of what was never mapped, with another length, and of a running adapter', () => {
    const guest = createHardwareGuest()
    const { handle } = guest.adapter
    const address = mapRegisters(guest)
    guest.call('NdisMUnmapIoSpace', handle, address + 4, 0x100)
    guest.call('NdisMUnmapIoSpace', handle, address, 0x200)
    guest.call('NdisMUnmapIoSpace', handle, address, 0x100)
    const other = mapRegisters(guest)
    guest.adapter.phase = 'running'
    guest.call('NdisMUnmapIoSpace', handle, other, 0x100)
    expect(guest.broken()).toEqual([...Array(3).fill('IoSpaceNotMapped'), 'ReleaseOutsideHalt'])
  })
  test('what is left behind is reported when the adapter ends, and goes with it', () => {
    const guest = createHardwareGuest()
    const address = mapRegisters(guest)
    registerPorts(guest)
    const { adapters, claims } = guest.machine.executive
    adapters.ended(guest.adapter)
    expect(guest.broken()).toEqual(['PortRangeLeftBehind', 'IoSpaceLeftBehind'])
    adapters.destroy(guest.adapter)
    expect([claims.portRanges(), claims.mappings()]).toEqual([[], []])
    expect(guest.machine.kernel.windows.at(address)).toBeUndefined()
  })
})

describe('access to a window', () => {
  test('past its end but in its page is reported, and reaches the bus', () => {
    const guest = createHardwareGuest()
    const address = mapRegisters(guest, 8)
    expect(guest.call('READ_REGISTER_ULONG', address + TARGET)).toBe(0)
    expect(guest.broken()).toEqual([])
    guest.call('WRITE_REGISTER_ULONG', address + MASK, 3)
    expect(guest.load(MASK)).toBe(3)
    expect(guest.broken()).toEqual(['DeviceMemoryNotMapped'])
  })
  test('past its pages the machine stops', () => {
    const guest = createHardwareGuest()
    const address = mapRegisters(guest)
    expect(guest.crash(() => guest.call('READ_REGISTER_UCHAR', address + 0x1000)).name).toBe(
      'PAGE_FAULT_IN_NONPAGED_AREA',
    )
  })
  test('is no memory for functions that work on memory', () => {
    const guest = createHardwareGuest()
    const address = mapRegisters(guest)
    guest.store(SOURCE, 0x1234_5678)
    guest.call('NdisMoveMemory', guest.memory(16), address, 4)
    guest.call('NdisZeroMemory', address, 4)
    expect(guest.broken()).toEqual(['DeviceMemoryAsBuffer', 'DeviceMemoryAsBuffer'])
    expect(guest.load(SOURCE)).toBe(0x1234_5678)
  })
})
