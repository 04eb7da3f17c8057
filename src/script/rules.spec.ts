import path from 'node:path'
import ts from 'typescript'
import { beforeAll, describe, expect, it } from 'vitest'
import ruleNames from '../../test/fixtures/rule-names.json'
import { API } from '../core/ndis/api'
import { irqlRulesOf } from '../core/verifier/irql-rule'
import { NOT_COVERED } from '../core/verifier/rules/not-covered.table'
import { RULE_AREAS, RULES } from '../core/verifier/rules/index'
import { implementedNames } from './derive'
import { rulesJson, rulesMarkdown } from './rules-page'

const SOURCE = path.resolve(import.meta.dirname, '..')
/** Parameters that hand a rule on to the verifier; each call with a name in that place is looked at itself. */
const HANDED_ON = /^(rule|irqlRule)$/

interface Scan {
  readonly names: ReadonlySet<string>
  /** Calls whose rule cannot be read from the source. */
  readonly unreadable: readonly string[]
}

/** Every name that is given to a parameter called `rule` in core and script, by the types of the arguments. */
function scanSource(): Scan {
  const program = ts.createProgram([path.join(SOURCE, 'script/engine.ts'), path.join(SOURCE, 'script/binding.ts')], {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    noEmit: true,
  })
  const checker = program.getTypeChecker()
  const names = new Set<string>()
  const unreadable: string[] = []
  const argument = (node: ts.Expression, file: ts.SourceFile): void => {
    const type = checker.getTypeAtLocation(node)
    for (const part of type.isUnion() ? type.types : [type]) {
      if (part.isStringLiteral()) names.add(part.value)
      else if (!HANDED_ON.test(node.getText(file))) unreadable.push(`${file.fileName}: ${node.getText(file)}`)
    }
  }
  const visit = (node: ts.Node, file: ts.SourceFile): void => {
    if (ts.isCallExpression(node))
      checker.getResolvedSignature(node)?.parameters.forEach((parameter, index) => {
        const given = node.arguments[index]
        if (parameter.name === 'rule' && given) argument(given, file)
      })
    ts.forEachChild(node, (child) => visit(child, file))
  }
  for (const file of program.getSourceFiles())
    if (/\/src\/(core|script)\//.test(file.fileName) && !file.fileName.includes('/wire/formats/')) visit(file, file)
  return { names, unreadable }
}

/** What a call at a wrong IRQL is reported as. What is not implemented cannot be called. */
const names = implementedNames()
const irqlRules = API.filter(
  ({ kind, name, irql }) => kind !== 'callback' && names.has(name) && irql && irql !== 'any',
).flatMap(irqlRulesOf)

describe('the rules that the source reports', () => {
  let scan: Scan
  beforeAll(() => {
    scan = scanSource()
  }, 120_000)

  it('can all be read from it', () => {
    expect(scan.unreadable).toEqual([])
    expect(scan.names).toContain('SpinLock')
    expect(scan.names.size).toBeGreaterThan(200)
  })

  it('are explained', () => {
    expect([...scan.names, ...irqlRules].filter((name) => !RULES.has(name))).toEqual([])
  })

  it('are all that is explained', () => {
    const reported = new Set([...scan.names, ...irqlRules])
    expect([...RULES.keys()].filter((name) => !reported.has(name))).toEqual([])
  })
})

describe('the documented rules', () => {
  it('are each reported by their name or listed with the reason why not', () => {
    const accounted = [...RULES.keys(), ...NOT_COVERED.map(({ name }) => name)]
    expect(ruleNames.filter((name) => !accounted.includes(name))).toEqual([])
  })
  it('are either reported or not covered', () => {
    expect(NOT_COVERED.filter(({ name }) => RULES.has(name) || !ruleNames.includes(name))).toEqual([])
  })
})

describe('the explanations', () => {
  const all = RULE_AREAS.flatMap(({ rules }) => rules)

  it('are one for each name', () => {
    expect(RULES.size).toBe(all.length)
  })

  it('are sentences', () => {
    const texts = all.flatMap(({ name, meaning, why, mend }) => [meaning, why, mend].map((text) => ({ name, text })))
    expect(texts.filter(({ text }) => !/^[A-Za-z].{12,}\.$/.test(text))).toEqual([])
  })

  it('are on the page and in the data', () => {
    const watched = new Map([['NicTailRange', ['WRITE_REGISTER_ULONG']]])
    const page = rulesMarkdown(watched)
    for (const { name, mend } of all) {
      expect(page).toContain(`### ${name}\n`)
      expect(page).toContain(`**Mend:** ${mend}\n`)
    }
    for (const { name, reason } of NOT_COVERED) expect(page).toContain(`| ${name} | ${reason} |\n`)
    const data = JSON.parse(rulesJson(watched)) as readonly { readonly name: string; readonly area: string }[]
    expect(data).toHaveLength(all.length)
    expect(data.find(({ name }) => name === 'NicTailRange')).toMatchObject({
      area: 'Use of a NIC by its driver',
      level: 'log',
      watches: ['WRITE_REGISTER_ULONG'],
    })
    expect(page).toContain('**Level:** log · **Watches:** `WRITE_REGISTER_ULONG`\n')
    expect(data.find(({ name }) => name === 'DV:DoubleFree')).toMatchObject({ level: 'break', watches: [] })
  })
})
