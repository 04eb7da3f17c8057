import { describe, expect, test } from 'vitest'
import type { MachineOptions } from '../machine'
import { createGuest, cell } from '../test-guest'
import { constant } from './constants'
import { createRegistryKey } from './registry'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

const INTEGER = constant('NdisParameterInteger')
const HEX_INTEGER = constant('NdisParameterHexInteger')
const STRING = constant('NdisParameterString')
const MULTI_STRING = constant('NdisParameterMultiString')
const BINARY = constant('NdisParameterBinary')

const CONFIGURATION = {
  parameters: {
    NumRfd: 64,
    IoBaseAddress: '1c0',
    Speed: '100',
    Name: 'Net',
    Groups: ['ab', 'c'],
    Key: { binary: [1, 2, 255] },
    NetworkAddress: '02-11-22-aB-cd-0f',
  },
  keys: { First: {}, Second: { parameters: { Depth: 2 } } },
}

const setUp = (options: MachineOptions = { configuration: CONFIGURATION }) => {
  const guest = createGuest(options)
  const { kernel, executive } = guest.machine
  const { r8, r16, r32, w8, w16, w32 } = kernel.space
  const adapter = executive.adapters.create(0x5_0001, {})
  if (!adapter) throw new Error('no memory for the adapter')

  const string = (text: string): number => {
    const counted = guest.memory(8)
    guest.call('NdisInitUnicodeString', counted, text)
    return counted
  }
  /** Status, handle. */
  const openWith = (name: string, ...args: unknown[]): [number, number] => {
    const [status, handle] = [cell(), cell()]
    guest.call(name, status, ...args.map((arg) => (arg === 'handle' ? handle : arg)))
    return [Number(status.value), Number(handle.value)]
  }
  const open = (context = adapter.configuration) => openWith('NdisOpenConfiguration', 'handle', context)
  const openEx = (NdisHandle: number, type = constant('NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT')): [number, number] => {
    const object = guest.memory(12)
    w8(object, type)
    w8(object + 1, 1)
    w16(object + 2, 12)
    w32(object + 4, NdisHandle)
    w32(object + 8, 0)
    const handle = cell()
    return [guest.call('NdisOpenConfigurationEx', object, handle), Number(handle.value)]
  }
  const read = (handle: number, keyword: string, type: number): [number, number] => {
    const [status, parameter] = [cell(), cell()]
    guest.call('NdisReadConfiguration', status, parameter, handle, string(keyword), type)
    return [Number(status.value), Number(parameter.value)]
  }
  const address = (handle: number): [number, number[]] => {
    const [status, bytes, length] = [cell(), cell(), cell()]
    guest.call('NdisReadNetworkAddress', status, bytes, length, handle)
    return [Number(status.value), guest.bytes(Number(bytes.value), Number(length.value))]
  }
  const close = (handle: number) => guest.call('NdisCloseConfiguration', handle)
  return { guest, kernel, adapter, string, openWith, open, openEx, read, address, close, r8, r16, r32, w16, w32 }
}

