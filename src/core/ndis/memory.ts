import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { freePool } from './pool-memory'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_SUCCESS } from './status'

/** 'NDIm': the tag of NdisAllocateMemory, which gives none. */
const DEFAULT_TAG = 0x6d49444e

/** Tagged pool for drivers (DDI ndisallocatememorywithtagpriority, ndisfreememory) and plain memory moves. */
export function createMemory(k: Kernel) {
  const { space, pool, site, log, preempt } = k
  const { put32 } = k.cells
  const allocate = (length: number, tag: number): number =>
    pool.allocate(length, tag, OWNER_DRIVER, site.s, log.count())

  function release(address: number): void {
    freePool(k, address)
    preempt()
  }
  function allocateInto(VirtualAddress: OutParam, length: number, tag: number): number {
    preempt()
    const address = length === 0 ? 0 : allocate(length, tag)
    put32(VirtualAddress, address)
    return address === 0 ? NDIS_STATUS_FAILURE : NDIS_STATUS_SUCCESS
  }
  function move(Destination: number, Source: number, Length: number): void {
    space.move(Destination, Source, Length)
    preempt()
  }
  function fill(Destination: number, Length: number, Fill: number): void {
    space.fill(Destination, Length, Fill)
    preempt()
  }
  const zero = (Destination: number, Length: number): void => fill(Destination, Length, 0)
  /** Bytes that are equal from the start (RtlCompareMemory). */
  function equalBytes(a: number, b: number, length: number): number {
    let count = 0
    while (count < length && space.u8[a + count] === space.u8[b + count]) count++
    return count
  }

  return {
    NdisAllocateMemory: (
      VirtualAddress: OutParam,
      Length: number,
      _MemoryFlags: number,
      _HighestAcceptableAddress?: unknown,
    ): number => allocateInto(VirtualAddress, Length >>> 0, DEFAULT_TAG),
    NdisAllocateMemoryWithTag: (VirtualAddress: OutParam, Length: number, Tag: number): number =>
      allocateInto(VirtualAddress, Length >>> 0, Tag),
    NdisAllocateMemoryWithTagPriority(_NdisHandle: number, Length: number, Tag: number, _Priority: number): number {
      preempt()
      return Length >>> 0 === 0 ? 0 : allocate(Length >>> 0, Tag)
    },
    NdisFreeMemory: (VirtualAddress: number, _Length: number, _MemoryFlags: number): void => release(VirtualAddress),
    NdisFreeMemoryWithTag: (VirtualAddress: number, _Tag: number): void => release(VirtualAddress),
    NdisFreeMemoryWithTagPriority: (_NdisHandle: number, VirtualAddress: number, _Tag: number): void =>
      release(VirtualAddress),
    NdisMoveMemory: move,
    RtlMoveMemory: move,
    RtlCopyMemory: move,
    NdisZeroMemory: zero,
    RtlZeroMemory: zero,
    NdisFillMemory: fill,
    RtlFillMemory: fill,
    NdisRetrieveUlong(Destination: number, Source: number): void {
      space.w32(Destination, space.r32(Source))
      preempt()
    },
    NdisStoreUlong(Destination: number, Value: number): void {
      space.w32(Destination, Value)
      preempt()
    },
    /** MacOptions matter where lookahead data lies in memory of the card, which is not copied as RAM is; here it is. */
    NdisCopyLookaheadData: (Destination: number, Source: number, Length: number, _MacOptions: number): void =>
      move(Destination, Source, Length),
    NdisEqualMemory(Source1: number, Source2: number, Length: number): number {
      preempt()
      return equalBytes(Source1, Source2, Length) === Length ? 1 : 0
    },
    RtlEqualMemory(Source1: number, Source2: number, Length: number): number {
      preempt()
      return equalBytes(Source1, Source2, Length) === Length ? 1 : 0
    },
    RtlCompareMemory(Source1: number, Source2: number, Length: number): number {
      preempt()
      return equalBytes(Source1, Source2, Length)
    },
  }
}
