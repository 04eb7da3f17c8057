import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeSettings, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'
import { revealLine, runToEnd, until } from './page-tools'

const EXAMPLE = '02-dpr-noninterlocked.ts'
const IN_THE_LOOP = 'packet.ProtocolReserved[0] = i'

/** By keyboard alone: conditions, values in every place where they are shown, events by name, both themes. */
export function describeLooking(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: looking closely`, () => {
    let app: WorkbenchApp
    let line = 0
    beforeAll(async () => {
      app = await frontEnd.open()
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
    })

    it('runs the document that was opened last, also when nobody clicked into it', async () => {
      await app.page.getByTestId('example-05-spin-lock.ts').dblclick()
      await until(app.page, 'editor', /NdisAllocateSpinLock/)
      await runToEnd(app.page)
      await until(app.page, 'panel-report', /05-spin-lock\.ts/)
    })

    it('takes a condition by keyboard and stops when it holds', async () => {
      await app.page.getByTestId(`example-${EXAMPLE}`).dblclick()
      await until(app.page, 'editor', /Packets.without.NDIS's.own.lock/)
      line = await revealLine(app.page, IN_THE_LOOP)
      await app.page.keyboard.press('Shift+F9')
      const condition = app.page.getByTestId('breakpoint-condition')
      await expect.poll(() => condition.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true)
      await app.page.keyboard.type('i === 2')
      await app.page.keyboard.press('Enter')
      await until(app.page, 'panel-breakpoints', /i === 2/)
      await app.page.keyboard.press('F5')
      await until(app.page, 'status-state', /stopped/i)
      await until(app.page, 'var-i', /2/)
    })

    it('shows a struct member by member, reserved bytes as bytes', async () => {
      await app.page.getByTestId('var-packet').click()
      await app.page.keyboard.press('ArrowRight')
      await until(app.page, 'var-MiniportReserved', /(00 ){7}00/)
      await until(app.page, 'var-Private', /NDIS_PACKET_PRIVATE/)
    })

    it('shows what is watched, and keeps it up to date', async () => {
      await app.page.getByRole('tab', { name: 'Watch' }).click()
      const input = app.page.getByPlaceholder('Add an expression')
      await input.fill('taken.length * 100')
      await input.press('Enter')
      await until(app.page, 'panel-watch', /taken\.length \* 100\D*200/)
      for (let step = 0; step < 3; step++) {
        const stops = async () => Number(await app.page.getByTestId('status-state').getAttribute('data-stop'))
        const before = await stops()
        await app.page.keyboard.press('F10')
        await expect.poll(stops, { timeout: 15_000 }).toBeGreaterThan(before)
      }
      await until(app.page, 'panel-watch', /taken\.length \* 100\D*300/)
    })

    it('shows a value in a hover', async () => {
      await app.page.getByTestId('editor').locator('textarea, .native-edit-context').first().focus()
      await app.page.keyboard.press('Control+g')
      await app.page.keyboard.type(String(line))
      for (const key of ['Enter', 'End', 'Control+k', 'Control+i']) await app.page.keyboard.press(key)
      await expect
        .poll(() => app.page.locator('.monaco-hover').first().textContent(), { timeout: 15_000 })
        .toMatch(/i = 2/)
      await app.page.keyboard.press('Escape')
    })

    it('lists events with the names of their arguments', async () => {
      await app.page.getByRole('tab', { name: 'Events' }).click()
      await until(app.page, 'panel-events', /NdisAcquireSpinLock\(SpinLock=0x[0-9a-f]+\)/)
    })

    it('has a light theme that stays', async () => {
      const brightness = (): Promise<number> =>
        app.page.evaluate(() => {
          const [red = 0, green = 0, blue = 0] = getComputedStyle(document.querySelector('.monaco-editor-background')!)
            .backgroundColor.match(/\d+/g)!
            .map(Number)
          return (red + green + blue) / 3
        })
      expect(await brightness()).toBeLessThan(100)
      await app.page.getByTestId('theme').click()
      await expect.poll(brightness).toBeGreaterThan(200)
    })

    it('had no problem on the way', () => {
      expect(app.problems).toEqual([])
    })
  })
}
