import type { Kernel } from '../kernel/kernel'
import { SYS_BLOCK, SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import type { Adapters } from '../ndis/adapters'
import { ALLOCATED, DESCRIPTOR_HEADER, POOL_FLAG, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { MDL, PACKET } from '../ndis/packet-layout'
import { lastCallback } from './last-callback'
import type { RuleFamily } from './rules'
import { checkBlock, checkPoison, reportDamage, type Finding } from './spoiled-blocks'

/** What the rules fill of a descriptor that goes back to its pool. */
const FILLED: Readonly<Record<number, number>> = {
  [POOL_KIND.PACKET]: PACKET.ProtocolReserved,
  [POOL_KIND.BUFFER]: MDL.SIZE,
}

/** Descriptors of the static part of a pool: the gap behind each, and those that nobody has. */
function createDescriptorWalk(k: Kernel, pools: DescriptorPools) {
  const { damage, finder } = k
  function look(kind: 'guard' | 'poison', start: number, end: number, descriptor: number, finding: Finding): void {
    const found = damage.range(kind, start, end)
    if (!found) return
    reportDamage(k, found, finder.at(descriptor)!, finding)
    damage.mend(kind, start, end)
  }
  return (pool: number, finding: Finding): void => {
    const [first, end, stride, size] = [SYS_POOL.First, SYS_POOL.End, SYS_POOL.Stride, SYS_POOL.DescriptorSize].map(
      (field) => pools.get(pool, field),
    ) as [number, number, number, number]
    // The workbench's own descriptors are given back past the rules, which fill them.
    if (first === end || pools.get(pool, SYS_POOL.Flags) & POOL_FLAG.WORKBENCH) return
    if (damage.wasSeen(pool - SYS_BLOCK.SIZE)) return
    const filled = FILLED[pools.get(pool, SYS_POOL.Kind)] ?? 0
    const frontier = pools.get(pool, SYS_POOL.Frontier)
    for (let at = first; at < end; at += stride) {
      look('guard', at + size, at + stride - DESCRIPTOR_HEADER, at, finding)
      const isOut = (pools.get(at - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.State) & ALLOCATED) !== 0
      if (at >= frontier) look('poison', at, at + size, at, finding)
      else if (!isOut) look('poison', at, at + filled, at, finding)
    }
  }
}

/**
 * Accesses of the driver are looked at as they happen, and so are those of NDIS and of devices in its name. What came past that
 * is found by what it left: a record, a guard or a fill that is changed. A block is looked at when it is given back; all of them when
 * an adapter is halted, when the driver is unloaded, and when the run ends in another way.
 */
export function poolWalkRules(k: Kernel, pools: DescriptorPools, adapters: Adapters): RuleFamily {
  const walkDescriptors = createDescriptorWalk(k, pools)
  function walk(when: string): void {
    const finding = { fn: '', when }
    k.pool.forEach((block) => {
      if (k.damage.wasSeen(block)) return
      if (!checkPoison(k, block, finding)) checkBlock(k, block, finding)
    })
    pools.forEachLive((pool) => walkDescriptors(pool, finding))
  }
  k.pool.watchReuse((block) => {
    if (k.damage.isLate(block) && !k.damage.wasSeen(block))
      checkPoison(k, block, { fn: '', when: 'when it is allocated again' })
  })
  adapters.watch({ ended: (adapter) => walk(`after ${lastCallback(adapter)}`) })
  return {
    before: Object.fromEntries(
      ['NdisFreePacketPool', 'NdisFreeBufferPool'].map((fn) => [
        fn,
        (pool: number) => {
          if (pools.isPool(pool, POOL_KIND.PACKET) || pools.isPool(pool, POOL_KIND.BUFFER))
            walkDescriptors(pool, { fn })
          return false
        },
      ]),
    ),
    unloaded: () => walk('when the driver is unloaded'),
    ended: () => walk('when the run ends'),
  }
}
