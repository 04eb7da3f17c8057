import type { Kernel } from '../kernel/kernel'
import { SYS_POOL } from '../memory/records'
import { constant } from '../ndis/constants'
import { DESCRIPTOR_HEADER, POOL_FLAG, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { LONGEST_CHAIN } from '../ndis/mdl'
import type { NetBufferBlocks } from '../ndis/net-buffer-blocks'
import { CONTEXT, CONTEXT_ALIGNMENT, LIST_FORM, NET_BUFFER, NET_BUFFER_LIST } from '../ndis/net-buffer-layout'
import {
  listPoolParametersProblem,
  poolParametersProblem,
  readListPoolParameters,
} from '../ndis/net-buffer-pool-parameters'
import type { DescriptorPointers } from './descriptor-pointer'
import { reportBadFree } from './bad-frees'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'
import { checkReturned } from './spoiled-blocks'
import { objectDetails } from './touched-object'
import type { ViolationDetails } from './verifier'

interface Parts {
  readonly pools: DescriptorPools
  readonly blocks: NetBufferBlocks
  readonly pointers: DescriptorPointers
}
type Kind = 'NET_BUFFER' | 'NET_BUFFER_LIST'

const POINTER_BYTES = 4
const CLONE_FLAGS = constant('NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS') | constant('NDIS_CLONE_FLAGS_RESERVED')
/** The function that frees what each form of allocation gave. */
const FREE_OF_FORM: Readonly<Record<number, string>> = {
  [LIST_FORM.PLAIN]: 'NdisFreeNetBufferList',
  [LIST_FORM.CLONE]: 'NdisFreeCloneNetBufferList',
  [LIST_FORM.FRAGMENT]: 'NdisFreeFragmentNetBufferList',
  [LIST_FORM.REASSEMBLED]: 'NdisFreeReassembledNetBufferList',
}

/** What a NET_BUFFER or a list that is to be freed, or derived from, must be. */
function createDescriptorChecks(k: Kernel, { pools, blocks }: Parts) {
  const { violation } = k.verifier
  const details = (descriptor: number): ViolationDetails => objectDetails(k, descriptor)
  const notOut = (fn: string, address: number, kind: Kind): true =>
    reportBadFree(k, fn, address, { kinds: [kind], name: `${kind} of a live pool` })
  return {
    details,
    /** true when no list that is out begins at the address. */
    badList: (fn: string, list: number): boolean =>
      pools.poolOf(list, POOL_KIND.NET_BUFFER_LIST) === 0 && notOut(fn, list, 'NET_BUFFER_LIST'),
    badNetBuffer(fn: string, netBuffer: number): boolean {
      if (pools.poolOf(netBuffer, POOL_KIND.NET_BUFFER) !== 0) {
        checkReturned(k, fn, netBuffer - DESCRIPTOR_HEADER)
        return false
      }
      const inMemory = (netBuffer & 3) === 0 && k.shadow.firstBad(netBuffer, NET_BUFFER.SIZE) < 0
      const list = inMemory ? blocks.listOf(netBuffer) : 0
      if (list === 0 || blocks.ownNetBuffer(list) !== netBuffer) return notOut(fn, netBuffer, 'NET_BUFFER')
      violation(
        'NetBufferOfList',
        fn,
        `The NET_BUFFER at ${hex(netBuffer)} came with the NET_BUFFER_LIST at ${hex(list)} and is freed with it, not by ${fn}.`,
        details(list),
      )
      return true
    },
  }
}
type DescriptorChecks = ReturnType<typeof createDescriptorChecks>

/** Pools: parameters, which calls a pool is for, and what is still out when it is freed. */
function poolChecks(k: Kernel, { pools, pointers }: Parts, { details }: DescriptorChecks) {
  const { violation } = k.verifier
  const dataSize = (pool: number): number => pools.get(pool, SYS_POOL.DataSize)
  const netBufferPool = (fn: string, pool: number): boolean =>
    pointers.badPool(fn, pool, POOL_KIND.NET_BUFFER, 'NET_BUFFER')
  const listPool = (fn: string, pool: number): boolean =>
    pointers.badPool(fn, pool, POOL_KIND.NET_BUFFER_LIST, 'NET_BUFFER_LIST')

  function parameters(fn: string, problem: string | undefined): boolean {
    if (problem === undefined) return false
    violation('NetBufferPoolParameters', fn, `The parameters of ${fn} are not what it takes: ${problem}.`)
    return true
  }
  const context = (fn: string, what: string, bytes: number): void => {
    if (bytes % CONTEXT_ALIGNMENT !== 0)
      violation(
        'NetBufferListContextSize',
        fn,
        `${what} of ${fn} is ${bytes}, which is no multiple of MEMORY_ALLOCATION_ALIGNMENT (${CONTEXT_ALIGNMENT}).`,
      )
  }
  /** DDI ndisallocatenetbuffer: without a chain there is no data. */
  function chainless(fn: string, chain: number, offset: number, length: number): void {
    if (!chain && (offset !== 0 || length !== 0))
      violation(
        'NetBufferWithoutMdl',
        fn,
        `${fn} is given no MDL chain, so DataOffset and DataLength must be 0; they are ${offset} and ${length}.`,
      )
  }
  function wrongPool(fn: string, pool: number, why: string): boolean {
    violation('NetBufferPoolDataSize', fn, `${fn} cannot take from this pool: ${why}.`, {
      allocated: pools.get(pool, SYS_POOL.AllocSite),
    })
    return false
  }
  /** DDI ndisfreenetbufferpool, ndisfreenetbufferlistpool. */
  function stillOut(fn: string, pool: number, kind: Kind): void {
    let first = 0
    const count = pools.inUse(pool)
    pools.forEachOut(pool, (descriptor) => (first ||= descriptor))
    if (count > 0)
      violation(
        'FreePoolWithDescriptorsOut',
        fn,
        `The ${kind} pool is freed with ${count} of its ${kind}s still out.`,
        details(first),
      )
  }

  const before: Record<string, Before> = {
    NdisAllocateNetBufferPool: (_handle: number, at: number) =>
      parameters('NdisAllocateNetBufferPool', poolParametersProblem(k.space, at)),
    NdisAllocateNetBufferListPool(_handle: number, at: number) {
      const fn = 'NdisAllocateNetBufferListPool'
      if (parameters(fn, listPoolParametersProblem(k.space, at))) return true
      const { dataSize: bytes, allocateNetBuffer, contextSize } = readListPoolParameters(k.space, at)!
      context(fn, 'ContextSize', contextSize)
      return parameters(
        fn,
        bytes !== 0 && !allocateNetBuffer
          ? `DataSize is ${bytes} though fAllocateNetBuffer is FALSE: data comes with a NET_BUFFER only`
          : undefined,
      )
    },
    NdisAllocateNetBuffer(pool: number, chain: number, offset: number, length: number) {
      const fn = 'NdisAllocateNetBuffer'
      if (netBufferPool(fn, pool)) return true
      if (dataSize(pool) !== 0)
        return wrongPool(fn, pool, 'it has a DataSize, so it is for NdisAllocateNetBufferMdlAndData only')
      chainless(fn, chain, offset, length)
      return chain ? pointers.badMdl(fn, chain) : false
    },
    NdisAllocateNetBufferMdlAndData: (pool: number) =>
      netBufferPool('NdisAllocateNetBufferMdlAndData', pool) ||
      (dataSize(pool) === 0 &&
        wrongPool('NdisAllocateNetBufferMdlAndData', pool, 'its DataSize is 0, so it is for NdisAllocateNetBuffer')),
    NdisAllocateNetBufferList(pool: number, size: number, room: number) {
      const fn = 'NdisAllocateNetBufferList'
      if (listPool(fn, pool)) return true
      context(fn, 'ContextSize', size)
      context(fn, 'ContextBackFill', room)
      return false
    },
    NdisAllocateNetBufferAndNetBufferList(
      pool: number,
      size: number,
      room: number,
      chain: number,
      offset: number,
      length: number,
    ) {
      const fn = 'NdisAllocateNetBufferAndNetBufferList'
      if (listPool(fn, pool)) return true
      if ((pools.get(pool, SYS_POOL.Flags) & POOL_FLAG.ALLOCATE_NET_BUFFER) === 0)
        return wrongPool(fn, pool, 'it was made with fAllocateNetBuffer FALSE')
      if (dataSize(pool) !== 0) return wrongPool(fn, pool, 'it has a DataSize; its NET_BUFFERs have their own data')
      context(fn, 'ContextSize', size)
      context(fn, 'ContextBackFill', room)
      chainless(fn, chain, offset, length)
      return chain ? pointers.badMdl(fn, chain) : false
    },
    NdisFreeNetBufferPool(pool: number) {
      if (netBufferPool('NdisFreeNetBufferPool', pool)) return true
      stillOut('NdisFreeNetBufferPool', pool, 'NET_BUFFER')
      return false
    },
    NdisFreeNetBufferListPool(pool: number) {
      if (listPool('NdisFreeNetBufferListPool', pool)) return true
      stillOut('NdisFreeNetBufferListPool', pool, 'NET_BUFFER_LIST')
      return false
    },
  }
  /** DDI ndisallocatereassemblednetbufferlist: the one NET_BUFFER comes with the list, without data of its own. */
  function badReassemblyPool(fn: string, pool: number): boolean {
    if (!pool) return false
    if (listPool(fn, pool)) return true
    if ((pools.get(pool, SYS_POOL.Flags) & POOL_FLAG.ALLOCATE_NET_BUFFER) === 0)
      return wrongPool(fn, pool, 'it was made with fAllocateNetBuffer FALSE')
    return dataSize(pool) !== 0 && wrongPool(fn, pool, 'its DataSize is not 0')
  }
  return { before, netBufferPool, listPool, badReassemblyPool }
}

/** Lists: the free that goes with the allocation, contexts, children. */
function listChecks(k: Kernel, { blocks }: Parts, { badList, details }: DescriptorChecks) {
  const { violation } = k.verifier
  const { r16, r32 } = k.space

  function wrongFree(fn: string, list: number): void {
    const right = FREE_OF_FORM[blocks.formOf(list)]!
    if (right !== fn)
      violation(
        'NetBufferListPairing',
        fn,
        `The NET_BUFFER_LIST at ${hex(list)} is freed by ${fn}; what it was allocated with goes with ${right}.`,
        details(list),
      )
  }
  /** DDI ndisallocatenetbufferlistcontext: a later context goes before its list. */
  function contextLeft(fn: string, list: number): void {
    const newest = r32(list + NET_BUFFER_LIST.Context)
    if (newest !== 0 && newest !== blocks.ownContext(list))
      violation(
        'NetBufferListContext',
        fn,
        `The NET_BUFFER_LIST at ${hex(list)} is freed with a context of NdisAllocateNetBufferListContext: NdisFreeNetBufferListContext comes first.`,
        details(list),
      )
  }
  function childrenLeft(fn: string, list: number): void {
    const children = r32(list + NET_BUFFER_LIST.ChildRefCount)
    if (children !== 0)
      violation(
        'ParentFreedBeforeChildren',
        fn,
        `The NET_BUFFER_LIST at ${hex(list)} is freed while its ChildRefCount is ${children}: lists that were derived from it still use its data.`,
        details(list),
      )
  }
  function freeing(fn: string, list: number): boolean {
    if (badList(fn, list)) return true
    checkReturned(k, fn, list - DESCRIPTOR_HEADER)
    wrongFree(fn, list)
    contextLeft(fn, list)
    childrenLeft(fn, list)
    return false
  }
  /** The flags or the delta must be those of the allocation. */
  function sameAs(fn: string, list: number, name: string, given: number): void {
    const expected = blocks.noteOf(list)
    if (FREE_OF_FORM[blocks.formOf(list)] === fn && given >>> 0 !== expected)
      violation(
        'NetBufferListFreeArguments',
        fn,
        `${name} of ${fn} is ${given >>> 0}, but the list was allocated with ${expected}: they must be the same.`,
        details(list),
      )
  }
  function freeDerived(fn: string, name: string) {
    return (list: number, given: number): boolean => {
      if (freeing(fn, list)) return true
      sameAs(fn, list, name, given)
      return false
    }
  }
  const unknownContext = (fn: string, list: number, size: number): boolean => {
    const newest = r32(list + NET_BUFFER_LIST.Context)
    const used = newest === 0 ? 0 : r16(newest + CONTEXT.Size) - r16(newest + CONTEXT.Offset)
    if (size <= used) return false
    violation(
      'NetBufferListContext',
      fn,
      newest === 0
        ? `The NET_BUFFER_LIST at ${hex(list)} has no context that could be freed.`
        : `${size} bytes of context are freed, but only ${used} of the newest area of the NET_BUFFER_LIST at ${hex(list)} are in use.`,
      details(list),
    )
    return true
  }

  const before: Record<string, Before> = {
    NdisFreeNetBufferList: (list: number) => freeing('NdisFreeNetBufferList', list),
    NdisFreeCloneNetBufferList: freeDerived('NdisFreeCloneNetBufferList', 'FreeCloneFlags'),
    NdisFreeFragmentNetBufferList: freeDerived('NdisFreeFragmentNetBufferList', 'DataOffsetDelta'),
    NdisFreeReassembledNetBufferList: freeDerived('NdisFreeReassembledNetBufferList', 'DataOffsetDelta'),
    NdisAllocateNetBufferListContext(list: number, size: number, room: number) {
      const fn = 'NdisAllocateNetBufferListContext'
      if (badList(fn, list)) return true
      for (const [name, bytes] of [
        ['ContextSize', size],
        ['ContextBackFill', room],
      ] as const)
        if (bytes % POINTER_BYTES !== 0)
          violation(
            'NetBufferListContextSize',
            fn,
            `${name} of ${fn} is ${bytes}, which is no multiple of the size of a pointer.`,
          )
      return false
    },
    NdisFreeNetBufferListContext: (list: number, size: number) =>
      badList('NdisFreeNetBufferListContext', list) || unknownContext('NdisFreeNetBufferListContext', list, size),
  }
  return before
}

/** NET_BUFFERs and NET_BUFFER_LISTs: pools, allocation and free (semantics: DDI nblapi pages). Their data has rules of its own. */
export function netBufferRules(k: Kernel, parts: Parts): RuleFamily {
  const { violation } = k.verifier
  const checks = createDescriptorChecks(k, parts)
  const { before: pools, netBufferPool, listPool, badReassemblyPool } = poolChecks(k, parts, checks)

  /** Lists and NET_BUFFERs of the driver whose data is to be described: each must be one, and their number finite. */
  function badSource(fn: string, list: number): boolean {
    if (checks.badList(fn, list)) return true
    let netBuffer = k.space.r32(list + NET_BUFFER_LIST.FirstNetBuffer)
    for (let links = 0; netBuffer !== 0; links++) {
      if (links >= LONGEST_CHAIN || k.access.range(fn, netBuffer, NET_BUFFER.SIZE, false) === false) {
        violation('NetBufferLoop', fn, `The NET_BUFFERs of the list at ${hex(list)} cannot be followed to an end.`)
        return true
      }
      let mdl = k.space.r32(netBuffer + NET_BUFFER.CurrentMdl)
      for (let at = 0; mdl !== 0; at++, mdl = k.space.r32(mdl)) {
        if (parts.pointers.badMdl(fn, mdl)) return true
        if (at < LONGEST_CHAIN) continue
        violation('MdlChainLoop', fn, `The MDL chain of the NET_BUFFER at ${hex(netBuffer)} goes in a circle.`)
        return true
      }
      netBuffer = k.space.r32(netBuffer + NET_BUFFER.Next)
    }
    return false
  }
  const derives =
    (fn: string) =>
    (list: number, lists: number, netBuffers: number): boolean =>
      badSource(fn, list) ||
      (lists ? listPool(fn, lists) : false) ||
      (netBuffers ? netBufferPool(fn, netBuffers) : false)

  return {
    before: {
      ...pools,
      ...listChecks(k, parts, checks),
      NdisFreeNetBuffer: (netBuffer: number) => checks.badNetBuffer('NdisFreeNetBuffer', netBuffer),
      NdisAllocateCloneNetBufferList(list: number, lists: number, netBuffers: number, flags: number) {
        if ((flags & ~CLONE_FLAGS) !== 0)
          violation(
            'NetBufferListCloneFlags',
            'NdisAllocateCloneNetBufferList',
            `AllocateCloneFlags is ${hex(flags)}; only NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS is defined.`,
          )
        return derives('NdisAllocateCloneNetBufferList')(list, lists, netBuffers)
      },
      NdisAllocateFragmentNetBufferList: derives('NdisAllocateFragmentNetBufferList'),
      NdisAllocateReassembledNetBufferList(list: number, pool: number) {
        const fn = 'NdisAllocateReassembledNetBufferList'
        return badSource(fn, list) || badReassemblyPool(fn, pool)
      },
    },
  }
}
