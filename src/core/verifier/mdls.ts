import type { Kernel } from '../kernel/kernel'
import { SYS_DESCRIPTOR } from '../memory/records'
import { DESCRIPTOR_HEADER, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { mdlPages, type Mdls } from '../ndis/mdl'
import { MDL } from '../ndis/packet-layout'
import { checkRange, type DescriptorPointers } from './descriptor-pointer'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

/** Calls on one MDL that only look at it. */
const READ = [
  'NdisQueryBuffer', 'NdisQueryBufferSafe', 'NdisQueryBufferOffset', 'NdisGetNextBuffer', 'NdisBufferLength',
  'NdisBufferVirtualAddress', 'NDIS_BUFFER_LINKAGE', 'NDIS_BUFFER_TO_SPAN_PAGES', 'NdisGetBufferPhysicalArraySize',
  'NdisFlushBuffer', 'NdisQueryMdl', 'NdisQueryMdlOffset', 'NdisGetNextMdl', 'NDIS_MDL_LINKAGE', 'NDIS_MDL_TO_SPAN_PAGES',
  'NdisGetMdlPhysicalArraySize', 'MmGetMdlByteCount', 'MmGetMdlByteOffset', 'MmGetMdlVirtualAddress',
] as const // prettier-ignore

/** MDLs that are looked at, shortened, built and mapped, under all of their names. */
export function mdlRules(
  k: Kernel,
  pools: DescriptorPools,
  mdls: Mdls,
  { badMdl, details }: DescriptorPointers,
): RuleFamily {
  const { space } = k
  const { violation } = k.verifier
  const made = (mdl: number): number => pools.get(mdl - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.Length) >>> 0
  /** Pages that the MDL has room for. */
  const room = (mdl: number): number => (space.r16(mdl + MDL.Size) - MDL.SIZE) >> 2

  const adjust =
    (fn: string): Before =>
    (mdl: number, length: number): boolean => {
      if (badMdl(fn, mdl)) return true
      const own = pools.poolOf(mdl, POOL_KIND.BUFFER) !== 0
      if (own && length >>> 0 > made(mdl))
        violation(
          'BufferLengthTooLong',
          fn,
          `${fn} sets ${length >>> 0} bytes; the buffer at ${hex(mdl)} was made for ${made(mdl)}.`,
          details(mdl),
        )
      else if (mdlPages(mdls.virtualAddress(mdl), length >>> 0) > room(mdl))
        violation(
          'BufferLengthTooLong',
          fn,
          `${fn} sets ${length >>> 0} bytes, but the MDL has room for ${room(mdl)} pages.`,
        )
      return false
    }

  const each = (names: readonly string[]): Record<string, Before> =>
    Object.fromEntries(names.map((name) => [name, (mdl: number) => badMdl(name, mdl)]))

  return {
    before: {
      ...each(READ),
      NdisAdjustBufferLength: adjust('NdisAdjustBufferLength'),
      NdisAdjustMdlLength: adjust('NdisAdjustMdlLength'),
      NdisAllocateMdl(_NdisHandle: number, VirtualAddress: number, Length: number) {
        checkRange(k, 'NdisAllocateMdl', VirtualAddress >>> 0, Length >>> 0)
        return false
      },
      MmBuildMdlForNonPagedPool(mdl: number) {
        if (badMdl('MmBuildMdlForNonPagedPool', mdl)) return true
        checkRange(k, 'MmBuildMdlForNonPagedPool', mdls.virtualAddress(mdl), mdls.byteCount(mdl))
        return false
      },
      MmGetSystemAddressForMdlSafe(mdl: number) {
        if (badMdl('MmGetSystemAddressForMdlSafe', mdl)) return true
        if (mdls.systemAddress(mdl) === 0 && mdls.byteCount(mdl) !== 0)
          violation(
            'MdlNotBuilt',
            'MmGetSystemAddressForMdlSafe',
            `The pages of the MDL at ${hex(mdl)} were never filled in: MmBuildMdlForNonPagedPool or IoBuildPartialMdl must come first.`,
          )
        return false
      },
      IoBuildPartialMdl(source: number, target: number, address: number, length: number) {
        if (badMdl('IoBuildPartialMdl', source) || badMdl('IoBuildPartialMdl', target)) return true
        const skip = (address >>> 0) - mdls.virtualAddress(source)
        const wanted = length >>> 0 || mdls.byteCount(source) - skip
        if (skip >= 0 && skip + wanted <= mdls.byteCount(source) && mdlPages(address >>> 0, wanted) <= room(target))
          return false
        violation(
          'PartialMdlRange',
          'IoBuildPartialMdl',
          `${wanted} bytes at ${hex(address)} are not all described by the MDL at ${hex(source)}, or the MDL at ${hex(target)} has no room for their pages.`,
        )
        return true
      },
    },
  }
}
