/**
 * The words of a NIC as they were looked at, and what changed. While the machine runs a word has changed when the last look
 * before this one saw another; when it stands, when it was another one at the stop before.
 */
export class RegisterSamples {
  #now = new Map<number, number>()
  #before = new Map<number, number>()
  /** All of them at the last stop. */
  #stopped: Map<number, number> | undefined

  /** Some words, seen while the machine runs. */
  look(offsets: readonly number[], values: readonly number[]): void {
    const before = new Map<number, number>()
    offsets.forEach((offset, index) => {
      const known = this.#now.get(offset)
      if (known !== undefined) before.set(offset, known)
      this.#now.set(offset, values[index] ?? 0)
    })
    this.#before = before
  }
  /** All words, seen while the machine stands. `again`: at the same stop. */
  stop(offsets: readonly number[], values: readonly number[], again: boolean): void {
    if (!again) {
      this.#before = this.#stopped ?? new Map()
      this.#stopped = new Map(offsets.map((offset, index) => [offset, values[index] ?? 0]))
    }
    this.#now = new Map(offsets.map((offset, index) => [offset, values[index] ?? 0]))
  }

  /** undefined: not looked at yet. */
  word(offset: number): number | undefined {
    return this.#now.get(offset)
  }
  /** What it was before; undefined when it has not changed, or nobody looked. */
  before(offset: number): number | undefined {
    const before = this.#before.get(offset)
    return before === this.#now.get(offset) ? undefined : before
  }
}
