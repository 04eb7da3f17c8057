import type { Kernel } from '../kernel/kernel'
import { SHADOW } from '../memory/map'
import { SYS_DESCRIPTOR } from '../memory/records'
import { ALLOCATED, DESCRIPTOR_HEADER, LOANED, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { MDL } from '../ndis/packet-layout'
import { hex } from './hex'
import type { LentPackets } from './lent-packets'
import { objectDetails } from './touched-object'
import type { ViolationDetails } from './verifier'

/** What every rule asks first of a packet or a buffer that a driver passes. `true`: the call must not be carried out. */
export interface DescriptorPointers {
  /** `touches`: the call changes the packet, which nobody may do while a receiver holds it. */
  badPacket(fn: string, packet: number, touches: boolean): boolean
  /** Any MDL: of a buffer pool, of the system, inside a NET_BUFFER, or in memory of the driver. */
  badMdl(fn: string, mdl: number): boolean
  /** true when the handle is no live pool of the kind. */
  badPool(fn: string, pool: number, kind: number, name: string): boolean
  /** What is known of a descriptor of a pool, for a violation. */
  details(descriptor: number): ViolationDetails
  /** true of a packet of a live pool that is not handed out. */
  isFreed(packet: number): boolean
  /** Call site that freed it last; 0: nobody did. */
  freeSite(packet: number): number
}

/** DDI ndisallocatebuffer: a range that is to be described is nonpaged memory of somebody, all of it. */
export function checkRange(k: Kernel, fn: string, address: number, length: number): void {
  const end = address + length
  for (let at = address; at < end;) {
    const bad = k.shadow.firstBad(at, end - at)
    if (bad < 0) return
    const state = k.shadow.at(bad)
    if (state !== SHADOW.DESCRIPTOR) {
      const what =
        state === SHADOW.FREED
          ? 'was freed'
          : state === SHADOW.GUARD
            ? 'lies outside of any live block'
            : 'is no nonpaged memory of the driver'
      return k.verifier.violation(
        'BufferRange',
        fn,
        `${fn} describes ${length} bytes at ${hex(address)}, but byte ${bad - address} of them ${what}.`,
      )
    }
    at = (bad & ~7) + 8
  }
}

export function createDescriptorPointers(k: Kernel, pools: DescriptorPools, lent?: LentPackets): DescriptorPointers {
  const { violation } = k.verifier
  const field = (descriptor: number, offset: number): number => pools.get(descriptor - DESCRIPTOR_HEADER, offset)
  const details = (descriptor: number): ViolationDetails => objectDetails(k, descriptor)

  /** Not out: freed, or never handed out. */
  function dead(fn: string, descriptor: number, kind: 'NDIS_PACKET' | 'NDIS_BUFFER'): true {
    const freed = field(descriptor, SYS_DESCRIPTOR.FreeSite)
    violation(
      'DV:SpecialPoolUseAfterFree',
      fn,
      `${fn} was given the ${kind} at ${hex(descriptor)}, which ${freed ? 'was freed' : 'was never allocated'}.`,
      details(descriptor),
    )
    return true
  }

  return {
    details,
    isFreed: (packet) =>
      pools.poolOf(packet, POOL_KIND.PACKET) !== 0 && (field(packet, SYS_DESCRIPTOR.State) & ALLOCATED) === 0,
    freeSite: (packet) => field(packet, SYS_DESCRIPTOR.FreeSite),
    badPacket(fn, packet, touches) {
      if (pools.poolOf(packet, POOL_KIND.PACKET) === 0) {
        violation('InvalidPacket', fn, `${fn} was given ${hex(packet)}, which is no packet of a live packet pool.`)
        return true
      }
      const state = field(packet, SYS_DESCRIPTOR.State)
      if ((state & ALLOCATED) === 0) return dead(fn, packet, 'NDIS_PACKET')
      const why = touches && (state & LOANED) !== 0 ? lent?.(fn, packet) : undefined
      if (why) violation('PacketInUse', fn, `${fn} changes the packet at ${hex(packet)} while ${why}.`, details(packet))
      return false
    },
    badMdl(fn, mdl) {
      if (pools.poolOf(mdl, POOL_KIND.BUFFER) !== 0)
        return (field(mdl, SYS_DESCRIPTOR.State) & ALLOCATED) === 0 && dead(fn, mdl, 'NDIS_BUFFER')
      const address = mdl >>> 0
      if (address % 4 === 0 && k.access.range(fn, address, MDL.SIZE, false)) return false
      violation('InvalidBuffer', fn, `${fn} was given ${hex(mdl)}, which is no buffer descriptor.`)
      return true
    },
    badPool(fn, pool, kind, name) {
      if (pools.isPool(pool, kind)) return false
      const buried = pools.buried(pool)
      if (buried)
        violation('DeadPoolHandle', fn, `${fn} uses the handle ${hex(pool)} of a ${name} pool that was freed.`, {
          allocated: buried.allocated,
          freed: buried.freed,
        })
      else violation('InvalidPoolHandle', fn, `${fn} was given ${hex(pool)}, which is no ${name} pool.`)
      return true
    },
  }
}
