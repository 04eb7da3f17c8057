import { FilterError } from './problem'

export type TokenKind = 'word' | 'string' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** The content of a string, without its quotes and escapes. */
  readonly text: string
  readonly at: number
  readonly length: number
}

/** Names, numbers and addresses; a range in a set ('80..90') is no part of a word. */
const WORD = /(?:[\w:/-]|\.(?!\.))+/y
const SYMBOL = /==|!=|<=|>=|&&|\|\||\.\.|[<>!(){}[\],&~]/y
const SPACE = /\s+/y
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0' }
/** Longer filters are mistakes: something was pasted. */
const MOST_CHARACTERS = 10_000

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** A quoted text from its quote on; a raw one (r"...") keeps its backslashes. */
function quoted(text: string, start: number, raw: boolean): Token {
  const quote = text[start]
  let content = ''
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!
    if (character === quote) return { kind: 'string', text: content, at: start, length: at + 1 - start }
    if (character !== '\\' || raw) content += character
    else {
      const code = /^x([0-9a-f]{2})/i.exec(text.slice(at + 1, at + 4))?.[1]
      const next = text[++at] ?? ''
      content += code === undefined ? (ESCAPES[next] ?? next) : String.fromCharCode(Number.parseInt(code, 16))
      if (code !== undefined) at += 2
    }
  }
  throw new FilterError(start, text.length - start, 'This text has no closing quote.')
}

/** @throws FilterError at a character that belongs to nothing. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > MOST_CHARACTERS) throw new FilterError(0, 0, `A filter has at most ${MOST_CHARACTERS} characters.`)
  const tokens: Token[] = []
  let at = match(SPACE, text, 0)?.length ?? 0
  while (at < text.length) {
    const token = tokenAt(text, at)
    tokens.push(token)
    at = token.at + token.length
    at += match(SPACE, text, at)?.length ?? 0
  }
  return [...tokens, { kind: 'end', text: '', at: text.length, length: 0 }]
}

function tokenAt(text: string, at: number): Token {
  const raw = text[at] === 'r' && text[at + 1] === '"'
  if (raw || text[at] === '"' || text[at] === "'") {
    const token = quoted(text, raw ? at + 1 : at, raw)
    return { ...token, at, length: token.length + (raw ? 1 : 0) }
  }
  const word = match(WORD, text, at)
  if (word !== undefined) return { kind: 'word', text: word, at, length: word.length }
  const symbol = match(SYMBOL, text, at)
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, at, length: symbol.length }
  throw new FilterError(at, 1, `'${text[at]}' means nothing here.`)
}
