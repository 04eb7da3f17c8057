/** Something that happens at a time. It waits, or it has fired or was cancelled and can be set again. */
export interface Alarm {
  /** Virtual time, ticks; it fires at the first tick that is not before it. */
  readonly due: number
  readonly fire: () => void
}

/** An alarm as the queue keeps it. */
interface Entry extends Alarm {
  due: number
  /** Among alarms of one time the one that was set first fires first. */
  order: number
  /** Index in the heap; -1: it does not wait. */
  place: number
}
const NOT_WAITING = -1

/** Alarms by time: a binary heap, so that each of many costs little to set, to fire and to take back. */
export interface Alarms {
  /** Time of the first one; Infinity when none waits. */
  nextDue(): number
  create(fire: () => void): Alarm
  /** Sets an alarm for another time, whether or not it waits. True when it is the first one now. */
  set(alarm: Alarm, due: number): boolean
  /** False when it did not wait. */
  cancel(alarm: Alarm): boolean
  /** Takes the first one out. There must be one. */
  take(): Alarm
}

export function createAlarms(): Alarms {
  const heap: Entry[] = []
  let orders = 0

  const before = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)
  function put(entry: Entry, place: number): void {
    heap[place] = entry
    entry.place = place
  }
  function rise(entry: Entry, from: number): void {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      put(heap[parent]!, place)
      place = parent
    }
    put(entry, place)
  }
  function sink(entry: Entry, from: number): void {
    let place = from
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, entry)) break
      put(heap[child]!, place)
      place = child
    }
    put(entry, place)
  }
  function remove(entry: Entry): void {
    const { place } = entry
    const last = heap.pop()!
    entry.place = NOT_WAITING
    if (last === entry) return
    if (place > 0 && before(last, heap[(place - 1) >> 1]!)) rise(last, place)
    else sink(last, place)
  }
  return {
    nextDue: () => (heap.length > 0 ? heap[0]!.due : Infinity),
    create: (fire): Entry => ({ due: 0, fire, order: 0, place: NOT_WAITING }),
    set(alarm, due) {
      const entry = alarm as Entry
      if (entry.place !== NOT_WAITING) remove(entry)
      entry.due = due
      entry.order = orders++
      heap.push(entry)
      rise(entry, heap.length - 1)
      return entry.place === 0
    },
    cancel(alarm) {
      const waited = (alarm as Entry).place !== NOT_WAITING
      if (waited) remove(alarm as Entry)
      return waited
    },
    take() {
      const [first] = heap
      remove(first!)
      return first!
    },
  }
}
