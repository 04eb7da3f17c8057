import { describe, expect, test } from 'vitest'
import { COPY_REGISTER } from '../nic/copy-device'
import { cell } from '../test-guest'
import { createHardwareGuest, type HardwareGuest } from '../test-hardware'

const { SOURCE, TARGET, MASK } = COPY_REGISTER
const VALUE = 0x8765_4321

/** A guest whose ports are registered. */
function withPorts(): HardwareGuest & { readonly port: number } {
  const guest = createHardwareGuest()
  const { start, bytes } = guest.ports
  guest.call('NdisMRegisterIoPortRange', cell(), guest.adapter.handle, start, bytes)
  return { ...guest, port: start }
}
const read = (guest: HardwareGuest, fn: string, ...args: number[]): number => {
  const data = cell()
  guest.call(fn, ...args, data)
  return data.value
}

describe('NdisRawReadPort and NdisRawWritePort (DDI ndisrawreadportuchar, ndisrawwriteportuchar)', () => {
  test('move 8, 16 and 32 bits', () => {
    const guest = withPorts()
    guest.call('NdisRawWritePortUlong', guest.port + SOURCE, VALUE)
    expect(guest.load(SOURCE)).toBe(VALUE)
    expect(read(guest, 'NdisRawReadPortUlong', guest.port + SOURCE)).toBe(VALUE)
    expect(read(guest, 'NdisRawReadPortUshort', guest.port + SOURCE + 2)).toBe(0x8765)
    expect(read(guest, 'NdisRawReadPortUchar', guest.port + SOURCE + 1)).toBe(0x43)
    expect(guest.broken()).toEqual([])
  })
  test('narrow writes arrive with their own width, which the copying device ignores', () => {
    const output: string[] = []
    const guest = createHardwareGuest({ environment: { onOutput: (text) => output.push(text) } })
    guest.call('NdisMRegisterIoPortRange', cell(), guest.adapter.handle, guest.ports.start, guest.ports.bytes)
    guest.call('NdisRawWritePortUchar', guest.ports.start, 0x1ff)
    guest.call('NdisRawWritePortUshort', guest.ports.start, 0x1ffff)
    expect(output).toEqual([
      'copying device: a write of 1 bytes at offset 0 is ignored\n',
      'copying device: a write of 2 bytes at offset 0 is ignored\n',
    ])
  })
  test('also into memory instead of a cell', () => {
    const guest = withPorts()
    guest.store(SOURCE, VALUE)
    const target = guest.memory(8)
    guest.call('NdisRawReadPortUshort', guest.port, target)
    expect(guest.bytes(target, 4)).toEqual([0x21, 0x43, 2, 3])
  })
  test('the buffer forms move values through one port', () => {
    const guest = withPorts()
    guest.store(SOURCE, VALUE)
    const [bytes, words, longs] = [guest.memory(16), guest.memory(16), guest.memory(16)]
    guest.call('NdisRawReadPortBufferUchar', guest.port, bytes, 3)
    guest.call('NdisRawReadPortBufferUshort', guest.port, words, 2)
    guest.call('NdisRawReadPortBufferUlong', guest.port, longs, 2)
    expect(guest.bytes(bytes, 4)).toEqual([0x21, 0x21, 0x21, 3])
    expect(guest.bytes(words, 5)).toEqual([0x21, 0x43, 0x21, 0x43, 4])
    expect(guest.bytes(longs, 9)).toEqual([0x21, 0x43, 0x65, 0x87, 0x21, 0x43, 0x65, 0x87, 8])
    guest.call('NdisRawWritePortBufferUlong', guest.port + TARGET, guest.memory(8), 2)
    expect(guest.load(TARGET)).toBe(0x0706_0504)
    guest.call('NdisRawWritePortBufferUchar', guest.port + TARGET, bytes, 2)
    guest.call('NdisRawWritePortBufferUshort', guest.port + TARGET, bytes, 2)
    expect(guest.load(TARGET)).toBe(0x0706_0504)
    expect(guest.broken()).toEqual([])
  })
  test('a buffer that is too short is reported', () => {
    const guest = withPorts()
    guest.call('NdisRawReadPortBufferUlong', guest.port, guest.memory(8), 3)
    guest.call('NdisRawWritePortBufferUshort', guest.port, guest.memory(8), 5)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'DV:SpecialPoolOverrun'])
  })
  test('a port without a device reads all ones', () => {
    const guest = createHardwareGuest({ rules: false })
    expect(read(guest, 'NdisRawReadPortUchar', 0x300)).toBe(0xff)
    expect(read(guest, 'NdisRawReadPortUshort', 0x300)).toBe(0xffff)
    expect(read(guest, 'NdisRawReadPortUlong', 0x300) >>> 0).toBe(0xffff_ffff)
    guest.call('NdisRawWritePortUlong', 0x300, 1)
  })
  test('ports that nobody registered break PortNotRegistered, a range that is overrun too', () => {
    const guest = createHardwareGuest()
    const { start } = guest.ports
    guest.call('NdisMRegisterIoPortRange', cell(), guest.adapter.handle, start, 8)
    guest.call('NdisRawReadPortUchar', start - 1, cell())
    guest.call('NdisRawReadPortUshort', start + 7, cell())
    guest.call('NdisRawWritePortUlong', start + 5, 0)
    guest.call('READ_PORT_ULONG', start + 8)
    expect(guest.broken()).toEqual(Array(4).fill('PortNotRegistered'))
    guest.call('NdisRawReadPortUshort', start + 6, cell())
    guest.call('READ_PORT_UCHAR', start + 7)
    expect(guest.broken()).toHaveLength(4)
  })
})

