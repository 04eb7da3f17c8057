import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEYWORD_TYPES, keywordName, valuesOf, type KeywordValue } from './configuration'
import { addEntry, changeEntry, removeEntry, renameEntry, retypeEntry } from './configuration-edits'
import { NEW_CONFIGURATION, readConfiguration } from './configuration-text'
import { entryValue, guessType, keywordText, parseGiven, typedKeyword, typeOf } from './keyword-text'

describe('a value as text', () => {
  it.each([
    ['dword', '4096', 4096, '4096'],
    ['dword', ' 0x10 ', 16, '16'],
    ['dword', '-1', -1, '-1'],
    ['string', ' as it is ', ' as it is ', ' as it is '],
    ['multi-string', 'one; two', ['one', 'two'], 'one; two'],
    ['multi-string', '["a;b", ""]', ['a;b', ''], '["a;b",""]'],
    ['multi-string', '', [], ''],
    ['binary', '02-00:fF', { binary: [2, 0, 255] }, '02 00 ff'],
    ['binary', '', { binary: [] }, ''],
  ] as const)('%s %s', (type, text, value, back) => {
    expect(typedKeyword(type, text)).toEqual({ value })
    expect(keywordText(value)).toBe(back)
    expect(typedKeyword(type, back)).toEqual({ value })
  })

  it.each([
    ['dword', ''],
    ['dword', '1.5'],
    ['dword', '1e3'],
    ['dword', '4294967296'],
    ['dword', '-0x80000001'],
    ['multi-string', '["a", 1]'],
    ['multi-string', '["a"'],
    ['binary', '0'],
    ['binary', 'xy'],
  ] as const)('%s does not take "%s"', (type, text) => {
    expect(typedKeyword(type, text)).toHaveProperty('takes')
  })

  it('has the type that it looks like', () => {
    expect(['0', '64', '-1', '0xff', '4294967295'].map(guessType)).toEqual(Array(5).fill('dword'))
    expect(['020000000001', '02-00', '', '4294967296', '1.5', '64 '].map(guessType)).toEqual(Array(6).fill('string'))
  })

  it('comes with a name, and a type where one is wanted', () => {
    expect(parseGiven('*SpeedDuplex=0')).toEqual({ name: '*SpeedDuplex', text: '0' })
    expect(parseGiven('A:string=x=y')).toEqual({ name: 'A', type: 'string', text: 'x=y' })
    expect(parseGiven('A:word=1')).toEqual({ name: 'A:word', text: '1' })
    expect(parseGiven('A=')).toEqual({ name: 'A', text: '' })
    expect(parseGiven('=1')).toBeUndefined()
    expect(parseGiven('A')).toBeUndefined()
  })
})

