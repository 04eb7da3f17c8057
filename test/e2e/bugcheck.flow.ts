import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeSettings, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'
import { text, until } from './page-tools'

/** MiniportPause takes a spin lock that it holds. */
const EXAMPLE = 'bugs/02-lock-recursion-on-pause.ts'
const NAME = 'SPIN_LOCK_ALREADY_OWNED'

/** A machine that has stopped with a bugcheck can be looked at, and ends at the next step. */
export function describeBugchecks(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: after a bugcheck`, () => {
    let app: WorkbenchApp
    const id = (name: string) => app.page.getByTestId(name)
    const state = () => id('status-state').getAttribute('data-state')
    beforeAll(async () => {
      app = await frontEnd.open()
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
    })

    it('stops where the driver stands', async () => {
      await id(`example-${EXAMPLE}`).dblclick()
      await until(app.page, 'editor', /Spin.*lock.taken.twice|spin.lock.taken.twice/i)
      for (const filter of ['breaks', 'violations', 'uncaught']) await id(`filter-${filter}`).uncheck()
      await app.page.keyboard.press('F5')
      await until(app.page, 'status-state', new RegExp(NAME))
      expect(await text(app.page, 'panel-callstack')).toMatch(/dropQueue.*02-lock-recursion.*MiniportPause/)
    })

    it("shows who holds the lock, the driver's variables, and the analysis", async () => {
      await app.page.getByRole('tab', { name: 'Locks' }).click()
      await until(app.page, 'lock-row', /held by CPU 0.*02-lock-recursion-on-pause\.ts:\d+/)
      await until(app.page, 'var-queued', /0/)
      await app.page.getByRole('tab', { name: /^Problems/ }).click()
      await id('panel-problems').getByText(NAME).first().click()
      await until(app.page, 'problem-page', new RegExp(NAME))
      await until(app.page, 'analysis-what', /would spin for ever/)
    })

    it('ends at the next step, and starts anew', async () => {
      await app.page.keyboard.press('F10')
      await expect.poll(state, { timeout: 15_000 }).toBe('ended')
      await until(app.page, 'status-state', /bugcheck/i)
      await app.page.keyboard.press('F5')
      // The end of the run before bears the same name.
      await expect.poll(state, { timeout: 15_000 }).toBe('stopped')
      await until(app.page, 'status-state', new RegExp(NAME))
      await app.page.keyboard.press('F5')
      await expect.poll(state, { timeout: 15_000 }).toBe('ended')
    })

    it('had no problem on the way', () => {
      expect(app.problems).toEqual([])
    })
  })
}
