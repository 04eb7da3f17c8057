import { describe, expect, it } from 'vitest'
import { STRUCTS } from '../../memory/structs'
import { API } from '../api'
import { enumConstants } from './enum.table'
import { CONSTANTS } from './index'

describe('constants', () => {
  it('are 32-bit integers', () => {
    for (const [name, value] of Object.entries(CONSTANTS)) {
      expect(Number.isInteger(value), name).toBe(true)
      expect(value >= -0x80000000 && value <= 0xffffffff, name).toBe(true)
    }
  })

  it('share no name with a function or a struct', () => {
    const taken = new Set([...API.map((entry) => entry.name), ...STRUCTS.keys()])
    expect(Object.keys(CONSTANTS).filter((name) => taken.has(name))).toEqual([])
  })

  it('status codes are signed, as NDIS_STATUS is in C', () => {
    expect(CONSTANTS.NDIS_STATUS_SUCCESS).toBe(0)
    expect(CONSTANTS.NDIS_STATUS_PENDING).toBe(0x103)
    expect(CONSTANTS.NDIS_STATUS_RESOURCES).toBe(0xc000009a - 2 ** 32)
    for (const [name, value] of Object.entries(CONSTANTS))
      if (/^(NDIS_)?STATUS_/.test(name)) expect(value, name).toBeLessThan(2 ** 31)
  })

  it.each([
    ['PASSIVE_LEVEL', 0],
    ['APC_LEVEL', 1],
    ['DISPATCH_LEVEL', 2],
    ['HIGH_LEVEL', 31],
    ['OID_GEN_SUPPORTED_LIST', 0x00010101],
    ['OID_GEN_CURRENT_PACKET_FILTER', 0x0001010e],
    ['OID_802_3_PERMANENT_ADDRESS', 0x01010101],
    ['OID_TCP_TASK_OFFLOAD', 0xfc010201],
    ['NDIS_ERROR_CODE_HARDWARE_FAILURE', 0xc000138a],
    ['NDIS_PACKET_TYPE_DIRECTED', 1],
    ['NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS', 0x8a],
    ['NDIS_OBJECT_TYPE_DEFAULT', 0x80],
    ['NDIS_RECEIVE_FLAGS_RESOURCES', 2],
    ['NdisInterfacePci', 5],
    ['NormalPoolPriority', 16],
    ['TRUE', 1],
    ['FALSE', 0],
    ['NULL', 0],
  ])('%s is %i', (name, value) => expect(CONSTANTS[name]).toBe(value))

  it('sizes of records end with the last member of the revision', () => {
    expect(CONSTANTS.NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1).toBe(16)
    expect(CONSTANTS.NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2).toBe(
      STRUCTS.get('NDIS_MINIPORT_DRIVER_CHARACTERISTICS')?.size,
    )
    expect(CONSTANTS.NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1).toBe(72)
  })

  it('information slots fit the arrays that they index', () => {
    const slots = (struct: string, field: string) =>
      STRUCTS.get(struct)?.fields.find(({ name }) => name === field)?.count
    expect(enumConstants.MaxPerPacketInfo).toBe(slots('NDIS_PACKET_EXTENSION', 'NdisPacketInfo'))
    expect(enumConstants.MaxNetBufferListInfo).toBe(slots('NET_BUFFER_LIST', 'NetBufferListInfo'))
  })
})
