/** Changes of a configuration file that leave the rest of its text as it is: order, blanks, line ends. */
import { applyEdits, findNodeAtLocation, modify, type FormattingOptions, type JSONPath, type Node } from 'jsonc-parser'
import type { KeywordMember, KeywordType } from './configuration'
import { parseStrictly } from './configuration-text'
import type { EntryValue } from './keyword-text'

/** How the text is written, so that what is put in looks the same. */
function formatOf(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  '
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  }
}

/** undefined as value takes the member out. The offsets of jsonc-parser count a byte order mark as we do. */
function put(text: string, path: JSONPath, value: unknown): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const plain = text.slice(mark.length)
  return mark + applyEdits(plain, modify(plain, path, value, { formattingOptions: formatOf(plain) }))
}

const entryNode = (text: string, name: string): Node | undefined => {
  const { tree } = parseStrictly(text)
  return tree && findNodeAtLocation(tree, ['keywords', name])
}

/** Names of all entries, also of those that are wrong. */
export function entryNames(text: string): string[] {
  const { tree } = parseStrictly(text)
  const keywords = tree && findNodeAtLocation(tree, ['keywords'])
  return (keywords?.children ?? []).map((property) => property.children![0]!.value as string)
}

/** A new entry, at the end; its name must not be there yet. */
export const addEntry = (text: string, name: string, type: KeywordType, value: EntryValue): string =>
  put(text, ['keywords', name], type === 'binary' ? { type, value } : value)

export const removeEntry = (text: string, name: string): string => put(text, ['keywords', name], undefined)

/** The entry keeps its place and its value. */
export function renameEntry(text: string, name: string, to: string): string {
  const key = entryNode(text, name)?.parent?.children?.[0]
  if (!key) return text
  return text.slice(0, key.offset) + JSON.stringify(to) + text.slice(key.offset + key.length)
}

/** Sets or (undefined) takes out one member; a short entry gets its long form when it needs one. */
export function changeEntry(
  text: string,
  name: string,
  type: KeywordType,
  member: KeywordMember,
  value: EntryValue | undefined,
): string {
  const node = entryNode(text, name)
  if (!node) return text
  if (node.type === 'object') return put(text, ['keywords', name, member], value)
  if (member === 'value' && value !== undefined) return put(text, ['keywords', name], value)
  const given =
    node.type === 'array' ? (node.children ?? []).map((child) => child.value as string) : (node.value as EntryValue)
  return put(text, ['keywords', name], { type, value: given, [member]: value })
}

/** Another type, with what stands for the value and the default in it; the range of a number goes. */
export function retypeEntry(
  text: string,
  name: string,
  type: KeywordType,
  values: { readonly value?: EntryValue; readonly default?: EntryValue; readonly label?: string },
): string {
  const node = entryNode(text, name)
  if (!node) return text
  const isShort = node.type !== 'object' && type !== 'binary' && values.value !== undefined
  return put(text, ['keywords', name], isShort ? values.value : { type, ...values })
}
