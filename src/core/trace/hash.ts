/** Odd, so that a step loses nothing of the state before it; one a lane. */
export const FACTORS = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f] as const

const little = (word: number): number[] => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24]
const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)])
const section = (id: number, ...content: number[]): number[] => [id, ...leb(content.length), ...content]
const name = (text: string): number[] => [text.length, ...[...text].map((letter) => letter.charCodeAt(0))]

const I32 = 0x7f
const V128 = 0x7b
const MOST_PAGES = [0x80, 0x80, 0x04] // 65536

const LOAD = (offset: number): number[] => [0xfd, 0x00, 4, offset]
const STORE = (offset: number): number[] => [0xfd, 0x0b, 4, offset]
/** lanes (local) = ((lanes ^ first half of the record) * FACTORS) + second half; `offset` of the record from `at`. */
const step = (lanes: number, offset: number): number[] => [
  ...[0x20, lanes, 0x20, 0, ...LOAD(offset), 0xfd, 0x51], // v128.xor
  ...[0xfd, 0x0c, ...FACTORS.flatMap(little), 0xfd, 0xb5, 0x01], // i32x4.mul
  ...[0x20, 0, ...LOAD(offset + 16), 0xfd, 0xae, 0x01, 0x21, lanes], // i32x4.add
]

// absorb(at, end, state): an even number of records of 32 bytes from `at` to `end`, not none; eight lanes at `state`, four
// for records of even index and four for the others, so that one need not wait for the other.
const ABSORB = [
  ...[1, 2, V128], // locals 3 and 4: the lanes
  ...[0x20, 2, ...LOAD(0), 0x21, 3, 0x20, 2, ...LOAD(16), 0x21, 4],
  ...[0x03, 0x40], // loop
  ...[...step(3, 0), ...step(4, 32)],
  ...[0x20, 0, 0x41, 0xc0, 0x00, 0x6a, 0x22, 0, 0x20, 1, 0x49, 0x0d, 0], // at += 64; br_if at < end
  0x0b,
  ...[0x20, 2, 0x20, 3, ...STORE(0), 0x20, 2, 0x20, 4, ...STORE(16)],
  0x0b,
]

const MODULE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 1, 0x60, 3, I32, I32, I32, 0),
  ...section(2, 1, ...name('ring'), ...name('memory'), 2, 3, 1, ...MOST_PAGES),
  ...section(3, 1, 0),
  ...section(7, 1, ...name('absorb'), 0, 0),
  ...section(10, 1, ...leb(ABSORB.length), ...ABSORB),
])

/**
 * The hash of the event log, one step a record: lane = ((lane ^ word[n]) * factor[n]) + word[n + 4], for n of 0 to 3. It is
 * assembled by hand for the vector unit: in JavaScript, where each word is a load with its check, it takes a third of the
 * time of a checked call. Addresses are bytes of the memory.
 */
export function createAbsorb(memory: WebAssembly.Memory): (at: number, end: number, state: number) => void {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { ring: { memory } })
  return exports['absorb'] as (at: number, end: number, state: number) => void
}

/** Spreads each bit over the word. */
const scatter = (word: number): number => {
  const mixed = Math.imul(word ^ (word >>> 16), 0x2c1b_3c6d)
  return Math.imul(mixed ^ (mixed >>> 13), 0x297a_2d39) ^ (mixed >>> 15)
}

/** Sixteen hexadecimal digits from the four lanes. */
export function digits(lanes: readonly number[]): string {
  let high: number = FACTORS[0]
  let low: number = FACTORS[1]
  for (const lane of lanes) {
    high = scatter(high ^ lane)
    low = scatter(Math.imul(low, FACTORS[2]) + (lane ^ high))
  }
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
