import type { Kernel } from '../kernel/kernel'
import { SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import {
  ALLOCATED,
  DESCRIPTOR_HEADER,
  FORM,
  FORM_SHIFT,
  POOL_FLAG,
  POOL_KIND,
  type DescriptorPools,
  type Form,
} from './descriptor-pool'
import { mdlPages, mdlSize, MOST_MDL_PAGES, type Mdls } from './mdl'

/** 'Mdl ': the tag that the system's MDLs carry. */
const MDL_TAG = 0x206c644d
/** Which call made an MDL, in the form bits of its state: the other pair's call must not free it. */
export const MDL_FORM = { NDIS: FORM.PLAIN, IO: FORM.DPR, RETREAT: FORM.NON_INTERLOCKED } as const

/** The MDLs that no buffer pool of a driver serves: NdisAllocateMdl (DDI), IoAllocateMdl (WDM). */
export function createSystemMdls(k: Kernel, pools: DescriptorPools, mdls: Mdls) {
  const { preempt, site } = k
  let pool = 0

  /** The pool behind them has no limit and belongs to the system; it is made when it is first needed. */
  function systemPool(): number {
    if (pool !== 0) return pool
    pool = pools.create({
      kind: POOL_KIND.BUFFER,
      tag: MDL_TAG,
      capacity: 0,
      overflow: 0,
      descriptorSize: mdlSize(1),
      reservedLength: 0,
    })
    if (pool !== 0) pools.set(pool, SYS_POOL.Flags, POOL_FLAG.SYSTEM)
    return pool
  }

  function allocate(address: number, length: number, form: Form): number {
    const pages = mdlPages(address, length)
    const from = pages > MOST_MDL_PAGES ? 0 : systemPool()
    const mdl = from === 0 ? 0 : pools.takeSized(from, mdlSize(pages))
    if (mdl === 0) return 0
    const record = mdl - DESCRIPTOR_HEADER
    pools.set(record, SYS_DESCRIPTOR.State, ALLOCATED | (form << FORM_SHIFT))
    pools.set(record, SYS_DESCRIPTOR.AllocSite, site.s)
    pools.set(record, SYS_DESCRIPTOR.Length, length)
    mdls.initialize(mdl, address, length)
    return mdl
  }
  function release(mdl: number): void {
    pools.releaseMemory(mdl)
    preempt()
  }

  return {
    /** DDI ndisallocatemdl: for nonpaged memory, so its pages are filled in already. */
    NdisAllocateMdl(_NdisHandle: number, VirtualAddress: number, Length: number): number {
      preempt()
      const mdl = allocate(VirtualAddress >>> 0, Length >>> 0, MDL_FORM.NDIS)
      if (mdl !== 0) mdls.build(mdl)
      return mdl
    },
    NdisFreeMdl: release,
    /** WDM IoAllocateMdl: the pages are filled in by MmBuildMdlForNonPagedPool or IoBuildPartialMdl. */
    IoAllocateMdl(
      VirtualAddress: number,
      Length: number,
      _SecondaryBuffer: number,
      _ChargeQuota: number,
      _Irp: number,
    ): number {
      preempt()
      return allocate(VirtualAddress >>> 0, Length >>> 0, MDL_FORM.IO)
    },
    IoFreeMdl: release,
    MmBuildMdlForNonPagedPool(MemoryDescriptorList: number): void {
      mdls.build(MemoryDescriptorList)
      preempt()
    },
    /** WDM IoBuildPartialMdl: Length 0 means all that is left from VirtualAddress on. */
    IoBuildPartialMdl(SourceMdl: number, TargetMdl: number, VirtualAddress: number, Length: number): void {
      const skip = (VirtualAddress >>> 0) - mdls.virtualAddress(SourceMdl)
      const length = Length >>> 0 === 0 ? mdls.byteCount(SourceMdl) - skip : Length >>> 0
      mdls.buildPartial(TargetMdl, SourceMdl, skip, length)
      preempt()
    },
  }
}