describe('READ_PORT and WRITE_PORT (WDM)', () => {
  test('are the same ports, with results', () => {
    const guest = withPorts()
    guest.call('WRITE_PORT_ULONG', guest.port + SOURCE, VALUE)
    expect(guest.call('READ_PORT_ULONG', guest.port + SOURCE)).toBe(VALUE)
    expect(guest.call('READ_PORT_USHORT', guest.port + SOURCE)).toBe(0x4321)
    expect(guest.call('READ_PORT_UCHAR', guest.port + SOURCE + 3)).toBe(0x87)
    guest.call('WRITE_PORT_UCHAR', guest.port + SOURCE, 1)
    guest.call('WRITE_PORT_USHORT', guest.port + SOURCE, 1)
    expect(guest.load(SOURCE)).toBe(VALUE)
  })
  test('and with buffers', () => {
    const guest = withPorts()
    const buffer = guest.memory(16)
    guest.call('WRITE_PORT_BUFFER_ULONG', guest.port + MASK, buffer, 2)
    expect(guest.load(MASK)).toBe(0x0706_0504)
    guest.call('READ_PORT_BUFFER_UCHAR', guest.port + MASK, buffer, 2)
    guest.call('READ_PORT_BUFFER_USHORT', guest.port + MASK, buffer + 2, 1)
    guest.call('READ_PORT_BUFFER_ULONG', guest.port + MASK, buffer + 4, 1)
    expect(guest.bytes(buffer, 8)).toEqual([4, 4, 4, 5, 4, 5, 6, 7])
    guest.call('WRITE_PORT_BUFFER_UCHAR', guest.port + MASK, buffer, 2)
    guest.call('WRITE_PORT_BUFFER_USHORT', guest.port + MASK, buffer, 2)
    expect(guest.broken()).toEqual([])
  })
})

describe('NdisImmediateReadPort and NdisImmediateWritePort (PV ndisimmediatereadportuchar)', () => {
  test('reach ports that are not registered, inside of MiniportInitialize', () => {
    const guest = createHardwareGuest()
    const { configuration } = guest.adapter
    const port = guest.ports.start + SOURCE
    guest.call('NdisImmediateWritePortUlong', configuration, port, VALUE)
    guest.call('NdisImmediateWritePortUchar', configuration, port, 1)
    guest.call('NdisImmediateWritePortUshort', configuration, port, 1)
    expect(read(guest, 'NdisImmediateReadPortUchar', configuration, port)).toBe(0x21)
    expect(read(guest, 'NdisImmediateReadPortUshort', configuration, port)).toBe(0x4321)
    expect(read(guest, 'NdisImmediateReadPortUlong', configuration, port) >>> 0).toBe(VALUE)
    expect(guest.broken()).toEqual([])
  })
  test('with another handle, or later, they do nothing', () => {
    const guest = createHardwareGuest()
    guest.call('NdisImmediateWritePortUlong', guest.adapter.handle, guest.ports.start, VALUE)
    guest.adapter.phase = 'running'
    guest.call('NdisImmediateWritePortUlong', guest.adapter.configuration, guest.ports.start, VALUE)
    expect(guest.load(SOURCE)).toBe(0)
    expect(guest.broken()).toEqual(['InvalidHandle', 'InvalidHandle'])
  })
  test('NdisImmediateReadSharedMemory and NdisImmediateWriteSharedMemory move bytes of device memory', () => {
    const guest = createHardwareGuest()
    const { configuration } = guest.adapter
    guest.store(SOURCE, VALUE)
    const buffer = guest.memory(8)
    guest.call('NdisImmediateReadSharedMemory', configuration, guest.registers.start + SOURCE + 1, buffer, 2)
    expect(guest.bytes(buffer, 4)).toEqual([0x43, 0x65, 2, 3])
    guest.call('NdisImmediateWriteSharedMemory', configuration, guest.registers.start + SOURCE, buffer, 1)
    expect(guest.load(SOURCE)).toBe(VALUE)
    guest.call('NdisImmediateReadSharedMemory', configuration, 0xd_0000, buffer, 1)
    expect(guest.bytes(buffer, 1)).toEqual([0xff])
    expect(guest.broken()).toEqual([])
    guest.call('NdisImmediateReadSharedMemory', configuration, guest.registers.start, buffer, 9)
    guest.call('NdisImmediateWriteSharedMemory', 5, guest.registers.start, buffer, 8)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'InvalidHandle'])
  })
})
