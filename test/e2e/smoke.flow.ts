import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, removeSettings, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'

/** What must hold of every front end before anything else is worth testing. */
export function describeSmoke(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: the ground`, () => {
    let app: WorkbenchApp
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'workbench-files-'))
      app = await frontEnd.open()
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
      await rm(folder, { recursive: true, force: true })
    })

    it('opens its page, which draws something', async () => {
      await app.page.waitForFunction(() => document.querySelector('#app')?.childElementCount)
      expect(await app.page.title()).toContain('NDIS Workbench')
    })

    it('answers the page, with the data of the driver interface', async () => {
      const info = await ask(app, 'app/info', {})
      expect(info.version).toMatch(/^\d+\.\d+\.\d+$/)
      const { dts, api } = await ask(app, 'app/data', {})
      expect(dts).toContain('NdisAllocatePacket')
      expect((api as unknown[]).length).toBeGreaterThan(100)
      const { examples } = await ask(app, 'examples/list', {})
      expect(examples.length).toBeGreaterThanOrEqual(8)
      expect(examples.some((example) => example.faulty)).toBe(true)
    })

    it('saves a file, and refuses in words', async () => {
      const file = path.join(folder, 'driver.ts')
      await writeFile(file, 'old')
      const { uri, etag } = await ask(app, 'document/open', { path: file })
      expect(await ask(app, 'document/save', { uri, text: 'new', etag })).toMatchObject({ status: 'saved' })
      expect(await readFile(file, 'utf8')).toBe('new')
      await expect(ask(app, 'document/open', { path: path.join(folder, 'none.ts') })).rejects.toThrow('no such file')
    })

    it('runs no script but its own', async () => {
      const before = app.problems.length
      const ran = await app.page.evaluate(async () => {
        const world = globalThis as unknown as { injected?: boolean }
        const script = document.createElement('script')
        script.textContent = 'globalThis.injected = true'
        document.body.append(script)
        await new Promise((resolve) => setTimeout(resolve, 50))
        return world.injected ?? false
      })
      expect(ran).toBe(false)
      // Said once for each policy: the header's, and the page's own.
      const refusals = (app.problems as string[]).splice(before)
      expect(refusals.length).toBeGreaterThan(0)
      for (const refusal of refusals) expect(refusal).toContain('Content Security Policy')
    })

    it('has had no problem so far: no error, no refused resource', () => {
      expect(app.problems).toEqual([])
    })
  })
}
