import type { Kernel } from '../kernel/kernel'
import { SYS_POOL } from '../memory/records'
import { constant } from './constants'
import { POOL_FLAG, POOL_KIND, type DescriptorPools } from './descriptor-pool'
import { LONGEST_CHAIN, type Mdls } from './mdl'
import type { NetBufferBlocks } from './net-buffer-blocks'
import { NB, newPlace, type NetBufferChain, type Place } from './net-buffer-chain'
import type { NetBufferData } from './net-buffer-data'
import { LIST_FORM, NET_BUFFER_LIST } from './net-buffer-layout'
import type { InternalPools } from './net-buffer-pool'
import type { PartMdls } from './part-mdl'
import { NDIS_STATUS_SUCCESS } from './status'

const USE_ORIGINAL_MDLS = constant('NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS')

interface Parts {
  readonly pools: DescriptorPools
  readonly mdls: Mdls
  readonly chain: NetBufferChain
  readonly data: NetBufferData
  readonly blocks: NetBufferBlocks
  readonly partMdls: PartMdls
  readonly internalPools: InternalPools
}

/**
 * Lists that describe the data of other lists: clones, fragments, reassembled ones (NET
 * relationships-between-net-buffer-list-generations). NDIS leaves ParentNetBufferList and ChildRefCount to their creator.
 */
