import { same } from './same'

/**
 * Model of the descriptors of one pool: which are out, and which come next. Those that were given back come out again
 * first, the newest first; after them those that were never out.
 */
export interface Descriptors {
  readonly out: number
  isFull(): boolean
  taken(descriptor: number): void
  givenBack(descriptor: number): void
  /** One was taken and given back inside of a call that failed. */
  passedThrough(): void
}

/** `limit` counts those of tagged pool (`overflow` of them) too, which come last and are not kept when they come back. */
export function createDescriptors(limit: number, overflow: number): Descriptors {
  const own = limit - overflow
  const out = new Set<number>()
  /** Given back, the newest last; undefined: one that the model has not seen yet. */
  const kept: (number | undefined)[] = []
  const seen = new Set<number>()
  const extra = new Set<number>()
  const hidden = (): number => kept.filter((descriptor) => descriptor === undefined).length

  return {
    get out() {
      return out.size
    },
    isFull: () => out.size >= limit,
    taken(descriptor) {
      same(descriptor % 8, 0)
      same(out.has(descriptor), false)
      same(out.size < limit, true)
      if (kept.length > 0) {
        const expected = kept.pop()
        if (expected === undefined) same(seen.has(descriptor), false)
        else same(descriptor, expected)
        seen.add(descriptor)
      } else if (seen.size + hidden() < own) {
        same(seen.has(descriptor), false)
        seen.add(descriptor)
      } else extra.add(descriptor)
      out.add(descriptor)
    },
    givenBack(descriptor) {
      same(out.delete(descriptor), true)
      if (!extra.delete(descriptor)) kept.push(descriptor)
    },
    passedThrough() {
      if (kept.length === 0 && seen.size < own) kept.push(undefined)
    },
  }
}
