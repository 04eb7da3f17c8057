import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Mdls } from './mdl'

/** The macros that read and shorten an MDL, in their NDIS 3 to 5 (buffer), NDIS 6 (MDL) and WDM names. */
export function createMdlQueries(k: Kernel, mdls: Mdls) {
  const { preempt } = k
  const { put32 } = k.cells

  /** VirtualAddress may be left out: drivers that only want the length pass NULL. */
  function query(Mdl: number, VirtualAddress: OutParam | null | undefined, Length: OutParam): void {
    preempt()
    if (VirtualAddress) put32(VirtualAddress, mdls.systemAddress(Mdl))
    put32(Length, mdls.byteCount(Mdl))
  }
  function queryOffset(Mdl: number, Offset: OutParam, Length: OutParam): void {
    preempt()
    put32(Offset, mdls.byteOffset(Mdl))
    put32(Length, mdls.byteCount(Mdl))
  }
  function adjustLength(Mdl: number, Length: number): void {
    mdls.setByteCount(Mdl, Length)
    preempt()
  }
  function getNext(Mdl: number, NextMdl: OutParam): void {
    preempt()
    put32(NextMdl, mdls.next(Mdl))
  }
  function linkage(Mdl: number): number {
    preempt()
    return mdls.next(Mdl)
  }
  function byteCount(Mdl: number): number {
    preempt()
    return mdls.byteCount(Mdl)
  }
  function systemAddress(Mdl: number): number {
    preempt()
    return mdls.systemAddress(Mdl)
  }
  /** One page for an empty buffer, too: the size of an array must not be 0 (ndis.h). */
  function pages(Mdl: number): number {
    preempt()
    return mdls.pages(Mdl)
  }
  function arraySize(Mdl: number, ArraySize: OutParam): void {
    preempt()
    put32(ArraySize, mdls.pages(Mdl))
  }

  return {
    NdisQueryBuffer: query,
    NdisQueryBufferSafe: (Buffer: number, VirtualAddress: OutParam | null, Length: OutParam, _Priority: number): void =>
      query(Buffer, VirtualAddress, Length),
    NdisQueryBufferOffset: queryOffset,
    NdisAdjustBufferLength: adjustLength,
    NdisGetNextBuffer: getNext,
    NdisBufferLength: byteCount,
    NdisBufferVirtualAddress: systemAddress,
    NDIS_BUFFER_LINKAGE: linkage,
    NDIS_BUFFER_TO_SPAN_PAGES: pages,
    NdisGetBufferPhysicalArraySize: arraySize,
    /** Caches of x86 see what devices do: there is nothing to flush. */
    NdisFlushBuffer: (_Buffer: number, _WriteToDevice: number): void => preempt(),
    NdisQueryMdl: (Mdl: number, VirtualAddress: OutParam | null, Length: OutParam, _Priority: number): void =>
      query(Mdl, VirtualAddress, Length),
    NdisQueryMdlOffset: queryOffset,
    NdisAdjustMdlLength: adjustLength,
    NdisGetNextMdl: getNext,
    NDIS_MDL_LINKAGE: linkage,
    NDIS_MDL_TO_SPAN_PAGES: pages,
    NdisGetMdlPhysicalArraySize: arraySize,
    MmGetMdlByteCount: byteCount,
    MmGetMdlByteOffset(Mdl: number): number {
      preempt()
      return mdls.byteOffset(Mdl)
    },
    MmGetMdlVirtualAddress(Mdl: number): number {
      preempt()
      return mdls.virtualAddress(Mdl)
    },
    MmGetSystemAddressForMdlSafe: (Mdl: number, _Priority: number): number => systemAddress(Mdl),
  }
}
