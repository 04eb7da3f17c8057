import { fieldType, type FieldName } from '../dissect/fields.table'
import { FIELD_NAMES } from './compile'

export interface Completion {
  readonly name: FieldName
  readonly label: string
}

const MOST = 50
const WORD_BEFORE = /[\w.]*$/

/** The name that is being typed at a place of a filter. */
export const wordAt = (text: string, caret: number): string => WORD_BEFORE.exec(text.slice(0, caret))?.[0] ?? ''

/** Names that go on with what is typed, those of the same level first; nothing while nothing is typed. */
export function complete(text: string, caret: number): readonly Completion[] {
  const word = wordAt(text, caret).toLowerCase()
  if (word === '' || /^\d/.test(word)) return []
  const dots = (name: string): number => name.split('.').length
  return FIELD_NAMES.filter((name) => name.startsWith(word) && name !== word)
    .sort((left, right) => dots(left) - dots(right) || (left < right ? -1 : 1))
    .slice(0, MOST)
    .map((name) => ({ name, label: fieldType(name).label }))
}
