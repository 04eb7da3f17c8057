import type { Kernel } from '../kernel/kernel'
import { SYS_BLOCK } from '../memory/records'
import { OWNER_NDIS } from '../memory/tagged-pool'
import { reportBadFree } from './bad-frees'
import { tagText } from './hex'
import type { RuleFamily } from './rules'
import { checkReturned } from './spoiled-blocks'
import { foundDetails, objectText } from './touched-object'

/** What the functions that free pool memory take; a lookaside block that waits in its list is not the driver's. */
const BLOCK = { kinds: ['pool memory', 'lookaside block'], name: 'block of pool memory that is out' }
/** Functions whose ranges may be device memory. */
const MAPPED = /MappedMemory$/

/** Tagged pool: double free, wild free, writes past the end, tag mismatch, empty requests (Driver Verifier's pool rules). */
export function memoryRules(k: Kernel): RuleFamily {
  const { pool, space, finder } = k
  const { violation } = k.verifier

  function checkFree(fn: string, address: number, tag?: number): boolean {
    let problem = pool.problem(address)
    // What is given back spoiled is free to go after the report.
    if (problem !== null && checkReturned(k, fn, address)) problem = pool.problem(address)
    if (problem !== null) return reportBadFree(k, fn, address, BLOCK)
    const block = address - SYS_BLOCK.SIZE
    if (space.i32[(block + SYS_BLOCK.Owner) >> 2] === OWNER_NDIS) return reportBadFree(k, fn, address, BLOCK)
    if (tag !== undefined && (tag | 0) !== space.i32[(block + SYS_BLOCK.PoolTag) >> 2]) {
      const found = finder.at(address)!
      const message = `${fn} frees ${objectText(found)} with the tag '${tagText(tag)}'.`
      violation('PoolTagMismatch', fn, message, foundDetails(found, address))
    }
    return false
  }
  function checkSize(fn: string, length: number): boolean {
    if (length >>> 0 === 0) violation('DV:ZeroByteAllocation', fn, `${fn} was asked for zero bytes.`)
    return false
  }
  /** A range that one of the memory functions is about to touch. */
  function checkRange(fn: string, address: number, length: number, write: boolean): boolean {
    if (length >>> 0 === 0) return false
    return !(MAPPED.test(fn) ? k.access.mapped : k.access.range)(fn, address >>> 0, length >>> 0, write)
  }
  /** What nobody wrote is no more written where it is copied to: the copy alone is no use of it. */
  const move =
    (fn: string) =>
    (Destination: number, Source: number, Length: number): boolean => {
      if (checkRange(fn, Source, Length, false) || checkRange(fn, Destination, Length, true)) return true
      k.access.copied(Destination >>> 0, Source >>> 0, Length >>> 0)
      return false
    }
  const fill =
    (fn: string) =>
    (Destination: number, Length: number): boolean =>
      checkRange(fn, Destination, Length, true)
  const compare =
    (fn: string) =>
    (Source1: number, Source2: number, Length: number): boolean => {
      if (checkRange(fn, Source1, Length, false) || checkRange(fn, Source2, Length, false)) return true
      for (const source of [Source1, Source2]) k.access.meant(fn, source >>> 0, Length >>> 0, ', and it is compared')
      return false
    }
  const each = <T>(names: readonly string[], make: (fn: string) => T): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, make(name)]))

  return {
    before: {
      NdisAllocateMemory: (_address: unknown, Length: number) => checkSize('NdisAllocateMemory', Length),
      NdisAllocateMemoryWithTag: (_address: unknown, Length: number) => checkSize('NdisAllocateMemoryWithTag', Length),
      NdisAllocateMemoryWithTagPriority: (_handle: number, Length: number) =>
        checkSize('NdisAllocateMemoryWithTagPriority', Length),
      ExAllocatePool2: (_flags: unknown, NumberOfBytes: number) => checkSize('ExAllocatePool2', NumberOfBytes),
      ExAllocatePoolWithTag: (_type: number, NumberOfBytes: number) =>
        checkSize('ExAllocatePoolWithTag', NumberOfBytes),
      ExFreePool: (P: number) => checkFree('ExFreePool', P),
      // A tag of 0 stands for any (WDM exfreepoolwithtag).
      ExFreePoolWithTag: (P: number, Tag: number) => checkFree('ExFreePoolWithTag', P, Tag || undefined),
      NdisFreeMemory: (VirtualAddress: number) => checkFree('NdisFreeMemory', VirtualAddress),
      NdisFreeMemoryWithTag: (VirtualAddress: number, Tag: number) =>
        checkFree('NdisFreeMemoryWithTag', VirtualAddress, Tag),
      NdisFreeMemoryWithTagPriority: (_handle: number, VirtualAddress: number, Tag: number) =>
        checkFree('NdisFreeMemoryWithTagPriority', VirtualAddress, Tag),
      ...each(
        [
          'NdisMoveMemory',
          'NdisMoveMappedMemory',
          'NdisMoveToMappedMemory',
          'NdisMoveFromMappedMemory',
          'RtlMoveMemory',
          'RtlCopyMemory',
          'NdisCopyLookaheadData',
        ],
        move,
      ),
      NdisRetrieveUlong: (Destination: number, Source: number) =>
        checkRange('NdisRetrieveUlong', Source, 4, false) || checkRange('NdisRetrieveUlong', Destination, 4, true),
      NdisStoreUlong: (Destination: number) => checkRange('NdisStoreUlong', Destination, 4, true),
      NdisCreateLookaheadBufferFromSharedMemory: (pSharedMemory: number, LookaheadLength: number) =>
        checkRange('NdisCreateLookaheadBufferFromSharedMemory', pSharedMemory, LookaheadLength, false),
      ...each(['NdisZeroMemory', 'NdisZeroMappedMemory', 'RtlZeroMemory', 'NdisFillMemory', 'RtlFillMemory'], fill),
      ...each(['NdisEqualMemory', 'RtlEqualMemory', 'RtlCompareMemory'], compare),
    },
  }
}
