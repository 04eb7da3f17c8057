/** Several rows of a list chosen: with ctrl one more or less, with shift all from the last one on. */
import { ref, type Ref } from 'vue'

/** Rows that can be chosen at once. */
const MOST_MARKED = 10_000

export interface Marks {
  readonly marked: Ref<ReadonlySet<number>>
  readonly pick: (index: number, event: Pick<MouseEvent, 'shiftKey' | 'ctrlKey' | 'metaKey'>) => void
  readonly clear: () => void
}

export function useMarks(): Marks {
  const marked = ref<ReadonlySet<number>>(new Set())
  let anchor = -1

  const range = (to: number): ReadonlySet<number> => {
    const start = Math.min(anchor, to)
    const length = Math.min(Math.abs(to - anchor) + 1, MOST_MARKED)
    return new Set(Array.from({ length }, (_, place) => start + place))
  }
  const toggled = (index: number): ReadonlySet<number> => {
    const next = new Set(marked.value)
    if (!next.delete(index)) next.add(index)
    return next
  }
  const pick: Marks['pick'] = (index, { shiftKey, ctrlKey, metaKey }) => {
    if (shiftKey && anchor >= 0) return void (marked.value = range(index))
    anchor = index
    marked.value = ctrlKey || metaKey ? toggled(index) : new Set([index])
  }
  const clear = (): void => {
    anchor = -1
    marked.value = new Set()
  }
  return { marked, pick, clear }
}
