import type { Frame } from './frame'

/** Hears every frame at the connectors of the NICs. Nobody asks for one when nothing is captured. */
export interface FrameTap {
  /**
   * A frame leaves a NIC, or arrives at it. The frame is lent for the call.
   *
   * @param nic - slot of the NIC
   * @param time - virtual time in ticks of 100 ns: when its first bit leaves, or when it has arrived
   * @param origin - who sent it, where that was not a driver: 'peer host: ICMP echo reply'
   */
  frame(nic: number, direction: 'out' | 'in', time: number, frame: Frame, origin: string): void
}
