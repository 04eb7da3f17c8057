import type { Kernel } from '../kernel/kernel'
import { SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import { ALLOCATED, DESCRIPTOR_HEADER, POOL_FLAG, POOL_KIND, type DescriptorPools } from './descriptor-pool'
import { mdlPages, mdlSize, type Mdls } from './mdl'
import { MDL } from './packet-layout'

/** 'NDpm' */
const PART_TAG = 0x6d70444e

/** MDLs that NDIS makes for parts of the data of another NET_BUFFER: those of clones, fragments and reassembled lists. */
export interface PartMdls {
  /** Describes `length` bytes of what `source` describes, from `skip` bytes on; 0 when memory is short. */
  allocate(source: number, skip: number, length: number): number
  release(mdl: number): void
  isOwn(mdl: number): boolean
}

export function createPartMdls(k: Kernel, pools: DescriptorPools, mdls: Mdls): PartMdls {
  const { space, site } = k
  let pool = 0

  function ownPool(): number {
    if (pool !== 0) return pool
    const request = { kind: POOL_KIND.BUFFER, tag: PART_TAG, capacity: 0, overflow: 0, reservedLength: 0 }
    pool = pools.create({ ...request, descriptorSize: MDL.SIZE })
    if (pool !== 0) pools.set(pool, SYS_POOL.Flags, POOL_FLAG.SYSTEM)
    return pool
  }
  return {
    allocate(source, skip, length) {
      const from = ownPool()
      const bytes = mdlSize(mdlPages((mdls.virtualAddress(source) + skip) >>> 0, length))
      const mdl = from === 0 ? 0 : pools.takeSized(from, bytes)
      if (mdl === 0) return 0
      const record = mdl - DESCRIPTOR_HEADER
      pools.set(record, SYS_DESCRIPTOR.State, ALLOCATED)
      pools.set(record, SYS_DESCRIPTOR.AllocSite, site.s)
      pools.set(record, SYS_DESCRIPTOR.Length, length)
      space.w16(mdl + MDL.Size, bytes)
      mdls.buildPartial(mdl, source, skip, length)
      return mdl
    },
    release: (mdl) => pools.releaseMemory(mdl),
    isOwn: (mdl) => pool !== 0 && pools.poolOf(mdl, POOL_KIND.BUFFER) === pool,
  }
}
