import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { FILL, SHADOW } from '../memory/map'
import { SYS_BLOCK } from '../memory/records'
import { BLOCK_KIND, OWNER_DRIVER, OWNER_NDIS } from '../memory/tagged-pool'
import { constant } from './constants'
import type { DriverLife } from './driver'
import type { Links } from './links'
import { freePool, raiseNoMemory } from './pool-memory'

/** What NPAGED_LOOKASIDE_LIST and LOOKASIDE_LIST_EX begin with; L is their first member. */
const LIST = layout(
  'GENERAL_LOOKASIDE_POOL',
  'ListHead', 'Depth', 'MaximumDepth', 'TotalAllocates', 'AllocateMisses', 'TotalFrees', 'FreeMisses', 'Type', 'Tag', 'Size',
  'Allocate', 'Free', 'ListEntry',
) // prettier-ignore
export const LOOKASIDE_OBJECT = 'lookaside list'
const OBJECT_BYTES = 16
/** Blocks that wait at most. Windows raises it for lists in heavy use, up to the maximum; here it stays. */
const DEPTH = 4
const MAXIMUM_DEPTH = 256
const STATUS_SUCCESS = constant('STATUS_SUCCESS')
const STATUS_INVALID_PARAMETER_4 = constant('STATUS_INVALID_PARAMETER_4')
const STATUS_INVALID_PARAMETER_5 = constant('STATUS_INVALID_PARAMETER_5')
const RAISE = constant('POOL_RAISE_IF_ALLOCATION_FAILURE')
const RAISE_ON_FAIL = constant('EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL')
const FAIL_NO_RAISE = constant('EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE')
/** POOL_TYPE values that name a pool, without POOL_NX_ALLOCATION. */
const POOL_TYPES = ['NonPagedPool', 'PagedPool', 'NonPagedPoolCacheAligned', 'PagedPoolCacheAligned'].map(constant)
const NX = constant('POOL_NX_ALLOCATION')

export interface LookasideLists {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  /** Whether a list was made at the address and not deleted. */
  isList(address: number): boolean
  /** Addresses of the lists. */
  lists(): Iterable<number>
}

/** A block that waits in a list is poisoned as a freed one is; only the first word of it belongs to the list. */
function createParking(k: Kernel) {
  const { pool, shadow, space, site } = k
  const { w32 } = space
  /** The block of pool that begins at the entry; 0 when a driver's Allocate took it from elsewhere. */
  function blockAt(entry: number, size: number): number {
    const block = pool.blockOf(entry)
    return block !== 0 && pool.dataOf(block) === entry && pool.sizeOf(block) >= size ? block : 0
  }
  return {
    park(entry: number, size: number): void {
      const block = blockAt(entry, size)
      if (block === 0) return
      w32(block + SYS_BLOCK.Owner, OWNER_NDIS)
      w32(block + SYS_BLOCK.Kind, BLOCK_KIND.LOOKASIDE)
      w32(block + SYS_BLOCK.FreeSite, site.s)
      space.fill(entry, pool.sizeOf(block), FILL.FREED)
      shadow.mark(entry, pool.sizeOf(block), SHADOW.FREED)
    },
    wake(entry: number, size: number): void {
      const block = blockAt(entry, size)
      if (block === 0) return
      w32(block + SYS_BLOCK.Owner, OWNER_DRIVER)
      w32(block + SYS_BLOCK.AllocSite, site.s)
      w32(block + SYS_BLOCK.FreeSite, 0)
      shadow.markFresh(entry, pool.sizeOf(block))
      space.fill(entry, pool.sizeOf(block), FILL.FRESH)
    },
  }
}

