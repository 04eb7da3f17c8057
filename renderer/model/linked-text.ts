/** Finds what a text lets one click: addresses and places in the source. */

import { DEFAULT_RUN_CONFIG } from '../../src/shared/engine'

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

/** Kernel addresses lie between the null page and the end of emulated memory; status codes and physical addresses beyond. */
const LOWEST = 0x1_0000
const LIMIT = DEFAULT_RUN_CONFIG.memoryBytes

const isAddress = (value: number): boolean => value >= LOWEST && value < LIMIT

const LINKS = /\b0x[0-9a-f]{5,8}\b|([\w./-]+\.(?:ts|js|mts)):(\d+)(?::(\d+))?/gi

export function segments(text: string): Segment[] {
  const result: Segment[] = []
  let end = 0
  for (const match of text.matchAll(LINKS)) {
    const [whole, file, line, column] = match
    const address = file === undefined ? Number.parseInt(whole, 16) : undefined
    if (address !== undefined && !isAddress(address)) continue
    if (match.index > end) result.push({ kind: 'text', text: text.slice(end, match.index) })
    result.push(
      address === undefined
        ? { kind: 'place', text: whole, file: file ?? '', line: Number(line), column: Number(column ?? 1) }
        : { kind: 'address', text: whole, address },
    )
    end = match.index + whole.length
  }
  if (end < text.length) result.push({ kind: 'text', text: text.slice(end) })
  return result
}
