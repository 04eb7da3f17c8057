/** A ring of descriptors as a drawing: stretches of one owner, and where indices lie on a circle. */
import type { DescriptorOwner } from '../../src/shared/views'

export const OWNERS: Readonly<Record<DescriptorOwner, { readonly name: string; readonly hint: string }>> = {
  h: { name: 'hardware', hint: 'owned by the hardware' },
  d: { name: 'done', hint: "the driver's: the hardware is done with it" },
  e: { name: 'failed', hint: "the driver's: done, with an error" },
  '.': { name: 'driver', hint: "the driver's" },
}
export const isOwner = (letter: string): letter is DescriptorOwner => letter in OWNERS

export interface Stretch {
  readonly owner: DescriptorOwner
  /** First descriptor, and how many. */
  readonly from: number
  readonly count: number
}

/** Neighbours of one owner together; the ring's end and its beginning are not joined. */
export function stretches(owners: string): Stretch[] {
  const list: Stretch[] = []
  for (let from = 0; from < owners.length;) {
    const owner = owners[from]!
    let to = from + 1
    while (to < owners.length && owners[to] === owner) to++
    if (isOwner(owner)) list.push({ owner, from, count: to - from })
    from = to
  }
  return list
}

export function tally(owners: string): Record<DescriptorOwner, number> {
  const counts: Record<DescriptorOwner, number> = { h: 0, d: 0, e: 0, '.': 0 }
  for (const owner of owners) if (isOwner(owner)) counts[owner] += 1
  return counts
}

/** Where an index begins on a circle around (0, 0): 0 at the top, clockwise. */
export function onCircle(index: number, length: number, radius: number): { readonly x: number; readonly y: number } {
  const angle = (2 * Math.PI * index) / length - Math.PI / 2
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) }
}
/** Share of the circle that two letters beside one another take. */
const APART = 0.09
/** Where the letter of the tail stands: at its index, unless that of the head is there. In descriptors, not whole ones. */
export function tailLetter(head: number, tail: number, length: number): number {
  const gap = ((tail - head + length) % length) / length
  if (gap < APART) return head + APART * length
  return gap > 1 - APART ? head - APART * length : tail
}
const ALMOST_ALL = 0.9999

/** SVG path of a stretch on a circle; all of the circle too. */
export function arc({ from, count }: Pick<Stretch, 'from' | 'count'>, length: number, radius: number): string {
  // An arc that ends where it begins is none.
  const share = Math.min(count / length, ALMOST_ALL)
  const start = onCircle(from, length, radius)
  const end = onCircle(from + share * length, length, radius)
  const number = (value: number): string => value.toFixed(3)
  return `M${number(start.x)} ${number(start.y)}A${radius} ${radius} 0 ${share > 0.5 ? 1 : 0} 1 ${number(end.x)} ${number(end.y)}`
}

/** Pixels of a cell: the least that can be hit and read, and the most that is of use. */
const SMALLEST_CELL = 17
const LARGEST_CELL = 34
/** From here on a cell has room for its index. */
const NUMBERED_CELL = 26

export interface StripShape {
  readonly cell: number
  readonly perRow: number
  readonly numbered: boolean
}
/**
 * How the cells of a ring fill an area: as large as they all fit into it, rows of a power of two, so that columns mean
 * something. What does not fit at the smallest size is scrolled. `width` and `height` in pixels at scale 1.
 */
export function stripShape(length: number, width: number, height: number): StripShape {
  for (let cell = LARGEST_CELL; cell >= SMALLEST_CELL; cell--) {
    const fitting = Math.max(1, Math.floor(width / cell))
    const perRow = fitting >= length ? Math.max(1, length) : 2 ** Math.floor(Math.log2(fitting))
    if (cell === SMALLEST_CELL || Math.ceil(length / perRow) * cell <= height)
      return { cell, perRow, numbered: cell >= NUMBERED_CELL }
  }
  return { cell: SMALLEST_CELL, perRow: 1, numbered: false }
}
