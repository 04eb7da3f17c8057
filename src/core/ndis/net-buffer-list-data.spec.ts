import { describe, expect, test } from 'vitest'
import { createNetBufferGuest } from '../test-net-buffer'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const RETREAT = 'NdisRetreatNetBufferListDataStart'
const ADVANCE = 'NdisAdvanceNetBufferListDataStart'

/** A list of three: with room for 14 bytes, without, with room. */
const setUp = () => {
  const guest = createNetBufferGuest()
  const netBuffers = [
    guest.netBuffer(guest.chain(40), 20, 20),
    guest.netBuffer(guest.chain(40), 4, 20),
    guest.netBuffer(guest.chain(8, 32), 14, 20),
  ] as const
  return { guest, netBuffers, list: guest.list(...netBuffers), states: () => netBuffers.map(guest.state) }
}

describe('all NET_BUFFERs of a list (DDI ndisretreatnetbufferlistdatastart, ndisadvancenetbufferlistdatastart)', () => {
  test('is a retreat of each, and an advance takes all of it back', () => {
    const { guest, list, states } = setUp()
    const before = states()
    expect(guest.call(RETREAT, list, 14, 6, 0, 0)).toBe(NDIS_STATUS_SUCCESS)
    expect(states()).toMatchObject([
      { offset: 6, length: 34, mdls: [40] },
      { offset: 10, length: 34, mdls: [20, 40] },
      { offset: 0, length: 34, mdls: [8, 32] },
    ])
    guest.call(ADVANCE, list, 14, 1, 0)
    expect(states()).toEqual(before)
    expect(guest.broken()).toEqual([])
  })
  test('a list without NET_BUFFERs succeeds', () => {
    const guest = createNetBufferGuest()
    const list = guest.list()
    expect(guest.call(RETREAT, list, 14, 0, 0, 0)).toBe(NDIS_STATUS_SUCCESS)
    guest.call(ADVANCE, list, 14, 1, 0)
    expect(guest.broken()).toEqual([])
  })
  test('when one fails, those before it are as they were, and what they got is freed by NetFreeMdl', () => {
    const { guest, netBuffers, states } = setUp()
    const [roomy, tight] = netBuffers
    const last = guest.netBuffer(guest.chain(16), 0, 16)
    const list = guest.list(roomy, tight, last)
    const before = [...states(), guest.state(last)]
    const own = guest.chain(14)
    const offered = [own, 0]
    const freed: number[] = []
    const allocate = () => offered.shift()
    const status = guest.call(RETREAT, list, 14, 0, allocate, (Mdl: number) => void freed.push(Mdl))
    expect([status, freed, offered]).toEqual([NDIS_STATUS_RESOURCES, [own], []])
    expect([...states(), guest.state(last)]).toEqual(before)
    expect(guest.broken()).toEqual([])
  })
  test('without NetFreeMdl the MDL stays in its chain, unused, and the data is as it was', () => {
    const { guest, netBuffers } = setUp()
    const [, tight] = netBuffers
    const list = guest.list(tight, guest.netBuffer(guest.chain(16), 0, 16))
    const offered = [guest.chain(14), 0]
    expect(guest.call(RETREAT, list, 14, 0, () => offered.shift(), 0)).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.state(tight)).toMatchObject({
      offset: 18,
      length: 20,
      currentMdl: 1,
      currentOffset: 4,
      mdls: [14, 40],
    })
    expect(guest.data(tight)).toEqual(Array.from({ length: 20 }, (_unused, i) => i + 4))
  })
  test('what a retreat kept from before it is not freed when it is taken back', () => {
    const { guest, netBuffers } = setUp()
    const [, tight] = netBuffers
    guest.call('NdisRetreatNetBufferDataStart', tight, 14, 0, 0)
    guest.call('NdisAdvanceNetBufferDataStart', tight, 14, 0, 0)
    const before = guest.state(tight)
    const list = guest.list(tight, guest.netBuffer(guest.chain(16), 0, 16))
    expect(guest.call(RETREAT, list, 14, 0, () => 0, 0)).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.state(tight)).toEqual(before)
  })
})
