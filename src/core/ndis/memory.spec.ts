import { describe, expect, test } from 'vitest'
import { createSharedMemory } from '../machine'
import { FILL } from '../memory/map'
import { cell, createGuest } from '../test-guest'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_SUCCESS } from './status'

const TAG = 0x31676154

describe('pool memory (DDI ndisallocatememorywithtagpriority, PV ndisallocatememory)', () => {
  test('comes filled, with its tag right before it, and is filled again when it is freed', () => {
    const guest = createGuest()
    const at = cell()
    expect(guest.call('NdisAllocateMemoryWithTag', at, 24, TAG)).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.bytes(at.value, 24)).toEqual(Array(24).fill(FILL.FRESH))
    expect(guest.machine.kernel.space.r32(at.value - 4)).toBe(TAG)
    expect(at.value % 16).toBe(0)
    guest.call('NdisFreeMemory', at.value, 24, 0)
    expect(guest.bytes(at.value, 24)).toEqual(Array(24).fill(FILL.FREED))
    expect(guest.broken()).toEqual([])
  })
  test('NdisAllocateMemory and the Priority form give the same memory, NULL where documented', () => {
    const guest = createGuest({ memory: createSharedMemory(4 * 1024 * 1024) })
    const at = cell()
    expect(guest.call('NdisAllocateMemory', at, 100, 0, -1n)).toBe(NDIS_STATUS_SUCCESS)
    guest.call('NdisFreeMemory', at.value, 100, 0)
    const block = guest.call('NdisAllocateMemoryWithTagPriority', 0, 100, TAG, 0)
    guest.call('NdisFreeMemoryWithTagPriority', 0, block, TAG)
    expect(guest.call('NdisAllocateMemoryWithTagPriority', 0, 0x7000_0000, TAG, 0)).toBe(0)
    expect(guest.call('NdisAllocateMemoryWithTag', at, 0x7000_0000, TAG)).toBe(NDIS_STATUS_FAILURE)
    expect(at.value).toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('runs out for real, and there is room again when blocks came back', () => {
    const guest = createGuest({ memory: createSharedMemory(4 * 1024 * 1024) })
    const blocks: number[] = []
    for (let block = guest.call('NdisAllocateMemoryWithTagPriority', 0, 50_000, TAG, 0); block !== 0;) {
      blocks.push(block)
      block = guest.call('NdisAllocateMemoryWithTagPriority', 0, 50_000, TAG, 0)
    }
    expect(blocks.length).toBeGreaterThan(5)
    for (const block of blocks) guest.call('NdisFreeMemoryWithTag', block, TAG)
    expect(guest.call('NdisAllocateMemoryWithTagPriority', 0, 50_000, TAG, 0)).not.toBe(0)
  })
  test('zero bytes give NULL and a report', () => {
    const guest = createGuest()
    expect(guest.call('NdisAllocateMemoryWithTagPriority', 0, 0, TAG, 0)).toBe(0)
    expect(guest.broken()).toEqual(['DV:ZeroByteAllocation'])
  })
})

describe('freeing what must not be freed', () => {
  test('twice, never allocated, inside a block, with another tag, with an overrun', () => {
    const guest = createGuest()
    const block = (): number => guest.call('NdisAllocateMemoryWithTagPriority', 0, 20, TAG, 0)
    const twice = block()
    guest.call('NdisFreeMemoryWithTag', twice, TAG)
    guest.call('NdisFreeMemoryWithTag', twice, TAG)
    guest.call('NdisFreeMemory', 0x1000, 20, 0)
    guest.call('NdisFreeMemory', block() + 4, 16, 0)
    guest.call('NdisFreeMemoryWithTag', block(), TAG + 1)
    const overrun = block()
    guest.machine.kernel.space.w8(overrun + 20, 1)
    guest.call('NdisFreeMemoryWithTag', overrun, TAG)
    expect(guest.broken()).toEqual([
      'DV:DoubleFree',
      'DV:FreeUnallocated',
      'DV:FreeUnallocated',
      'PoolTagMismatch',
      'DV:WrotePastEnd',
    ])
  })
  test('without the rules the machine stops with BAD_POOL_CALLER', () => {
    const guest = createGuest({ rules: false })
    expect(guest.crash(() => guest.call('NdisFreeMemory', 0x1000, 1, 0))).toMatchObject({
      name: 'BAD_POOL_CALLER',
      code: 0xc2,
    })
  })
})

describe('moving, filling, comparing (DDI ndismovememory, ndiszeromemory; WDM rtlcomparememory)', () => {
  test.each(['NdisMoveMemory', 'RtlMoveMemory', 'NdisMoveMappedMemory'])('%s copes with overlap', (name) => {
    const guest = createGuest()
    const at = guest.memory(8)
    guest.call(name, at + 2, at, 6)
    expect(guest.bytes(at, 8)).toEqual([0, 1, 0, 1, 2, 3, 4, 5])
  })
  test.each(['RtlCopyMemory', 'NdisMoveToMappedMemory', 'NdisMoveFromMappedMemory'])('%s copies', (name) => {
    const guest = createGuest()
    const [to, from] = [guest.memory(4), guest.memory(4)]
    guest.machine.kernel.space.w8(from, 0x77)
    guest.call(name, to, from, 4)
    expect(guest.bytes(to, 4)).toEqual([0x77, 1, 2, 3])
  })
  test('zero and fill', () => {
    const guest = createGuest()
    const at = guest.memory(8)
    guest.call('NdisZeroMemory', at, 2)
    guest.call('RtlZeroMemory', at + 2, 1)
    guest.call('NdisZeroMappedMemory', at + 3, 1)
    guest.call('NdisFillMemory', at + 4, 2, 0xee)
    guest.call('RtlFillMemory', at + 6, 1, 0xdd)
    expect(guest.bytes(at, 8)).toEqual([0, 0, 0, 0, 0xee, 0xee, 0xdd, 7])
  })
  test('equal, or how far', () => {
    const guest = createGuest()
    const [a, b] = [guest.memory(8), guest.memory(8)]
    expect([guest.call('NdisEqualMemory', a, b, 8), guest.call('RtlEqualMemory', a, b, 8)]).toEqual([1, 1])
    guest.machine.kernel.space.w8(b + 5, 0)
    expect([guest.call('NdisEqualMemory', a, b, 8), guest.call('RtlEqualMemory', a, b, 5)]).toEqual([0, 1])
    expect(guest.call('RtlCompareMemory', a, b, 8)).toBe(5)
  })
  test('beyond the end of a block it is reported at the call, and not once more when the block is freed', () => {
    const guest = createGuest()
    const block = guest.call('NdisAllocateMemoryWithTagPriority', 0, 16, TAG, 0)
    guest.call('NdisZeroMemory', block, 20)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
    expect(guest.bytes(block + 16, 5)).toEqual([0, 0, 0, 0, FILL.GUARD])
    guest.call('NdisFreeMemoryWithTag', block, TAG)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
})

describe('what overruns a block', () => {
  test('does not reach the records of NDIS behind it, however long it is', () => {
    const guest = createGuest()
    const [short, next] = [guest.memory(8), guest.memory(8)]
    guest.call('NdisZeroMemory', short, 4096)
    guest.call('NdisInitializeReadWriteLock', short)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'DV:SpecialPoolOverrun'])
    expect(guest.machine.kernel.pool.problem(next)).toBe(null)
    expect(guest.machine.kernel.pool.sizeOf(guest.machine.kernel.pool.blockOf(next))).toBe(8)
  })
})
