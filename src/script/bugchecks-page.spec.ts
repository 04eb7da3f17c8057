import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { BUGCHECKS, NDIS_BUGCHECK } from '../core/kernel/bugcheck'
import { BUGCHECK_TEXTS, bugcheckText } from '../core/kernel/bugchecks.table'
import { bugchecksMarkdown } from './bugchecks-page'

const SOURCE = path.resolve(import.meta.dirname, '..')
const CALL = /\bbugcheck\(\s*'([A-Z_0-9]+)',\s*\[([^,\]]*)/g

interface Raised {
  readonly name: string
  /** Undefined when it cannot be read from the file. */
  readonly first: number | undefined
}

/** A first parameter: a number, a constant of the file, or one of NDIS_BUGCHECK. */
function valueOf(text: string, file: string): number | undefined {
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text)) return Number(text)
  const known = /^NDIS_BUGCHECK\.(\w+)$/.exec(text)?.[1]
  if (known) return (NDIS_BUGCHECK as Readonly<Record<string, number>>)[known]
  const constant = new RegExp(`const ${text} = (0x[0-9a-f]+|\\d+)\\b`, 'i').exec(file)?.[1]
  return constant === undefined ? undefined : Number(constant)
}

/** Every stop that the source makes by name. */
const raised: readonly Raised[] = readdirSync(path.join(SOURCE, 'core'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .flatMap((file) => {
    const text = readFileSync(path.join(SOURCE, 'core', file), 'utf8')
    return [...text.matchAll(CALL)].map(([, name = '', first = '']) => ({ name, first: valueOf(first.trim(), text) }))
  })

describe('the bugchecks that the source raises', () => {
  it('can be read from it', () => {
    expect(raised.length).toBeGreaterThan(30)
    expect(raised.map(({ name }) => name)).toContain('BUGCODE_NDIS_DRIVER')
  })

  it('are explained', () => {
    expect(raised.filter(({ name }) => !bugcheckText(name))).toEqual([])
    expect(Object.keys(BUGCHECK_TEXTS).sort()).toEqual(Object.keys(BUGCHECKS).sort())
  })

  it('are explained case by case where the first parameter tells cases apart', () => {
    const unexplained = raised.filter(({ name, first }) => {
      const cases = bugcheckText(name)?.cases
      return cases !== undefined && first !== undefined && cases[first] === undefined
    })
    expect(unexplained).toEqual([])
    const ndis = BUGCHECK_TEXTS.BUGCODE_NDIS_DRIVER.cases ?? {}
    expect(Object.values(NDIS_BUGCHECK).filter((code) => !ndis[code])).toEqual([])
  })
})

describe('the explanations', () => {
  const texts = Object.values(BUGCHECK_TEXTS)

  it('are sentences', () => {
    const sentences = texts.flatMap(({ meaning, next, cases = {} }) => [
      meaning,
      next,
      ...Object.values(cases).map((one) => one.meaning),
    ])
    expect(sentences.filter((text) => !/^[A-Z].{12,}\.$/.test(text))).toEqual([])
  })

  it('are on the page', () => {
    const page = bugchecksMarkdown()
    for (const { meaning, next } of texts) {
      expect(page).toContain(meaning)
      expect(page).toContain(next)
    }
    expect(page).toContain('## 0x7C BUGCODE_NDIS_DRIVER')
  })
})
