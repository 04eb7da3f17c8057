/**
 * Tries a candidate. When it still fails: the part of it that mattered at all, which may be smaller; undefined when it does not, or
 * when nothing more may be tried.
 */
export type Attempt<T> = (candidate: readonly T[]) => Promise<readonly T[] | undefined>

function split<T>(all: readonly T[], parts: number): T[][] {
  return Array.from({ length: parts }, (_, part) =>
    all.slice(Math.floor((part * all.length) / parts), Math.floor(((part + 1) * all.length) / parts)),
  )
}

/** The first candidate that fails, in their order, tried `parallel` at a time: so the result does not depend on how many those are. */
async function firstFailing<T>(candidates: readonly (readonly T[])[], attempt: Attempt<T>, parallel: number) {
  for (let from = 0; from < candidates.length; from += parallel) {
    const results = await Promise.all(candidates.slice(from, from + parallel).map(attempt))
    const index = results.findIndex((result) => result !== undefined)
    if (index >= 0) return { index: from + index, left: results[index]! }
  }
  return undefined
}

/**
 * Delta debugging (Zeller and Hildebrandt's ddmin): from a list that fails to one that still does and of which nothing can be left out
 * alone. Halves are tried first, then ever smaller parts and what remains without each of them.
 *
 * @param all fails.
 * @param parallel attempts at a time, at least 1.
 */
export async function ddmin<T>(all: readonly T[], attempt: Attempt<T>, parallel: number): Promise<readonly T[]> {
  let best = all
  let parts = 2
  while (best.length > 0) {
    parts = Math.min(parts, best.length)
    const chunks = split(best, parts)
    const alone = parts === 1 ? [[]] : chunks
    const others =
      parts > 2 ? chunks.map((_, left) => chunks.flatMap((chunk, index) => (index === left ? [] : chunk))) : []
    const found = await firstFailing<T>([...alone, ...others], attempt, parallel)
    if (found) {
      best = found.left
      parts = found.index < alone.length ? 2 : Math.max(parts - 1, 2)
    } else if (parts >= best.length) break
    else parts *= 2
  }
  return best
}
