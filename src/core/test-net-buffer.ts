import type { MachineOptions } from './machine'
import { layout } from './memory/layout'
import { createGuest, type Guest } from './test-guest'

export const NB = layout(
  'NET_BUFFER',
  'Next', 'CurrentMdl', 'CurrentMdlOffset', 'DataLength', 'MdlChain', 'DataOffset',
) // prettier-ignore
export const NBL = layout('NET_BUFFER_LIST', 'Next', 'FirstNetBuffer', 'Context', 'NetBufferListInfo')

/** What a NET_BUFFER says of its data. MDLs count from 0 along its chain; -1: none. */
export interface NetBufferState {
  readonly offset: number
  readonly length: number
  readonly currentMdl: number
  readonly currentOffset: number
  /** Bytes of each MDL. */
  readonly mdls: readonly number[]
}

/** For specs: a guest that builds NET_BUFFERs over several MDLs and looks into them. */
export interface NetBufferGuest extends Guest {
  /** A chain of MDLs of these sizes, whose memory counts 0, 1, 2 ... from MDL to MDL; address of the first. */
  chain(...sizes: readonly number[]): number
  netBuffer(chain: number, offset: number, length: number): number
  list(...netBuffers: readonly number[]): number
  state(netBuffer: number): NetBufferState
  /** The used data, collected MDL by MDL from MdlChain and DataOffset. */
  data(netBuffer: number): number[]
  /** The address of a byte of the used data. */
  at(netBuffer: number, index: number): number
}

export function createNetBufferGuest(options: MachineOptions = {}): NetBufferGuest {
  const guest = createGuest(options)
  const { kernel, mdls } = guest.machine
  const { r32, w32, w8, r8, fill } = kernel.space
  const zeroed = (bytes: number): number => {
    const address = guest.memory(bytes)
    fill(address, bytes, 0)
    return address
  }
  const chainOf = (netBuffer: number): number[] => {
    const all: number[] = []
    for (let mdl = r32(netBuffer + NB.MdlChain); mdl !== 0; mdl = mdls.next(mdl)) all.push(mdl)
    return all
  }
  function at(netBuffer: number, index: number): number {
    let left = r32(netBuffer + NB.DataOffset) + index
    for (const mdl of chainOf(netBuffer)) {
      if (left < mdls.byteCount(mdl)) return mdls.systemAddress(mdl) + left
      left -= mdls.byteCount(mdl)
    }
    throw new Error(`the NET_BUFFER has no byte ${index}`)
  }

  return {
    ...guest,
    at,
    chain(...sizes) {
      let count = 0
      let first = 0
      let last = 0
      for (const size of sizes) {
        const data = guest.memory(size)
        for (let i = 0; i < size; i++) w8(data + i, count++ & 0xff)
        const mdl = guest.call('NdisAllocateMdl', 0, data, size)
        if (first === 0) first = mdl
        else mdls.setNext(last, mdl)
        last = mdl
      }
      return first
    },
    netBuffer(chain, offset, length) {
      const netBuffer = zeroed(NB.SIZE)
      w32(netBuffer + NB.MdlChain, chain)
      w32(netBuffer + NB.DataOffset, offset)
      w32(netBuffer + NB.DataLength, length)
      guest.call('NdisAdjustNetBufferCurrentMdl', netBuffer)
      return netBuffer
    },
    list(...netBuffers) {
      const list = zeroed(NBL.SIZE)
      let link = list + NBL.FirstNetBuffer
      for (const netBuffer of netBuffers) {
        w32(link, netBuffer)
        link = netBuffer + NB.Next
      }
      return list
    },
    state(netBuffer) {
      const all = chainOf(netBuffer)
      return {
        offset: r32(netBuffer + NB.DataOffset),
        length: r32(netBuffer + NB.DataLength),
        currentMdl: all.indexOf(r32(netBuffer + NB.CurrentMdl)),
        currentOffset: r32(netBuffer + NB.CurrentMdlOffset),
        mdls: all.map(mdls.byteCount),
      }
    },
    data: (netBuffer) => Array.from({ length: r32(netBuffer + NB.DataLength) }, (_unused, i) => r8(at(netBuffer, i))),
  }
}
