/**
 * What the memory panel knows: pages of bytes as of the present stop, and as of the stop before, so that changed bytes
 * can be marked. Pages that were not looked at before the step have nothing to compare with and show no change.
 */
import type { ByteKind } from '../../src/shared/views'

export const PAGE_BYTES = 1024
export const pageOf = (address: number): number => address - (address % PAGE_BYTES)

export interface Page {
  readonly bytes: Uint8Array
  readonly kinds: readonly ByteKind[]
}

export interface ByteCell {
  readonly address: number
  /** undefined: not fetched yet. */
  readonly value?: number
  readonly kind?: ByteKind
  /** Value at the stop before, when it differs. */
  readonly before?: number
}

export class MemoryPages {
  #present = new Map<number, Page>()
  #before = new Map<number, Page>()

  /** The machine moves on: what was present is the state to compare with. Pages stay readable until fetched again. */
  advance(): void {
    this.#before = this.#present
    this.#present = new Map()
  }

  /** A new run: nothing of the old one may be compared with. */
  clear(): void {
    this.#before = new Map()
    this.#present = new Map()
  }

  set(address: number, page: Page): void {
    this.#present.set(address, page)
  }

  has(address: number): boolean {
    return this.#present.has(pageOf(address))
  }

  /** First addresses of the pages in [start, start + count) that have to be fetched. */
  missing(start: number, count: number): number[] {
    const wanted: number[] = []
    for (let page = pageOf(start); page < start + count; page += PAGE_BYTES)
      if (!this.#present.has(page)) wanted.push(page)
    return wanted
  }

  cell(address: number): ByteCell {
    const page = pageOf(address)
    const offset = address - page
    const present = this.#present.get(page)
    const before = this.#before.get(page)
    const shown = present ?? before
    if (!shown) return { address }
    const value = shown.bytes[offset]
    const old = present ? before?.bytes[offset] : undefined
    return { address, value, kind: shown.kinds[offset], ...(old !== undefined && old !== value ? { before: old } : {}) }
  }

  /** Little-endian 32-bit value at an address, undefined while a byte of it is not there. */
  word(address: number): number | undefined {
    let result = 0
    for (let index = 3; index >= 0; index -= 1) {
      const value = this.cell(address + index).value
      if (value === undefined) return undefined
      result = result * 256 + value
    }
    return result
  }
}
