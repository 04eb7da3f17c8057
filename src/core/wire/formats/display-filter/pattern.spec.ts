import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '../utf8'
import { compilePattern } from './pattern'
import { FilterError } from './problem'

const found = (pattern: string, text: string): boolean =>
  compilePattern({ kind: 'string', text: pattern, at: 0, length: pattern.length })(text, 0, text.length)

describe('a pattern', () => {
  it.each([
    ['abc', 'xxABCxx', true],
    ['^abc$', 'xabc', false],
    ['a.c', 'a\nc', false],
    ['a(b|cd)+e', 'abcdbe', true],
    ['[^0-9a-c]x', 'dx', true],
    ['[]a]', ']', true],
    ['a{2,3}b', 'aab', true],
    ['^a{2,3}b', 'aaaab', false],
    ['^a{2}$', 'aa', true],
    ['^a{2,}$', 'aaaa', true],
    ['\\d\\s\\w', '1 _', true],
    ['\\x41\\.', 'a.', true],
    ['(?:ab)*?c', 'c', true],
    ['', '', true],
    ['a||b', 'zz', true],
    ['a{x', 'a{x', true],
    ['(a|)b$', 'xb', true],
  ])('%s in %j: %s', (pattern, text, expected) => expect(found(pattern, text)).toBe(expected))

  it('agrees with the expressions of JavaScript', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      'a*',
      'b+',
      '(ab)?',
      '[ab]',
      '[^a]',
      '(a|b)',
      '(a|ba)*',
      'a{1,2}',
      '^',
      '$',
    )
    const patterns = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(patterns, fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 }), (pattern, text) => {
        expect(found(pattern, text)).toBe(new RegExp(pattern, 'i').test(text))
      }),
      { numRuns: 3000 },
    )
  })

  it('works on bytes', () => {
    const bytes = encodeUtf8('xxGET /xx')
    const pattern = compilePattern({ kind: 'string', text: '^get', at: 0, length: 4 })
    expect(pattern(bytes, 2, bytes.length)).toBe(true)
    expect(pattern(bytes, 3, bytes.length)).toBe(false)
  })

  it('takes no longer for what makes others try for ever', () => {
    const text = 'a'.repeat(16_000)
    const start = performance.now()
    expect(found('(a*)*(a*)*(a*)*b', text)).toBe(false)
    expect(found('(a|a)*(a|aa)+c', text)).toBe(false)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it.each(['a**(', '*a', '(', ')', '[a', 'a\\', '[z-a]', '(a)\\1', 'a{300}', '((a{200}){200})', '('.repeat(60)])(
    'is refused: %s',
    (pattern) => expect(() => found(pattern, 'a')).toThrow(FilterError),
  )
})
