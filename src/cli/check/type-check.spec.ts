import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { typeCheck } from './type-check'

let folder: string
let declarations: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'type-check-'))
  declarations = path.join(folder, 'ndis.d.ts')
  await writeFile(declarations, `declare module 'ndis' { export function DbgPrint(text: string): number }`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('finds nothing in a driver whose types are right', async () => {
  const files = {
    'driver.ts': `import { DbgPrint } from 'ndis'\nimport { x } from './lib/x'\nDbgPrint(x)`,
    'lib/x.ts': `export const x = 'x'`,
  }
  expect(await typeCheck(files, declarations)).toEqual([])
})

it('names file, line and column of each error, in order', async () => {
  const files = { 'driver.ts': `import { DbgPrint } from 'ndis'\n\n  DbgPrint(5)\nnothing()` }
  expect(await typeCheck(files, declarations)).toMatchObject([
    { file: 'driver.ts', line: 3, column: 12, code: 'TS2345' },
    { file: 'driver.ts', line: 4, column: 1, code: 'TS2304' },
  ])
})

it("knows neither Node nor the browser: drivers have the language and 'ndis'", async () => {
  const files = { 'driver.ts': `import 'node:fs'\nprocess.exit()\nwindow.close()` }
  expect((await typeCheck(files, declarations)).map(({ line }) => line)).toEqual([1, 2, 3])
})
