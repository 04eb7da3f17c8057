import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import {
  ALLOCATED,
  DESCRIPTOR_HEADER,
  FORM,
  FORM_SHIFT,
  OVERFLOW_DESCRIPTOR,
  POOL_KIND,
  type DescriptorPools,
} from './descriptor-pool'
import { MINIMUM_RECEIVE_RESERVED, OOB, oobOffset, PACKET, PACKET_HAS_EXTENSION, packetSize } from './packet-layout'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

/** A pool holds at most this many packets, overflow included (PV ff550787). */
const MOST_PACKETS = 0xffff
/** 'NDpp': the tag that packet pools carry. */
const PACKET_POOL_TAG = 0x7070444e

const STATE = SYS_DESCRIPTOR.State - DESCRIPTOR_HEADER
const ALLOC_SITE = SYS_DESCRIPTOR.AllocSite - DESCRIPTOR_HEADER
const FREE_LIST = SYS_POOL.FreeList
/** Last word of NDIS_PACKET_PRIVATE of a new packet: flags, and where its OOB data begins. */
const countsFor = (reserved: number): number => (PACKET_HAS_EXTENSION << 8) | (oobOffset(reserved) << 16)
/** State words of packets that are out. */
const PLAIN = ALLOCATED | (FORM.PLAIN << FORM_SHIFT)
const DPR = ALLOCATED | (FORM.DPR << FORM_SHIFT)
const NON_INTERLOCKED = ALLOCATED | (FORM.NON_INTERLOCKED << FORM_SHIFT)

/**
 * Packet pools and packets (NDIS 3 to 5). One free list serves the three forms, which differ in who keeps callers apart:
 * NDIS's own lock (plain and Dpr) or the caller's (NonInterlocked); the descriptor remembers its form.
 */
