import type { Insertion } from '../shared/engine'

/** Insertions into a text whose lines stay where they are; blanks replace what goes away. */
export class Edits {
  readonly #inserts: { at: number; text: string; order: number; statements: boolean }[] = []
  readonly #blanks: { from: number; to: number; text: string }[] = []
  constructor(readonly source: string) {}

  /** Puts text before the character at `at`; several texts at one place keep the order in which they came. */
  insert(at: number, text: string): void {
    if (text.includes('\n')) throw new Error('an insertion may not add a line')
    this.#inserts.push({ at, text, order: this.#inserts.length, statements: false })
  }
  /** The same in front of everything inserted at that place before; `statements`: the text is whole statements. */
  insertFirst(at: number, text: string, statements = false): void {
    this.#inserts.push({ at, text, order: -this.#inserts.length - 1, statements })
  }
  /** Blanks out [from, to) but for line ends; `text` (not longer) takes the place of the first characters. */
  blank(from: number, to: number, text = ''): void {
    this.#blanks.push({ from, to, text })
  }

  apply(): { code: string; insertions: Insertion[] } {
    const characters = this.source.split('')
    for (const { from, to, text } of this.#blanks)
      for (let i = from; i < to; i++)
        if (!/[\n\r\u2028\u2029]/.test(characters[i]!)) characters[i] = text[i - from] ?? ' '
    const inserts = [...this.#inserts].sort((a, b) => a.at - b.at || a.order - b.order)
    const blanked = characters.join('')
    const insertions: Insertion[] = []
    let code = ''
    let done = 0
    let line = 1
    let lineStart = 0
    for (const { at, text, statements } of inserts) {
      code += blanked.slice(done, at)
      for (let i = blanked.indexOf('\n', lineStart); i >= 0 && i < at; i = blanked.indexOf('\n', lineStart)) {
        line++
        lineStart = i + 1
      }
      insertions.push({ line, column: at - lineStart, length: text.length, ...(statements && { statements }) })
      code += text
      done = at
    }
    return { code: code + blanked.slice(done), insertions }
  }
}
