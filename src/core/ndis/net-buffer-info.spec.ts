import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { cell, createGuest, type Guest } from '../test-guest'
import { constant } from './constants'
import { INFO_SLOTS } from './net-buffer-info'

const { NetBufferListInfo: INFO, SIZE } = layout('NET_BUFFER_LIST', 'NetBufferListInfo')
const setUp = () => {
  const guest = createGuest()
  const list = () => {
    const address = guest.memory(SIZE)
    guest.machine.kernel.space.fill(address, SIZE, 0)
    return address
  }
  return { guest, list, space: guest.machine.kernel.space }
}
const slot = (list: number, name: string) => list + INFO + 4 * constant(name)
const slotsOf = (guest: Guest, list: number) =>
  Array.from({ length: INFO_SLOTS }, (_unused, i) => guest.machine.kernel.space.r32(list + INFO + 4 * i))

describe('copies of the information (DDI ndiscopysendnetbufferlistinfo, ndiscopyreceivenetbufferlistinfo)', () => {
  const copied = (name: string): number[] => {
    const { guest, list, space } = setUp()
    const [from, to] = [list(), list()]
    for (let i = 0; i < INFO_SLOTS; i++) space.w32(from + INFO + 4 * i, 0x100 + i)
    guest.call(name, to, from)
    expect(guest.broken()).toEqual([])
    return slotsOf(guest, to).flatMap((value, i) => (value === 0x100 + i ? [i] : []))
  }
  test('send: checksum, IPsec, large send, 802.1Q, cancel ID, media, protocol ID, filtering', () => {
    expect(copied('NdisCopySendNetBufferListInfo')).toEqual([0, 1, 2, 4, 5, 6, 7, 11, 12, 14])
  })
  test('receive: checksum, IPsec, no-push, 802.1Q, media, frame type, hash, filtering, and no cancel ID', () => {
    expect(copied('NdisCopyReceiveNetBufferListInfo')).toEqual([0, 1, 2, 4, 6, 7, 8, 9, 11, 12, 14])
  })
})

describe('slots', () => {
  test('NET_BUFFER_LIST_INFO reads any of them (DDI net_buffer_list_info)', () => {
    const { guest, list, space } = setUp()
    const address = list()
    space.w32(slot(address, 'Ieee8021QNetBufferListInfo'), 0xf000_0001)
    expect(guest.call('NET_BUFFER_LIST_INFO', address, constant('Ieee8021QNetBufferListInfo'))).toBe(0xf000_0001)
    expect(guest.broken()).toEqual([])
    expect(guest.call('NET_BUFFER_LIST_INFO', address, INFO_SLOTS)).toBe(0)
    expect(guest.broken()).toEqual(['NetBufferListInfoId'])
  })
  test('cancel identifiers, and what makes them unique (DDI ndisgeneratepartialcancelid)', () => {
    const { guest, list } = setUp()
    const address = list()
    const bytes = new Set(Array.from({ length: 256 }, () => guest.call('NdisGeneratePartialCancelId')))
    expect([bytes.size, Math.min(...bytes), Math.max(...bytes)]).toEqual([256, 0, 255])
    guest.call('NDIS_SET_NET_BUFFER_LIST_CANCEL_ID', address, 0xfe00_0001)
    expect(guest.call('NDIS_GET_NET_BUFFER_LIST_CANCEL_ID', address)).toBe(0xfe00_0001)
  })
  test('the protocol identifier is one byte of its slot', () => {
    const { guest, list, space } = setUp()
    const address = list()
    space.w32(slot(address, 'NetBufferListProtocolId'), 0xaabb_cc00)
    guest.call('NdisSetNetBufferListProtocolId', address, constant('NDIS_PROTOCOL_ID_TCP_IP'))
    expect(guest.call('NdisGetNetBufferListProtocolId', address)).toBe(2)
    expect(space.r32(slot(address, 'NetBufferListProtocolId'))).toBe(0xaabb_cc02)
  })
  test('hash type and function share a slot (DDI net_buffer_list_set_hash_type ...)', () => {
    const { guest, list } = setUp()
    const address = list()
    guest.call('NET_BUFFER_LIST_SET_HASH_FUNCTION', address, 1)
    guest.call('NET_BUFFER_LIST_SET_HASH_TYPE', address, 0x100)
    guest.call('NET_BUFFER_LIST_SET_HASH_VALUE', address, 0xdead_beef)
    guest.call('NET_BUFFER_LIST_SET_HASH_TYPE', address, 0x200)
    expect(guest.call('NET_BUFFER_LIST_GET_HASH_FUNCTION', address)).toBe(1)
    expect(guest.call('NET_BUFFER_LIST_GET_HASH_TYPE', address)).toBe(0x200)
    expect(guest.call('NET_BUFFER_LIST_GET_HASH_VALUE', address)).toBe(0xdead_beef)
    expect(guest.call('NDIS_RSS_HASH_TYPE_FROM_HASH_INFO', 0x201)).toBe(0x200)
    expect(guest.call('NDIS_RSS_HASH_FUNC_FROM_HASH_INFO', 0x201)).toBe(1)
  })
  test('filter, queue and virtual port; coalesced segments', () => {
    const { guest, list, space } = setUp()
    const address = list()
    space.w32(slot(address, 'NetBufferListFilteringInfo'), 0x0007_0003)
    space.w32(slot(address, 'TcpRecvSegCoalesceInfo'), 0x0002_000c)
    const read = (name: string) => guest.call(`NET_BUFFER_LIST_${name}`, address)
    expect(['RECEIVE_FILTER_ID', 'RECEIVE_QUEUE_ID', 'RECEIVE_FILTER_VPORT_ID'].map(read)).toEqual([3, 7, 7])
    expect(['COALESCED_SEG_COUNT', 'DUP_ACK_COUNT'].map(read)).toEqual([12, 2])
  })
  test('NblFlags are set, cleared and tested: any of them, all of them', () => {
    const { guest, list } = setUp()
    const address = list()
    guest.call('NdisSetNblFlag', address, 0x8000_0003)
    guest.call('NdisClearNblFlag', address, 1)
    expect(guest.call('NET_BUFFER_LIST_NBL_FLAGS', address)).toBe(0x8000_0002)
    const test = (name: string, flags: number) => guest.call(name, address, flags)
    expect([test('NdisTestNblFlag', 3), test('NdisTestNblFlag', 1), test('NdisTestNblFlag', 0x8000_0000)]).toEqual([
      1, 0, 1,
    ])
    expect([test('NdisTestNblFlags', 3), test('NdisTestNblFlags', 0x8000_0002)]).toEqual([0, 1])
  })
})

