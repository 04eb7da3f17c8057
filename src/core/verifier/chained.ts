import type { Kernel } from '../kernel/kernel'
import { SYS_DESCRIPTOR } from '../memory/records'
import { ALLOCATED, DESCRIPTOR_HEADER, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { LONGEST_CHAIN, type Mdls } from '../ndis/mdl'
import { PACKET } from '../ndis/packet-layout'

/** Remembers which packet each buffer was chained to, and looks whether it still is. */
export interface ChainedBuffers {
  note(packet: number, first: number): void
  /** The packet in whose chain the buffer is now, 0 when in none. */
  packetOf(buffer: number): number
}

export function createChainedBuffers(k: Kernel, pools: DescriptorPools, mdls: Mdls): ChainedBuffers {
  const packets = new Map<number, number>()

  function contains(packet: number, buffer: number): boolean {
    if (pools.poolOf(packet, POOL_KIND.PACKET) === 0) return false
    if ((pools.get(packet - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.State) & ALLOCATED) === 0) return false
    let mdl = k.space.i32[(packet + PACKET.Head) >> 2]! >>> 0
    for (let links = 0; mdl !== 0 && links < LONGEST_CHAIN; links++, mdl = mdls.next(mdl))
      if (mdl === buffer) return true
    return false
  }
  return {
    note(packet, first) {
      let mdl = first
      for (let links = 0; mdl !== 0 && links < LONGEST_CHAIN; links++, mdl = mdls.next(mdl)) packets.set(mdl, packet)
    },
    packetOf(buffer) {
      const packet = packets.get(buffer)
      if (packet === undefined) return 0
      if (contains(packet, buffer)) return packet
      packets.delete(buffer)
      return 0
    },
  }
}
