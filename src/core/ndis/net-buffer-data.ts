import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { LiveCell } from '../memory/cell'
import { layout } from '../memory/layout'
import { NULL_END } from '../memory/map'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { DriverLife, Handler } from './driver'
import { LONGEST_CHAIN, type Mdls } from './mdl'
import { NB, type NetBufferChain } from './net-buffer-chain'
import { MDL } from './packet-layout'
import type { RetreatMdls } from './retreat-mdl'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

export const NBL_FIRST_NET_BUFFER = layout('NET_BUFFER_LIST', 'FirstNetBuffer').FirstNetBuffer
/** 'NDsz': the ULONG that NetAllocateMdl gets the address of. */
const SIZE_TAG = 0x7a73444e
const ULONG_MAX = 0xffff_ffff

/**
 * Moving the start of the data of NET_BUFFERs (DDI ndisretreatnetbufferdatastart, ndisadvancenetbufferdatastart; NET
 * retreat-operations, advance-operations).
 *
 * When a retreat finds less than DataOffsetDelta bytes ahead of the data it chains an MDL of DataOffsetDelta +
 * DataBackFill bytes in front. The data must stay in one piece, so what was unused is used first and the new MDL gives
 * the rest from its end.
 */
export function createNetBufferData(
  k: Kernel,
  mdls: Mdls,
  chain: NetBufferChain,
  retreatMdls: RetreatMdls,
  driver: DriverLife,
) {
  const { space, pool, cpus, site, log, preempt } = k
  const { get, set, settle } = chain

  /** A handler that was given must be a function: Windows would jump to whatever it is. */
  const handlerOf = (target: unknown): Handler | undefined =>
    !target
      ? undefined
      : (driver.handler(target) ?? k.fault(Number(target), false, `${String(target)} is no function of the driver.`))

  /** NetAllocateMdl of the driver; 0 when it fails. */
  function fromDriver(allocate: Handler, bytes: number): number {
    const size = pool.allocate(4, SIZE_TAG, OWNER_NDIS, site.s, log.count())
    if (size === 0) return 0
    space.w32(size, bytes)
    const cell = new LiveCell(k, size, 'u32')
    const result = driver.callback(
      ACTIVATION.CALLBACK,
      'NET_BUFFER_ALLOCATE_MDL',
      cpus.irql(),
      allocate,
      [cell],
      'NetAllocateMdl',
    )
    pool.free(size, site.s)
    return Number(result ?? 0) >>> 0
  }
  const isReadable = (mdl: number): boolean => mdl >= NULL_END && mdl % 4 === 0 && mdl + MDL.SIZE <= k.shadow.base

  /** Puts an MDL of `bytes` in front, of which the data takes the last `used`. */
  function chainInFront(netBuffer: number, bytes: number, used: number, allocate: Handler | undefined): number {
    if (bytes > ULONG_MAX) return NDIS_STATUS_FAILURE
    const mdl = allocate ? fromDriver(allocate, bytes) : retreatMdls.allocate(bytes)
    if (mdl === 0) return NDIS_STATUS_RESOURCES
    // What is no MDL, or too short, was the driver's answer to a call that it got from us.
    if (!isReadable(mdl) || mdls.byteCount(mdl) < used) return NDIS_STATUS_FAILURE
    retreatMdls.mark(mdl)
    mdls.setNext(mdl, get(netBuffer, NB.MdlChain))
    set(netBuffer, NB.MdlChain, mdl)
    set(netBuffer, NB.DataOffset, mdls.byteCount(mdl) - used)
    return NDIS_STATUS_SUCCESS
  }

  function retreat(netBuffer: number, delta: number, backFill: number, allocate: Handler | undefined): number {
    const unused = get(netBuffer, NB.DataOffset)
    const length = get(netBuffer, NB.DataLength)
    if (length + delta > ULONG_MAX) return NDIS_STATUS_FAILURE
    if (delta <= unused) set(netBuffer, NB.DataOffset, unused - delta)
    else {
      const status = chainInFront(netBuffer, delta + backFill, delta - unused, allocate)
      if (status !== NDIS_STATUS_SUCCESS) return status
    }
    set(netBuffer, NB.DataLength, length + delta)
    const inMdl = get(netBuffer, NB.CurrentMdlOffset)
    if (delta <= unused && delta <= inMdl) set(netBuffer, NB.CurrentMdlOffset, inMdl - delta)
    else settle(netBuffer)
    return NDIS_STATUS_SUCCESS
  }

  function freeMdl(mdl: number, free: Handler | undefined): void {
    mdls.setNext(mdl, 0)
    // Only what came from the driver's NetAllocateMdl goes to its NetFreeMdl (DDI ndisadvancenetbufferdatastart).
    if (retreatMdls.isOwn(mdl)) retreatMdls.release(mdl)
    else if (free) driver.callback(ACTIVATION.CALLBACK, 'NET_BUFFER_FREE_MDL', cpus.irql(), free, [mdl], 'NetFreeMdl')
    else
      k.bugcheck(
        'BAD_POOL_CALLER',
        [0x99, mdl],
        'An advance frees an MDL that came from a NetAllocateMdl of the driver, and was given no NetFreeMdl.',
      )
  }
  /** Frees the MDLs of retreats that are all ahead of the data. */
  function freeUnused(netBuffer: number, free: Handler | undefined): void {
    for (let freed = 0; freed < LONGEST_CHAIN; freed++) {
      const mdl = get(netBuffer, NB.MdlChain)
      const bytes = mdls.byteCount(mdl)
      if (mdl === 0 || !retreatMdls.isMarked(mdl) || get(netBuffer, NB.DataOffset) < bytes) return
      set(netBuffer, NB.MdlChain, mdls.next(mdl))
      set(netBuffer, NB.DataOffset, get(netBuffer, NB.DataOffset) - bytes)
      // NetFreeMdl is driver code: it finds a NET_BUFFER that is whole.
      settle(netBuffer)
      freeMdl(mdl, free)
    }
  }
  function advance(netBuffer: number, delta: number, freesMdl: boolean, free: Handler | undefined): void {
    set(netBuffer, NB.DataLength, get(netBuffer, NB.DataLength) - delta)
    set(netBuffer, NB.DataOffset, get(netBuffer, NB.DataOffset) + delta)
    const inMdl = get(netBuffer, NB.CurrentMdlOffset) + delta
    if (inMdl < mdls.byteCount(get(netBuffer, NB.CurrentMdl))) return set(netBuffer, NB.CurrentMdlOffset, inMdl)
    settle(netBuffer)
    if (freesMdl) freeUnused(netBuffer, free)
  }

  /** Calls back for each NET_BUFFER of a list until that returns false. */
  function forEach(netBufferList: number, visit: (netBuffer: number) => boolean): void {
    let netBuffer = get(netBufferList, NBL_FIRST_NET_BUFFER)
    for (let links = 0; netBuffer !== 0 && links < LONGEST_CHAIN; links++) {
      const next = get(netBuffer, NB.Next)
      if (!visit(netBuffer)) return
      netBuffer = next
    }
  }

  /** All or none: what was done before one failed is taken back. */
  function retreatList(
    list: number,
    delta: number,
    backFill: number,
    allocate: Handler | undefined,
    free: Handler | undefined,
  ): number {
    /** Those that got an MDL, which is theirs to lose again. */
    let extended: Set<number> | undefined
    let failedAt = 0
    let status: number = NDIS_STATUS_SUCCESS
    forEach(list, (netBuffer) => {
      const first = get(netBuffer, NB.MdlChain)
      status = retreat(netBuffer, delta, backFill, allocate)
      if (status !== NDIS_STATUS_SUCCESS) failedAt = netBuffer
      else if (get(netBuffer, NB.MdlChain) !== first) (extended ??= new Set()).add(netBuffer)
      return failedAt === 0
    })
    if (failedAt !== 0)
      forEach(list, (netBuffer) => {
        if (netBuffer === failedAt) return false
        const mdl = get(netBuffer, NB.MdlChain)
        const canFree = free !== undefined || retreatMdls.isOwn(mdl)
        advance(netBuffer, delta, extended?.has(netBuffer) === true && canFree, free)
        return true
      })
    return status
  }

  const functions = {
    /** DDI ndisretreatnetbufferdatastart: delta == DataOffset fits. SUCCESS, RESOURCES, or FAILURE. */
    NdisRetreatNetBufferDataStart(
      NetBuffer: number,
      DataOffsetDelta: number,
      DataBackFill: number,
      AllocateMdlHandler?: unknown,
    ): number {
      preempt()
      return retreat(NetBuffer, DataOffsetDelta >>> 0, DataBackFill >>> 0, handlerOf(AllocateMdlHandler))
    },
    NdisAdvanceNetBufferDataStart(
      NetBuffer: number,
      DataOffsetDelta: number,
      FreeMdl: number,
      FreeMdlHandler?: unknown,
    ): void {
      preempt()
      advance(NetBuffer, DataOffsetDelta >>> 0, Boolean(FreeMdl), handlerOf(FreeMdlHandler))
    },
    /** DDI ndisretreatnetbufferlistdatastart. FreeMdlHandler frees what was allocated for nothing. */
    NdisRetreatNetBufferListDataStart(
      NetBufferList: number,
      DataOffsetDelta: number,
      DataBackFill: number,
      AllocateMdlHandler?: unknown,
      FreeMdlHandler?: unknown,
    ): number {
      preempt()
      const allocate = handlerOf(AllocateMdlHandler)
      const free = handlerOf(FreeMdlHandler)
      return retreatList(NetBufferList, DataOffsetDelta >>> 0, DataBackFill >>> 0, allocate, free)
    },
    NdisAdvanceNetBufferListDataStart(
      NetBufferList: number,
      DataOffsetDelta: number,
      FreeMdl: number,
      FreeMdlHandler?: unknown,
    ): void {
      preempt()
      const free = handlerOf(FreeMdlHandler)
      forEach(NetBufferList, (netBuffer) => {
        advance(netBuffer, DataOffsetDelta >>> 0, Boolean(FreeMdl), free)
        return true
      })
    },
    /** DDI ndisadjustnetbuffercurrentmdl. */
    NdisAdjustNetBufferCurrentMdl(NetBuffer: number): void {
      settle(NetBuffer)
      preempt()
    },
  }
  return {
    functions,
    /** NDIS's own retreat, with its own MDLs: NDIS_STATUS_SUCCESS or what went wrong. */
    retreat: (netBuffer: number, delta: number, backFill: number): number =>
      retreat(netBuffer, delta, backFill, undefined),
    advance: (netBuffer: number, delta: number): void => advance(netBuffer, delta, true, undefined),
  }
}
export type NetBufferData = ReturnType<typeof createNetBufferData>
