/** A long table of the machine (allocations, events) of which only the visible rows are fetched. */
import { ref, shallowRef, triggerRef, watch, type Ref, type ShallowRef } from 'vue'
import { messageOf } from '../bridge/rpc-error'
import { useSession } from '../debug/session'
import { BLOCK_ROWS, RowWindow } from '../model/row-window'

export interface Rows<T> {
  readonly window: ShallowRef<RowWindow<T>>
  readonly error: Ref<string>
  /** The table tells which rows it shows. */
  readonly showing: (first: number, last: number) => void
}

/**
 * @param fetch one block of rows and the length of the whole table
 * @param query when it changes, the table is another one
 */
export function useRows<T>(
  fetch: (start: number, count: number) => Promise<{ readonly total: number; readonly rows: readonly T[] }>,
  query: () => string,
  visible: Readonly<Ref<boolean>>,
): Rows<T> {
  const session = useSession()
  const window = shallowRef(new RowWindow<T>())
  const error = ref('')
  let shown: readonly [number, number] = [0, 0]
  let busy = false

  const read = async (): Promise<void> => {
    if (busy || !visible.value || !session.client) return
    busy = true
    try {
      for (let stale = window.value.stale(...shown); stale.length; stale = window.value.stale(...shown)) {
        const start = stale[0] ?? 0
        const target = window.value
        const { rows, total } = await fetch(start, BLOCK_ROWS)
        if (target === window.value) target.set(start, rows, total)
        triggerRef(window)
      }
      error.value = ''
    } catch (caught) {
      error.value = messageOf(caught)
    } finally {
      busy = false
    }
  }
  const restart = (): void => {
    window.value = new RowWindow<T>()
    void read()
  }
  const refresh = (): void => {
    window.value.invalidate()
    void read()
  }
  watch([() => session.epoch, () => session.tick, visible], refresh)
  watch([() => session.runs, query], restart, { immediate: true })
  const showing = (first: number, last: number): void => {
    shown = [first, last]
    void read()
  }
  return { window, error, showing }
}
