/** The rows of a capture that the list shows, under the filter that was applied. A filter over many frames goes on in the host; this asks until it is done. */
import { onBeforeUnmount, ref, shallowRef, triggerRef, watch, type Ref, type ShallowRef } from 'vue'
import type { PacketRow, PacketsView } from '../../src/shared/packets'
import { messageOf } from '../bridge/rpc-error'
import { useSession } from '../debug/session'
import { BLOCK_ROWS, RowWindow } from '../model/row-window'
import { LIVE, useCaptures } from '../stores/captures'

export interface Packets {
  readonly window: ShallowRef<RowWindow<PacketRow>>
  /** What was said of the whole capture last. */
  readonly view: ShallowRef<PacketsView | undefined>
  readonly error: Ref<string>
  readonly showing: (first: number, last: number) => void
}

/** Milliseconds between two questions while a filter works. */
const PROGRESS_MS = 150

export function usePackets(filter: () => string, visible: Readonly<Ref<boolean>>): Packets {
  const session = useSession()
  const captures = useCaptures()
  const window = shallowRef(new RowWindow<PacketRow>())
  const view = shallowRef<PacketsView>()
  const error = ref('')
  let shown: readonly [number, number] = [0, 0]
  let busy = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const fetch = async (start: number): Promise<void> => {
    const target = window.value
    const { source } = captures
    const answer = await captures.request('ndis/packets', {
      ...(source !== LIVE && { file: source }),
      filter: filter(),
      from: start,
      to: start + BLOCK_ROWS,
    })
    if (target !== window.value) return
    target.set(start, answer.rows, answer.matching)
    view.value = answer
    triggerRef(window)
    clearTimeout(timer)
    if (answer.scanned < answer.total) timer = setTimeout(refresh, PROGRESS_MS)
  }
  const read = async (): Promise<void> => {
    if (busy || !visible.value || (captures.source === LIVE && !session.client)) return
    busy = true
    try {
      for (let stale = window.value.stale(...shown); stale.length; stale = window.value.stale(...shown))
        await fetch(stale[0] ?? 0)
      error.value = ''
    } catch (caught) {
      error.value = messageOf(caught)
    } finally {
      busy = false
    }
  }
  const refresh = (): void => {
    window.value.invalidate()
    void read()
  }
  const restart = (): void => {
    clearTimeout(timer)
    window.value = new RowWindow<PacketRow>()
    view.value = undefined
    shown = [0, 0]
    void read()
  }
  watch([() => session.epoch, () => session.tick], () => captures.source === LIVE && refresh())
  watch(visible, refresh)
  watch(
    () => session.runs,
    () => captures.source === LIVE && restart(),
  )
  watch([filter, () => captures.source, () => captures.files], restart, { immediate: true })
  onBeforeUnmount(() => clearTimeout(timer))
  const showing = (first: number, last: number): void => {
    shown = [first, last]
    void read()
  }
  return { window, view, error, showing }
}
