import type { Slot } from './collector'
import type { BytesLiteral } from './literals'
import type { Comparison } from './syntax'

/** Whether one occurrence of a field fits. */
export type Fits = (bytes: Uint8Array, slot: Slot, index: number) => boolean

export function compareNumber(operator: Comparison, value: number, mask: number | undefined): Fits {
  const read = (slot: Slot, index: number): number =>
    mask === undefined ? slot.numbers[index]! : (slot.numbers[index]! & mask) >>> 0
  switch (operator) {
    case '==':
    case '!=':
      return (_, slot, index) => read(slot, index) === value
    case '<':
      return (_, slot, index) => read(slot, index) < value
    case '<=':
      return (_, slot, index) => read(slot, index) <= value
    case '>':
      return (_, slot, index) => read(slot, index) > value
    case '>=':
      return (_, slot, index) => read(slot, index) >= value
  }
}

/** -1, 0 or 1, as by the first byte that differs; then the longer one is greater. */
export function orderOfBytes(bytes: Uint8Array, start: number, end: number, other: Uint8Array): number {
  const length = Math.min(end - start, other.length)
  for (let index = 0; index < length; index++) {
    const difference = bytes[start + index]! - other[index]!
    if (difference !== 0) return Math.sign(difference)
  }
  return Math.sign(end - start - other.length)
}

function samePrefix(bytes: Uint8Array, start: number, end: number, literal: BytesLiteral): boolean {
  const { bytes: other, bits } = literal
  if (end - start !== other.length) return false
  const whole = bits >> 3
  for (let index = 0; index < whole; index++) if (bytes[start + index] !== other[index]) return false
  const rest = bits & 7
  return rest === 0 || ((bytes[start + whole]! ^ other[whole]!) & (0xff << (8 - rest)) & 0xff) === 0
}

export function compareBytes(operator: Comparison, literal: BytesLiteral): Fits {
  if (operator === '==' || operator === '!=')
    return (bytes, slot, index) => samePrefix(bytes, slot.starts[index]!, slot.ends[index]!, literal)
  const order: Fits extends (...args: infer A) => unknown ? (...args: A) => number : never = (bytes, slot, index) =>
    orderOfBytes(bytes, slot.starts[index]!, slot.ends[index]!, literal.bytes)
  switch (operator) {
    case '<':
      return (...args) => order(...args) < 0
    case '<=':
      return (...args) => order(...args) <= 0
    case '>':
      return (...args) => order(...args) > 0
    case '>=':
      return (...args) => order(...args) >= 0
  }
}

export function compareText(operator: Comparison, value: string): Fits {
  const sign = (slot: Slot, index: number): number =>
    slot.texts[index]! < value ? -1 : slot.texts[index] === value ? 0 : 1
  switch (operator) {
    case '==':
    case '!=':
      return (_, slot, index) => slot.texts[index] === value
    case '<':
      return (_, slot, index) => sign(slot, index) < 0
    case '<=':
      return (_, slot, index) => sign(slot, index) <= 0
    case '>':
      return (_, slot, index) => sign(slot, index) > 0
    case '>=':
      return (_, slot, index) => sign(slot, index) >= 0
  }
}

export function containsBytes(wanted: Uint8Array): Fits {
  return (bytes, slot, index) => {
    const last = slot.ends[index]! - wanted.length
    for (let start = slot.starts[index]!; start <= last; start++) {
      let same = 0
      while (same < wanted.length && bytes[start + same] === wanted[same]) same++
      if (same === wanted.length) return true
    }
    return false
  }
}
