import type { Kernel } from '../kernel/kernel'
import { FILL } from '../memory/map'
import { SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import {
  ALLOCATED,
  DESCRIPTOR_HEADER,
  formOf,
  OVERFLOW_DESCRIPTOR,
  POOL_FLAG,
  POOL_KIND,
  type DescriptorPools,
} from '../ndis/descriptor-pool'
import { LONGEST_CHAIN, type Mdls } from '../ndis/mdl'
import { MDL } from '../ndis/packet-layout'
import { MDL_FORM } from '../ndis/system-mdl'
import type { ChainedBuffers } from './chained'
import { checkRange, type DescriptorPointers } from './descriptor-pointer'
import { reportBadFree } from './bad-frees'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'
import { checkReturned } from './spoiled-blocks'
import { foundDetails, objectDetails } from './touched-object'

/** The fill of a freed descriptor as a word, and how many words of it are looked at. */
const FREED_WORD = FILL.FREED * 0x0101_0101
const MDL_WORDS = MDL.SIZE / 4

const MAKERS = {
  buffer: 'NdisAllocateBuffer',
  ndis: 'NdisAllocateMdl',
  io: 'IoAllocateMdl',
  retreat: 'NdisRetreatNetBufferDataStart',
} as const
type Maker = keyof typeof MAKERS
const FREED_BY = {
  buffer: 'NdisFreeBuffer',
  ndis: 'NdisFreeMdl',
  io: 'IoFreeMdl',
  retreat: 'NdisAdvanceNetBufferDataStart',
} as const
const SYSTEM_MAKERS: Readonly<Record<number, Maker>> = {
  [MDL_FORM.NDIS]: 'ndis',
  [MDL_FORM.IO]: 'io',
  [MDL_FORM.RETREAT]: 'retreat',
}

/** Buffer pools and their buffers, the frees of MDLs: handles, ranges, double frees, frees while chained, use after free. */
export function bufferRules(
  k: Kernel,
  pools: DescriptorPools,
  mdls: Mdls,
  pointers: DescriptorPointers,
  chained: ChainedBuffers,
): RuleFamily {
  const { log } = k
  const { violation } = k.verifier
  const { i32 } = k.space
  const { badMdl } = pointers
  const field = (mdl: number, offset: number): number => pools.get(mdl - DESCRIPTOR_HEADER, offset)
  const buffer = (mdl: number) => objectDetails(k, mdl)

  /** CE: NULL is the handle of a pool that there was no memory for. */
  const badPool = (fn: string, pool: number): boolean =>
    !(pool === 0 && k.traits.bufferPoolAlwaysSucceeds) && pointers.badPool(fn, pool, POOL_KIND.BUFFER, 'buffer')

  /** The descriptor that is handed out next still has the fill that the free left. */
  function checkFill(fn: string, pool: number): void {
    const next = i32[(pool + SYS_POOL.FreeList) >> 2]!
    if (next === 0 || k.damage.wasSeen(k.pool.blockOf(next))) return
    for (let word = 0; word < MDL_WORDS; word++)
      if (i32[(next >> 2) + word] !== FREED_WORD)
        return violation(
          'DV:SpecialPoolUseAfterFree',
          fn,
          `The buffer descriptor at ${hex(next)} was written to after it was freed: its word at offset ${4 * word} is ${hex(i32[(next >> 2) + word]!)}.`,
          { ...foundDetails(k.finder.at(next), next + 4 * word) },
        )
  }
  const noteEvent = (pool: number): void => {
    const next = pool === 0 ? 0 : i32[(pool + SYS_POOL.FreeList) >> 2]!
    if (next !== 0) pools.set(next - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.AllocEvent, log.count())
  }

  const makerOf = (pool: number, mdl: number): Maker =>
    (pools.get(pool, SYS_POOL.Flags) & POOL_FLAG.SYSTEM) === 0
      ? 'buffer'
      : (SYSTEM_MAKERS[formOf(field(mdl, SYS_DESCRIPTOR.State))] ?? 'ndis')

  /** true when there is nothing to free. */
  function notOut(fn: string, pool: number, mdl: number): boolean {
    const state = pool === 0 ? 0 : field(mdl, SYS_DESCRIPTOR.State)
    if ((state & ALLOCATED) === 0)
      return reportBadFree(k, fn, mdl, { kinds: ['NDIS_BUFFER', 'MDL'], name: 'buffer descriptor that is out' })
    const isAlone = (state & OVERFLOW_DESCRIPTOR) !== 0 || pools.get(pool, SYS_POOL.Capacity) === 0
    if (isAlone) checkReturned(k, fn, mdl - DESCRIPTOR_HEADER)
    return false
  }

  /** PV ff550733: the length must be the original one again. */
  function shortened(fn: string, mdl: number): void {
    const was = field(mdl, SYS_DESCRIPTOR.Length) >>> 0
    if (mdls.byteCount(mdl) !== was)
      violation(
        'BufferLengthNotRestored',
        fn,
        `The buffer at ${hex(mdl)} was made for ${was} bytes and says ${mdls.byteCount(mdl)} when it is freed; NdisAdjustBufferLength must set the old length first.`,
        buffer(mdl),
      )
  }

  const free =
    (by: Maker): Before =>
    (mdl: number): boolean => {
      const fn = FREED_BY[by]
      const pool = pools.poolOf(mdl, POOL_KIND.BUFFER)
      if (notOut(fn, pool, mdl)) return true
      const maker = makerOf(pool, mdl)
      if (maker !== by) {
        violation(
          'MdlPairing',
          fn,
          `${fn} frees an MDL of ${MAKERS[maker]}; that is freed with ${FREED_BY[maker]}.`,
          buffer(mdl),
        )
        return true
      }
      const packet = chained.packetOf(mdl)
      if (packet !== 0)
        violation(
          'BufferFreedWhileChained',
          fn,
          `${fn} frees the buffer at ${hex(mdl)}, which is still in the chain of the packet at ${hex(packet)}: unchain it first.`,
          buffer(mdl),
        )
      if (by === 'buffer') shortened(fn, mdl)
      return false
    }
  /** A descriptor that went back to tagged pool has no pool any more, and its fill already. */
  const fill = (_result: undefined, mdl: number): void => {
    if (pools.poolOf(mdl, POOL_KIND.BUFFER) === 0) return
    for (let word = 0; word < MDL_WORDS; word++) i32[(mdl >> 2) + word] = FREED_WORD
  }

  return {
    before: {
      NdisAllocateBuffer(
        _Status: unknown,
        _Buffer: unknown,
        PoolHandle: number,
        VirtualAddress: number,
        Length: number,
      ) {
        if (badPool('NdisAllocateBuffer', PoolHandle)) return true
        checkRange(k, 'NdisAllocateBuffer', VirtualAddress >>> 0, Length >>> 0)
        if (PoolHandle !== 0) checkFill('NdisAllocateBuffer', PoolHandle)
        noteEvent(PoolHandle)
        return false
      },
      NdisCopyBuffer(_Status: unknown, _Buffer: unknown, PoolHandle: number, MemoryDescriptor: number) {
        if (badPool('NdisCopyBuffer', PoolHandle) || badMdl('NdisCopyBuffer', MemoryDescriptor)) return true
        if (PoolHandle !== 0) checkFill('NdisCopyBuffer', PoolHandle)
        noteEvent(PoolHandle)
        let mdl = mdls.next(MemoryDescriptor)
        for (let links = 0; mdl !== 0 && links < LONGEST_CHAIN; links++, mdl = mdls.next(mdl))
          if (badMdl('NdisCopyBuffer', mdl)) return true
        return false
      },
      NdisFreeBuffer: free('buffer'),
      NdisFreeMdl: free('ndis'),
      IoFreeMdl: free('io'),
      NdisFreeBufferPool(PoolHandle: number) {
        if (badPool('NdisFreeBufferPool', PoolHandle)) return true
        if (PoolHandle === 0) return false
        let first = 0
        const count = pools.inUse(PoolHandle)
        pools.forEachOut(PoolHandle, (mdl) => (first ||= mdl))
        if (count > 0)
          violation(
            'FreePoolWithDescriptorsOut',
            'NdisFreeBufferPool',
            `The buffer pool is freed with ${count} of its buffers still out.`,
            buffer(first),
          )
        return false
      },
    },
    after: { NdisFreeBuffer: fill },
  }
}
