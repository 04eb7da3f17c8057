import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { cell, createGuest } from '../test-guest'
import { constant } from './constants'

const ATTRIBUTES = layout('OBJECT_ATTRIBUTES', 'Length', 'Attributes')
const SERVICES = '\\Registry\\Machine\\System\\CurrentControlSet\\Services'
const DRIVER = `${SERVICES}\\Driver`
const [BASIC, FULL, PARTIAL] = [
  'KeyValueBasicInformation',
  'KeyValueFullInformation',
  'KeyValuePartialInformation',
].map(constant)
const NOT_FOUND = constant('STATUS_OBJECT_NAME_NOT_FOUND')
const TOO_SMALL = constant('STATUS_BUFFER_TOO_SMALL')
const OVERFLOW = constant('STATUS_BUFFER_OVERFLOW')

const setUp = () => {
  const guest = createGuest({
    configuration: {
      parameters: { Depth: 0x12345678, Name: 'ab', List: ['a', 'b'], Raw: { binary: [1, 2, 3] } },
      keys: { Below: { parameters: { Deep: 1 } } },
    },
  })
  const string = (text: string): number => {
    const counted = guest.memory(8)
    guest.call('RtlInitUnicodeString', counted, text)
    return counted
  }
  function open(path: string, root = 0): [status: number, handle: number] {
    const [attributes, handle] = [guest.memory(ATTRIBUTES.SIZE), cell()]
    guest.call('InitializeObjectAttributes', attributes, string(path), constant('OBJ_CASE_INSENSITIVE'), root, 0)
    const status = guest.call('ZwOpenKey', handle, constant('KEY_READ'), attributes)
    return [status, handle.value]
  }
  const [, parameters] = open(`${DRIVER}\\Parameters`)
  /** Status, ResultLength, the bytes. */
  function query(name: string, kind: number, room = 64, key = parameters): [number, number, number[]] {
    const [information, length] = [guest.memory(64), cell()]
    guest.machine.kernel.space.fill(information, 64, 0x23)
    length.value = -1
    const status = guest.call('ZwQueryValueKey', key, string(name), kind, information, room, length)
    return [status, length.value, guest.bytes(information, Math.max(0, Math.min(length.value, room)))]
  }
  return { guest, string, open, query, parameters }
}

describe('ZwOpenKey, ZwClose (WDM)', () => {
  test('open the service of the driver, by the path that DriverEntry is given, and Parameters below it', () => {
    const { guest, open, query } = setUp()
    const [status, service] = open(DRIVER.toLowerCase())
    expect(status).toBe(0)
    expect(query('Start', PARTIAL!, 64, service)[2].slice(8)).toEqual([4, 0, 0, 0, 3, 0, 0, 0])
    const [below, parameters] = open('parameters\\BELOW', service)
    expect(below).toBe(0)
    expect(query('Deep', PARTIAL!, 64, parameters)[0]).toBe(0)
    expect([guest.call('ZwClose', service), guest.call('ZwClose', parameters)]).toEqual([0, 0])
    expect(guest.broken()).toEqual([])
  })
  test('say why there is no key', () => {
    const { guest, open, parameters, string } = setUp()
    expect(open(`${SERVICES}\\Other`)[0]).toBe(NOT_FOUND)
    expect(open('Driver')[0]).toBe(constant('STATUS_OBJECT_PATH_SYNTAX_BAD'))
    expect(open('\\Below', parameters)[0]).toBe(constant('STATUS_OBJECT_PATH_SYNTAX_BAD'))
    expect(open('Below', 77)[0]).toBe(constant('STATUS_INVALID_HANDLE'))
    const attributes = guest.memory(ATTRIBUTES.SIZE)
    guest.call('InitializeObjectAttributes', attributes, string(DRIVER), 0, 0, 0)
    guest.machine.kernel.space.w32(attributes + ATTRIBUTES.Length, 20)
    expect(guest.call('ZwOpenKey', cell(), 0, attributes)).toBe(constant('STATUS_INVALID_PARAMETER'))
    expect(guest.broken()).toEqual([])
  })
  test('a handle that is closed, or none, is answered and reported', () => {
    const { guest, query, parameters } = setUp()
    guest.call('ZwClose', parameters)
    expect(query('Depth', PARTIAL!)[0]).toBe(constant('STATUS_INVALID_HANDLE'))
    expect(guest.call('ZwClose', parameters)).toBe(constant('STATUS_INVALID_HANDLE'))
    expect(guest.broken()).toEqual(['InvalidHandle', 'InvalidHandle'])
  })
})

