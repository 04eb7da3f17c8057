import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeSettings, root, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'
import { runToEnd, text, until } from './page-tools'

const DRIVER = path.join(root, 'test/e2e/drivers/rings.ts')
const CALL = 'WRITE_REGISTER_ULONG'

/** A NIC while its driver sets it up and sends: registers, rings, the cable. */
export function describeNic(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: a NIC`, () => {
    let app: WorkbenchApp
    const id = (name: string) => app.page.getByTestId(name)
    const panelTab = (name: string) => app.page.getByRole('tab', { name, exact: true }).click()
    /** Goes on to the next write of a register. */
    const goOn = async () => {
      const before = await text(app.page, 'status-time')
      await app.page.keyboard.press('F5')
      await expect.poll(() => text(app.page, 'status-time'), { timeout: 15_000 }).not.toBe(before)
      await until(app.page, 'status-state', /stopped/i)
    }
    const value = (register: string) => id(`nic-register-${register}`).getByTestId('nic-value')

    beforeAll(async () => {
      app = await frontEnd.open()
      await app.page.waitForFunction(() => document.querySelector('.monaco-editor'))
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
    })

    it('says how to get one', async () => {
      await panelTab('NIC')
      await until(app.page, 'nic-none', /Choose one for the next run/)
    })

    it('shows registers by name, with their bits, and marks what a step changed', async () => {
      app.answerDialog?.([DRIVER])
      await app.page.keyboard.press('Control+o')
      if (!app.answerDialog) {
        await id('dialog-input').fill(DRIVER)
        await app.page.keyboard.press('Enter')
      }
      await until(app.page, 'editor', /Rings.of.an.82540EM/)
      await until(app.page, 'nic-none', /The next run has a NIC/)
      await id('call-picker-open').click()
      await id('call-picker-input').fill(CALL)
      await id(`call-picker-item-${CALL}`).click()
      await app.page.keyboard.press('Escape')
      await app.page.keyboard.press('F5')
      await until(app.page, 'status-state', /stopped/i)
      await until(app.page, 'nic-name', /82540EM/)
      await id('nic-filter').fill('TDLEN')
      await expect.poll(() => value('TDLEN').textContent()).toBe('00000000')
      for (let writes = 0; writes < 3; writes++) await goOn()
      await expect.poll(() => value('TDLEN').textContent()).toBe('00000080')
      expect(await value('TDLEN').getAttribute('title')).toBe('was 00000000')
    })

    it('finds a register by one of its bits, by keyboard', async () => {
      await id('nic-filter').fill('UPE')
      await until(app.page, 'nic-register-UPE', /UPE/)
      for (let writes = 0; writes < 5; writes++) await goOn()
      await until(app.page, 'nic-register-RCTL', /EN.*UPE.*BAM/)
      // What changed since the last stop is marked, also when another view was open at it.
      await id('nic-tab-link').click()
      await goOn()
      await id('nic-tab-registers').click()
      await id('nic-filter').fill('TDT')
      await expect.poll(() => value('TDT').getAttribute('title')).toBe('was 00000000')
      await id('nic-filter').fill('UPE')
      await app.page.getByRole('tree', { name: 'Registers' }).focus()
      for (const key of ['Home', 'ArrowDown', 'ArrowLeft']) await app.page.keyboard.press(key)
      await expect.poll(() => id('nic-register-UPE').count()).toBe(0)
    })

    it('draws the rings with head, tail and owners, and shows a descriptor', async () => {
      await id('nic-tab-rings').click()
      await expect.poll(() => id('nic-descriptor').count()).toBe(8)
      await id('nic-ring-Receive').click()
      await expect
        .poll(() => id('nic-descriptor').evaluateAll((cells) => cells.map((cell) => cell.dataset['owner'])))
        .toEqual([...Array<string>(7).fill('hardware'), 'driver'])
      await id('nic-ring-Transmit').click()
      await id('nic-strip').focus()
      await app.page.keyboard.press('Home')
      await until(app.page, 'nic-field-Length', /64/)
      await until(app.page, 'nic-field-CMD', /EOP.*IFCS.*RS/)
    })

    it('leads from a descriptor to its buffer', async () => {
      await id('nic-field-Buffer address').getByRole('button').click()
      await until(app.page, 'memory-status', /0x[0-9A-F]{8}/)
      await expect.poll(() => id('memory-address').inputValue()).toMatch(/^0x002/)
      await panelTab('NIC')
    })

    it('pulls the cable as soon as the machine goes on, and the device and the event log have it', async () => {
      await until(app.page, 'nic-link-state', /Mb\/s/)
      await id('nic-tab-link').click()
      await id('nic-cable').click()
      await until(app.page, 'nic-link-waiting', /as soon as the machine goes on/)
      await goOn()
      await until(app.page, 'nic-link-state', /cable pulled/)
      await id('nic-link-loss').fill('25')
      await id('nic-link-loss').press('Enter')
      await goOn()
      await expect.poll(() => id('nic-link-loss').inputValue()).toBe('25')
      await panelTab('Events')
      await id('panel-events').getByRole('grid').focus()
      await app.page.keyboard.press('End')
      await until(app.page, 'panel-events', /the cable is pulled/)
    })

    it('starts the next run with the wire that was chosen', async () => {
      await app.page.getByTitle('Remove all line and call breakpoints').click()
      await runToEnd(app.page)
      await until(app.page, 'panel-report', /Clean/)
      await id('run-config').click()
      await id('config-wire').locator('summary').click()
      await id('config-link-speed').selectOption('100')
      await app.page.keyboard.press('Escape')
      await panelTab('NIC')
      await runToEnd(app.page)
      await until(app.page, 'panel-report', /Clean/)
      await panelTab('NIC')
      await expect.poll(() => id('nic-link-speed').inputValue()).toBe('100')
      await id('nic-tab-counters').click()
      await until(app.page, 'panel-nic', /Counter/)
    })

    it('had no problem on the way', () => {
      expect(app.problems).toEqual([])
    })
  })
}
