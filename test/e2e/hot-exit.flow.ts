import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask, newSettings, removeSettings, type FrontEnd } from './front-ends/workbench-app'

/** Nothing is lost: kill -9 to the host at any moment after an edit was backed up. */
export function describeHotExit(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: a kill`, () => {
    it('loses no edit, and writes none of them to the file', async () => {
      const settings = await newSettings()
      const folder = await mkdtemp(path.join(tmpdir(), 'hot-exit-'))
      const file = path.join(folder, 'driver.ts')
      await writeFile(file, 'on disk')
      const first = await frontEnd.open({ settings })
      const { uri, etag, name } = await ask(first, 'document/open', { path: file })
      await ask(first, 'document/backup', { uri, name, etag, text: 'edited, not saved' })
      await first.kill()
      expect(await readFile(file, 'utf8')).toBe('on disk')

      const second = await frontEnd.open({ settings })
      const { documents } = await ask(second, 'document/restore', {})
      expect(documents.find((document) => document.uri === uri)).toMatchObject({
        text: 'edited, not saved',
        dirty: true,
      })
      expect(await ask(second, 'document/save', { uri, text: 'edited, not saved', etag })).toMatchObject({
        status: 'saved',
      })
      expect(await readFile(file, 'utf8')).toBe('edited, not saved')
      await second.close()
      await removeSettings(settings)
      await rm(folder, { recursive: true, force: true })
    })
  })
}
