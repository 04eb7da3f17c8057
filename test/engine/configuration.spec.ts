import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Keywords } from '../../src/shared/configuration'
import { DapSession } from './dap-session'

const TEXT = readFileSync(new URL('../../examples/10-configuration.ts', import.meta.url), 'utf8')

let session: DapSession
let folder: string
let program: string
beforeEach(async () => {
  session = new DapSession()
  folder = await mkdtemp(path.join(tmpdir(), 'configuration-'))
  program = path.join(folder, 'driver.ts')
  await writeFile(program, TEXT)
  await writeFile(path.join(folder, 'driver.config.json'), '{ "keywords": { "RingSize": 64 } }')
})
afterEach(async () => {
  session.close()
  await rm(folder, { recursive: true, force: true })
})

const report = async (overlays: Record<string, string> = {}, keywords?: Keywords) => {
  await session.launch('', undefined, { program, overlays, ...(keywords && { config: { keywords } }) })
  return session.report()
}

describe('launch, with a configuration file beside the driver', () => {
  test('gives its keywords to the driver; the event log begins with them', async () => {
    expect((await report()).output).toEqual(['RingSize is 64'])
    const { rows } = await session.request<{ rows: { what: string; text: string }[] }>('ndis/events', {
      start: 0,
      count: 1,
    })
    expect(rows).toMatchObject([{ what: 'configuration', text: 'RingSize = 64' }])
  })
  test('lets the unsaved text of the file win over the disk', async () => {
    const overlays = { 'driver.config.json': '{ "keywords": { "RingSize": 65 } }' }
    expect((await report(overlays)).output).toEqual(['RingSize is 65'])
  })
  test('lets the keywords of the request win over the file', async () => {
    expect((await report({}, { RINGSIZE: 66 })).output).toEqual(['RingSize is 66'])
  })
  test('refuses a broken file with its place, and keywords that are none by name', async () => {
    await expect(report({ 'driver.config.json': '{\n  "keywords": 7 }' })).rejects.toThrow(
      'driver.config.json:2:15: "keywords" takes an object',
    )
    await expect(report({}, { RingSize: 0.5 })).rejects.toThrow('keyword "RingSize" takes a whole number')
  })
  test('takes the configuration of a document without a file from its text', async () => {
    const overlays = { 'driver.config.json': '{ "keywords": { "RingSize": 67 } }', 'driver.ts': TEXT }
    await session.launch('', undefined, { overlays })
    expect((await session.report()).output).toEqual(['RingSize is 67'])
  })
})
