import type { AddressSpace } from '../memory/address-space'

/** The longest array that is believed. */
const MOST_PACKETS = 0x1000

/** The addresses in an array of packets, as far as it lies in memory. */
export function packetsAt(space: AddressSpace, array: number, count: number): number[] {
  const start = array >>> 0
  const there = Math.max(0, Math.floor((space.size - start) / 4))
  const length = Math.min(count >>> 0, there, MOST_PACKETS)
  return Array.from({ length }, (_unused, index) => space.r32(start + 4 * index))
}