describe('media-specific information (DDI ndis_nbl_add_media_specific_info ...)', () => {
  test.each([
    ['', 4, 0],
    ['_EX', 8, 4],
  ])('is a list%s, newest first, found and removed by tag', (suffix, tagAt, nextAt) => {
    const { guest, list, space } = setUp()
    const address = list()
    const entry = (tag: number) => {
      const information = guest.memory(16)
      space.w32(information + tagAt, tag)
      guest.call(`NDIS_NBL_ADD_MEDIA_SPECIFIC_INFO${suffix}`, address, information)
      return information
    }
    const find = (tag: number) => {
      const found = cell()
      guest.call(`NDIS_NBL_GET_MEDIA_SPECIFIC_INFO${suffix}`, address, tag, found)
      return found.value
    }
    const [older, newer] = [entry(7), entry(0xffff_fff8)]
    expect([find(7), find(0xffff_fff8), find(9)]).toEqual([older, newer, 0])
    expect(space.r32(newer + nextAt)).toBe(older)
    guest.call(`NDIS_NBL_REMOVE_MEDIA_SPECIFIC_INFO${suffix}`, address, older)
    expect([find(7), find(0xffff_fff8), space.r32(newer + nextAt)]).toEqual([0, newer, 0])
    guest.call(`NDIS_NBL_REMOVE_MEDIA_SPECIFIC_INFO${suffix}`, address, older)
    expect(guest.broken()).toEqual([])
    guest.call(`NDIS_NBL_ADD_MEDIA_SPECIFIC_INFO${suffix}`, address, newer)
    expect(guest.broken()).toEqual(['MediaSpecificInfoLoop'])
  })
})

describe('flags of sends, receive indications and returns (DDI ndis_test_send_flag ...)', () => {
  const { guest } = setUp()
  test.each([
    ['NDIS_TEST_SEND_AT_DISPATCH_LEVEL', 'NDIS_SEND_FLAGS_DISPATCH_LEVEL'],
    ['NDIS_TEST_SEND_COMPLETE_AT_DISPATCH_LEVEL', 'NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL'],
    ['NDIS_TEST_RECEIVE_AT_DISPATCH_LEVEL', 'NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL'],
    ['NDIS_TEST_RETURN_AT_DISPATCH_LEVEL', 'NDIS_RETURN_FLAGS_DISPATCH_LEVEL'],
    ['NDIS_TEST_RECEIVE_CANNOT_PEND', 'NDIS_RECEIVE_FLAGS_RESOURCES'],
  ])('%s tests %s', (name, flag) => {
    expect([guest.call(name, constant(flag)), guest.call(name, ~constant(flag))]).toEqual([1, 0])
  })
  test('a receiver may keep the lists unless resources are low', () => {
    const resources = constant('NDIS_RECEIVE_FLAGS_RESOURCES')
    expect(guest.call('NDIS_TEST_RECEIVE_CAN_PEND', resources | 1)).toBe(0)
    expect(guest.call('NDIS_TEST_RECEIVE_CAN_PEND', 1)).toBe(1)
  })
  test.each(['SEND', 'SEND_COMPLETE', 'RECEIVE', 'RETURN'])('NDIS_SET_%s_FLAG adds to a variable', (what) => {
    const Flags = cell()
    Flags.value = 1
    guest.call(`NDIS_SET_${what}_FLAG`, Flags, 0x8000_0000)
    expect(Flags.value).toBe(0x8000_0001)
    expect(guest.call('NDIS_TEST_SEND_FLAG', Flags.value, 0x8000_0000)).toBe(1)
  })
  test('the variable may be kernel memory, as in C', () => {
    const { guest, list, space } = setUp()
    const Flags = list()
    guest.call('NDIS_SET_RETURN_FLAG', Flags, 4)
    expect(space.r32(Flags)).toBe(4)
  })
})
