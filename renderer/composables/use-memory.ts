/** The bytes behind one memory view: fetched by pages, compared with the stop before. */
import { ref, shallowRef, triggerRef, watch, type Ref, type ShallowRef } from 'vue'
import { messageOf } from '../bridge/rpc-error'
import { useSession } from '../debug/session'
import { decodeBase64, decodeKinds, encodeBase64 } from '../model/byte-kinds'
import { address as format } from '../model/format'
import { MemoryPages, PAGE_BYTES, pageOf } from '../model/memory-pages'

export interface MemoryWindow {
  readonly pages: ShallowRef<MemoryPages>
  readonly error: Ref<string>
  /** Writes one byte while stopped. */
  readonly write: (address: number, value: number) => Promise<void>
}

const ADDRESS_SPACE = 0x1_0000_0000

/** @param range first address and length of what is on screen */
export function useMemory(
  range: () => readonly [start: number, length: number],
  visible: Readonly<Ref<boolean>>,
): MemoryWindow {
  const session = useSession()
  const pages = shallowRef(new MemoryPages())
  const error = ref('')
  let busy = false
  let again = false

  const fetch = async (start: number, end: number): Promise<void> => {
    const target = pages.value
    const length = Math.min(end, ADDRESS_SPACE) - start
    const view = await session.request('ndis/memory', { address: start, count: length })
    const bytes = decodeBase64(view.data)
    const kinds = decodeKinds(view.kinds, length)
    for (let offset = 0; offset < length; offset += PAGE_BYTES) {
      const content = new Uint8Array(PAGE_BYTES)
      content.set(bytes.subarray(offset, offset + PAGE_BYTES))
      target.set(start + offset, { bytes: content, kinds: kinds.slice(offset, offset + PAGE_BYTES) })
    }
    if (target === pages.value) triggerRef(pages)
  }
  const read = async (): Promise<void> => {
    if (!visible.value || !session.client) return
    if (busy) return void (again = true)
    busy = true
    const [start, length] = range()
    try {
      await fetch(pageOf(start), pageOf(start + length - 1) + PAGE_BYTES)
      error.value = ''
    } catch (caught) {
      error.value = messageOf(caught)
    } finally {
      busy = false
    }
    if (!again) return
    again = false
    void read()
  }
  // Leaving a stop, not reaching the next: what is drawn of the running machine must not count as its last stop.
  watch(
    () => session.phase,
    (now, before) => {
      if (before === 'stopped' && now !== 'stopped') pages.value.advance()
    },
    { flush: 'sync' },
  )
  watch(
    () => session.runs,
    () => {
      pages.value = new MemoryPages()
    },
  )
  watch([() => session.epoch, () => session.tick, () => session.client, visible], () => void read())
  watch(
    range,
    ([start, length]) => {
      if (pages.value.missing(start, length).length) void read()
    },
    { immediate: true },
  )
  const write = async (address: number, value: number): Promise<void> => {
    await session.request('writeMemory', { memoryReference: format(address), data: encodeBase64(Uint8Array.of(value)) })
    session.touch()
  }
  return { pages, error, write }
}