describe('ZwQueryValueKey (WDM)', () => {
  const type = (name: string): number[] => [0, 0, 0, 0, constant(name), 0, 0, 0]

  test('gives type and data', () => {
    const { guest, query } = setUp()
    expect(query('depth', PARTIAL!)).toEqual([0, 16, [...type('REG_DWORD'), 4, 0, 0, 0, 0x78, 0x56, 0x34, 0x12]])
    expect(query('Name', PARTIAL!)).toEqual([0, 18, [...type('REG_SZ'), 6, 0, 0, 0, 0x61, 0, 0x62, 0, 0, 0]])
    expect(query('List', PARTIAL!)[2].slice(12)).toEqual([0x61, 0, 0, 0, 0x62, 0, 0, 0, 0, 0])
    expect(query('Raw', PARTIAL!)[2]).toEqual([...type('REG_BINARY'), 3, 0, 0, 0, 1, 2, 3])
    expect(guest.broken()).toEqual([])
  })
  test('gives the name, or both', () => {
    const { query } = setUp()
    const name = [0x52, 0, 0x61, 0, 0x77, 0]
    expect(query('Raw', BASIC!)).toEqual([0, 18, [...type('REG_BINARY'), 6, 0, 0, 0, ...name]])
    const full = [...type('REG_BINARY'), 28, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0, ...name, 0, 0, 1, 2, 3]
    expect(query('Raw', FULL!)).toEqual([0, 31, full])
  })
  test('tells how much room it needs', () => {
    const { query } = setUp()
    expect(query('Name', PARTIAL!, 0)).toEqual([TOO_SMALL, 18, []])
    expect(query('Name', PARTIAL!, 11)[0]).toBe(TOO_SMALL)
    expect(query('Name', PARTIAL!, 14)).toEqual([OVERFLOW, 18, [...type('REG_SZ'), 6, 0, 0, 0, 0x61, 0]])
    expect(query('Name', FULL!, 19)[0]).toBe(TOO_SMALL)
  })
  test('of a value, or a class, that there is not', () => {
    const { query } = setUp()
    expect([query('Nothing', PARTIAL!)[0], query('Name', 9)[0]]).toEqual([
      NOT_FOUND,
      constant('STATUS_INVALID_PARAMETER'),
    ])
  })
  test('writes into memory of the driver only', () => {
    const { guest, query, parameters, string } = setUp()
    query('Name', PARTIAL!, 65)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
    const wild = () => guest.call('ZwQueryValueKey', parameters, string('Name'), PARTIAL, 0, 8, cell())
    expect(guest.crash(wild).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
  })
})

describe('RtlCheckRegistryKey (WDM)', () => {
  test('says whether there is a key', () => {
    const { guest } = setUp()
    const check = (relative: string, path: string): number =>
      guest.call('RtlCheckRegistryKey', constant(relative), path)
    expect(check('RTL_REGISTRY_ABSOLUTE', DRIVER)).toBe(0)
    expect(check('RTL_REGISTRY_SERVICES', 'Driver\\Parameters\\Below')).toBe(0)
    expect(check('RTL_REGISTRY_CONTROL', '')).toBe(0)
    expect(check('RTL_REGISTRY_SERVICES', 'Tcpip')).toBe(NOT_FOUND)
    expect(check('RTL_REGISTRY_USER', 'Driver')).toBe(NOT_FOUND)
    expect(guest.broken()).toEqual([])
  })
})

describe('NdisOpenProtocolConfiguration (PV)', () => {
  test('opens a path below the services, as NdisOpenConfiguration opens the instance', () => {
    const { guest, string } = setUp()
    const open = (section: string): [number, number] => {
      const [status, handle] = [cell(), cell()]
      guest.call('NdisOpenProtocolConfiguration', status, handle, string(section))
      return [status.value, handle.value]
    }
    const [status, handle] = open('Driver\\Parameters')
    expect(status).toBe(0)
    const [read, value] = [cell(), cell()]
    guest.call('NdisReadConfiguration', read, value, handle, string('Depth'), constant('NdisParameterInteger'))
    expect([read.value, guest.machine.kernel.space.r32(value.value + 4)]).toEqual([0, 0x12345678])
    guest.call('NdisCloseConfiguration', handle)
    expect(open('Driver\\Nothing')).toEqual([constant('NDIS_STATUS_FAILURE'), 0])
    expect(guest.broken()).toEqual([])
  })
})
