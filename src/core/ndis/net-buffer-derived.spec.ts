import { describe, expect, test } from 'vitest'
import { createSharedMemory } from '../machine'
import { createNetBufferGuest, NB, NBL, type NetBufferGuest } from '../test-net-buffer'
import { listPool, netBufferPool } from '../test-net-buffer-pool'
import { constant } from './constants'

const ORIGINAL_MDLS = constant('NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS')

/** A list from pools with a NET_BUFFER over each of these chains, `offset` bytes unused at its start. */
function source(guest: NetBufferGuest, offset: number, ...chains: readonly (readonly number[])[]): number {
  const netBuffers = netBufferPool(guest)
  const list = guest.call('NdisAllocateNetBufferList', listPool(guest), 0, 0)
  let link = list + NBL.FirstNetBuffer
  for (const sizes of chains) {
    const length = sizes.reduce((sum, size) => sum + size, 0) - offset
    const netBuffer = guest.call('NdisAllocateNetBuffer', netBuffers, guest.chain(...sizes), offset, length)
    guest.machine.kernel.space.w32(link, netBuffer)
    link = netBuffer + NB.Next
  }
  return list
}
function netBuffersOf(guest: NetBufferGuest, list: number): number[] {
  const { r32 } = guest.machine.kernel.space
  const all: number[] = []
  for (let at = r32(list + NBL.FirstNetBuffer); at !== 0; at = r32(at + NB.Next)) all.push(at)
  return all
}
const lengths = (guest: NetBufferGuest, list: number): number[] =>
  netBuffersOf(guest, list).map((netBuffer) => guest.state(netBuffer).length)
/** Descriptors of pools of NDIS itself that are out. */
function internalOut(guest: NetBufferGuest): number {
  let count = 0
  const { pools } = guest.machine
  pools.forEachLive((pool) => (count += pools.inUse(pool)))
  return count
}

describe('clones (DDI ndisallocateclonenetbufferlist)', () => {
  test('share the data through MDLs of their own, the used data only', () => {
    const guest = createNetBufferGuest()
    const original = source(guest, 6, [10, 20], [30])
    const before = internalOut(guest)
    const clone = guest.call('NdisAllocateCloneNetBufferList', original, 0, 0, 0)
    const [first, second] = netBuffersOf(guest, original).map((netBuffer) => guest.data(netBuffer))
    expect(netBuffersOf(guest, clone).map((netBuffer) => guest.data(netBuffer))).toEqual([first, second])
    expect(guest.state(netBuffersOf(guest, clone)[0]!)).toEqual({
      offset: 0,
      length: 24,
      currentMdl: 0,
      currentOffset: 0,
      mdls: [4, 20],
    })
    const [a, b] = [original, clone].map((list) => guest.at(netBuffersOf(guest, list)[0]!, 7))
    expect(a, 'the same bytes').toBe(b)
    guest.call('NdisFreeCloneNetBufferList', clone, 0)
    expect(internalOut(guest)).toBe(before)
    expect(guest.broken()).toEqual([])
  })
  test('over the original MDLs', () => {
    const guest = createNetBufferGuest()
    const original = source(guest, 14, [10, 20])
    const clone = guest.call('NdisAllocateCloneNetBufferList', original, 0, 0, ORIGINAL_MDLS)
    const [of, from] = [clone, original].map((list) =>
      guest.machine.kernel.space.r32(netBuffersOf(guest, list)[0]! + NB.CurrentMdl),
    )
    expect(of).toBe(from)
    expect(guest.data(netBuffersOf(guest, clone)[0]!)).toEqual(guest.data(netBuffersOf(guest, original)[0]!))
    guest.call('NdisFreeCloneNetBufferList', clone, ORIGINAL_MDLS)
    expect(guest.broken()).toEqual([])
  })
  test('from pools of the driver use the NET_BUFFER that comes with a list first', () => {
    const guest = createNetBufferGuest()
    const [lists, netBuffers] = [listPool(guest, { netBuffer: true }), netBufferPool(guest)]
    const clone = guest.call('NdisAllocateCloneNetBufferList', source(guest, 0, [8], [9]), lists, netBuffers, 0)
    const { pools } = guest.machine
    expect([pools.inUse(lists), pools.inUse(netBuffers)]).toEqual([1, 1])
    expect(lengths(guest, clone)).toEqual([8, 9])
    guest.call('NdisFreeCloneNetBufferList', clone, 0)
    expect([pools.inUse(lists), pools.inUse(netBuffers)]).toEqual([0, 0])
    expect(guest.broken()).toEqual([])
  })
})