/** Lookaside lists (DDI ndisinitializenpagedlookasidelist ...; WDM exinitializelookasidelistex ...). */
export function createLookasideLists(k: Kernel, driver: DriverLife, links: Links): LookasideLists {
  const { space, pool, objects, site, log, cpus, preempt } = k
  const { r16, r32, w16, w32 } = space
  const parking = createParking(k)
  /** What stands for each list among the driver's objects. */
  const live = new Map<number, number>()
  const count = (at: number): void => w32(at, r32(at) + 1)

  interface Description {
    readonly type: number
    readonly size: number
    readonly tag: number
    readonly allocate: unknown
    readonly free: unknown
  }
  function initialize(list: number, bytes: number, { type, size, tag, allocate, free }: Description): void {
    objects.destroy(live.get(list) ?? 0)
    space.fill(list, bytes, 0)
    w16(list + LIST.Depth, DEPTH)
    w16(list + LIST.MaximumDepth, MAXIMUM_DEPTH)
    w32(list + LIST.Type, type)
    w32(list + LIST.Tag, tag)
    w32(list + LIST.Size, size)
    w32(list + LIST.Allocate, driver.address(allocate))
    w32(list + LIST.Free, driver.address(free))
    links.initialize(list + LIST.ListEntry)
    live.set(list, objects.create(LOOKASIDE_OBJECT, tag, OBJECT_BYTES))
  }
  /** Runs a function of the driver for a list, in the place of its caller. */
  function routine(list: number, entry: string, at: number, args: readonly unknown[]): unknown {
    const target = r32(list + at)
    const handler =
      driver.handler(target) ?? k.fault(target, false, `A lookaside list calls 0x${target.toString(16)}, no function.`)
    return driver.callback(ACTIVATION.CALLBACK, entry, cpus.irql(), handler, args)
  }
  function fresh(list: number, ex: boolean): number {
    const size = r32(list + LIST.Size)
    const tag = r32(list + LIST.Tag)
    const type = r32(list + LIST.Type)
    if (r32(list + LIST.Allocate) === 0) {
      const entry = pool.allocate(size, tag, OWNER_DRIVER, site.s, log.count())
      if (entry !== 0) w32(entry - SYS_BLOCK.SIZE + SYS_BLOCK.Kind, BLOCK_KIND.LOOKASIDE)
      return entry
    }
    const args = [type & ~RAISE, size, tag]
    const result = ex
      ? routine(list, 'ALLOCATE_FUNCTION_EX', LIST.Allocate, [...args, list])
      : routine(list, 'ALLOCATE_FUNCTION', LIST.Allocate, args)
    return Number(result ?? 0) >>> 0
  }
  function release(list: number, entry: number, ex: boolean): void {
    if (r32(list + LIST.Free) === 0) freePool(k, entry)
    else if (ex) routine(list, 'FREE_FUNCTION_EX', LIST.Free, [entry, list])
    else routine(list, 'FREE_FUNCTION', LIST.Free, [entry])
  }
  function allocate(fn: string, list: number, ex: boolean): number {
    preempt()
    count(list + LIST.TotalAllocates)
    const waiting = links.popSequenced(list + LIST.ListHead)
    if (waiting !== 0) {
      parking.wake(waiting, r32(list + LIST.Size))
      return waiting
    }
    count(list + LIST.AllocateMisses)
    const entry = fresh(list, ex)
    if (entry === 0 && (r32(list + LIST.Type) & RAISE) !== 0) raiseNoMemory(k, fn)
    return entry
  }
  function free(list: number, entry: number, ex: boolean): void {
    count(list + LIST.TotalFrees)
    if (links.depth(list + LIST.ListHead) < r16(list + LIST.Depth)) {
      parking.park(entry, r32(list + LIST.Size))
      links.pushSequenced(list + LIST.ListHead, entry)
    } else {
      count(list + LIST.FreeMisses)
      release(list, entry, ex)
    }
    preempt()
  }
  function remove(list: number, ex: boolean): void {
    // As many as there should be: a list that a late write made a ring has an end, too.
    for (let left = links.depth(list + LIST.ListHead); left > 0; left--) {
      const entry = links.popSequenced(list + LIST.ListHead)
      if (entry === 0) break
      parking.wake(entry, r32(list + LIST.Size))
      release(list, entry, ex)
    }
    objects.destroy(live.get(list) ?? 0)
    live.delete(list)
    preempt()
  }

  const functions = {
    NdisInitializeNPagedLookasideList(
      Lookaside: number,
      Allocate: unknown,
      Free: unknown,
      Flags: number,
      Size: number,
      Tag: number,
      _Depth: number,
    ): void {
      const type = Flags & (RAISE | NX)
      const description = { type, size: Size >>> 0, tag: Tag, allocate: Allocate, free: Free }
      initialize(Lookaside, layout('NPAGED_LOOKASIDE_LIST').SIZE, description)
      preempt()
    },
    NdisAllocateFromNPagedLookasideList: (Lookaside: number): number =>
      allocate('NdisAllocateFromNPagedLookasideList', Lookaside, false),
    NdisFreeToNPagedLookasideList: (Lookaside: number, Entry: number): void => free(Lookaside, Entry, false),
    NdisDeleteNPagedLookasideList: (Lookaside: number): void => remove(Lookaside, false),
    ExInitializeLookasideListEx(
      Lookaside: number,
      Allocate: unknown,
      Free: unknown,
      PoolType: number,
      Flags: number,
      Size: number,
      Tag: number,
      _Depth: number,
    ): number {
      preempt()
      if (!POOL_TYPES.includes(PoolType & ~NX)) return STATUS_INVALID_PARAMETER_4
      const flags = Flags >>> 0
      if (flags !== 0 && flags !== RAISE_ON_FAIL && flags !== FAIL_NO_RAISE) return STATUS_INVALID_PARAMETER_5
      const type = PoolType | (flags === RAISE_ON_FAIL ? RAISE : 0)
      initialize(Lookaside, LIST.SIZE, { type, size: Size >>> 0, tag: Tag, allocate: Allocate, free: Free })
      return STATUS_SUCCESS
    },
    ExAllocateFromLookasideListEx: (Lookaside: number): number =>
      allocate('ExAllocateFromLookasideListEx', Lookaside, true),
    ExFreeToLookasideListEx: (Lookaside: number, Entry: number): void => free(Lookaside, Entry, true),
    ExDeleteLookasideListEx: (Lookaside: number): void => remove(Lookaside, true),
  }
  return { functions, isList: (address) => live.has(address), lists: () => live.keys() }
}
