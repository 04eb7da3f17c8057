/** The counters of a NIC: those of 64 bits as one. */
import type { NicTable, RegisterTable } from '../../src/shared/views'

export interface Counter {
  readonly name: string
  readonly doc: string
  readonly unit: string
  readonly access: RegisterTable['access']
  /** Offsets of its words, lower one first. */
  readonly offsets: readonly number[]
}

export function countersOf({ registers }: NicTable): Counter[] {
  const offsetOf = (name: string): number[] =>
    registers.filter((each) => each.name === name).map(({ offset }) => offset)
  const uppers = new Set(registers.map(({ counter }) => counter?.high))
  return registers.flatMap(({ name, doc, offset, access, counter }) => {
    if (!counter || uppers.has(name)) return []
    const high = counter.high === undefined ? [] : offsetOf(counter.high)
    return { name, doc, unit: counter.unit, access, offsets: [offset, ...high] }
  })
}

const WORD = 0x1_0000_0000
/** undefined: its words were not looked at yet. Exact below 2^53. */
export function counterValue({ offsets }: Counter, word: (offset: number) => number | undefined): number | undefined {
  const words = offsets.map(word)
  return words.reduce<number | undefined>(
    (sum, each, index) => (sum === undefined || each === undefined ? undefined : sum + each * WORD ** index),
    0,
  )
}