export function createPackets(k: Kernel, pools: DescriptorPools) {
  const { space, preempt, site } = k
  const { i32, f64 } = space
  const { put32 } = k.cells
  // Constants of this function, not of the module: V8 inlines by the length of the bytecode.
  const [state, poolWord, countsWord] = [STATE >> 2, PACKET.Pool >> 2, PACKET.ValidCounts >> 2]
  const [freeList, template] = [SYS_POOL.FreeList >> 2, SYS_POOL.Template >> 2]
  /** What receive indications need, and so what most pools have. */
  const usualCounts = countsFor(MINIMUM_RECEIVE_RESERVED)

  function allocatePool(
    Status: OutParam,
    PoolHandle: OutParam,
    count: number,
    overflow: number,
    reserved: number,
  ): void {
    preempt()
    // PV ff550787: too many in the base part is refused, too many in the overflow part is cut.
    const possible = count > 0 && count <= MOST_PACKETS && reserved <= 0xffff
    const spare = Math.max(0, Math.min(overflow, MOST_PACKETS - count))
    const pool = possible
      ? pools.create({
          kind: POOL_KIND.PACKET,
          tag: PACKET_POOL_TAG,
          capacity: count,
          overflow: spare,
          descriptorSize: packetSize(reserved),
          reservedLength: reserved,
        })
      : 0
    if (pool !== 0) pools.set(pool, SYS_POOL.Template, countsFor(reserved))
    put32(PoolHandle, pool)
    put32(Status, pool === 0 ? NDIS_STATUS_RESOURCES : NDIS_STATUS_SUCCESS)
  }

  /** A packet that was never out, or an overflow packet; 0 when the pool is exhausted. Its OOB data starts zeroed. */
  function grow(pool: number, mark: number): number {
    const packet = pools.grow(pool)
    if (packet === 0) return 0
    i32[(packet + STATE) >> 2] = (i32[(packet + STATE) >> 2]! & OVERFLOW_DESCRIPTOR) | mark
    i32[(packet + ALLOC_SITE) >> 2] = site.s
    const oob = oobOffset(pools.get(pool, SYS_POOL.ReservedLength))
    space.fill(packet + oob, pools.get(pool, SYS_POOL.DescriptorSize) - oob, 0)
    i32[(packet + oob + OOB.Status) >> 2] = NDIS_STATUS_SUCCESS
    return packet
  }

  /**
   * The rare ways of `take`: a packet that was never out, an overflow packet, or NDIS_STATUS_RESOURCES. `clear`: *Packet
   * becomes NULL on failure, as the pages of the Dpr forms say (PV ff551932, ff551937).
   */
  function takeRare(Status: OutParam, Packet: OutParam, PoolHandle: number, mark: number, clear: boolean): void {
    const packet = grow(PoolHandle, mark)
    if (packet !== 0) {
      // Through the free list, so that one path sets packets up.
      const state = i32[(packet + STATE) >> 2]!
      i32[(packet + STATE) >> 2] = 0
      i32[(PoolHandle + FREE_LIST) >> 2] = packet
      take(Status, Packet, PoolHandle, state, clear)
      return
    }
    if (clear) put32(Packet, 0)
    put32(Status, NDIS_STATUS_RESOURCES)
    preempt()
  }
  /** NT4 103ndisx_11: the descriptor is zeroed, its chain empty; OOB data changes through macros only. */
  function zeroHeader(at: number): void {
    f64[at] = 0
    f64[at + 1] = 0
    f64[at + 2] = 0
    f64[at + 3] = 0
    f64[at + 4] = 0
    f64[at + 5] = 0
    f64[at + 6] = 0
  }
  function zeroUsualReserved(at: number): void {
    f64[at + 7] = 0
    f64[at + 8] = 0
  }
  function zeroReserved(packet: number, length: number): void {
    for (let at = (packet + PACKET.ProtocolReserved) >> 3, end = at + ((length + 7) >> 3); at < end; at++) f64[at] = 0
  }

  /**
   * Takes a packet; `mark` is its new state word. One body for the three forms and all that is rare outside of it: V8
   * inlines only so much, and knows `i32` and `f64` for constants only in functions that exist once.
   */
  function take(Status: OutParam, Packet: OutParam, PoolHandle: number, mark: number, clear: boolean): void {
    const pool = PoolHandle >> 2
    const packet = i32[pool + freeList]!
    if (packet === 0) return takeRare(Status, Packet, PoolHandle, mark, clear)
    const word = packet >> 2
    i32[pool + freeList] = i32[word + state]!
    i32[word + state] = mark
    zeroHeader(packet >> 3)
    i32[word + poolWord] = PoolHandle
    const counts = i32[pool + template]!
    i32[word + countsWord] = counts
    if (counts === usualCounts) zeroUsualReserved(packet >> 3)
    else zeroReserved(packet, pools.get(PoolHandle, SYS_POOL.ReservedLength))
    // *Packet last: V8 then still knows its value when the driver reads it.
    if (typeof Status === 'number') put32(Status, NDIS_STATUS_SUCCESS)
    else Status.value = NDIS_STATUS_SUCCESS
    if (typeof Packet === 'number') put32(Packet, packet)
    else Packet.value = packet
    preempt()
  }

  /** DDI ndisallocatepacketpoolex: overflow packets go back to system memory. */
  function giveMemory(Packet: number): void {
    pools.releaseMemory(Packet)
  }
  /** Others run before, not after: the rules fill what was freed, which must not be out again by then. */
  function give(Packet: number): void {
    preempt()
    const word = Packet >> 2
    if ((i32[word + state]! & OVERFLOW_DESCRIPTOR) !== 0) return giveMemory(Packet)
    const pool = i32[word + poolWord]! >> 2
    i32[word + state] = i32[pool + freeList]!
    i32[pool + freeList] = Packet
  }

  /** NT4 and CE zero the reserved areas, 5.1 does not touch them (PV ff554658, CE ee486983): the platform decides. */
  function NdisReinitializePacket(Packet: number): void {
    i32[(Packet + PACKET.Head) >> 2] = 0
    space.w8(Packet + PACKET.ValidCounts, 0)
    if (k.traits.reinitializeZeroesReserved) {
      const reserved = pools.get(i32[(Packet + PACKET.Pool) >> 2]!, SYS_POOL.ReservedLength)
      space.fill(Packet + PACKET.MiniportReserved, PACKET.ProtocolReserved - PACKET.MiniportReserved + reserved, 0)
    }
    preempt()
  }

  return {
    NdisAllocatePacketPool: (
      Status: OutParam,
      PoolHandle: OutParam,
      NumberOfDescriptors: number,
      ProtocolReservedLength: number,
    ): void => allocatePool(Status, PoolHandle, NumberOfDescriptors >>> 0, 0, ProtocolReservedLength >>> 0),
    NdisAllocatePacketPoolEx: (
      Status: OutParam,
      PoolHandle: OutParam,
      NumberOfDescriptors: number,
      NumberOfOverflowDescriptors: number,
      ProtocolReservedLength: number,
    ): void =>
      allocatePool(
        Status,
        PoolHandle,
        NumberOfDescriptors >>> 0,
        NumberOfOverflowDescriptors >>> 0,
        ProtocolReservedLength >>> 0,
      ),
    NdisFreePacketPool(PoolHandle: number): void {
      pools.destroy(PoolHandle)
      preempt()
    },
    NdisPacketPoolUsage(PoolHandle: number): number {
      preempt()
      return pools.inUse(PoolHandle)
    },
    NdisAllocatePacket: (Status: OutParam, Packet: OutParam, PoolHandle: number): void =>
      take(Status, Packet, PoolHandle, PLAIN, false),
    NdisDprAllocatePacket: (Status: OutParam, Packet: OutParam, PoolHandle: number): void =>
      take(Status, Packet, PoolHandle, DPR, true),
    NdisDprAllocatePacketNonInterlocked: (Status: OutParam, Packet: OutParam, PoolHandle: number): void =>
      take(Status, Packet, PoolHandle, NON_INTERLOCKED, true),
    NdisFreePacket: give,
    NdisDprFreePacket: give,
    NdisDprFreePacketNonInterlocked: give,
    NdisReinitializePacket,
  }
}
