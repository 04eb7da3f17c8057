import { words } from '../memory/address-space'

/** How long a switch knows where an address is, ticks: 300 s (IEEE 802.1D, 7.9.2). */
export const AGEING_TICKS = 3_000_000_000
const BUCKETS = 256
const WAYS = 4
/** Addresses that a switch can know. */
export const MOST_ADDRESSES = BUCKETS * WAYS
const NOBODY = -1

/** Where a switch has seen which address. An address comes as its first four bytes and its last two, little-endian. */
export interface MacTable {
  /** The port of an address; -1 when it is not known (any more). */
  find(low: number, high: number): number
  learn(low: number, high: number, port: number): void
  /** Forgets what was learnt from a port: its link went down. */
  forget(port: number): void
}

/** When all places for an address are taken it gets that of the one that was heard of longest ago. */
export function createMacTable(now: () => number): MacTable {
  const lows = words(new Int32Array(MOST_ADDRESSES))
  const highs = words(new Int32Array(MOST_ADDRESSES))
  const ports = words(new Int32Array(MOST_ADDRESSES).fill(NOBODY))
  const heard = words(new Float64Array(MOST_ADDRESSES))

  const bucketOf = (low: number, high: number): number => {
    const mixed = Math.imul(low ^ (high << 7) ^ high, 0x9e37_79b1)
    return ((mixed >>> 16) & (BUCKETS - 1)) * WAYS
  }
  const isFree = (place: number): boolean => ports[place] === NOBODY || now() - heard[place]! > AGEING_TICKS
  /** Place of an address; -1 when there is none. */
  function placeOf(low: number, high: number): number {
    const first = bucketOf(low, high)
    for (let place = first; place < first + WAYS; place++)
      if (lows[place] === low && highs[place] === high && !isFree(place)) return place
    return -1
  }
  function newPlace(low: number, high: number): number {
    const first = bucketOf(low, high)
    let best = first
    for (let place = first; place < first + WAYS; place++) {
      if (isFree(place)) return place
      if (heard[place]! < heard[best]!) best = place
    }
    return best
  }
  return {
    find(low, high) {
      const place = placeOf(low, high)
      return place < 0 ? NOBODY : ports[place]!
    },
    learn(low, high, port) {
      const known = placeOf(low, high)
      const place = known < 0 ? newPlace(low, high) : known
      lows[place] = low
      highs[place] = high
      ports[place] = port
      heard[place] = now()
    },
    forget(port) {
      for (let place = 0; place < MOST_ADDRESSES; place++) if (ports[place] === port) ports[place] = NOBODY
    },
  }
}
