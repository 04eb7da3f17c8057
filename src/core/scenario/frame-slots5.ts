import type { Kernel } from '../kernel/kernel'
import { Out } from '../memory/cell'
import { SYS_POOL } from '../memory/records'
import type { ApiFunctions } from './api-functions'
import { POOL_FLAG, type DescriptorPools } from '../ndis/descriptor-pool'
import { LONGEST_CHAIN } from '../ndis/mdl'
import type { NdisRecords } from '../ndis/ndis-record'
import { MINIMUM_RECEIVE_RESERVED, OOB, PACKET } from '../ndis/packet-layout'
import { MOST_FRAME_BYTES } from './frame-slots6'

/** Packets of the workbench itself: as many as are ever out at a time. */
const PACKETS = 512

/** Packets of the workbench itself, each with room for one frame in one or two buffers. */
export interface FrameSlots5 {
  /** A packet with the frame, `split` bytes of it in the first buffer (0: all); 0 when there are too many out. */
  take(frame: Uint8Array, length: number, split: number): number
  give(packet: number): void
  free(): void
}

export function createFrameSlots5(
  k: Kernel,
  parts: { readonly pools: DescriptorPools; readonly records: NdisRecords; readonly api: ApiFunctions },
): FrameSlots5 {
  const { api, pools, records } = parts
  const { space } = k
  const memory = new Map<number, number>()
  let packetPool = 0
  let bufferPool = 0

  const own = (pool: number): number => {
    if (pool !== 0)
      pools.set(pool, SYS_POOL.Flags, pools.get(pool, SYS_POOL.Flags) | POOL_FLAG.SYSTEM | POOL_FLAG.WORKBENCH)
    return pool
  }
  function makePools(): boolean {
    if (packetPool !== 0) return true
    const [status, result] = [new Out(0), new Out(0)]
    api.NdisAllocatePacketPool(status, result, PACKETS, MINIMUM_RECEIVE_RESERVED)
    packetPool = own(status.value === 0 ? result.value : 0)
    api.NdisAllocateBufferPool(status, result, 2 * PACKETS)
    bufferPool = own(status.value === 0 ? result.value : 0)
    return packetPool !== 0 && bufferPool !== 0
  }
  function addBuffer(packet: number, address: number, length: number): boolean {
    const [status, result] = [new Out(0), new Out(0)]
    api.NdisAllocateBuffer(status, result, bufferPool, address, length)
    if (status.value !== 0) return false
    api.NdisChainBufferAtBack(packet, result.value)
    return true
  }
  function give(packet: number): void {
    const data = memory.get(packet)
    if (data === undefined) return
    memory.delete(packet)
    let buffer = space.r32(packet + PACKET.Head)
    for (let links = 0; buffer !== 0 && links < LONGEST_CHAIN; links++) {
      const next = space.r32(buffer)
      api.NdisFreeBuffer(buffer)
      buffer = next
    }
    api.NdisFreePacket(packet)
    records.free(data)
  }
  return {
    take(frame, length, split) {
      if (!makePools()) return 0
      // Each call may be preempted by work that takes a slot, too, and reuses the caller's frame.
      const bytes = frame.slice(0, length)
      const [status, result] = [new Out(0), new Out(0)]
      api.NdisAllocatePacket(status, result, packetPool)
      const packet = result.value
      if (status.value !== 0) return 0
      const data = records.allocate(MOST_FRAME_BYTES)
      memory.set(packet, data)
      space.u8.set(bytes, data)
      const first = split > 0 && split < length ? split : length
      const ok =
        data !== 0 &&
        addBuffer(packet, data, first) &&
        (first === length || addBuffer(packet, data + first, length - first))
      if (ok) {
        space.w32(packet + space.r16(packet + PACKET.NdisPacketOobOffset) + OOB.HeaderSize, ETHERNET_HEADER)
        return packet
      }
      give(packet)
      return 0
    },
    give,
    free() {
      if (memory.size > 0 || packetPool === 0) return
      api.NdisFreePacketPool(packetPool)
      api.NdisFreeBufferPool(bufferPool)
      packetPool = 0
      bufferPool = 0
    },
  }
}
const ETHERNET_HEADER = 14
