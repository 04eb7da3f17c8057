import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeSettings, root, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'
import { text, until } from './page-tools'

/** Written by a person: its blanks are none of ours. */
const CONFIGURATION = '{\n  "keywords": {\n    "RingSize":   { "type": "dword", "value": 64, "max": 4096 }\n  }\n}\n'

/** A keyword from its file to the driver that reads it: changed in the table, in its text, and refused. */
export function describeConfiguration(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: the configuration of an instance`, () => {
    let app: WorkbenchApp
    let folder: string
    let file: string
    const onDisk = () => readFile(file, 'utf8')
    const field = (keyword: string, name: string) =>
      app.page.getByTestId(`keyword-${keyword}`).getByTestId(`keyword-${name}`)
    const change = async (keyword: string, name: string, value: string) => {
      await field(keyword, name).fill(value)
      await field(keyword, name).press('Enter')
    }
    const openFile = async (name: string) => {
      app.answerDialog?.([name])
      await app.page.keyboard.press('Control+o')
      if (app.answerDialog) return
      await app.page.getByTestId('dialog-input').fill(name)
      await app.page.keyboard.press('Enter')
    }
    const tab = (name: string) => app.page.getByRole('tab', { name, exact: name === 'Configuration' }).click()
    /** Runs the driver until it has printed something. Its report comes to the front at the end: the output has to be fetched. */
    const run = async (expected: RegExp) => {
      await app.page.keyboard.press('F5')
      const output = async () => {
        await tab('Output')
        return app.page
          .getByTestId('panel-output')
          .textContent({ timeout: 500 })
          .catch(() => '')
      }
      await expect.poll(output, { timeout: 15_000 }).toMatch(expected)
    }
    const hash = async () => {
      await tab('Report')
      await until(app.page, 'panel-report', /[0-9a-f]{16}/)
      return /[0-9a-f]{16}/.exec(await text(app.page, 'panel-report'))?.[0]
    }

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'configuration-'))
      file = path.join(folder, 'driver.config.json')
      await writeFile(path.join(folder, 'driver.ts'), await readFile(path.join(root, 'examples/10-configuration.ts')))
      await writeFile(file, CONFIGURATION)
      app = await frontEnd.open()
      await app.page.waitForFunction(() => document.querySelector('.monaco-editor'))
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
      await rm(folder, { recursive: true, force: true })
    })

    it('shows what the file says, and the driver finds it', async () => {
      await openFile(path.join(folder, 'driver.ts'))
      await until(app.page, 'editor', /Keywords.of.an.instance/)
      await app.page.getByTestId('run-config').click()
      await app.page.getByTestId('config-keywords').click()
      await expect.poll(() => field('RingSize', 'value').inputValue()).toBe('64')
      await run(/RingSize is 64/)
    })

    it('writes a changed value into the file, and the next run has it', async () => {
      const before = await hash()
      await tab('Configuration')
      await change('RingSize', 'value', '0x80')
      await expect.poll(onDisk).toBe(CONFIGURATION.replace('64', '128'))
      await expect.poll(() => field('RingSize', 'value').inputValue()).toBe('128')
      await run(/RingSize is 128/)
      expect(await hash()).not.toBe(before)
    })

    it('takes a value that is still being typed when the run starts', async () => {
      await tab('Configuration')
      await field('RingSize', 'value').fill('96')
      await run(/RingSize is 96/)
    })

    it('refuses what does not fit, in words, and writes nothing', async () => {
      await tab('Configuration')
      const before = await onDisk()
      for (const [value, words] of [
        ['5000', /RingSize\.value takes a number from -2147483648 to 4096, not 5000/],
        ['many', /RingSize\.value takes a whole number .*, not "many"/],
      ] as const) {
        await change('RingSize', 'value', value)
        await until(app.page, 'configuration-status', words)
        expect(await field('RingSize', 'value').getAttribute('aria-invalid')).toBe('true')
      }
      await field('RingSize', 'value').press('Escape')
      await expect.poll(() => field('RingSize', 'value').inputValue()).toBe('96')
      expect(await onDisk()).toBe(before)
    })

    it('adds a keyword, and takes one away', async () => {
      await app.page.getByTestId('keyword-new-name').fill('NetworkAddress')
      await app.page.getByTestId('keyword-new-type').selectOption('string')
      await app.page.getByTestId('keyword-new-value').fill('06-00-00-00-00-01')
      await app.page.getByTestId('keyword-add').click()
      await until(app.page, 'configuration-status', /^$/)
      await run(/address 6 bytes, first 6/)
      await tab('Configuration')
      await app.page.getByTestId('keyword-new-name').fill('ringsize')
      await app.page.getByTestId('keyword-add').click()
      await until(app.page, 'configuration-status', /"RingSize" is there already/)
      await app.page.getByTestId('keyword-NetworkAddress').getByTestId('keyword-remove').click()
      await expect.poll(onDisk).not.toContain('NetworkAddress')
    })

    it('has one text with the editor of the file: unsaved edits stay, and stay unsaved', async () => {
      const before = await onDisk()
      await app.page.getByTestId('configuration-open').click()
      const editor = app.page.locator(`[data-testid="editor"][data-uri="${file}"]`)
      const shown = async () => ((await editor.textContent()) ?? '').replaceAll('\u00a0', ' ')
      await expect.poll(shown).toContain('"RingSize"')
      await app.page.keyboard.press('Control+End')
      await app.page.keyboard.type(' x')
      await until(app.page, 'configuration-problems', /this is no JSON value/)
      await tab('Problems')
      await until(app.page, 'panel-problems', /driver\.config\.json.*this is no JSON value/)
      await app.page.keyboard.press('Escape')
      await editor.locator('.view-lines').first().click()
      await app.page.keyboard.press('Control+End')
      for (let key = 0; key < 2; key++) await app.page.keyboard.press('Backspace')
      await app.page.keyboard.type(' ')
      await tab('Configuration')
      await change('RingSize', 'value', '32')
      await expect.poll(shown).toContain('"value": 32')
      expect(await onDisk()).toBe(before)
      await run(/RingSize is 32/)
      await editor.locator('.view-lines').first().click()
      await app.page.keyboard.press('Control+s')
      await expect.poll(onDisk).toBe(`${before.replace('96', '32')} `)
      await tab('Configuration')
      await change('RingSize', 'value', '48')
      await expect.poll(onDisk).toContain('"value": 48')
      await expect.poll(shown).toContain('"value": 48')
    })

    it('follows what another program writes', async () => {
      // The workbench's own write, a moment ago, is over for the watcher of files, too.
      await app.page.waitForTimeout(1000)
      await writeFile(file, CONFIGURATION.replace('64', '72'))
      await expect.poll(() => field('RingSize', 'value').inputValue(), { timeout: 15_000 }).toBe('72')
    })

    it('goes with an example into its copy', async () => {
      await app.page.getByTestId('example-10-configuration.ts').dblclick()
      await until(app.page, 'panel-configuration', /10-configuration\.config\.json/)
      expect(await field('RingSize', 'value').getAttribute('readonly')).not.toBeNull()
      const copy = path.join(folder, 'copy.ts')
      app.answerDialog?.([copy])
      await app.page.keyboard.press('Control+Shift+s')
      if (!app.answerDialog) {
        await app.page.getByTestId('dialog-input').fill(copy)
        await app.page.keyboard.press('Enter')
      }
      await until(app.page, 'panel-configuration', /copy\.config\.json/)
      await change('RingSize', 'value', '512')
      await expect.poll(() => readFile(path.join(folder, 'copy.config.json'), 'utf8')).toContain('"value": 512')
      await run(/RingSize is 512/)
    })

    it('had no problem on the way', () => {
      expect(app.problems).toEqual([])
    })
  })
}
