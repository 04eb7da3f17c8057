import type { FieldName } from '../dissect/fields.table'
import type { FieldSink } from '../dissect/walk'

/** Values of one field in one frame, each time that it occurs. The arrays are used again; `count` says how much of them holds. */
export interface Slot {
  count: number
  readonly numbers: number[]
  readonly starts: number[]
  readonly ends: number[]
  readonly texts: string[]
}

/** Listens to one frame and keeps the fields that a filter asks for. */
export interface Collector {
  readonly sink: FieldSink
  slot(name: FieldName): Slot
  /** Before the next frame. */
  clear(): void
}

export function createCollector(): Collector {
  const slots = new Map<FieldName, Slot>()
  const put = (name: FieldName, value: number, start: number, end: number, text: string): void => {
    const slot = slots.get(name)
    if (slot === undefined) return
    const index = slot.count++
    slot.numbers[index] = value
    slot.starts[index] = start
    slot.ends[index] = end
    slot.texts[index] = text
  }
  const sink: FieldSink = {
    open: (name, offset, _length, end) => put(name, 0, offset, end, ''),
    close: () => undefined,
    number: (name, offset, length, value) => put(name, value, offset, offset + length, ''),
    bytes: (name, offset, length) => put(name, 0, offset, offset + length, ''),
    text: (name, value) => put(name, 0, 0, 0, value),
    warn(name, offset, text) {
      put(name, 0, offset, offset, text)
      if (name !== '_ws.expert') put('_ws.expert', 0, offset, offset, text)
    },
    describe: () => undefined,
    worded: false,
  }
  return {
    sink,
    slot(name) {
      const known = slots.get(name)
      if (known) return known
      const slot: Slot = { count: 0, numbers: [], starts: [], ends: [], texts: [] }
      slots.set(name, slot)
      return slot
    },
    clear() {
      for (const slot of slots.values()) slot.count = 0
    },
  }
}
