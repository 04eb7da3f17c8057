import { describe, expect, test } from 'vitest'
import { Engine } from './engine'
import { LoadError } from './errors'
import { tables } from './tables'
import { DEFAULT_RUN_CONFIG } from '../shared/engine'

const run = (files: Record<string, string>) =>
  new Engine({ config: DEFAULT_RUN_CONFIG, files, entry: 'driver.ts', tables }).run()
/** Lines that a driver of these files says; `body` is DriverEntry's. */
function said(imports: string, body: string, files: Record<string, string>): readonly string[] {
  const driver = `import { DbgPrint } from 'ndis'\n${imports}\nexport function DriverEntry() {\n${body}\nreturn 0\n}\n`
  const report = run({ 'driver.ts': driver, ...files })
  expect([report.error, report.bugcheck, report.violations]).toEqual([undefined, null, []])
  return report.output
}

describe('what one file exports', () => {
  test('is live for who imports it: assignments and counts come through', () => {
    const state = `export let Pool = 0, calls = 0
export function open() { Pool = 7; calls++; return calls++ }
export function shadow() { let Pool = 1; Pool = 99; for (let calls = 0; calls < 3; calls++); return Pool }
export const swap = () => { ({ Pool, calls } = { Pool: 3, calls: 40 }) }`
    const output = said(
      `import { Pool, calls as n, open, shadow, swap } from './state'`,
      `DbgPrint('%d %d\\n', Pool, n)
DbgPrint('%d %d %d\\n', open(), Pool, n)
DbgPrint('%d %d\\n', shadow(), Pool)
swap()
DbgPrint('%d %d\\n', Pool, n)`,
      { 'state.ts': state },
    )
    expect(output).toEqual(['0 0', '1 7 2', '99 7', '3 40'])
  })
  test('is live through a file that passes it on', () => {
    const output = said(`import { Pool, open } from './index'`, `open()\nDbgPrint('%d\\n', Pool)`, {
      'index.ts': `export { Pool, open } from './state'`,
      'state.ts': `export let Pool = 0\nexport function open() { Pool = 5 }`,
    })
    expect(output).toEqual(['5'])
  })
  test('may be taken apart: objects, arrays, defaults, rest', () => {
    const output = said(
      `import { a, b, c, d, rest } from './parts'`,
      `DbgPrint('%d %d %d %d %d\\n', a, b, c, d, rest.length)`,
      { 'parts.ts': `export const { a, x: { b }, c = 3 } = { a: 1, x: { b: 2 } }, [d, ...rest] = [4, 5, 6]` },
    )
    expect(output).toEqual(['1 2 3 4 2'])
  })
  test('default, renamed, and types', () => {
    const output = said(
      `import start, { two as second, type Kind } from './one'\nimport * as all from './one'\nimport type { Other } from './one'`,
      `const kind: Kind = second\nconst other: Other = all.two\nDbgPrint('%d %d %d\\n', start(), kind, other)`,
      {
        'one.ts': `export default function () { return 1 }\nconst zwei = 2\nexport { zwei as two }\nexport type Kind = number\nexport interface Other {}`,
      },
    )
    expect(output).toEqual(['1 2 2'])
  })
  test('functions are there even in a circle of files', () => {
    const output = said(`import { even } from './even'`, `DbgPrint('%d\\n', even(6))`, {
      'even.ts': `import { odd } from './odd'\nexport function even(n: number): boolean { return n === 0 || odd(n - 1) }`,
      'odd.ts': `import { even } from './even'\nexport function odd(n: number): boolean { return n !== 0 && even(n - 1) }`,
    })
    expect(output).toEqual(['1'])
  })
})

describe('what is refused names the line', () => {
  const failure = (files: Record<string, string>): LoadError => {
    try {
      run(files)
    } catch (thrown) {
      if (thrown instanceof LoadError) return thrown
      throw thrown
    }
    throw new Error('it loaded')
  }
  test('export *', () => {
    expect(
      failure({ 'driver.ts': `\nexport * from './other'\nexport function DriverEntry() {}`, 'other.ts': '' }),
    ).toMatchObject({ code: 'unsupported-syntax', line: 2 })
  })
  test('a name that the other file does not export', () => {
    expect(
      failure({ 'driver.ts': `import { nothing } from './other'\nexport function DriverEntry() {}`, 'other.ts': '' }),
    ).toMatchObject({ code: 'unknown-export', line: 1, message: expect.stringContaining("'nothing'") as string })
  })
})
