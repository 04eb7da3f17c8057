/** The last `limit` lines of output; older ones are counted, not kept. */
export class LineBuffer<T> {
  readonly #limit: number
  #lines: T[] = []
  #start = 0
  dropped = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get length(): number {
    return this.#lines.length - this.#start
  }

  at(index: number): T | undefined {
    return this.#lines[this.#start + index]
  }

  push(line: T): void {
    this.#lines.push(line)
    if (this.length <= this.#limit) return
    this.#start += 1
    this.dropped += 1
    // Amortised: the array is cut once a whole buffer of dead lines has gathered in front.
    if (this.#start < this.#limit) return
    this.#lines = this.#lines.slice(this.#start)
    this.#start = 0
  }

  clear(): void {
    this.#lines = []
    this.#start = 0
    this.dropped = 0
  }

  filter(test: (line: T) => boolean): T[] {
    return this.#lines.slice(this.#start).filter(test)
  }
}
