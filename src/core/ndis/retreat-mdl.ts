import type { Kernel } from '../kernel/kernel'
import { FILL } from '../memory/map'
import { SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import { ALLOCATED, DESCRIPTOR_HEADER, FORM_SHIFT, POOL_FLAG, POOL_KIND, type DescriptorPools } from './descriptor-pool'
import { constant } from './constants'
import { mdlSize, MOST_MDL_PAGES, type Mdls } from './mdl'
import { MDL, PAGE_SIZE } from './packet-layout'
import { MDL_FORM } from './system-mdl'

/** 'NDnd': the tag that the memory of a retreat carries. */
const RETREAT_TAG = 0x646e444e
const ALIGNMENT = 8
/** MdlFlags bit of an MDL that a retreat put in front of the data: only such an MDL is freed by an advance (wdm.h). */
const MDL_NETWORK_HEADER = constant('MDL_NETWORK_HEADER')

/** The MDLs that retreats put in front of the data of a NET_BUFFER: NDIS's own, and those of a driver's NetAllocateMdl. */
export interface RetreatMdls {
  /** Marks an MDL, whoever made it, as one of a retreat. */
  mark(mdl: number): void
  isMarked(mdl: number): boolean
  /** An MDL with its memory behind it in one block; 0 when memory is short or an MDL cannot say so many bytes. */
  allocate(bytes: number): number
  release(mdl: number): void
  /** true for an MDL of `allocate` that was not released. */
  isOwn(mdl: number): boolean
}

export function createRetreatMdls(k: Kernel, pools: DescriptorPools, mdls: Mdls): RetreatMdls {
  const { space, site } = k
  const { i32 } = space
  let pool = 0

  /** No limit, of the system, and made when it is first needed. */
  function retreatPool(): number {
    if (pool !== 0) return pool
    pool = pools.create({
      kind: POOL_KIND.BUFFER,
      tag: RETREAT_TAG,
      capacity: 0,
      overflow: 0,
      descriptorSize: MDL.SIZE,
      reservedLength: 0,
    })
    if (pool !== 0) pools.set(pool, SYS_POOL.Flags, POOL_FLAG.SYSTEM)
    return pool
  }

  return {
    mark(mdl) {
      i32[(mdl + MDL.Size) >> 2] = i32[(mdl + MDL.Size) >> 2]! | (MDL_NETWORK_HEADER << 16)
    },
    isMarked: (mdl) => ((i32[(mdl + MDL.Size) >> 2]! >>> 16) & MDL_NETWORK_HEADER) !== 0,
    allocate(bytes) {
      // The block may begin anywhere in a page: one page more than the bytes alone.
      const pages = Math.ceil(bytes / PAGE_SIZE) + 1
      const header = (mdlSize(pages) + ALIGNMENT - 1) & -ALIGNMENT
      const from = pages > MOST_MDL_PAGES ? 0 : retreatPool()
      const mdl = from === 0 ? 0 : pools.takeSized(from, header + bytes)
      if (mdl === 0) return 0
      const record = mdl - DESCRIPTOR_HEADER
      pools.set(record, SYS_DESCRIPTOR.State, ALLOCATED | (MDL_FORM.RETREAT << FORM_SHIFT))
      pools.set(record, SYS_DESCRIPTOR.AllocSite, site.s)
      pools.set(record, SYS_DESCRIPTOR.Length, bytes)
      space.fill(mdl + header, bytes, FILL.FRESH)
      mdls.initialize(mdl, mdl + header, bytes)
      mdls.build(mdl)
      return mdl
    },
    release: (mdl) => pools.releaseMemory(mdl),
    isOwn: (mdl) => pool !== 0 && pools.poolOf(mdl, POOL_KIND.BUFFER) === pool,
  }
}
