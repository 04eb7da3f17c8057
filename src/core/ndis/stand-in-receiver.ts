import type { Kernel } from '../kernel/kernel'
import { SYS_POOL } from '../memory/records'
import type { DescriptorPools } from './descriptor-pool'
import type { Mdls } from './mdl'
import { gatherPacket, type FrameSink } from './packet-data'
import { MINIMUM_RECEIVE_RESERVED, PACKET } from './packet-layout'

/** What stands above a miniport and takes its packets. */
export interface PacketReceiver {
  /**
   * Takes one packet, as ProtocolReceivePacket does; true when it keeps the packet until `returned`. A receiver that may
   * not keep it has copied all that it wants when this returns.
   */
  receive(packet: number, mayKeep: boolean): boolean
  /** Virtual ticks (100 ns) until the packet that was just kept goes back. */
  holdingTime(): number
}

/** Every so many packets that it may keep, the receiver keeps one. */
const KEEPS_ONE_IN = 2
/** It holds a packet for at most 100 microseconds. */
const LONGEST_HOLD = 1000
/** What a protocol leaves in ProtocolReserved while it holds a packet ('P'): a driver that keeps its own data there loses it. */
const PROTOCOL_MARK = 0x50
/** Longer frames are cut. */
const LONGEST_FRAME = 0x1_0000

/** Stands in for a protocol: copies every frame, keeps some packets for a while, chosen by the seeded generator. */
export function createStandInReceiver(k: Kernel, pools: DescriptorPools, mdls: Mdls, sink?: FrameSink): PacketReceiver {
  const { space, random, late } = k
  const frame = new Uint8Array(LONGEST_FRAME)

  return {
    receive(packet, mayKeep) {
      if (sink) sink(frame, gatherPacket(space, mdls, packet, frame))
      if (!mayKeep || (!late && random.below(KEEPS_ONE_IN) !== 0)) return false
      const reserved = pools.get(space.i32[(packet + PACKET.Pool) >> 2]!, SYS_POOL.ReservedLength)
      space.fill(packet + PACKET.ProtocolReserved, Math.min(reserved, MINIMUM_RECEIVE_RESERVED), PROTOCOL_MARK)
      return true
    },
    holdingTime: () => late?.delay(LONGEST_HOLD) ?? 1 + random.below(LONGEST_HOLD),
  }
}