describe('changes of the text', () => {
  const TEXT = '{\r\n\t"keywords": {\r\n\t\t"A":   1,\r\n\t\t"B": { "type": "dword", "default": 2 }\r\n\t}\r\n}\r\n'
  const clean = (text: string) => {
    expect(readConfiguration(text).problems).toEqual([])
    return text
  }

  it('touch nothing but what they change', () => {
    expect(changeEntry(TEXT, 'A', 'dword', 'value', 7)).toBe(TEXT.replace('   1', '   7'))
    expect(changeEntry(TEXT, 'B', 'dword', 'default', 3)).toBe(TEXT.replace('"default": 2', '"default": 3'))
    expect(renameEntry(TEXT, 'A', 'Ring "size"')).toBe(TEXT.replace('"A"', '"Ring \\"size\\""'))
    expect(clean(removeEntry(TEXT, 'A'))).not.toContain('"A"')
    expect(renameEntry(TEXT, 'none', 'x')).toBe(TEXT)
    expect(changeEntry(TEXT, 'none', 'dword', 'value', 1)).toBe(TEXT)
  })

  it('write as the text is written', () => {
    expect(clean(addEntry(TEXT, 'C', 'string', 'x'))).toContain(',\r\n\t\t"C": "x"\r\n\t}')
    expect(clean(addEntry(NEW_CONFIGURATION, 'A', 'dword', 1))).toBe('{\n  "keywords": {\n    "A": 1\n  }\n}\n')
    expect(clean(`\uFEFF${TEXT}`)).toContain('A')
    expect(changeEntry(`\uFEFF${TEXT}`, 'A', 'dword', 'value', 7)).toBe(`\uFEFF${TEXT.replace('   1', '   7')}`)
  })

  it('give a short entry its long form when it needs one', () => {
    const { keywords } = readConfiguration(clean(changeEntry(TEXT, 'A', 'dword', 'default', 5)))
    expect(keywords[0]).toEqual({ name: 'A', type: 'dword', value: 1, default: 5 })
    expect(readConfiguration(clean(changeEntry(TEXT, 'A', 'dword', 'value', undefined))).keywords[0]).toEqual({
      name: 'A',
      type: 'dword',
    })
    const list = addEntry(NEW_CONFIGURATION, 'L', 'multi-string', ['a', 'b'])
    expect(readConfiguration(clean(changeEntry(list, 'L', 'multi-string', 'label', 'Two'))).keywords[0]).toEqual({
      name: 'L',
      type: 'multi-string',
      value: ['a', 'b'],
      label: 'Two',
    })
    expect(readConfiguration(clean(addEntry(TEXT, 'K', 'binary', '00 01'))).keywords[2]?.type).toBe('binary')
  })

  it('change the type', () => {
    expect(retypeEntry(TEXT, 'A', 'string', { value: '1' })).toBe(TEXT.replace('   1', '   "1"'))
    const { keywords } = readConfiguration(clean(retypeEntry(TEXT, 'B', 'string', { default: '2' })))
    expect(keywords[1]).toEqual({ name: 'B', type: 'string', default: '2' })
  })
})

describe('whatever stands in the file or is put there', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 })
  const value: fc.Arbitrary<KeywordValue> = fc.oneof(
    fc.integer({ min: -0x8000_0000, max: 0xffff_ffff }),
    text,
    fc.array(text, { maxLength: 4 }),
    fc.record({ binary: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 8 }) }),
  )
  const name = fc.string({ minLength: 1, maxLength: 12 }).filter((given) => keywordName.safeParse(given).success)
  const entries = fc.uniqueArray(fc.tuple(name, value), { selector: ([given]) => given.toUpperCase(), maxLength: 6 })
  const write = (list: readonly (readonly [string, KeywordValue])[]) =>
    list.reduce((file, [given, each]) => addEntry(file, given, typeOf(each), entryValue(each)), NEW_CONFIGURATION)

  it('comes back as it was put, and taking one away leaves the others', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, pick) => {
        const file = write(list)
        const { keywords, problems } = readConfiguration(file)
        expect(problems).toEqual([])
        expect(valuesOf(keywords)).toEqual(Object.fromEntries(list))
        const gone = list[pick % Math.max(1, list.length)]
        if (!gone) return
        const rest = readConfiguration(removeEntry(file, gone[0]))
        expect(rest.problems).toEqual([])
        expect(rest.keywords).toEqual(keywords.filter((keyword) => keyword.name !== gone[0]))
      }),
    )
  })

  it('is text that says the same value, for every type', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(typedKeyword(typeOf(given), keywordText(given))).toEqual({ value: given })
      }),
    )
  })

  it('is read without an exception, with places inside of the text', () => {
    const broken = fc.tuple(entries, fc.nat(), fc.string({ maxLength: 4 })).map(([list, at, noise]) => {
      const file = write(list)
      const cut = at % file.length
      return file.slice(0, cut) + noise + file.slice(cut + noise.length)
    })
    fc.assert(
      fc.property(fc.oneof(broken, text), fc.constantFrom(...KEYWORD_TYPES), (file, type) => {
        for (const { offset, line, column } of readConfiguration(file).problems) {
          expect(offset).toBeLessThanOrEqual(file.length)
          expect(line).toBeGreaterThan(0)
          expect(column).toBeGreaterThan(0)
        }
        expect(typeof changeEntry(file, 'A', type, 'value', undefined)).toBe('string')
      }),
    )
  })
})
