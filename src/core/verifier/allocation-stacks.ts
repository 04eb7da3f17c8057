import type { Kernel } from '../kernel/kernel'
import type { TaggedPool } from '../memory/tagged-pool'
import { KEPT_OF_A_SITE } from './kept-stacks'
import type { RuleFamily } from './rules'
import type { Locator, Place } from './verifier'

/** How the driver came to each allocation, for the list of leaks. */
export interface AllocationStacks {
  /** Something was allocated at the address just now, by a call from this call site. */
  note(address: number, site: number): void
  /** Innermost frame first; empty when nothing is known. */
  at(address: number): readonly Place[]
}

/** Call sites that a byte is kept for; those with higher numbers only take longer. */
const SITES = 1 << 14
/** Groups of addresses: of one in which no stack is kept, none has to be forgotten. */
const GROUPS = 1 << 14
const groupOf = (address: number): number => (address >>> 4) & (GROUPS - 1)

/**
 * What is kept is what the JavaScript engine gathers for an error: it is made into text only for what leaks. Of a call site that
 * allocates without end the first ones are kept; of the others only the line is known.
 */
export function createAllocationStacks({ keep, kept }: Locator): AllocationStacks {
  const marks = new Map<number, object>()
  const taken: { count: number }[] = []
  /** 1 for call sites of which all that is kept is kept. */
  const spent = new Uint8Array(SITES)
  /** How many addresses of a group have stacks. */
  const held = new Uint16Array(GROUPS)

  function forget(address: number): void {
    if (marks.delete(address)) held[groupOf(address)]!--
  }
  function remember(address: number, site: number): void {
    forget(address)
    const of = (taken[site] ??= { count: 0 })
    if (!keep || of.count === KEPT_OF_A_SITE) return
    if (++of.count === KEPT_OF_A_SITE && site < SITES) spent[site] = 1
    marks.set(address, keep())
    held[groupOf(address)]!++
  }
  return {
    note(address, site) {
      if (spent[site] !== 1 || held[groupOf(address)] !== 0) remember(address, site)
    },
    at(address) {
      const mark = marks.get(address)
      return mark && kept ? kept(mark) : []
    },
  }
}

/** The stack of the allocation at an address, made by the call at a site; the line alone where no more is known. */
export function allocatingStack({ stacks, verifier }: Kernel, address: number, site: number): readonly Place[] {
  const stack = stacks.at(address)
  const place = verifier.locator.site(site)
  if (stack.length > 0 || !place) return stack
  const { function: name, file, line, column } = place
  return [{ function: name, file, line, column }]
}

/** A pool that notes the stack of each allocation. */
export const notingPool = (pool: TaggedPool, stacks: AllocationStacks): TaggedPool => ({
  ...pool,
  allocate(size, tag, owner, site, event) {
    const address = pool.allocate(size, tag, owner, site, event)
    if (address !== 0) stacks.note(address, site)
    return address
  },
})

/** Functions that hand out descriptors of pools: in their second argument (1), or as their result (-1). */
const DESCRIPTOR_AT: Readonly<Record<string, 1 | -1>> = {
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
export function allocationStackHooks(stacks: AllocationStacks, site: { readonly s: number }): RuleFamily {
  const given = (address: unknown): void => {
    if (typeof address === 'number' && address !== 0) stacks.note(address, site.s)
  }
  const returned = (result: unknown): void => given(result)
  const inCell = (_result: unknown, _status: unknown, cell: { readonly value?: unknown } | null | undefined): void =>
    given(cell?.value)
  return {
    after: Object.fromEntries(Object.entries(DESCRIPTOR_AT).map(([name, at]) => [name, at < 0 ? returned : inCell])),
  }
}
