import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { PACKET } from '../ndis/packet-layout'
import { hex } from './hex'
import { holdsText, raceWith, relatedUse, type LockState, type Use } from './lock-races'
import type { RuleFamily } from './rules'

/**
 * The NonInterlocked calls leave it to the driver that a pool is used by one CPU at a time (NT4 103ndisx_31, CE ms921048): all uses
 * that can come together must share a lock, whether or not they came together in this run.
 */
export function poolLockRules(k: Kernel, state: LockState): RuleFamily {
  if (!k.traits.nonInterlockedIsApart) return {}
  const { site, verifier } = k
  const { sets, holds, contexts } = state
  const { changes } = holds
  // Constants of this function, not of modules: V8 knows their values.
  const { i32 } = k.space
  const poolWord = PACKET.Pool >> 2
  /** By the handle of the pool, then by context. */
  const usesOf = new Map<number, Map<number, Use>>()
  /** Most calls are made as the one before. */
  let lastPool = 0
  let lastChanges = -1

  function report(fn: string, pool: number, use: Use, other: Use): void {
    const others = verifier.locator.site(other.site)
    verifier.violation(
      'NonInterlockedNotSerialized',
      fn,
      `${fn} works on the packet pool at ${hex(pool)} in ${use.context.name}, which ${holdsText(state, use.set)}; ${other.context.name} ${holdsText(state, other.set)} when it uses the pool${others ? ` at ${others.file}:${others.line}` : ''}. The two can run at once, and nothing keeps the list of free packets whole.`,
      { related: relatedUse(k, state, other) },
    )
  }
  function used(fn: string, pool: number): boolean {
    const now = changes()
    if (pool !== lastPool || now !== lastChanges) note(fn, pool, now)
    return false
  }
  function note(fn: string, pool: number, now: number): void {
    lastPool = pool
    lastChanges = now
    const context = contexts.current()
    const held = holds.set()
    if (context.alone) return
    let uses = usesOf.get(pool)
    if (!uses) usesOf.set(pool, (uses = new Map<number, Use>()))
    const old = uses.get(context.number)
    const set = old ? sets.common(old.set, held) : held
    if (old && set === old.set) return
    const use = { context, set, site: site.s }
    uses.set(context.number, use)
    const other = raceWith(state, uses.values(), use)
    if (other) report(fn, pool, use, other)
  }
  return {
    before: {
      NdisDprAllocatePacketNonInterlocked: (_Status: OutParam, _Packet: OutParam, PoolHandle: number) =>
        used('NdisDprAllocatePacketNonInterlocked', PoolHandle),
      NdisDprFreePacketNonInterlocked: (Packet: number) =>
        used('NdisDprFreePacketNonInterlocked', i32[(Packet >> 2) + poolWord]!),
      NdisFreePacketPool(PoolHandle: number) {
        usesOf.delete(PoolHandle)
        lastPool = 0
        return false
      },
    },
  }
}
