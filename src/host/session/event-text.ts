import { EVENT_PHASE, EVENT_WORD } from '../../shared/rings'

/** What is read of an entry of api.json. */
export interface ApiEntryRow {
  readonly name: string
  readonly returns: string
  readonly params: readonly {
    readonly name: string
    readonly type: string
    readonly direction: 'in' | 'out' | 'inout'
  }[]
}

/** Words of a record that hold values. */
const VALUES = 4
/** A result takes the place of the last argument. */
const RESULT = VALUES - 1
/** Larger numbers are more likely addresses, flags or statuses than counts. */
const DECIMAL_BELOW = 0x1_0000

const isPointer = (type: string): boolean => /^P[A-Z]|\*$|HANDLE$|STATUS$/.test(type)
const show = (value: number, type: string): string => {
  const unsigned = value >>> 0
  if (isPointer(type)) return unsigned === 0 ? '0' : `0x${unsigned.toString(16)}`
  return unsigned < DECIMAL_BELOW ? String(unsigned) : `0x${unsigned.toString(16)}`
}

/**
 * The values of a call or callback by the names of its parameters, as far as a record has room for them: `Status=0,
 * Pool=0x200030`, then the result. An out parameter shows what it was set to.
 */
export function eventText(words: Int32Array, entry: ApiEntryRow): string {
  const phase = (words[EVENT_WORD.WHAT]! >>> 26) & 7
  const value = (index: number): number => words[EVENT_WORD.ARGUMENTS + index]!
  const enters = phase === EVENT_PHASE.ENTER || phase === EVENT_PHASE.CALLBACK_ENTER
  const returns = !enters && entry.returns !== 'VOID'
  const named = entry.params
    .slice(0, returns ? RESULT : VALUES)
    .filter(({ name }) => name !== '...')
    .map(({ name, type, direction }, index) => {
      // The content of a cell: its type is the pointer's target.
      const shown = direction === 'in' ? type : type.replace(/\s*\*$/, '').replace(/^P(?!\w+\s*\*)/, '')
      return `${name}=${show(value(index), shown)}`
    })
  const left = entry.params.length > named.length ? [...named, '…'] : named
  const result = returns ? ` = ${show(value(RESULT), entry.returns)}` : ''
  const prefix = phase === EVENT_PHASE.RETURN || phase === EVENT_PHASE.CALLBACK_RETURN ? 'returned ' : ''
  return `${prefix}(${left.join(', ')})${result}`
}
