import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeSettings, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'
import { runToEnd, text, until } from './page-tools'

const EXAMPLE = 'bugs/07-release-order.ts'
const RULE = 'DV:LockReleaseOrder'
const REASON = 'the order is that of the hardware manual'

/** From a broken rule to its story, and to a place that is accepted. */
export function describeProblems(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: problems`, () => {
    let app: WorkbenchApp
    const id = (name: string) => app.page.getByTestId(name)
    const panelTab = () => app.page.getByRole('tab', { name: /^Problems/ }).click()
    beforeAll(async () => {
      app = await frontEnd.open()
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
    })

    it('stops where a rule is broken, and tells the story beside the list', async () => {
      await id(`example-${EXAMPLE}`).dblclick()
      await until(app.page, 'editor', /Spin.*locks.released.out.of.order|spin.locks.released/i)
      await app.page.keyboard.press('F5')
      await until(app.page, 'status-state', /stopped/i)
      await until(app.page, 'problem-page', new RegExp(`^${RULE}`))
      const page = await text(app.page, 'problem-page')
      expect(page).toMatch(/07-release-order\.ts:\d+in MiniportRestart/)
      expect(page).toMatch(/acquired at/)
      expect(await text(app.page, 'rule-page')).toMatch(/Mend: Release locks in the opposite order/)
    })

    it('leads to the event', async () => {
      await id('problem-event').click()
      await expect.poll(() => id('event-row').first().isVisible(), { timeout: 15_000 }).toBe(true)
      await panelTab()
    })

    it('filters and groups', async () => {
      await id('problem-filter').fill('-releaseorder')
      await expect.poll(() => id('panel-problems').getByText(RULE).count()).toBe(0)
      await id('problem-filter').fill('miniportrestart')
      await until(app.page, 'problem-group', /Last run/)
      await id('problem-by').selectOption('rule')
      await until(app.page, 'problem-group', new RegExp(RULE))
      await id('problem-by').selectOption('source')
      await id('problem-filter').fill('')
    })

    it('switches a rule off for the next runs, and on again', async () => {
      for (const filter of await id('panel-breakpoints').getByRole('checkbox').all()) await filter.uncheck()
      await id('rule-level').selectOption('off')
      await runToEnd(app.page)
      await runToEnd(app.page)
      await expect.poll(() => id('panel-problems').getByText(RULE).count()).toBe(0)
      await id('run-config').click()
      await until(app.page, 'config-levels', new RegExp(`${RULE} off`))
      await id('config-levels').getByRole('button').click()
      await app.page.keyboard.press('Escape')
      await runToEnd(app.page)
      await until(app.page, 'panel-problems', new RegExp(RULE))
    })

    it('accepts a place with a reason, and still counts it', async () => {
      await id('problem-violation').filter({ hasText: RULE }).click()
      await id('problem-accept').click()
      await until(app.page, 'editor', /ndis-accept/)
      await app.page.keyboard.type(REASON)
      await runToEnd(app.page)
      await panelTab()
      await id('problem-accepted').click()
      await until(app.page, 'problem-page', new RegExp(`Accepted${REASON}`))
      expect(await id('problem-accepted-toggle').textContent()).toMatch(/1 accepted/)
    })

    it('had no problem on the way', () => {
      expect(app.problems).toEqual([])
    })
  })
}
