import type { TaggedPool } from '../memory/tagged-pool'
import type { RuleFamily } from './rules'
import type { Locator, Place } from './verifier'

/** How the driver came to each allocation, for the list of leaks. */
export interface AllocationStacks {
  /** Something was allocated at the address just now. */
  note(address: number): void
  /** Innermost frame first; empty when nothing is known. */
  at(address: number): readonly Place[]
}

/**
 * One stack is kept an address, so that there are never more than blocks and descriptors. What is kept is what the JavaScript
 * engine gathers for an error: it is made into text only for what leaks.
 */
export function createAllocationStacks({ keep, kept }: Locator): AllocationStacks {
  const marks = new Map<number, object>()
  return {
    note(address) {
      if (keep) marks.set(address, keep())
    },
    at(address) {
      const mark = marks.get(address)
      return mark && kept ? kept(mark) : []
    },
  }
}

/** A pool that notes the stack of each allocation. */
export const notingPool = (pool: TaggedPool, stacks: AllocationStacks): TaggedPool => ({
  ...pool,
  allocate(size, tag, owner, site, event) {
    const address = pool.allocate(size, tag, owner, site, event)
    if (address !== 0) stacks.note(address)
    return address
  },
})

/** Functions that hand out descriptors of pools, and the place of the argument that takes it; -1: it is returned. */
const DESCRIPTOR_AT: Readonly<Record<string, number>> = {
  NdisAllocatePacket: 1,
  NdisAllocatePacketNonInterlocked: 1,
  NdisDprAllocatePacket: 1,
  NdisDprAllocatePacketNonInterlocked: 1,
  NdisAllocateBuffer: 1,
  NdisCopyBuffer: 1,
  NdisAllocateMdl: -1,
  NdisAllocateNetBuffer: -1,
  NdisAllocateNetBufferMdlAndData: -1,
  NdisAllocateNetBufferList: -1,
  NdisAllocateNetBufferAndNetBufferList: -1,
  NdisAllocateCloneNetBufferList: -1,
  NdisAllocateFragmentNetBufferList: -1,
  NdisAllocateReassembledNetBufferList: -1,
}

/** Descriptors of the static part of a pool come from no allocation of memory. */
export function allocationStackHooks(stacks: AllocationStacks): RuleFamily {
  const hook =
    (at: number) =>
    (result: unknown, ...args: readonly unknown[]): void => {
      const cell = args[at]
      const given = at < 0 ? result : (cell as { readonly value?: unknown } | null | undefined)?.value
      if (typeof given === 'number' && given !== 0) stacks.note(given)
    }
  return { after: Object.fromEntries(Object.entries(DESCRIPTOR_AT).map(([name, at]) => [name, hook(at)])) }
}
