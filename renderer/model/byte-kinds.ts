/** The kinds of bytes that `ndis/memory` tells apart, and how the memory panel words and draws them. */
import type { ByteKind } from '../../src/shared/views'

export interface KindText {
  readonly css: string
  readonly label: string
  readonly hint: string
}

export const KINDS: Readonly<Record<ByteKind, KindText>> = {
  '.': { css: 'live', label: 'live', hint: 'live memory' },
  f: { css: 'fresh', label: 'fresh', hint: 'allocated, never written: reading it is a bug' },
  x: { css: 'freed', label: 'freed', hint: 'freed: nothing may touch it' },
  g: { css: 'guard', label: 'guard', hint: 'guard behind a block: a write here is an overrun' },
  h: { css: 'header', label: 'header', hint: "pool header or a record of NDIS's own" },
  n: { css: 'null', label: 'null page', hint: 'null page: every access faults' },
  u: { css: 'unmapped', label: 'unmapped', hint: 'no memory here' },
}

const isKind = (text: string): text is ByteKind => text in KINDS

/** Expands '16h32.8g' to one kind a byte; `length` bytes come back, the rest is unmapped. A count of one may be left out. */
export function decodeKinds(runs: string, length: number): ByteKind[] {
  const kinds: ByteKind[] = []
  for (const [, digits, kind] of runs.matchAll(/(\d*)([^\d])/g)) {
    if (kind === undefined || !isKind(kind)) throw new Error(`Unknown kind of byte '${kind}' in '${runs}'`)
    const run = digits ? Number(digits) : 1
    for (let index = 0; index < run && kinds.length < length; index += 1) kinds.push(kind)
  }
  while (kinds.length < length) kinds.push('u')
  return kinds
}

export function decodeBase64(data: string): Uint8Array {
  const text = atob(data)
  const result = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index += 1) result[index] = text.charCodeAt(index)
  return result
}

export const encodeBase64 = (data: Uint8Array): string => btoa(String.fromCharCode(...data))
