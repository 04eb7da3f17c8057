import { describe, expect, test } from 'vitest'
import { COPY_REGISTER } from '../nic/copy-device'
import { cell } from '../test-guest'
import { createHardwareGuest, type HardwareGuest } from '../test-hardware'

const { SOURCE, TARGET, LENGTH } = COPY_REGISTER
const VALUE = 0x8765_4321

/** A guest whose registers are mapped. */
function withRegisters(): HardwareGuest & { readonly base: number } {
  const guest = createHardwareGuest()
  const address = cell()
  guest.call('NdisMMapIoSpace', address, guest.adapter.handle, guest.registers.start, guest.registers.bytes)
  return { ...guest, base: address.value }
}
const read = (guest: HardwareGuest, fn: string, register: number): number => {
  const data = cell()
  guest.call(fn, register, data)
  return data.value
}

describe('NdisReadRegister and NdisWriteRegister (DDI ndisreadregisteruchar, ndiswriteregisteruchar)', () => {
  test('move 8, 16 and 32 bits of a device', () => {
    const guest = withRegisters()
    guest.call('NdisWriteRegisterUlong', guest.base + SOURCE, VALUE)
    guest.call('NdisWriteRegisterUchar', guest.base + SOURCE, 0)
    guest.call('NdisWriteRegisterUshort', guest.base + SOURCE, 0)
    expect(guest.load(SOURCE)).toBe(VALUE)
    expect(read(guest, 'NdisReadRegisterUlong', guest.base + SOURCE)).toBe(VALUE)
    expect(read(guest, 'NdisReadRegisterUshort', guest.base + SOURCE + 2)).toBe(0x8765)
    expect(read(guest, 'NdisReadRegisterUchar', guest.base + SOURCE + 1)).toBe(0x43)
    expect(guest.broken()).toEqual([])
  })
  test('and plain memory, which descriptor rings are', () => {
    const guest = withRegisters()
    const memory = guest.memory(8)
    guest.call('NdisWriteRegisterUshort', memory + 2, 0x1_2345)
    expect(guest.bytes(memory, 5)).toEqual([0, 1, 0x45, 0x23, 4])
    expect(read(guest, 'NdisReadRegisterUlong', memory)).toBe(0x2345_0100)
    guest.call('NdisWriteRegisterUchar', memory, 0x1ff)
    expect(read(guest, 'NdisReadRegisterUchar', memory)).toBe(0xff)
    expect(guest.broken()).toEqual([])
  })
  test.each([0, 0x5fff_fffc, 0x6000_0000, 0x7000_0000, 0xffff_fffc])('at %i nothing is mapped', (address) => {
    const guest = createHardwareGuest()
    expect(guest.crash(() => guest.call('NdisWriteRegisterUlong', address, 1)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
    expect(guest.broken()).toHaveLength(1)
  })
  test('a physical address is no virtual one', () => {
    const guest = withRegisters()
    expect(guest.crash(() => guest.call('NdisReadRegisterUlong', guest.registers.start, cell())).name).toBe(
      'PAGE_FAULT_IN_NONPAGED_AREA',
    )
  })
})

describe('READ_REGISTER and WRITE_REGISTER (WDM)', () => {
  test('have results instead of cells', () => {
    const guest = withRegisters()
    guest.call('WRITE_REGISTER_ULONG', guest.base + TARGET, VALUE)
    guest.call('WRITE_REGISTER_UCHAR', guest.base + TARGET, 0)
    guest.call('WRITE_REGISTER_USHORT', guest.base + TARGET, 0)
    expect(guest.call('READ_REGISTER_ULONG', guest.base + TARGET)).toBe(VALUE)
    expect(guest.call('READ_REGISTER_USHORT', guest.base + TARGET)).toBe(0x4321)
    expect(guest.call('READ_REGISTER_UCHAR', guest.base + TARGET + 3)).toBe(0x87)
  })
  test('buffers go from register to register', () => {
    const guest = withRegisters()
    const buffer = guest.memory(16)
    guest.call('WRITE_REGISTER_BUFFER_ULONG', guest.base + SOURCE, buffer, 2)
    expect([guest.load(SOURCE), guest.load(TARGET)]).toEqual([0x0302_0100, 0x0706_0504])
    guest.call('READ_REGISTER_BUFFER_UCHAR', guest.base + TARGET, buffer, 2)
    guest.call('READ_REGISTER_BUFFER_USHORT', guest.base + TARGET, buffer + 2, 2)
    guest.call('READ_REGISTER_BUFFER_ULONG', guest.base + SOURCE, buffer + 8, 2)
    expect(guest.bytes(buffer, 16)).toEqual([4, 5, 4, 5, 6, 7, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7])
    guest.call('WRITE_REGISTER_BUFFER_UCHAR', guest.base + SOURCE, buffer, 1)
    guest.call('WRITE_REGISTER_BUFFER_USHORT', guest.base + SOURCE, buffer, 1)
    expect(guest.broken()).toEqual([])
  })
  test('buffers that end too early are reported', () => {
    const guest = withRegisters()
    guest.call('WRITE_REGISTER_BUFFER_ULONG', guest.base + SOURCE, guest.memory(8), 3)
    guest.call('READ_REGISTER_BUFFER_USHORT', guest.base + SOURCE, guest.memory(2), 2)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'DV:SpecialPoolOverrun'])
  })
})

describe('mapped memory (PV ndismovemappedmemory, DDI ndiszeromappedmemory)', () => {
  test('is copied in words where both sides are aligned', () => {
    const guest = withRegisters()
    const memory = guest.memory(16)
    guest.call('NdisMoveToMappedMemory', guest.base + SOURCE, memory, 12)
    expect([SOURCE, TARGET, LENGTH].map(guest.load)).toEqual([0x0302_0100, 0x0706_0504, 0x0b0a_0908])
    guest.call('NdisMoveFromMappedMemory', memory, guest.base + TARGET, 6)
    expect(guest.bytes(memory, 8)).toEqual([4, 5, 6, 7, 8, 9, 6, 7])
    guest.call('NdisMoveMappedMemory', guest.base + TARGET, guest.base + SOURCE, 8)
    expect([SOURCE, TARGET, LENGTH].map(guest.load)).toEqual([0x0302_0100, 0x0302_0100, 0x0706_0504])
    guest.call('NdisZeroMappedMemory', guest.base + SOURCE, 8)
    expect([SOURCE, TARGET, LENGTH].map(guest.load)).toEqual([0, 0, 0x0706_0504])
    expect(guest.broken()).toEqual([])
  })
  test('moves ordinary memory as well, overlapping in either direction', () => {
    const guest = withRegisters()
    for (const [from, to, length] of [
      [0, 1, 9],
      [1, 0, 9],
      [0, 4, 11],
      [4, 0, 11],
    ] as const) {
      const memory = guest.memory(16)
      const expected = guest.bytes(memory, 16)
      expected.copyWithin(to, from, from + length)
      guest.call('NdisMoveMappedMemory', memory + to, memory + from, length)
      expect(guest.bytes(memory, 16)).toEqual(expected)
    }
    const memory = guest.memory(16)
    guest.call('NdisZeroMappedMemory', memory + 1, 9)
    expect(guest.bytes(memory, 12)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 11])
  })
  test('past what is mapped it is reported', () => {
    const guest = withRegisters()
    guest.call('NdisZeroMappedMemory', guest.base + 0xfc, 8)
    expect(guest.broken()).toEqual(['DeviceMemoryNotMapped'])
  })
})
