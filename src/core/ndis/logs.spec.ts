import { describe, expect, test } from 'vitest'
import { cell, createGuest, type Guest } from '../test-guest'
import { constant } from './constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const HARDWARE_FAILURE = constant('NDIS_ERROR_CODE_HARDWARE_FAILURE')

const setUp = () => {
  const output: string[] = []
  const guest = createGuest({ environment: { onOutput: (text) => void output.push(text) } })
  const adapter = guest.machine.executive.adapters.create(0x50001, {})!
  return { guest, output, adapter, ...guest.machine.executive.routines }
}

describe('the error log (DDI ndiswriteerrorlogentry)', () => {
  test('keeps what is written, and prints it', () => {
    const { guest, output, adapter, errorLog } = setUp()
    guest.call('NdisWriteErrorLogEntry', adapter.handle, HARDWARE_FAILURE, 2, 0x1234, -1)
    guest.call('NdisWriteErrorLogEntry', adapter.handle, 0x1388, 0)
    expect(errorLog.entries.map(({ handle, code, values }) => [handle, code, values])).toEqual([
      [adapter.handle, HARDWARE_FAILURE, [0x1234, 0xffffffff]],
      [adapter.handle, 0x1388, []],
    ])
    const who = `Error log, adapter 0x${adapter.handle.toString(16)}`
    expect(output).toEqual([
      `${who}: NDIS_ERROR_CODE_HARDWARE_FAILURE (0xc000138a), 0x1234, 0xffffffff\n`,
      `${who}: 0x1388\n`,
    ])
    expect(guest.broken()).toEqual([])
  })
  test('an entry of nobody, and of more or fewer values than it says', () => {
    const { guest, adapter, errorLog } = setUp()
    guest.call('NdisWriteErrorLogEntry', 77, HARDWARE_FAILURE, 0)
    guest.call('NdisWriteErrorLogEntry', adapter.handle, HARDWARE_FAILURE, 3, 1)
    guest.call('NdisWriteErrorLogEntry', adapter.handle, HARDWARE_FAILURE, 1, 1, 2)
    expect(guest.broken()).toEqual(['InvalidHandle', 'ErrorLogValues', 'ErrorLogValues'])
    expect(errorLog.entries.map(({ values }) => values.length)).toEqual([0, 1, 1])
  })
})

describe('the event log (DDI ndiswriteeventlogentry)', () => {
  const text = (guest: Guest, value: string): number => {
    const at = guest.memory(2 * value.length + 2)
    for (let i = 0; i <= value.length; i++) guest.machine.kernel.space.w16(at + 2 * i, value.charCodeAt(i) || 0)
    return at
  }
  test('keeps strings and data', () => {
    const { guest, output, eventLog } = setUp()
    const list = guest.memory(8)
    guest.machine.kernel.space.w32(list, text(guest, '\\Device\\Proto'))
    guest.machine.kernel.space.w32(list + 4, text(guest, 'é'))
    const status = guest.call('NdisWriteEventLogEntry', guest.machine.driver.object, 0x40000001, 9, 2, list, 3, guest.memory(3)) // prettier-ignore
    expect(status).toBe(NDIS_STATUS_SUCCESS)
    expect(eventLog.entries).toEqual([
      { code: 0x40000001, unique: 9, strings: ['\\Device\\Proto', 'é'], data: Uint8Array.of(0, 1, 2) },
    ])
    expect(output).toEqual(['Event log: 0x40000001, 9, \\Device\\Proto, é, 3 bytes\n'])
    expect(guest.broken()).toEqual([])
  })
  test('has a largest entry: strings and padded data together', () => {
    const { guest } = setUp()
    const write = (size: number): number => guest.call('NdisWriteEventLogEntry', 0, 1, 0, 0, 0, size, guest.memory(300))
    const most = constant('MAX_EVENT_LOG_DATA_SIZE')
    expect([write(most), write(most + 1)]).toEqual([NDIS_STATUS_SUCCESS, constant('NDIS_STATUS_BUFFER_TOO_SHORT')])
    const list = guest.memory(4)
    guest.machine.kernel.space.w32(list, text(guest, 'x'.repeat(most / 2)))
    expect(guest.call('NdisWriteEventLogEntry', 0, 1, 0, 1, list, 0, 0)).toBe(constant('NDIS_STATUS_BUFFER_TOO_SHORT'))
    expect(guest.broken()).toEqual([])
  })
  test('reads memory of the driver only', () => {
    const { guest } = setUp()
    guest.call('NdisWriteEventLogEntry', 0, 1, 0, 0, 0, 8, guest.memory(4))
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
    const wild = guest.memory(4)
    expect(guest.crash(() => guest.call('NdisWriteEventLogEntry', 0, 1, 0, 1, wild, 0, 0)).name).toBe(
      'PAGE_FAULT_IN_NONPAGED_AREA',
    )
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'InvalidPointer'])
  })
})

describe('logs of miniports (DDI ndismcreatelog, ndismwritelogdata, ndismflushlog, ndismcloselog)', () => {
  test('are rings of bytes, one an adapter', () => {
    const { guest, adapter, miniportLogs } = setUp()
    const handle = cell()
    expect(guest.call('NdisMCreateLog', adapter.handle, 5, handle)).toBe(NDIS_STATUS_SUCCESS)
    const log = handle.value
    expect(guest.call('NdisMCreateLog', adapter.handle, 5, handle)).toBe(NDIS_STATUS_FAILURE)
    const write = (size: number): number => guest.call('NdisMWriteLogData', log, guest.memory(size), size)
    const read = (): number[] => [...(miniportLogs.read(log) ?? [])]
    expect([write(3), read()]).toEqual([NDIS_STATUS_SUCCESS, [0, 1, 2]])
    expect([write(4), read()]).toEqual([NDIS_STATUS_SUCCESS, [2, 0, 1, 2, 3]])
    expect(write(6)).toBe(constant('NDIS_STATUS_BUFFER_OVERFLOW'))
    guest.call('NdisMFlushLog', log)
    expect(read()).toEqual([])
    guest.call('NdisMCloseLog', log)
    expect(miniportLogs.read(log)).toBeUndefined()
    expect(guest.call('NdisMCreateLog', adapter.handle, 5, handle)).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.broken()).toEqual([])
  })
  test('need memory and an adapter', () => {
    const { guest, adapter } = setUp()
    expect(guest.call('NdisMCreateLog', adapter.handle, 0x7fff_0000, cell())).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.call('NdisMCreateLog', 5, 8, cell())).toBe(NDIS_STATUS_FAILURE)
  })
  test('are used while they are open, with bytes that are there', () => {
    const { guest, adapter } = setUp()
    const handle = cell()
    guest.call('NdisMCreateLog', adapter.handle, 64, handle)
    guest.call('NdisMWriteLogData', handle.value, guest.memory(4), 5)
    guest.call('NdisMCloseLog', handle.value)
    guest.call('NdisMWriteLogData', handle.value, guest.memory(4), 4)
    guest.call('NdisMFlushLog', handle.value)
    guest.call('NdisMCloseLog', handle.value)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'InvalidHandle', 'InvalidHandle', 'InvalidHandle'])
  })
})
