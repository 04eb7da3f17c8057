import type { Kernel } from '../kernel/kernel'
import { SYS_BLOCK } from '../memory/records'
import { OWNER_NDIS } from '../memory/tagged-pool'
import { hex, tagText } from './hex'
import type { RuleFamily } from './rules'
import type { ViolationDetails } from './verifier'

const blockDetails = ({ pool, space }: Kernel, block: number, at: number): ViolationDetails => ({
  allocated: space.r32(block + SYS_BLOCK.AllocSite),
  freed: space.r32(block + SYS_BLOCK.FreeSite),
  object: {
    kind: 'pool memory',
    address: pool.dataOf(block),
    offset: at - pool.dataOf(block),
    size: pool.sizeOf(block),
  },
})

/** Reports a block that is given back with bytes behind it changed, unless the write was seen, and mends them; true then. */
export function checkGuard(k: Kernel, fn: string, address: number): boolean {
  const { pool, verifier } = k
  const problem = pool.problem(address)
  if (problem?.kind !== 'guard overwritten') return false
  const { block, at } = problem
  const past = at - address - pool.sizeOf(block)
  if (!k.access.overran(address))
    verifier.violation(
      'DV:WrotePastEnd',
      fn,
      `The block at ${hex(address)} of ${pool.sizeOf(block)} bytes was written past its end: ${past + 1} byte${past ? 's' : ''} behind it no longer hold the guard pattern.`,
      blockDetails(k, block, at),
    )
  pool.mendGuard(block)
  return true
}

/** Functions whose ranges may be device memory. */
const MAPPED = /MappedMemory$/

/** Tagged pool: double free, wild free, writes past the end, tag mismatch, empty requests (Driver Verifier's pool rules). */
export function memoryRules(k: Kernel): RuleFamily {
  const { pool, space, verifier } = k
  const { violation } = verifier
  const field = (block: number, offset: number): number => space.r32(block + offset)
  const details = (block: number, at: number) => blockDetails(k, block, at)

  function checkFree(fn: string, address: number, tag?: number): boolean {
    const problem = pool.problem(address)
    if (problem !== null) {
      const { block, at } = problem
      if (problem.kind === 'already freed')
        violation('DV:DoubleFree', fn, `${fn} frees ${hex(address)}, which is free already.`, details(block, at))
      else if (checkGuard(k, fn, address)) return false
      else
        violation(
          'DV:FreeUnallocated',
          fn,
          problem.kind === 'inside a block'
            ? `${fn} was given ${hex(address)}, which lies inside a block and is not its start.`
            : `${fn} was given ${hex(address)}, which is no allocated memory.`,
          block ? details(block, at) : {},
        )
      return true
    }
    const block = address - SYS_BLOCK.SIZE
    if (field(block, SYS_BLOCK.Owner) === OWNER_NDIS) {
      violation(
        'DV:FreeUnallocated',
        fn,
        `${fn} was given ${hex(address)}, which is memory of NDIS itself (a pool or a descriptor).`,
        details(block, address),
      )
      return true
    }
    if (tag !== undefined && tag >>> 0 !== field(block, SYS_BLOCK.PoolTag))
      violation(
        'PoolTagMismatch',
        fn,
        `${fn} frees a block of tag '${tagText(field(block, SYS_BLOCK.PoolTag))}' with the tag '${tagText(tag)}'.`,
        details(block, address),
      )
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
