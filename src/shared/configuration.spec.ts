import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkKeywords, configurationName, configurationSchema, overrideKeywords, valuesOf } from './configuration'
import { addEntry } from './configuration-edits'
import { readConfiguration } from './configuration-text'

const read = (keywords: string) => readConfiguration(`{\n  "keywords": {\n    ${keywords}\n  }\n}\n`)
/** The only problem of a text, with its place. */
const problem = (text: string) => {
  const { problems } = readConfiguration(text)
  expect(problems).toHaveLength(1)
  const { line, column, message } = problems[0]!
  return `${line}:${column} ${message}`
}
const entryProblem = (keywords: string) => problem(`{\n  "keywords": {\n    ${keywords}\n  }\n}\n`)

describe('a configuration file', () => {
  it('takes values in their short form', () => {
    const { keywords, problems, editable } = read('"*SpeedDuplex": 0, "Address": "02-00", "Lines": ["a", "b"], "N": -1')
    expect(problems).toEqual([])
    expect(editable).toBe(true)
    expect(keywords.map(({ name, type }) => `${name} ${type}`)).toEqual([
      '*SpeedDuplex dword',
      'Address string',
      'Lines multi-string',
      'N dword',
    ])
    expect(valuesOf(keywords)).toEqual({ '*SpeedDuplex': 0, Address: '02-00', Lines: ['a', 'b'], N: -1 })
  })

  it('takes the long form: a value wins over a default, and without either nothing is set', () => {
    const { keywords, problems } =
      read(`"RingSize": { "type": "dword", "value": 128, "default": 64, "min": 16, "max": 4096 },
      "Depth": { "type": "dword", "default": 8, "label": "Queue depth" },
      "Seed": { "type": "binary", "value": "02 00:ff-7F" },
      "NetworkAddress": { "type": "string" }`)
    expect(problems).toEqual([])
    expect(keywords[0]).toEqual({ name: 'RingSize', type: 'dword', value: 128, default: 64, min: 16, max: 4096 })
    expect(keywords[1]?.label).toBe('Queue depth')
    expect(valuesOf(keywords)).toEqual({ RingSize: 128, Depth: 8, Seed: { binary: [2, 0, 255, 127] } })
  })

  it('that is broken is told about with line, column and what to do', () => {
    expect(problem('')).toBe('1:1 the file is empty: write { "keywords": { "RingSize": 64 } }')
    expect(problem('[]')).toBe('1:1 the file takes an object: { "keywords": { "RingSize": 64 } }')
    expect(problem('{\n  "keywords": {}\n  "x": 1\n}')).toBe("3:3 ',' is expected here")
    expect(problem('{ "keywords": { "A": 1, } }')).toMatch(/^1:25 a name in double quotes is expected here/)
    expect(problem('{ "keywords": { "A": 0x10 } }')).toMatch(/^1:23 this is no JSON value/)
    expect(problem('{ "keywords": {} } // mine')).toMatch(/^1:20 JSON has no comments/)
    expect(problem('{ "keywords": { "A": "x }')).toMatch(/no closing double quote$/)
    expect(problem('{}')).toBe('1:1 "keywords" is missing: write { "keywords": { "RingSize": 64 } }')
    expect(problem('{ "keywords": [] }')).toBe('1:15 "keywords" takes an object: { "keywords": { "RingSize": 64 } }')
  })

  it('says which NICs the driver is for, and how their wire behaves', () => {
    const reading = readConfiguration(
      '{ "keywords": {}, "nics": ["82540EM", "teaching"], "link": { "speed": 100, "loss": 0.01 } }',
    )
    expect(reading.problems).toEqual([])
    expect(reading.hardware).toEqual({ nics: ['82540EM', 'teaching'], link: { speed: 100, loss: 0.01 } })
    expect(readConfiguration('{ "keywords": {} }').hardware).toEqual({})
  })

  it('of a driver with NICs needs no keywords, and has room for them', () => {
    const text = '{\n  "nics": ["teaching"]\n}\n'
    expect(readConfiguration(text)).toMatchObject({ keywords: [], problems: [], editable: true })
    expect(readConfiguration(addEntry(text, 'Depth', 'dword', 8))).toMatchObject({
      keywords: [{ name: 'Depth', value: 8 }],
      hardware: { nics: ['teaching'] },
      problems: [],
    })
  })

  it.each([
    ['"nics": ["e1000"]', '1:28 nics.0 takes a list of at most 8 of "82540EM", "teaching", not "e1000"'],
    ['"nics": "82540EM"', '1:27 nics takes a list of at most 8 of "82540EM", "teaching", not "82540EM"'],
    ['"link": { "speed": 99 }', '1:38 link.speed takes megabits a second: 10, 100, 1000, not 99'],
    ['"link": { "loss": 2 }', '1:37 link.loss takes a share of the frames from 0 to 1, not 2'],
    [
      '"link": { "delay": 2 }',
      '1:27 link takes speed, delayNs, loss, duplicate, reorder, corrupt, pulls, not an object',
    ],
    [
      '"link": { "pulls": [{ "atNs": 1.5, "forNs": 0 }] }',
      '1:49 link.pulls.0.atNs takes nanoseconds, a whole number, not 1.5',
    ],
  ])('%s is told about, and left out', (members, message) => {
    const text = `{ "keywords": {}, ${members} }`
    expect(problem(text)).toBe(message)
    expect(readConfiguration(text).hardware).toEqual({})
  })

  it('says levels of rules, alone or beside keywords', () => {
    const { levels, problems } = readConfiguration('{ "rules": { "SpinLock": "off", "Irql_*": "break" } }')
    expect({ levels, problems }).toEqual({ levels: { SpinLock: 'off', 'Irql_*': 'break' }, problems: [] })
    expect(problem('{ "keywords": {}, "rules": ["SpinLock"] }')).toBe(
      '1:28 "rules" takes an object: { "SpinLockBalanced": "break" }',
    )
    expect(problem('{\n  "rules": { "SpinLock": "on" }\n}')).toBe(
      '2:26 rules.SpinLock takes "off", "log", "break", not "on"',
    )
    expect(problem('{ "rules": { "SpinLock": "off", "SpinLock": "log" } }')).toMatch(/"SpinLock" is given twice/)
  })

  it('keeps levels of rules when keywords change', () => {
    const text = '{\n  "rules": { "SpinLock": "off" }\n}\n'
    const added = addEntry(text, 'RingSize', 'dword', 64)
    expect(readConfiguration(added)).toMatchObject({ keywords: [{ name: 'RingSize' }], levels: { SpinLock: 'off' } })
  })

  it('refuses what it does not know by its name', () => {
    expect(problem('{ "keywords": {},\n  "keyword": {} }')).toBe(
      '2:3 unknown member "keyword"; there are keywords, nics, link, scenario, frames, rules',
    )
    expect(entryProblem('"A": { "type": "dword", "vlaue": 1 }')).toBe(
      '3:29 A: unknown member "vlaue"; there are type, value, default, min, max, label',
    )
    expect(entryProblem('"A": { "type": "string", "min": 1 }')).toBe(
      '3:30 A: unknown member "min"; there are type, value, default, label',
    )
  })

  it.each([
    ['"A": 1.5', '3:10 A takes a whole number from -2147483648 to 4294967295, not 1.5'],
    ['"A": 4294967296', '3:10 A takes a whole number from -2147483648 to 4294967295, not 4294967296'],
    ['"A": true', '3:10 A takes a number, a text, a list of texts, or an object with "type" and "value", not true'],
    ['"A": ["x", 1]', '3:16 A.1 takes a text of at most 32000 characters, not 1'],
    [
      '"A": { "type": "dword", "value": "64" }',
      '3:38 A.value takes a whole number from -2147483648 to 4294967295, not "64"',
    ],
    ['"A": { "type": "dword", "value": 8, "min": 16 }', '3:38 A.value takes a number from 16 to 4294967295, not 8'],
    ['"A": { "type": "dword", "default": 8, "max": 4 }', '3:40 A.default takes a number from -2147483648 to 4, not 8'],
    ['"A": { "type": "dword", "min": 8, "max": 4 }', '3:36 A.min takes a number up to max, 4, not 8'],
    ['"A": { "type": "qword" }', '3:20 A.type takes one of dword, string, multi-string, binary, not "qword"'],
    ['"A": { "value": 1 }', '3:5 A: "type" is missing; it takes one of dword, string, multi-string, binary'],
    [
      '"A": { "type": "binary", "value": "0" }',
      '3:39 A.value takes bytes as pairs of hexadecimal digits in one text: "02 00 ff", not "0"',
    ],
    ['"": 1', '3:5 "" is no name of a keyword: it takes 1 to 255 characters, without blanks around them'],
    ['"A": 1, "a": 2', '3:13 "a" is given twice; upper and lower case are the same'],
    ['"A": { "type": "dword", "type": "dword" }', '3:29 "type" is given twice'],
  ])('%s', (entries, expected) => {
    expect(entryProblem(entries)).toBe(expected)
  })

  it('keeps the entries that are right, and any name', () => {
    const { keywords, problems } = read('"__proto__": 7, "A": false, "B": 2')
    expect(problems).toHaveLength(1)
    expect(Object.entries(valuesOf(keywords))).toEqual([
      ['__proto__', 7],
      ['B', 2],
    ])
  })

  it('may begin with a byte order mark and have the line ends of Windows', () => {
    expect(readConfiguration('\uFEFF{\r\n"keywords": { "A": 1 }\r\n}').keywords).toHaveLength(1)
    expect(problem('{\r\n"keywords": { "A": null }\r\n}')).toMatch(/^2:20 A takes/)
  })

  it('stands beside the script', () => {
    expect(configurationName('/drivers/echo/driver.ts')).toBe('/drivers/echo/driver.config.json')
  })

  it('has a JSON schema for editors', () => {
    const schema = JSON.stringify(z.toJSONSchema(configurationSchema, { target: 'draft-7' }))
    for (const word of ['multi-string', 'default', 'label', '"additionalProperties":false'])
      expect(schema).toContain(word)
  })
})

describe('keywords from elsewhere', () => {
  it('replace those of the file, whatever the case', () => {
    expect(overrideKeywords({ RingSize: 64, B: 'x' }, { RINGSIZE: 128 })).toEqual({ B: 'x', RINGSIZE: 128 })
  })
  it('are checked by name', () => {
    expect(checkKeywords({ A: 1, B: ['x'], C: { binary: [1] } })).toEqual({ A: 1, B: ['x'], C: { binary: [1] } })
    expect(checkKeywords(undefined)).toEqual({})
    expect(() => checkKeywords([])).toThrow('keywords takes an object')
    expect(() => checkKeywords({ A: 1.5 })).toThrow('keyword "A" takes')
    expect(() => checkKeywords({ A: { binary: [256] } })).toThrow('keyword "A" takes')
  })
})