export function createDerivedLists(k: Kernel, parts: Parts) {
  const { preempt } = k
  const { pools, mdls, chain, data, blocks, partMdls, internalPools } = parts
  const { get, set } = chain

  /** The pool to take from: the one given, else NDIS's own; 0 when it is none of the kind. */
  const from = (handle: number, kind: number, own: () => number): number =>
    !handle ? own() : pools.isPool(handle, kind) ? handle : 0

  /** Puts NET_BUFFERs into a list one by one, the one that came with it first. */
  function appender(list: number, netBufferPool: number): () => number {
    let own = blocks.ownNetBuffer(list)
    let link = list + NET_BUFFER_LIST.FirstNetBuffer
    return () => {
      const netBuffer = own !== 0 ? own : blocks.takeNetBuffer(netBufferPool)
      own = 0
      if (netBuffer === 0) return 0
      set(link, 0, netBuffer)
      link = netBuffer + NB.Next
      return netBuffer
    }
  }
  /** Describes up to `length` bytes from the place on with MDLs of NDIS; puts them behind `last`; the newest, or 0 when memory is short. */
  function addParts(netBuffer: number, last: number, place: Place, length: number): number {
    let newest = last
    for (let left = length; left > 0;) {
      const bytes = Math.min(left, chain.room(place))
      if (bytes === 0) break
      const mdl = partMdls.allocate(place.mdl, place.at, bytes)
      if (mdl === 0) return 0
      if (newest === 0) set(netBuffer, NB.MdlChain, mdl)
      else mdls.setNext(newest, mdl)
      newest = mdl
      place.at += bytes
      left -= bytes
    }
    return newest
  }
  function forEach(list: number, visit: (netBuffer: number) => boolean): boolean {
    let netBuffer = get(list, NET_BUFFER_LIST.FirstNetBuffer)
    for (let links = 0; netBuffer !== 0 && links < LONGEST_CHAIN; links++) {
      const next = get(netBuffer, NB.Next)
      if (!visit(netBuffer)) return false
      netBuffer = next
    }
    return true
  }
  /** Sets offset and length of a NET_BUFFER whose chain is nothing but its data, and makes room ahead of it. */
  function finish(netBuffer: number, length: number, delta: number, backFill: number): boolean {
    blocks.describe(netBuffer, get(netBuffer, NB.MdlChain), 0, length)
    return delta === 0 || data.retreat(netBuffer, delta, backFill) === NDIS_STATUS_SUCCESS
  }

  function cloneNetBuffer(source: number, clone: number, original: boolean): boolean {
    const length = get(source, NB.DataLength)
    const place = newPlace()
    chain.start(place, source, 0)
    if (original) {
      blocks.describe(clone, place.mdl, place.at, length)
      return true
    }
    return (length === 0 || addParts(clone, 0, place, length) !== 0) && finish(clone, length, 0, 0)
  }

  /** Gives back a list and its NET_BUFFERs with the MDLs that NDIS made for them. */
  function release(list: number, delta: number): void {
    const own = blocks.ownNetBuffer(list)
    forEach(list, (netBuffer) => {
      if (delta > 0 && get(netBuffer, NB.DataLength) >= delta) data.advance(netBuffer, delta)
      for (let mdl = get(netBuffer, NB.MdlChain), links = 0; mdl !== 0 && links < LONGEST_CHAIN; links++) {
        const next = mdls.next(mdl)
        if (partMdls.isOwn(mdl)) partMdls.release(mdl)
        mdl = next
      }
      if (netBuffer !== own && pools.poolOf(netBuffer, POOL_KIND.NET_BUFFER) !== 0) blocks.releaseNetBuffer(netBuffer)
      return true
    })
    blocks.releaseList(list)
  }

  /** A list of the pools, filled by `fill`; 0, and nothing is left, when that says false. */
  function derive(
    listPool: number,
    netBufferPool: number,
    form: number,
    note: number,
    fill: (next: () => number) => boolean,
  ): number {
    if (listPool === 0 || netBufferPool === 0 || pools.get(listPool, SYS_POOL.DataSize) !== 0) return 0
    const list = blocks.takeList(listPool, 0, 0, form, note)
    if (list === 0) return 0
    if (fill(appender(list, netBufferPool))) return list
    release(list, 0)
    return 0
  }
  function free(list: number, form: number): void {
    if (pools.poolOf(list, POOL_KIND.NET_BUFFER_LIST) === 0) return
    release(list, form === LIST_FORM.CLONE ? 0 : blocks.noteOf(list))
  }

  return {
    /** DDI ndisallocateclonenetbufferlist: the used data only, no context, no out-of-band data. */
    NdisAllocateCloneNetBufferList(
      OriginalNetBufferList: number,
      NetBufferListPoolHandle: number,
      NetBufferPoolHandle: number,
      AllocateCloneFlags: number,
    ): number {
      preempt()
      const original = (AllocateCloneFlags & USE_ORIGINAL_MDLS) !== 0
      const lists = from(NetBufferListPoolHandle, POOL_KIND.NET_BUFFER_LIST, internalPools.lists)
      const netBuffers = from(NetBufferPoolHandle, POOL_KIND.NET_BUFFER, internalPools.netBuffers)
      return derive(lists, netBuffers, LIST_FORM.CLONE, AllocateCloneFlags, (next) =>
        forEach(OriginalNetBufferList, (source) => {
          const clone = next()
          return clone !== 0 && cloneNetBuffer(source, clone, original)
        }),
      )
    },
    NdisFreeCloneNetBufferList(CloneNetBufferList: number, _FreeCloneFlags: number): void {
      free(CloneNetBufferList, LIST_FORM.CLONE)
      preempt()
    },
    /** DDI ndisallocatefragmentnetbufferlist: what is left of one NET_BUFFER is a piece of its own. */
    NdisAllocateFragmentNetBufferList(
      OriginalNetBufferList: number,
      NetBufferListPool: number,
      NetBufferPool: number,
      StartOffset: number,
      MaximumLength: number,
      DataOffsetDelta: number,
      DataBackFill: number,
      _AllocateFragmentFlags: number,
    ): number {
      preempt()
      if (MaximumLength >>> 0 === 0) return 0
      const lists = from(NetBufferListPool, POOL_KIND.NET_BUFFER_LIST, internalPools.lists)
      const netBuffers = from(NetBufferPool, POOL_KIND.NET_BUFFER, internalPools.netBuffers)
      return derive(lists, netBuffers, LIST_FORM.FRAGMENT, DataOffsetDelta, (next) =>
        forEach(OriginalNetBufferList, (source) => {
          const place = newPlace()
          chain.start(place, source, StartOffset >>> 0)
          for (let left = get(source, NB.DataLength) - (StartOffset >>> 0); left > 0;) {
            const bytes = Math.min(left, MaximumLength >>> 0)
            const piece = next()
            if (piece === 0 || addParts(piece, 0, place, bytes) === 0) return false
            if (!finish(piece, bytes, DataOffsetDelta >>> 0, DataBackFill >>> 0)) return false
            left -= bytes
          }
          return true
        }),
      )
    },
    NdisFreeFragmentNetBufferList(
      FragmentNetBufferList: number,
      _DataOffsetDelta: number,
      _FreeFragmentFlags: number,
    ): void {
      free(FragmentNetBufferList, LIST_FORM.FRAGMENT)
      preempt()
    },
    /** DDI ndisallocatereassemblednetbufferlist: one NET_BUFFER of all pieces, `StartOffset` bytes of each skipped. */
    NdisAllocateReassembledNetBufferList(
      FragmentNetBufferList: number,
      NetBufferAndNetBufferListPoolHandle: number,
      StartOffset: number,
      DataOffsetDelta: number,
      DataBackFill: number,
      _AllocateReassembleFlags: number,
    ): number {
      preempt()
      const handle = NetBufferAndNetBufferListPoolHandle
      const lists = from(handle, POOL_KIND.NET_BUFFER_LIST, internalPools.listsWithNetBuffer)
      if (lists !== 0 && (pools.get(lists, SYS_POOL.Flags) & POOL_FLAG.ALLOCATE_NET_BUFFER) === 0) return 0
      return derive(lists, internalPools.netBuffers(), LIST_FORM.REASSEMBLED, DataOffsetDelta, (next) => {
        const whole = next()
        const place = newPlace()
        let [last, total] = [0, 0]
        const all = forEach(FragmentNetBufferList, (piece) => {
          const bytes = Math.max(0, get(piece, NB.DataLength) - (StartOffset >>> 0))
          chain.start(place, piece, StartOffset >>> 0)
          total += bytes
          if (bytes > 0) last = addParts(whole, last, place, bytes)
          return bytes === 0 || last !== 0
        })
        return whole !== 0 && all && finish(whole, total, DataOffsetDelta >>> 0, DataBackFill >>> 0)
      })
    },
    NdisFreeReassembledNetBufferList(
      ReassembledNetBufferList: number,
      _DataOffsetDelta: number,
      _FreeReassembleFlags: number,
    ): void {
      free(ReassembledNetBufferList, LIST_FORM.REASSEMBLED)
      preempt()
    },
  }
}