describe('opening (PV NdisOpenConfiguration, DDI ndisopenconfigurationex)', () => {
  test('the context of an initializing miniport opens its parameters', () => {
    const { open, guest, close } = setUp()
    const [status, handle] = open()
    expect(status).toBe(NDIS_STATUS_SUCCESS)
    close(handle)
    expect(guest.broken()).toEqual([])
  })
  test('another context is refused with a status', () => {
    expect(setUp().open(0x1234)).toEqual([NDIS_STATUS_FAILURE, 0])
  })
  test('Ex takes an adapter handle in an NDIS_CONFIGURATION_OBJECT', () => {
    const { openEx, adapter, read, r32 } = setUp()
    const [status, handle] = openEx(adapter.handle)
    expect(status).toBe(NDIS_STATUS_SUCCESS)
    expect(r32(read(handle, 'NumRfd', INTEGER)[1] + 4)).toBe(64)
  })
  test('Ex refuses a wrong object and a handle of nobody', () => {
    const { openEx, adapter } = setUp()
    expect(openEx(adapter.handle, 0x80)).toEqual([NDIS_STATUS_INVALID_PARAMETER, 0])
    expect(openEx(0)).toEqual([NDIS_STATUS_FAILURE, 0])
  })
  test('keys below are opened by name and by number; the number gives the name', () => {
    const { open, openWith, guest, string, read, r16, r32 } = setUp()
    const [, handle] = open()
    const [, byName] = openWith('NdisOpenConfigurationKeyByName', handle, string('SECOND'), 'handle')
    expect(r32(read(byName, 'Depth', INTEGER)[1] + 4)).toBe(2)
    const name = guest.memory(8)
    expect(openWith('NdisOpenConfigurationKeyByIndex', handle, 1, name, 'handle')[0]).toBe(NDIS_STATUS_SUCCESS)
    expect([r16(name), r16(name + 2)]).toEqual([12, 14])
    expect(guest.bytes(r32(name + 4), 4)).toEqual([0x53, 0, 0x65, 0])
    expect(openWith('NdisOpenConfigurationKeyByIndex', handle, 2, name, 'handle')).toEqual([NDIS_STATUS_FAILURE, 0])
    expect(openWith('NdisOpenConfigurationKeyByName', handle, string('x'), 'handle')).toEqual([NDIS_STATUS_FAILURE, 0])
  })
})

describe.each(['nt', 'ce'] as const)('reading on %s (DDI ndisreadconfiguration)', (platform) => {
  const ready = () => {
    const all = setUp({ platform, configuration: CONFIGURATION })
    return { ...all, handle: all.open()[1] }
  }
  test.each([
    ['numrfd', INTEGER, 64],
    ['NumRfd', HEX_INTEGER, 64],
    ['Speed', INTEGER, 100],
    ['Speed', HEX_INTEGER, 0x100],
    ['IoBaseAddress', HEX_INTEGER, 0x1c0],
    ['Environment', INTEGER, 1],
    ['NdisVersion', INTEGER, platform === 'nt' ? 0x6_001e : 0x5_0001],
  ])('%s as type %i is %i, and its type NdisParameterInteger', (keyword, type, value) => {
    const { read, handle, r32 } = ready()
    const [status, parameter] = read(handle, keyword, type)
    expect([status, r32(parameter), r32(parameter + 4)]).toEqual([NDIS_STATUS_SUCCESS, INTEGER, value])
  })
  test('a string is counted without its terminator', () => {
    const { read, handle, guest, r16, r32 } = ready()
    const [, parameter] = read(handle, 'Name', STRING)
    expect([r32(parameter), r16(parameter + 4), r16(parameter + 6)]).toEqual([STRING, 6, 8])
    expect(guest.bytes(r32(parameter + 8), 8)).toEqual([0x4e, 0, 0x65, 0, 0x74, 0, 0, 0])
  })
  test('strings end with an empty one', () => {
    const { read, handle, guest, r16, r32 } = ready()
    const [, parameter] = read(handle, 'Groups', MULTI_STRING)
    expect(guest.bytes(r32(parameter + 8), r16(parameter + 4))).toEqual([0x61, 0, 0x62, 0, 0, 0, 0x63, 0, 0, 0, 0, 0])
  })
  test('binary data has its length', () => {
    const { read, handle, guest, r16, r32 } = ready()
    const [, parameter] = read(handle, 'Key', BINARY)
    expect(guest.bytes(r32(parameter + 8), r16(parameter + 4))).toEqual([1, 2, 255])
  })
  test('the network address is read as bytes', () => {
    const { address, handle } = ready()
    expect(address(handle)).toEqual([NDIS_STATUS_SUCCESS, [2, 0x11, 0x22, 0xab, 0xcd, 0x0f]])
  })
  test.each([
    ['absent', INTEGER],
    ['Name', INTEGER],
    ['IoBaseAddress', INTEGER],
    ['NumRfd', STRING],
    ['Key', MULTI_STRING],
    ['NumRfd', 77],
    ['NumRfd', -1],
  ])('%s as type %i is a failure', (keyword, type) => {
    const { read, handle } = ready()
    expect(read(handle, keyword, type)).toEqual([NDIS_STATUS_FAILURE, 0])
  })
})

