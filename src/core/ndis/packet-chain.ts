import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { LONGEST_CHAIN, type Mdls } from './mdl'
import { PACKET } from './packet-layout'

/** What a chain adds up to. One object for all, so that adding up allocates nothing. */
export interface ChainTotals {
  buffers: number
  bytes: number
  pages: number
  /** false: the chain goes in a circle (or is longer than any chain). */
  ends: boolean
}

/** Adds up a chain from its first buffer on; `into` is overwritten. */
export function addUpChain(mdls: Mdls, first: number, into: ChainTotals): void {
  into.buffers = 0
  into.bytes = 0
  into.pages = 0
  let mdl = first
  for (; mdl !== 0 && into.buffers < LONGEST_CHAIN; mdl = mdls.next(mdl)) {
    into.buffers++
    into.bytes = (into.bytes + mdls.byteCount(mdl)) >>> 0
    into.pages += mdls.pages(mdl)
  }
  into.ends = mdl === 0
}

export const newTotals = (): ChainTotals => ({ buffers: 0, bytes: 0, pages: 0, ends: true })

/** The last buffer of a chain that begins at `first`, which is not 0. */
export function lastOfChain(mdls: Mdls, first: number): number {
  let last = first
  for (let links = 0; links < LONGEST_CHAIN; links++) {
    const next = mdls.next(last)
    if (next === 0) break
    last = next
  }
  return last
}

/** Chains of packets (PV ff550830, ff550837, ff554826, ff554428). Nobody serializes them but the packet's owner. */
export function createPacketChains(k: Kernel, mdls: Mdls) {
  const { preempt } = k
  const { i32, u8, w8 } = k.space
  const { put32 } = k.cells
  const totals = newTotals()
  const get = (packet: number, field: number): number => i32[(packet + field) >> 2]! >>> 0
  const set = (packet: number, field: number, value: number): void => {
    i32[(packet + field) >> 2] = value
  }
  const invalidate = (packet: number): void => w8(packet + PACKET.ValidCounts, 0)
  /** Optional out parameters may be left out. */
  const give = (target: OutParam | null | undefined, value: number): void => {
    if (target) put32(target, value)
  }

  /** NT4 103ndisx_160: the counts are taken from the cache as long as ValidCounts is TRUE, right or wrong. */
  function count(packet: number): void {
    if (u8[packet + PACKET.ValidCounts] !== 0) return
    addUpChain(mdls, get(packet, PACKET.Head), totals)
    set(packet, PACKET.PhysicalCount, totals.pages)
    set(packet, PACKET.TotalLength, totals.bytes)
    set(packet, PACKET.Count, totals.buffers)
    w8(packet + PACKET.ValidCounts, 1)
  }

  function firstBuffer(
    Packet: number,
    FirstBuffer: OutParam,
    FirstBufferVA: OutParam,
    FirstBufferLength: OutParam,
    TotalBufferLength: OutParam,
  ): void {
    preempt()
    const first = get(Packet, PACKET.Head)
    // ndis.h adds the chain up and does not look at the cached counts.
    addUpChain(mdls, first, totals)
    give(FirstBuffer, first)
    give(FirstBufferVA, first === 0 ? 0 : mdls.systemAddress(first))
    give(FirstBufferLength, first === 0 ? 0 : mdls.byteCount(first))
    give(TotalBufferLength, totals.bytes)
  }

  return {
    /** `Buffer` may be a chain itself: all of it goes in front. */
    NdisChainBufferAtFront(Packet: number, Buffer: number): void {
      const head = get(Packet, PACKET.Head)
      const last = lastOfChain(mdls, Buffer)
      if (head === 0) set(Packet, PACKET.Tail, last)
      mdls.setNext(last, head)
      set(Packet, PACKET.Head, Buffer)
      invalidate(Packet)
      preempt()
    },
    NdisChainBufferAtBack(Packet: number, Buffer: number): void {
      const last = lastOfChain(mdls, Buffer)
      if (get(Packet, PACKET.Head) === 0) set(Packet, PACKET.Head, Buffer)
      else mdls.setNext(get(Packet, PACKET.Tail), Buffer)
      set(Packet, PACKET.Tail, last)
      mdls.setNext(last, 0)
      invalidate(Packet)
      preempt()
    },
    NdisUnchainBufferAtFront(Packet: number, Buffer: OutParam): void {
      const first = get(Packet, PACKET.Head)
      if (first !== 0) {
        set(Packet, PACKET.Head, mdls.next(first))
        mdls.setNext(first, 0)
        invalidate(Packet)
      }
      put32(Buffer, first)
      preempt()
    },
    NdisUnchainBufferAtBack(Packet: number, Buffer: OutParam): void {
      let last = get(Packet, PACKET.Head)
      if (last !== 0) {
        let before = 0
        for (let links = 0; mdls.next(last) !== 0 && links < LONGEST_CHAIN; links++) {
          before = last
          last = mdls.next(last)
        }
        if (before === 0) set(Packet, PACKET.Head, 0)
        else mdls.setNext(before, 0)
        set(Packet, PACKET.Tail, before)
        invalidate(Packet)
      }
      put32(Buffer, last)
      preempt()
    },
    NdisQueryPacket(
      Packet: number,
      PhysicalBufferCount?: OutParam | null,
      BufferCount?: OutParam | null,
      FirstBuffer?: OutParam | null,
      TotalPacketLength?: OutParam | null,
    ): void {
      preempt()
      give(FirstBuffer, get(Packet, PACKET.Head))
      // ndis.h: only a query for a count makes them be counted.
      if (!PhysicalBufferCount && !BufferCount && !TotalPacketLength) return
      count(Packet)
      give(PhysicalBufferCount, get(Packet, PACKET.PhysicalCount))
      give(BufferCount, get(Packet, PACKET.Count))
      give(TotalPacketLength, get(Packet, PACKET.TotalLength))
    },
    NdisQueryPacketLength(Packet: number, TotalPacketLength: OutParam): void {
      preempt()
      count(Packet)
      put32(TotalPacketLength, get(Packet, PACKET.TotalLength))
    },
    /** PV ff557102: what a driver does after it changed a chain by hand. */
    NdisRecalculatePacketCounts(Packet: number): void {
      invalidate(Packet)
      preempt()
    },
    NdisGetFirstBufferFromPacket: firstBuffer,
    NdisGetFirstBufferFromPacketSafe: (
      Packet: number,
      FirstBuffer: OutParam,
      FirstBufferVA: OutParam,
      FirstBufferLength: OutParam,
      TotalBufferLength: OutParam,
      _Priority: number,
    ): void => firstBuffer(Packet, FirstBuffer, FirstBufferVA, FirstBufferLength, TotalBufferLength),
    NDIS_PACKET_FIRST_NDIS_BUFFER(Packet: number): number {
      preempt()
      return get(Packet, PACKET.Head)
    },
    NDIS_PACKET_LAST_NDIS_BUFFER(Packet: number): number {
      preempt()
      return get(Packet, PACKET.Tail)
    },
    NDIS_PACKET_VALID_COUNTS(Packet: number): number {
      preempt()
      return u8[Packet + PACKET.ValidCounts]!
    },
  }
}
