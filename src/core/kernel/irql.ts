import type { IrqlRange } from '../ndis/api/types'

/** Interrupt request levels of 32-bit Windows. */
export const PASSIVE_LEVEL = 0
export const APC_LEVEL = 1
export const DISPATCH_LEVEL = 2
/** Level of the first virtual interrupt line; lines take DIRQL_BASE, DIRQL_BASE + 1 ... */
export const DIRQL_BASE = 5
export const HIGH_LEVEL = 31

const NAMES: Readonly<Record<number, string>> = {
  [PASSIVE_LEVEL]: 'PASSIVE_LEVEL',
  [APC_LEVEL]: 'APC_LEVEL',
  [DISPATCH_LEVEL]: 'DISPATCH_LEVEL',
  [HIGH_LEVEL]: 'HIGH_LEVEL',
}
export const irqlName = (irql: number): string => NAMES[irql] ?? `DIRQL ${irql}`

/** Lowest and highest IRQL that a documented range permits. */
export function irqlBounds(range: IrqlRange | null): readonly [low: number, high: number] {
  switch (range) {
    case 'PASSIVE_LEVEL':
      return [PASSIVE_LEVEL, PASSIVE_LEVEL]
    case '<=APC_LEVEL':
    case '<DISPATCH_LEVEL':
      return [PASSIVE_LEVEL, APC_LEVEL]
    case '<=DISPATCH_LEVEL':
      return [PASSIVE_LEVEL, DISPATCH_LEVEL]
    case 'DISPATCH_LEVEL':
      return [DISPATCH_LEVEL, DISPATCH_LEVEL]
    case '>=DISPATCH_LEVEL':
      return [DISPATCH_LEVEL, HIGH_LEVEL]
    case 'DIRQL':
      return [DIRQL_BASE, HIGH_LEVEL - 1]
    case '<=DIRQL':
      return [PASSIVE_LEVEL, HIGH_LEVEL - 1]
    case 'any':
    case '<=HIGH_LEVEL':
    case null:
      return [PASSIVE_LEVEL, HIGH_LEVEL]
  }
}

const WORDS: readonly (readonly [prefix: string, words: (level: string) => string])[] = [
  ['<=', (level) => `at ${level} or below`],
  ['>=', (level) => `at ${level} or above`],
  ['<', (level) => `below ${level}`],
]
/** A range as a sentence has it: '<DISPATCH_LEVEL' is 'below DISPATCH_LEVEL'. */
export function irqlWords(range: IrqlRange | null): string {
  if (range === null || range === 'any') return 'at any IRQL'
  const [prefix, words] = WORDS.find(([candidate]) => range.startsWith(candidate)) ?? [
    '',
    (level: string) => `at ${level}`,
  ]
  return words(range.slice(prefix.length))
}
