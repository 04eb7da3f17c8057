import { LONGEST_FRAME, SHORTEST_FRAME } from './formats/ethernet'

/** How long frames are, bytes without the check sequence, 60 to 1514. */
export type FrameSizes =
  | number
  /** One after the other, each a byte longer, and again. */
  | { readonly from: number; readonly to: number }
  /** Any of them, by the seed. */
  | { readonly anyFrom: number; readonly to: number }
  /** Seven of 60, four of 590, one of 1514 (64, 594 and 1518 with the check sequence), in an order that spreads them. */
  | 'imix'

const [SHORT, MIDDLE, LONG] = [SHORTEST_FRAME, 590, LONGEST_FRAME]
const IMIX = [SHORT, MIDDLE, SHORT, SHORT, MIDDLE, SHORT, LONG, SHORT, MIDDLE, SHORT, SHORT, MIDDLE]

/** A number that looks like chance and is the same for the same sequence number and seed. */
function mixed(sequence: number, seed: number): number {
  let state = Math.imul(sequence ^ seed, 0x85eb_ca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35)
  return (state ^ (state >>> 16)) >>> 0
}
function check(...sizes: readonly number[]): void {
  const wrong = sizes.find((size) => !Number.isInteger(size) || size < SHORTEST_FRAME || size > LONGEST_FRAME)
  if (wrong !== undefined)
    throw new RangeError(
      `a frame has ${SHORTEST_FRAME} to ${LONGEST_FRAME} bytes without its check sequence, not ${wrong}`,
    )
}

/** Length of frame number `sequence`. @throws RangeError for sizes that no frame has. */
export function frameSizes(sizes: FrameSizes, seed: number): (sequence: number) => number {
  if (sizes === 'imix') return (sequence) => IMIX[sequence % IMIX.length]!
  if (typeof sizes === 'number') {
    check(sizes)
    return () => sizes
  }
  const from = 'from' in sizes ? sizes.from : sizes.anyFrom
  check(from, sizes.to)
  const count = sizes.to - from + 1
  if (count < 1) throw new RangeError(`frames cannot have ${from} to ${sizes.to} bytes`)
  return 'from' in sizes
    ? (sequence) => from + (sequence % count)
    : (sequence) => from + (mixed(sequence, seed) % count)
}
