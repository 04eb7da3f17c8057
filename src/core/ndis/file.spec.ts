import { describe, expect, test } from 'vitest'
import { cell, createGuest } from '../test-guest'
import { constant } from './constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const NOT_FOUND = constant('NDIS_STATUS_FILE_NOT_FOUND')
const ALREADY_MAPPED = constant('NDIS_STATUS_ALREADY_MAPPED')

const setUp = () => {
  const guest = createGuest({ files: { 'nic.bin': Uint8Array.of(7, 8, 9), empty: new Uint8Array() } })
  const string = (text: string): number => {
    const counted = guest.memory(8)
    guest.call('NdisInitUnicodeString', counted, text)
    return counted
  }
  const open = (name: string): [status: number, handle: number, length: number] => {
    const [status, handle, length] = [cell(), cell(), cell()]
    guest.call('NdisOpenFile', status, handle, length, string(name), -1n)
    return [status.value, handle.value, length.value]
  }
  const map = (handle: number): [status: number, buffer: number] => {
    const [status, buffer] = [cell(), cell()]
    guest.call('NdisMapFile', status, buffer, handle)
    return [status.value, buffer.value]
  }
  return { guest, string, open, map }
}

describe('files of a driver (DDI ndisopenfile, ndismapfile, ndisunmapfile, ndisclosefile)', () => {
  test('are opened by name, mapped, unmapped and closed', () => {
    const { guest, open, map } = setUp()
    const [status, handle, length] = open('NIC.bin')
    expect([status, length]).toEqual([NDIS_STATUS_SUCCESS, 3])
    const [mapped, buffer] = map(handle)
    expect([mapped, guest.bytes(buffer, 3)]).toEqual([NDIS_STATUS_SUCCESS, [7, 8, 9]])
    expect(guest.machine.kernel.access.check(buffer, 2, false)).toBe(true)
    expect(map(handle)).toEqual([ALREADY_MAPPED, 0])
    guest.call('NdisUnmapFile', handle)
    expect(map(handle)).toEqual([NDIS_STATUS_SUCCESS, buffer])
    guest.call('NdisCloseFile', handle)
    expect(guest.machine.kernel.pool.problem(buffer)?.kind).toBe('already freed')
    expect(open('empty').slice(2)).toEqual([0])
    expect(guest.broken()).toEqual([])
  })
  test('that are not there, and when memory is short', () => {
    const { guest, open } = setUp()
    expect(open('other.bin')).toEqual([NOT_FOUND, 0, 0])
    const { pool } = guest.machine.kernel
    while (pool.allocate(0x10_0000, 0, 0, 0, 0) !== 0);
    while (pool.allocate(16, 0, 0, 0, 0) !== 0);
    const counted = guest.machine.kernel.image.allocate(8)
    guest.call('NdisInitUnicodeString', counted, 'nic.bin')
    const [status, handle] = [cell(), cell()]
    guest.call('NdisOpenFile', status, handle, cell(), counted, -1n)
    expect([status.value, handle.value]).toEqual([NDIS_STATUS_RESOURCES, 0])
    expect(guest.broken()).toEqual([])
  })
  test('are touched while they are mapped only', () => {
    const { guest, open, map } = setUp()
    const [, handle] = open('nic.bin')
    const [, buffer] = map(handle)
    guest.call('NdisUnmapFile', handle)
    guest.machine.kernel.access.check(buffer, 1, false)
    expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
  })
  test('handles that are none, unmapped twice, closed twice', () => {
    const { guest, open, map } = setUp()
    const [, handle] = open('nic.bin')
    guest.call('NdisUnmapFile', handle)
    guest.call('NdisCloseFile', handle)
    guest.call('NdisCloseFile', handle)
    guest.call('NdisUnmapFile', handle)
    expect(map(handle)).toEqual([NDIS_STATUS_FAILURE, 0])
    expect(guest.broken()).toEqual(['FileNotMapped', 'InvalidHandle', 'InvalidHandle', 'InvalidHandle'])
  })
})

describe('functions by name (DDI ndisgetroutineaddress; WDM mmgetsystemroutineaddress)', () => {
  test('NDIS has its own, the kernel the others; macros have no address', () => {
    const { guest, string } = setUp()
    const ndis = (name: string) => guest.call('NdisGetRoutineAddress', string(name))
    const kernel = (name: string) => guest.call('MmGetSystemRoutineAddress', string(name))
    expect(ndis('NdisAllocateRWLock')).not.toBe(0)
    expect(ndis('NdisAllocateRWLock')).not.toBe(ndis('NdisFreeRWLock'))
    expect(kernel('KeInsertQueueDpc')).not.toBe(0)
    const none = [ndis('KeInsertQueueDpc'), kernel('NdisAllocateRWLock'), ndis('NdisStallExecution'), ndis('NdisNo')]
    expect(none).toEqual([0, 0, 0, 0])
    expect(guest.broken()).toEqual([])
  })
})
