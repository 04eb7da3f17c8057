import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeSettings, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'
import { runToEnd, text, until } from './page-tools'

const CALL = 'NdisFIndicateReceiveNetBufferLists'

/** Three drivers in one session: a frame on its way up from the miniport through the filter. */
export function describeStack(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: a stack of drivers`, () => {
    let app: WorkbenchApp
    beforeAll(async () => {
      app = await frontEnd.open()
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
    })

    it('knows the files that an example imports', async () => {
      await app.page.getByTestId('example-14-ndis6-stack.ts').dblclick()
      await until(app.page, 'editor', /Three.drivers.in.one.session/)
      await app.page.getByRole('tab', { name: /Problems/ }).click()
      await until(app.page, 'panel-problems', /No problems/i)
    })

    it('takes the scenario from the run configuration and stops in the filter, called by the miniport', async () => {
      await app.page.getByTestId('run-config').click()
      await app.page.getByTestId('config-scenario').selectOption('echo')
      await until(app.page, 'config-scenario-summary', /must come back/)
      await app.page.keyboard.press('Escape')
      await app.page.getByTestId('call-picker-open').click()
      await app.page.getByTestId('call-picker-input').fill(CALL)
      await app.page.getByTestId(`call-picker-item-${CALL}`).click()
      await app.page.keyboard.press('Escape')
      await app.page.keyboard.press('F5')
      await until(app.page, 'status-state', /stopped/i)
      await until(app.page, 'editor', /FilterReceiveNetBufferLists/)
      const stack = await text(app.page, 'panel-callstack')
      expect(stack).toMatch(/FilterReceiveNetBufferLists.*13-ndis6-filter\.ts/)
      expect(stack).toMatch(/NicTick.*11-ndis6-miniport\.ts/)
    })

    it('runs to its end: every frame came back', async () => {
      await app.page.getByTitle('Remove all line and call breakpoints').click()
      await runToEnd(app.page)
      await until(app.page, 'panel-report', /Clean/)
      expect(await text(app.page, 'panel-report')).toMatch(/256 sent, 256 received, 0 dropped/)
    })
  })
}
