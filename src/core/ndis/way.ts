import type { Kernel } from '../kernel/kernel'
import { SYS_DESCRIPTOR } from '../memory/records'
import { DESCRIPTOR_HEADER, LOANED } from './descriptor-pool'

const STATE = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.State
const WAY = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.Way
const SENT_SITE = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.SentSite
const SENT_LOW = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.SentLow
const SENT_HIGH = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.SentHigh

const ID_MASK = 0xfff
const HOLDER_SHIFT = 12
/** Bits of Way beside the two numbers. */
export const WAY_RECEIVE = 1 << 24
/** Indicated with NDIS_RECEIVE_FLAGS_RESOURCES: it goes back by itself when the call returns. */
export const WAY_RESOURCES = 1 << 25
/** Lent to a miniport of NDIS 5 that copies received data into it (NdisTransferData). */
export const WAY_TRANSFER = 1 << 26

/**
 * Where a list or packet is that its owner gave away. The numbers are those of stations: whoever stands at a level of a
 * stack, an adapter's miniport, a filter module or a protocol's binding. All of it lies in the descriptor's SYS_DESCRIPTOR.
 */
export interface Ways<Station> {
  /** Numbers a station, from 1 to 4095; 0 when all numbers are taken. */
  register(station: Station): number
  forget(id: number): void
  station(id: number): Station | undefined
  /** Sent or indicated and not back yet. */
  isOut(descriptor: number): boolean
  origin(descriptor: number): number
  holder(descriptor: number): number
  has(descriptor: number, bit: number): boolean
  begin(descriptor: number, origin: number, bits: number): void
  move(descriptor: number, holder: number): void
  end(descriptor: number): void
  sentSite(descriptor: number): number
  /** Virtual time since which its holder has it, ticks; with the rules off, since it was sent or indicated. */
  heldSince(descriptor: number): number
}

export function createWays<Station>(k: Kernel): Ways<Station> {
  const { i32 } = k.space
  const stations: (Station | undefined)[] = [undefined]
  const get = (descriptor: number, field: number): number => i32[(descriptor + field) >> 2]! | 0
  const set = (descriptor: number, field: number, value: number): void => {
    i32[(descriptor + field) >> 2] = value
  }
  /** Whether somebody asks who has it for too long. */
  const timed = k.verifier.enabled
  function holds(descriptor: number): void {
    const now = k.clock.now()
    set(descriptor, SENT_LOW, now | 0)
    set(descriptor, SENT_HIGH, Math.floor(now / 0x1_0000_0000))
  }
  return {
    register(station) {
      const free = stations.indexOf(undefined, 1)
      const id = free < 0 ? stations.length : free
      if (id > ID_MASK) return 0
      stations[id] = station
      return id
    },
    forget: (id) => void (stations[id] = undefined),
    station: (id) => stations[id],
    isOut: (descriptor) => (get(descriptor, STATE) & (LOANED | 1)) === (LOANED | 1),
    origin: (descriptor) => get(descriptor, WAY) & ID_MASK,
    holder: (descriptor) => (get(descriptor, WAY) >>> HOLDER_SHIFT) & ID_MASK,
    has: (descriptor, bit) => (get(descriptor, WAY) & bit) !== 0,
    begin(descriptor, origin, bits) {
      set(descriptor, STATE, get(descriptor, STATE) | LOANED)
      set(descriptor, WAY, origin | (origin << HOLDER_SHIFT) | bits)
      set(descriptor, SENT_SITE, k.site.s)
      holds(descriptor)
    },
    move(descriptor, holder) {
      if (timed) holds(descriptor)
      set(descriptor, WAY, (get(descriptor, WAY) & ~(ID_MASK << HOLDER_SHIFT)) | (holder << HOLDER_SHIFT))
    },
    end(descriptor) {
      // A descriptor that was freed meanwhile has its link of the free list here.
      const state = get(descriptor, STATE)
      if ((state & 1) !== 0) set(descriptor, STATE, state & ~LOANED)
      set(descriptor, WAY, 0)
    },
    sentSite: (descriptor) => get(descriptor, SENT_SITE),
    heldSince: (descriptor) => (get(descriptor, SENT_LOW) >>> 0) + get(descriptor, SENT_HIGH) * 0x1_0000_0000,
  }
}