describe('writing, lifetime, shortage', () => {
  test.each([
    ['NumRfd', INTEGER],
    ['Name', STRING],
    ['Groups', MULTI_STRING],
    ['Key', BINARY],
  ])('%s written under another name is read back the same (DDI ndiswriteconfiguration)', (keyword, type) => {
    const { guest, open, read, string, r16, r32 } = setUp()
    const [, handle] = open()
    const [, parameter] = read(handle, keyword, type)
    const status = cell()
    guest.call('NdisWriteConfiguration', status, handle, string('Copy'), parameter)
    expect(Number(status.value)).toBe(NDIS_STATUS_SUCCESS)
    const [, copy] = read(handle, 'Copy', type)
    expect(guest.bytes(copy, type === INTEGER ? 12 : 6)).toEqual(guest.bytes(parameter, type === INTEGER ? 12 : 6))
    if (type !== INTEGER)
      expect(guest.bytes(r32(copy + 8), r16(copy + 4))).toEqual(guest.bytes(r32(parameter + 8), r16(parameter + 4)))
  })
  test('nothing is configured unless somebody did', () => {
    const { open, address, read } = setUp({})
    const [, handle] = open()
    expect(address(handle)).toEqual([NDIS_STATUS_FAILURE, []])
    expect(read(handle, '*SpeedDuplex', INTEGER)).toEqual([NDIS_STATUS_FAILURE, 0])
  })
  test('closing frees what was read; the handle is dead after that', () => {
    const { guest, kernel, open, read, close } = setUp()
    const [, handle] = open()
    const [, parameter] = read(handle, 'Name', STRING)
    expect(kernel.pool.problem(parameter)).toBeNull()
    close(handle)
    expect(kernel.pool.problem(parameter)).not.toBeNull()
    expect(read(handle, 'Name', STRING)).toEqual([NDIS_STATUS_FAILURE, 0])
    close(handle)
    expect(guest.broken()).toEqual(['ConfigurationClosed', 'ConfigurationClosed'])
  })
  test.each([0, -1, 0x1234, 0x7fff_fff0, NaN, undefined])(
    '%s is no handle: reported, a failure, no exception',
    (wild) => {
      const { guest, address, close } = setUp()
      expect(address(wild as number)[0]).toBe(NDIS_STATUS_FAILURE)
      close(wild as number)
      expect(guest.broken()).toEqual(['InvalidConfigurationHandle', 'InvalidConfigurationHandle'])
    },
  )
  test('no memory left is NDIS_STATUS_RESOURCES', () => {
    const { guest, kernel, open, string } = setUp()
    const [, handle] = open()
    const keyword = string('Name')
    const [status, parameter] = [cell(), cell()]
    for (let size = 1 << 20; size >= 16; size >>= 1) while (kernel.pool.allocate(size, 1, 0, 0, 0) !== 0);
    guest.call('NdisReadConfiguration', status, parameter, handle, keyword, STRING)
    expect([status.value, parameter.value]).toEqual([NDIS_STATUS_RESOURCES, 0])
    expect(open()).toEqual([NDIS_STATUS_RESOURCES, 0])
  })
})

test('a number that is no REG_DWORD is refused by name', () => {
  expect(() => createRegistryKey({ parameters: { Big: 2 ** 32 } })).toThrow(/^Big: 4294967296 is no integer/)
  expect(() => createRegistryKey({ parameters: { Raw: { binary: [256] } } })).toThrow(/^Raw: /)
})
