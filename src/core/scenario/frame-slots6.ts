import type { Kernel } from '../kernel/kernel'
import { SYS_POOL } from '../memory/records'
import { layout } from '../memory/layout'
import { POOL_FLAG, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { LONGEST_CHAIN, mdlSize, type Mdls } from '../ndis/mdl'
import type { NdisRecords } from '../ndis/ndis-record'
import type { NetBufferBlocks } from '../ndis/net-buffer-blocks'
import { NET_BUFFER, NET_BUFFER_LIST } from '../ndis/net-buffer-layout'

/** 'NDtp': descriptors of the workbench's own protocol and miniport. */
const TAG = 0x7074444e
const LIST = layout('NET_BUFFER_LIST', 'Next', 'Status', 'NetBufferListInfo', 'FirstNetBuffer', 'SourceHandle')
const INFO_BYTES = layout('NET_BUFFER_LIST', 'NetBufferListInfo').SIZE - LIST.NetBufferListInfo
/** Longest frame, without its check sequence. */
export const MOST_FRAME_BYTES = 1514
/** Two MDLs of up to two pages each, then the data. */
const MDL_BYTES = (mdlSize(2) + 7) & ~7
const DATA_AT = 2 * MDL_BYTES

/** NET_BUFFER_LISTs of the workbench itself, each with room for one frame in one or two MDLs; used again and again. */
export interface FrameSlots6 {
  /** A list with the frame, `split` bytes of it in the first MDL (0: all); 0 when memory is short. */
  take(frame: Uint8Array, length: number, split: number): number
  give(list: number): void
  /** Frees everything that is not out. */
  free(): void
}

export function createFrameSlots6(
  k: Kernel,
  parts: {
    readonly pools: DescriptorPools
    readonly blocks: NetBufferBlocks
    readonly mdls: Mdls
    readonly records: NdisRecords
  },
): FrameSlots6 {
  const { pools, blocks, mdls, records } = parts
  const { u8, w32, r32, fill } = k.space
  const free: number[] = []
  const memory = new Map<number, number>()
  let pool = 0

  function ownPool(): number {
    if (pool !== 0) return pool
    const descriptorSize = NET_BUFFER_LIST.SIZE + NET_BUFFER.SIZE
    const kind = POOL_KIND.NET_BUFFER_LIST
    pool = pools.create({ kind, tag: TAG, capacity: 0, overflow: 0, descriptorSize, reservedLength: 0 })
    if (pool !== 0)
      pools.set(pool, SYS_POOL.Flags, POOL_FLAG.ALLOCATE_NET_BUFFER | POOL_FLAG.SYSTEM | POOL_FLAG.WORKBENCH)
    return pool
  }
  function create(): number {
    const from = ownPool()
    const list = from === 0 ? 0 : blocks.takeList(from, 0, 0, 0, 0)
    const at = list === 0 ? 0 : records.allocate(DATA_AT + MOST_FRAME_BYTES)
    if (at === 0) return 0
    memory.set(list, at)
    return list
  }
  return {
    take(frame, length, split) {
      const list = free.pop() ?? create()
      if (list === 0) return 0
      const at = memory.get(list)!
      const data = at + DATA_AT
      u8.set(length === frame.length ? frame : frame.subarray(0, length), data)
      const first = split > 0 && split < length ? split : length
      mdls.initialize(at, data, first)
      mdls.build(at)
      if (first < length) {
        mdls.initialize(at + MDL_BYTES, data + first, length - first)
        mdls.build(at + MDL_BYTES)
        mdls.setNext(at, at + MDL_BYTES)
      }
      w32(list + LIST.Next, 0)
      w32(list + LIST.Status, 0)
      fill(list + LIST.NetBufferListInfo, INFO_BYTES, 0)
      w32(list + LIST.FirstNetBuffer, blocks.ownNetBuffer(list))
      w32(blocks.ownNetBuffer(list) + NET_BUFFER.Next, 0)
      blocks.describe(blocks.ownNetBuffer(list), at, 0, length)
      return list
    },
    give: (list) => void (memory.has(list) && free.push(list)),
    free() {
      for (const list of free.splice(0)) {
        records.free(memory.get(list)!)
        memory.delete(list)
        blocks.releaseList(list)
      }
      if (memory.size === 0 && pool !== 0 && r32(pool + SYS_POOL.Live) === 0) pools.destroy(pool)
    },
  }
}

/** Copies a NET_BUFFER's data out, at most what fits; how many bytes it has. */
export function gatherNetBuffer(k: Kernel, mdls: Mdls, netBuffer: number, into: Uint8Array): number {
  const { u8, i32 } = k.space
  const get = (offset: number): number => i32[(netBuffer + offset) >> 2]! >>> 0
  const total = get(NET_BUFFER.DataLength)
  let mdl = get(NET_BUFFER.CurrentMdl)
  let at = get(NET_BUFFER.CurrentMdlOffset)
  let length = 0
  const wanted = Math.min(total, into.length)
  for (let links = 0; mdl !== 0 && length < wanted && links < LONGEST_CHAIN; links++, mdl = mdls.next(mdl), at = 0) {
    const bytes = Math.min(mdls.byteCount(mdl) - at, wanted - length)
    if (bytes <= 0) continue
    const start = mdls.systemAddress(mdl) + at
    into.set(u8.subarray(start, start + bytes), length)
    length += bytes
  }
  return length
}
