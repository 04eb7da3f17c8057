/** Finds what a text lets one click: addresses and places in the source. */

export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'address'; readonly text: string; readonly address: number }
  | {
      readonly kind: 'place'
      readonly text: string
      readonly file: string
      readonly line: number
      readonly column: number
    }

const LINKS = /\b0x[0-9a-f]{5,8}\b|([\w./-]+\.(?:ts|js|mts)):(\d+)(?::(\d+))?/gi

export function segments(text: string): Segment[] {
  const result: Segment[] = []
  let end = 0
  for (const match of text.matchAll(LINKS)) {
    if (match.index > end) result.push({ kind: 'text', text: text.slice(end, match.index) })
    const [whole, file, line, column] = match
    result.push(
      file === undefined
        ? { kind: 'address', text: whole, address: Number.parseInt(whole, 16) }
        : { kind: 'place', text: whole, file, line: Number(line), column: Number(column ?? 1) },
    )
    end = match.index + whole.length
  }
  if (end < text.length) result.push({ kind: 'text', text: text.slice(end) })
  return result
}
