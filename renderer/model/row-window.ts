/** The part of a long table that is on screen. Blocks are kept while newer ones are on their way, so nothing blinks. */
export const BLOCK_ROWS = 200

interface Block<T> {
  readonly rows: readonly T[]
  readonly generation: number
}

export class RowWindow<T> {
  readonly #blocks = new Map<number, Block<T>>()
  #generation = 0
  total = 0

  row(index: number): T | undefined {
    return this.#blocks.get(Math.floor(index / BLOCK_ROWS))?.rows[index % BLOCK_ROWS]
  }

  /** Everything has to be read again, but may be shown meanwhile. */
  invalidate(): void {
    this.#generation += 1
  }

  clear(): void {
    this.#blocks.clear()
    this.total = 0
    this.invalidate()
  }

  /** First rows of the blocks of [first, last] that are missing or old; never none for an unknown table. */
  stale(first: number, last: number): number[] {
    const wanted: number[] = []
    for (
      let block = Math.floor(first / BLOCK_ROWS);
      block <= Math.floor(Math.max(first, last) / BLOCK_ROWS);
      block += 1
    ) {
      if (this.#blocks.get(block)?.generation !== this.#generation) wanted.push(block * BLOCK_ROWS)
    }
    return wanted
  }

  set(start: number, rows: readonly T[], total: number): void {
    this.total = total
    this.#blocks.set(start / BLOCK_ROWS, { rows, generation: this.#generation })
  }
}
