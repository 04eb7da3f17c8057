import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeSettings, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'
import { runToEnd, text, until } from './page-tools'

/** Many runs of a driver, and from a row of theirs back into the debugger. */
export function describeTrials(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: trials`, () => {
    let app: WorkbenchApp
    const id = (name: string) => app.page.getByTestId(name)
    const panelTab = () => app.page.getByRole('tab', { name: 'Trials', exact: true }).click()
    beforeAll(async () => {
      app = await frontEnd.open()
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
    })

    it('fails each allocation of a driver once', async () => {
      await id('example-01-packet-pool.ts').dblclick()
      await until(app.page, 'editor', /NdisAllocatePacketPool/)
      await panelTab()
      await until(app.page, 'panel-trials', /another call that allocates fails/)
      await id('trial-start').click()
      await until(app.page, 'trial-summary', /^\d+ of [1-9]\d* handled, \d+ runs in/)
    })

    it('shows one of these runs in the debugger, stopped where the call is made to fail', async () => {
      const row = id('trial-row').filter({ hasText: 'NdisAllocatePacketPool' }).first()
      await row.getByRole('gridcell').first().click()
      await until(app.page, 'trial-page', /--fail-alloc stack:[0-9a-f]{8}/)
      await id('trial-debug').click()
      await until(app.page, 'status-state', /stopped.*NdisAllocatePacketPool is made to fail/i)
      expect(await text(app.page, 'status-special')).toMatch(/--fail-alloc stack:/)
      await runToEnd(app.page)
    })

    it('is gone from the next run', async () => {
      await runToEnd(app.page)
      await expect.poll(() => id('status-special').count()).toBe(0)
      await until(app.page, 'panel-report', /Clean/)
    })

    it('tries many schedules', async () => {
      await panelTab()
      await id('trial-kind').selectOption('explore')
      await id('trial-seeds').fill('8')
      await id('trial-seeds').press('Enter')
      await id('trial-start').click()
      await until(app.page, 'trial-summary', /^clean, \d+ runs in/)
      await until(app.page, 'trial-page', /8 seeds/)
    })

    it('had no problem on the way', () => {
      expect(app.problems).toEqual([])
    })
  })
}