test('CE gg156520, gg155753: Compact has the same clones and reassembled lists', () => {
  const guest = createNetBufferGuest({ platform: 'ce' })
  const original = source(guest, 2, [10], [6])
  const before = internalOut(guest)
  const clone = guest.call('NdisAllocateCloneNetBufferList', original, 0, 0, 0)
  const whole = guest.call('NdisAllocateReassembledNetBufferList', original, 0, 1, 0, 0, 0)
  expect([lengths(guest, clone), lengths(guest, whole)]).toEqual([[8, 4], [7 + 3]])
  guest.call('NdisFreeReassembledNetBufferList', whole, 0, 0)
  guest.call('NdisFreeCloneNetBufferList', clone, 0)
  expect(internalOut(guest)).toBe(before)
  expect(guest.broken()).toEqual([])
})

describe('fragments (DDI ndisallocatefragmentnetbufferlist)', () => {
  test('are cut from each NET_BUFFER by itself, with room ahead', () => {
    const guest = createNetBufferGuest()
    const original = source(guest, 2, [10, 20], [15])
    const before = internalOut(guest)
    const list = guest.call('NdisAllocateFragmentNetBufferList', original, 0, 0, 3, 10, 14, 18, 0)
    // 28 bytes less 3: 10, 10, 5; 13 bytes less 3: 10. Each has 14 bytes ahead of it.
    expect(lengths(guest, list)).toEqual([24, 24, 19, 24])
    const data = netBuffersOf(guest, list).flatMap((netBuffer) => guest.data(netBuffer).slice(14))
    const [first, second] = netBuffersOf(guest, original).map((netBuffer) => guest.data(netBuffer).slice(3))
    expect(data).toEqual([...first!, ...second!])
    guest.call('NdisFreeFragmentNetBufferList', list, 14, 0)
    expect(internalOut(guest)).toBe(before)
    expect(guest.broken()).toEqual([])
  })
  test('of length 0 are refused', () => {
    const guest = createNetBufferGuest()
    expect(guest.call('NdisAllocateFragmentNetBufferList', source(guest, 0, [10]), 0, 0, 0, 0, 0, 0, 0)).toBe(0)
  })
})

describe('reassembled lists (DDI ndisallocatereassemblednetbufferlist)', () => {
  test('join what the pieces have behind StartOffset', () => {
    const guest = createNetBufferGuest()
    const original = source(guest, 0, [12, 8], [10])
    const before = internalOut(guest)
    const list = guest.call('NdisAllocateReassembledNetBufferList', original, 0, 4, 6, 6, 0)
    expect(lengths(guest, list)).toEqual([16 + 6 + 6])
    const [first, second] = netBuffersOf(guest, original).map((netBuffer) => guest.data(netBuffer).slice(4))
    expect(guest.data(netBuffersOf(guest, list)[0]!).slice(6)).toEqual([...first!, ...second!])
    guest.call('NdisFreeReassembledNetBufferList', list, 6, 0)
    expect(internalOut(guest)).toBe(before)
    expect(guest.broken()).toEqual([])
  })
  test('a pool whose lists come without a NET_BUFFER gives NULL', () => {
    const guest = createNetBufferGuest()
    expect(
      guest.call('NdisAllocateReassembledNetBufferList', source(guest, 0, [10]), listPool(guest), 0, 0, 0, 0),
    ).toBe(0)
  })
})

test('when memory is short nothing of a half-made list is left', () => {
  const guest = createNetBufferGuest({ memory: createSharedMemory(4 * 1024 * 1024) })
  const original = source(guest, 0, ...Array.from({ length: 40 }, () => [16]))
  const fill = netBufferPool(guest, 30_000)
  while (guest.call('NdisAllocateNetBufferMdlAndData', fill) !== 0);
  const small = netBufferPool(guest, 64)
  while (guest.call('NdisAllocateNetBufferMdlAndData', small) !== 0);
  const before = internalOut(guest)
  expect(guest.call('NdisAllocateCloneNetBufferList', original, 0, 0, 0)).toBe(0)
  expect(internalOut(guest)).toBe(before)
})
