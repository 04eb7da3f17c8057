import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { collectDriver, DriverFilesError } from './driver-files'

let folder: string
const put = async (name: string, text: string) => {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
  await writeFile(path.join(folder, name), text)
}
const refusal = async (program: string) => {
  const error: unknown = await collectDriver(program).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DriverFilesError)
  return (error as DriverFilesError).error
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'driver-files-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('collecting the files of a driver', () => {
  it('follows relative imports and exports, through folders and .js names', async () => {
    await put('drv/driver.ts', `import { a } from './lib/a'\nexport * from "./b.js"\nimport 'ndis'`)
    await put('drv/lib/a.ts', `import type { C } from '../c'`)
    await put('drv/b.ts', '')
    await put('drv/c/index.ts', '')
    await put('drv/unused.ts', '')
    const { entry, files } = await collectDriver(path.join(folder, 'drv'))
    expect(entry).toBe('driver.ts')
    expect(Object.keys(files).sort()).toEqual(['b.ts', 'c/index.ts', 'driver.ts', 'lib/a.ts'])
  })

  it('never reads outside of the folder, by path or by link', async () => {
    await put('secret.ts', 'secret')
    await put('drv/driver.ts', `import '../secret'\nimport './link'`)
    await symlink(path.join(folder, 'secret.ts'), path.join(folder, 'drv/link.ts'))
    const { files } = await collectDriver(path.join(folder, 'drv/driver.ts'))
    expect(Object.keys(files)).toEqual(['driver.ts'])
  })

  it('lets an unsaved text win over the disk, and survives import cycles', async () => {
    await put('driver.ts', `import './a'`)
    await put('a.ts', `import './driver'`)
    const { files } = await collectDriver(path.join(folder, 'driver.ts'), {
      overlays: { 'a.ts': `import './driver' // edited` },
    })
    expect(files['a.ts']).toContain('edited')
  })

  it('takes the only .ts file of a folder and asks when there are several', async () => {
    await put('one/nic.ts', 'one')
    expect((await collectDriver(path.join(folder, 'one'))).entry).toBe('nic.ts')
    await put('one/other.ts', '')
    expect(await refusal(path.join(folder, 'one'))).toMatchObject({
      code: 'file-not-found',
      message: expect.stringContaining('name the file to run') as string,
    })
  })

  it('says what is wrong with a missing file and with one that is no script', async () => {
    expect(await refusal(path.join(folder, 'none.ts'))).toMatchObject({
      code: 'file-not-found',
      message: expect.stringContaining('no such file') as string,
    })
    await put('notes.txt', '')
    expect((await refusal(path.join(folder, 'notes.txt'))).code).toBe('usage')
  })

  it('reads the configuration beside the entry, of a folder too', async () => {
    await put('drv/driver.ts', '')
    expect((await collectDriver(path.join(folder, 'drv'))).keywords).toEqual([])
    await put('drv/driver.config.json', '{ "keywords": { "RingSize": 64 } }')
    await put('drv/index.config.json', 'of another script')
    for (const program of ['drv', 'drv/driver.ts']) {
      const { keywords, files } = await collectDriver(path.join(folder, program))
      expect(keywords).toEqual([{ name: 'RingSize', type: 'dword', value: 64 }])
      expect(Object.keys(files)).toEqual(['driver.ts'])
    }
  })

  it('takes the unsaved text of the configuration', async () => {
    await put('driver.ts', '')
    await put('driver.config.json', 'not yet saved')
    const overlays = { 'driver.config.json': '{ "keywords": { "A": 1 } }' }
    expect((await collectDriver(path.join(folder, 'driver.ts'), { overlays })).keywords).toHaveLength(1)
  })

  it('names the place of what is wrong in the configuration', async () => {
    await put('driver.ts', '')
    await put('driver.config.json', '{\n  "keywords": { "A": true, "A": 1 }\n}')
    expect(await refusal(path.join(folder, 'driver.ts'))).toMatchObject({
      code: 'configuration',
      file: 'driver.config.json',
      line: 2,
      column: 28,
      message: expect.stringContaining('and 1 more in this file') as string,
    })
  })
})
