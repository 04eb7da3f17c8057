import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { NULL_END } from '../memory/map'

const { Flink, Blink } = layout('LIST_ENTRY', 'Flink', 'Blink')
const NEXT = layout('SINGLE_LIST_ENTRY', 'Next').Next
/** SLIST_HEADER: the first entry, how many there are, how often it changed. */
const SLIST = layout('SLIST_HEADER', 'Depth', 'Sequence')
/** First parameter of bug check 0x139: the links of a LIST_ENTRY contradict each other. */
const CORRUPT_LIST_ENTRY = 3

/**
 * List surgery on raw links. As on Windows, an entry whose neighbours do not point back at it stops the machine, and a
 * link into nowhere is a page fault.
 */
export function createLinks(k: Kernel) {
  const { space, shadow } = k
  const check = (address: number, write: boolean): void => {
    if (address < NULL_END || address + 4 > shadow.base)
      k.fault(address, write, `A list is followed to 0x${address.toString(16)}, where there is no memory.`)
  }
  const read = (address: number): number => {
    check(address, false)
    return space.r32(address)
  }
  const write = (address: number, value: number): void => {
    check(address, true)
    space.w32(address, value)
  }
  const corrupt = (entry: number): never =>
    k.bugcheck(
      'KERNEL_SECURITY_CHECK_FAILURE',
      [CORRUPT_LIST_ENTRY, entry],
      `The LIST_ENTRY at 0x${entry.toString(16)} and its neighbours do not point at each other: it was removed twice, inserted twice or overwritten.`,
    )

  function insertBetween(previous: number, next: number, entry: number): void {
    if (read(next + Blink) !== previous >>> 0 || read(previous + Flink) !== next >>> 0) corrupt(previous)
    write(entry + Flink, next)
    write(entry + Blink, previous)
    write(previous + Flink, entry)
    write(next + Blink, entry)
  }
  /** Takes an entry out; true when the list is empty then. */
  function remove(entry: number): boolean {
    const next = read(entry + Flink)
    const previous = read(entry + Blink)
    if (read(next + Blink) !== entry >>> 0 || read(previous + Flink) !== entry >>> 0) corrupt(entry)
    write(previous + Flink, next)
    write(next + Blink, previous)
    return next === previous
  }
  function push(head: number, entry: number): number {
    const first = read(head + NEXT)
    write(entry + NEXT, first)
    write(head + NEXT, entry)
    return first
  }
  function pop(head: number): number {
    const first = read(head + NEXT)
    if (first !== 0) write(head + NEXT, read(first + NEXT))
    return first
  }
  /** The sequence number rises with every change (DDI ndisinterlockedpushentryslist). */
  function changeDepth(head: number, delta: number): void {
    space.w16(head + SLIST.Depth, space.r16(head + SLIST.Depth) + delta)
    space.w16(head + SLIST.Sequence, space.r16(head + SLIST.Sequence) + 1)
  }

  return {
    initialize(head: number): void {
      write(head + Flink, head)
      write(head + Blink, head)
    },
    isEmpty: (head: number): boolean => read(head + Flink) === head >>> 0,
    first: (head: number): number => read(head + Flink),
    last: (head: number): number => read(head + Blink),
    insertHead: (head: number, entry: number): void => insertBetween(head, read(head + Flink), entry),
    insertTail: (head: number, entry: number): void => insertBetween(read(head + Blink), head, entry),
    remove,
    push,
    pop,
    initializeSequenced(head: number): void {
      write(head, 0)
      write(head + 4, 0)
    },
    pushSequenced(head: number, entry: number): number {
      const first = push(head, entry)
      changeDepth(head, 1)
      return first
    },
    popSequenced(head: number): number {
      const first = pop(head)
      if (first !== 0) changeDepth(head, -1)
      return first
    },
    flushSequenced(head: number): number {
      const first = read(head + NEXT)
      write(head + NEXT, 0)
      if (first !== 0) changeDepth(head, -space.r16(head + SLIST.Depth))
      return first
    },
    depth: (head: number): number => space.r16(head + SLIST.Depth),
  }
}
export type Links = ReturnType<typeof createLinks>
