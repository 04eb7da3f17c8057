/** What a person does in the table of keywords, as changes of the file's text. */
import { KEYWORD_TYPES, type Keyword, type KeywordMember, type KeywordType } from '../../src/shared/configuration'
import { addEntry, changeEntry, entryNames, renameEntry, retypeEntry } from '../../src/shared/configuration-edits'
import { entryValue, keywordText, typedKeyword, type EntryValue } from '../../src/shared/keyword-text'

/** A change, or why there is none. */
export type Change = { readonly change: (text: string) => string } | { readonly problem: string }

export const isKeywordType = (text: string): text is KeywordType => KEYWORD_TYPES.some((type) => type === text)

/** What a field takes as text; nothing in it takes the member out. */
function member(
  type: KeywordType,
  text: string,
): { readonly value: EntryValue | undefined } | { readonly takes: string } {
  if (text === '') return { value: undefined }
  const typing = typedKeyword(type, text)
  return 'takes' in typing ? typing : { value: entryValue(typing.value) }
}

/** Another text in the field of a member. The file's own check has the last word. */
export function memberChange(keyword: Keyword, name: Exclude<KeywordMember, 'type'>, text: string): Change {
  const { type } = keyword
  const typing = member(name === 'label' ? 'string' : name === 'min' || name === 'max' ? 'dword' : type, text)
  if ('takes' in typing) return { problem: `${keyword.name}.${name} takes ${typing.takes}, not "${text}"` }
  return { change: (file) => changeEntry(file, keyword.name, type, name, typing.value) }
}

export const nameChange = (keyword: Keyword, name: string): Change => ({
  change: (file) => renameEntry(file, keyword.name, name.trim()),
})

/** Another type; what stands for value and default must fit it. */
export function typeChange(keyword: Keyword, type: KeywordType): Change {
  const values: { value?: EntryValue; default?: EntryValue } = {}
  for (const name of ['value', 'default'] as const) {
    if (keyword[name] === undefined) continue
    const text = keywordText(keyword[name])
    const typing = typedKeyword(type, text)
    if ('takes' in typing) return { problem: `${keyword.name}: "${text}" is no ${type}, which is ${typing.takes}` }
    values[name] = entryValue(typing.value)
  }
  const label = keyword.label === undefined ? {} : { label: keyword.label }
  return { change: (file) => retypeEntry(file, keyword.name, type, { ...values, ...label }) }
}

/** A new keyword. Without a value a number begins with 0; everything else begins empty. */
export function addition(file: string, given: string, type: KeywordType, text: string): Change {
  const name = given.trim()
  if (name === '') return { problem: 'Give the keyword a name, as the driver asks for it: RingSize, *SpeedDuplex' }
  const taken = entryNames(file).find((known) => known.toUpperCase() === name.toUpperCase())
  if (taken !== undefined) return { problem: `"${taken}" is there already; upper and lower case are the same` }
  const typing = typedKeyword(type, type === 'dword' && text === '' ? '0' : text)
  if ('takes' in typing) return { problem: `${name} takes ${typing.takes}, not "${text}"` }
  return { change: (before) => addEntry(before, name, type, entryValue(typing.value)) }
}
