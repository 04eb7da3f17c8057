import { FREED_F64 } from '../memory/address-space'
import { FILL, GRANULE_SHIFT, SHADOW } from '../memory/map'
import { SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import type { Kernel } from '../kernel/kernel'
import {
  ALLOCATED,
  DESCRIPTOR_HEADER,
  FORM,
  formOf,
  LOANED,
  OVERFLOW_DESCRIPTOR,
  POOL_FLAG,
  POOL_KIND,
  type DescriptorPools,
} from '../ndis/descriptor-pool'
import { PACKET } from '../ndis/packet-layout'
import type { OutParam } from '../memory/cell'
import { reportBadFree } from './bad-frees'
import { hex } from './hex'
import type { RuleFamily } from './rules'
import { checkReturned } from './spoiled-blocks'
import { foundDetails, objectDetails } from './touched-object'

const STATE = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.State
const ALLOC_SITE = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.AllocSite
const FREE_SITE = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.FreeSite
const ALLOC_EVENT = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.AllocEvent
const FORM_NAMES = ['NdisAllocatePacket', 'NdisDprAllocatePacket', 'NdisDprAllocatePacketNonInterlocked'] as const

/** Knows live packet pools and their packets; cheap when right: the pool that was found last is asked first. */
function createKnownPool({ space, shadow }: Kernel, pools: DescriptorPools) {
  const { i32, u8 } = space
  const shadowBase = shadow.base
  let known = 0
  /** Its static descriptors lie in [first, end). */
  let first = 0
  let end = 0
  function find(pool: number): boolean {
    if (!pools.isPool(pool, POOL_KIND.PACKET)) return false
    known = pool
    first = i32[(pool + SYS_POOL.First) >> 2]!
    end = i32[(pool + SYS_POOL.End) >> 2]!
    return true
  }
  return {
    isPool: (pool: number): boolean => pool === known || find(pool),
    /** true when a packet of the pool begins at the address: where the record before a descriptor ends. */
    has: (pool: number, packet: number): boolean =>
      (pool === known &&
        packet >= first &&
        packet < end &&
        (packet & 7) === 0 &&
        u8[shadowBase + (packet >>> GRANULE_SHIFT)] === SHADOW.DESCRIPTOR &&
        u8[shadowBase + (packet >>> GRANULE_SHIFT) - 1] === SHADOW.HEADER) ||
      (pools.poolOf(packet, POOL_KIND.PACKET) === pool && find(pool)),
    /** Before a pool is freed. */
    forget: (): void => void (known = 0),
  }
}

/** Packet pools and packets: handles, forms, double frees, chains lost, use after free through the fill. */
export function packetRules(k: Kernel, pools: DescriptorPools): RuleFamily {
  const { space, verifier, log, site } = k
  const live = createKnownPool(k, pools)
  const { violation } = verifier
  const { i32, f64 } = space

  const details = (packet: number) => objectDetails(k, packet)

  /** true when the handle is no live packet pool. */
  function badPool(fn: string, pool: number): boolean {
    if (pools.isPool(pool, POOL_KIND.PACKET)) return false
    const dead = pools.buried(pool)
    if (dead)
      violation('DeadPoolHandle', fn, `${fn} uses the handle ${hex(pool)} of a packet pool that was freed.`, {
        allocated: dead.allocated,
        freed: dead.freed,
      })
    else violation('InvalidPoolHandle', fn, `${fn} was given ${hex(pool)}, which is no packet pool.`)
    return true
  }

  function spoiled(fn: string, packet: number): void {
    if (k.damage.wasSeen(k.pool.blockOf(packet))) return
    let at = packet
    while (at < packet + PACKET.ProtocolReserved && space.u8[at] === FILL.FREED) at++
    violation(
      'DV:SpecialPoolUseAfterFree',
      fn,
      `The packet at ${hex(packet)} was written to after it was freed: byte ${at - packet} is 0x${space.u8[at]!.toString(16)}.`,
      {
        ...foundDetails(k.finder.at(packet), at),
      },
    )
  }

  function mixed(fn: string, pool: number, flag: number): void {
    const flags = i32[(pool + SYS_POOL.Flags) >> 2]! | flag
    i32[(pool + SYS_POOL.Flags) >> 2] = flags
    if (
      (flags & (POOL_FLAG.NON_INTERLOCKED | POOL_FLAG.INTERLOCKED)) ===
        (POOL_FLAG.NON_INTERLOCKED | POOL_FLAG.INTERLOCKED) &&
      k.traits.nonInterlockedIsApart
    )
      violation(
        'PacketPoolMixedForms',
        fn,
        `${fn} is used on a packet pool on which the other kind of calls, interlocked or NonInterlocked, is used as well: the driver's lock does not keep them apart.`,
      )
  }

  /** One body for all forms: see packet.ts. The common case is a live handle whose next descriptor still has its fill. */
  // Constants of this function, not of modules: V8 knows their values.
  const [flagsWord, freeList, freed] = [SYS_POOL.Flags >> 2, SYS_POOL.FreeList >> 2, FREED_F64]
  const [state, pool, head] = [STATE >> 2, PACKET.Pool >> 2, PACKET.Head >> 2]
  const [allocEvent, allocSite, freeSite] = [ALLOC_EVENT >> 2, ALLOC_SITE >> 2, FREE_SITE >> 2]

  function checkTake(fn: string, flag: number, PoolHandle: number): boolean {
    if (!live.isPool(PoolHandle)) return badPool(fn, PoolHandle)
    const record = PoolHandle >> 2
    if ((i32[record + flagsWord]! & flag) === 0) mixed(fn, PoolHandle, flag)
    const packet = i32[record + freeList]!
    if (packet === 0) return false
    const at = packet >> 3
    if (
      f64[at] !== freed ||
      f64[at + 1] !== freed ||
      f64[at + 2] !== freed ||
      f64[at + 3] !== freed ||
      f64[at + 4] !== freed ||
      f64[at + 5] !== freed ||
      f64[at + 6] !== freed
    )
      spoiled(fn, packet)
    // Blame belongs to the rules: without them nobody asks who allocated and freed.
    i32[(packet >> 2) + allocEvent] = log.index()
    i32[(packet >> 2) + allocSite] = site.s
    return false
  }

  /** true when the packet cannot be freed at all. */
  function refused(fn: string, packet: number): boolean {
    const pool = pools.poolOf(packet, POOL_KIND.PACKET)
    const state = pool === 0 ? 0 : i32[(packet + STATE) >> 2]!
    if ((state & ALLOCATED) === 0)
      return reportBadFree(k, fn, packet, { kinds: ['NDIS_PACKET'], name: 'packet of a live pool' })
    if ((state & LOANED) !== 0) {
      violation(
        'PacketInUse',
        fn,
        `${fn} frees the packet at ${hex(packet)} while it is still out: a receiver holds it, or it is being sent.`,
        details(packet),
      )
      return true
    }
    if (i32[(packet + PACKET.Pool) >> 2] !== pool) {
      violation(
        'DV:SpecialPoolPatternBroken',
        fn,
        `The packet at ${hex(packet)} names ${hex(i32[(packet + PACKET.Pool) >> 2]!)} as its pool; the field belongs to NDIS and was overwritten.`,
        details(packet),
      )
      i32[(packet + PACKET.Pool) >> 2] = pool
    }
    return false
  }

  function checkFree(fn: string, packet: number, nonInterlocked: boolean): boolean {
    const word = packet >> 2
    const mark = i32[word + state]!
    // What every right call passes: a packet that is out, of a live pool that it names itself.
    if (!((mark & (ALLOCATED | LOANED)) === ALLOCATED && live.has(i32[word + pool]!, packet)) && refused(fn, packet))
      return true
    if ((mark & OVERFLOW_DESCRIPTOR) !== 0) checkReturned(k, fn, packet - DESCRIPTOR_HEADER)
    // NT4 103ndisx_31; on CE all forms are one (CE ms921048).
    if ((formOf(mark) === FORM.NON_INTERLOCKED) !== nonInterlocked && !oneForm) wrongForm(fn, packet)
    if (i32[word + head] !== 0) chainLost(fn, packet)
    return false
  }
  const oneForm = !k.traits.nonInterlockedIsApart
  function wrongForm(fn: string, packet: number): void {
    const form = formOf(i32[(packet + STATE) >> 2]!)
    violation(
      'NonInterlockedPairing',
      fn,
      `A packet of ${FORM_NAMES[form]} is freed by ${fn}: the NonInterlocked calls only go with each other, under the driver's own lock.`,
      details(packet),
    )
  }
  const chainLost = (fn: string, packet: number): void =>
    violation(
      'ChainedBuffersLost',
      fn,
      `${fn} frees a packet with buffers still chained to it: they are not freed with it and can no longer be found.`,
      details(packet),
    )
  /** The link of the free list is in the descriptor's own record: the whole header can be filled. */
  const fill = (_result: undefined, Packet: number): void => {
    const at = Packet >> 3
    f64[at] = freed
    f64[at + 1] = freed
    f64[at + 2] = freed
    f64[at + 3] = freed
    f64[at + 4] = freed
    f64[at + 5] = freed
    f64[at + 6] = freed
    // A link, so a static descriptor: an overflow packet's record is freed memory by now.
    if ((i32[(Packet >> 2) + state]! & ALLOCATED) === 0) i32[(Packet >> 2) + freeSite] = site.s
  }

  return {
    before: {
      NdisAllocatePacket: (_Status: OutParam, _Packet: OutParam, PoolHandle: number) =>
        checkTake('NdisAllocatePacket', POOL_FLAG.INTERLOCKED, PoolHandle),
      NdisDprAllocatePacket: (_Status: OutParam, _Packet: OutParam, PoolHandle: number) =>
        checkTake('NdisDprAllocatePacket', POOL_FLAG.INTERLOCKED, PoolHandle),
      NdisDprAllocatePacketNonInterlocked: (_Status: OutParam, _Packet: OutParam, PoolHandle: number) =>
        checkTake('NdisDprAllocatePacketNonInterlocked', POOL_FLAG.NON_INTERLOCKED, PoolHandle),
      NdisFreePacket: (Packet: number) => checkFree('NdisFreePacket', Packet, false),
      NdisDprFreePacket: (Packet: number) => checkFree('NdisDprFreePacket', Packet, false),
      NdisDprFreePacketNonInterlocked: (Packet: number) => checkFree('NdisDprFreePacketNonInterlocked', Packet, true),
      NdisPacketPoolUsage: (PoolHandle: number) => badPool('NdisPacketPoolUsage', PoolHandle),
      NdisReinitializePacket(Packet: number) {
        if ((i32[(Packet + STATE) >> 2]! & ALLOCATED) === 0 || pools.poolOf(Packet, POOL_KIND.PACKET) === 0)
          return refused('NdisReinitializePacket', Packet)
        if (i32[(Packet + PACKET.Head) >> 2] !== 0)
          violation(
            'ChainedBuffersLost',
            'NdisReinitializePacket',
            'NdisReinitializePacket empties the chain of a packet whose buffers were not unchained: they can no longer be found.',
            details(Packet),
          )
        return false
      },
      NdisFreePacketPool(PoolHandle: number) {
        if (badPool('NdisFreePacketPool', PoolHandle)) return true
        live.forget()
        let out = 0
        const count = pools.inUse(PoolHandle)
        pools.forEachOut(PoolHandle, (packet) => (out ||= packet))
        if (count > 0)
          violation(
            'FreePoolWithDescriptorsOut',
            'NdisFreePacketPool',
            `The packet pool is freed with ${count} of its packets still out.`,
            details(out),
          )
        return false
      },
    },
    after: {
      NdisFreePacket: fill,
      NdisDprFreePacket: fill,
      NdisDprFreePacketNonInterlocked: fill,
    },
  }
}
