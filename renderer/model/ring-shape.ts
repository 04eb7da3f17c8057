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
