import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeSettings, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'
import { clickGutter, revealLine, runToEnd, text, until } from './page-tools'

const EXAMPLE = '02-dpr-noninterlocked.ts'
/** The line of the example behind the one that writes 'NDIS' into the packet. */
const AFTER_WRITE = 'taken.push(Packet.value)'
const CALL = 'NdisDprAllocatePacketNonInterlocked'

/** The main job: write, stop on a line and on a call, look at the bytes, go on to the end, read the report. */
export function describeDebugging(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: the main job`, () => {
    let app: WorkbenchApp
    let line = 0
    beforeAll(async () => {
      app = await frontEnd.open()
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
    })

    it('opens an example', async () => {
      await app.page.getByTestId(`example-${EXAMPLE}`).dblclick()
      // The second line of this example and of no other; Monaco draws spaces as no-break spaces.
      await until(app.page, 'editor', /Packets.without.NDIS's.own.lock/)
    })

    it('sets a line breakpoint in the gutter and a call breakpoint in the picker', async () => {
      line = await revealLine(app.page, AFTER_WRITE)
      await clickGutter(app.page, line)
      await app.page.getByTestId('call-picker-open').click()
      await app.page.getByTestId('call-picker-input').fill(CALL)
      await app.page.getByTestId(`call-picker-item-${CALL}`).click()
      await app.page.keyboard.press('Escape')
      await until(app.page, 'panel-breakpoints', new RegExp(CALL))
      await until(app.page, 'panel-breakpoints', new RegExp(String(line)))
    })

    it('stops at the call, at the IRQL that the lock raised', async () => {
      await app.page.getByTestId('run').click()
      await until(app.page, 'status-state', /stopped/i)
      await until(app.page, 'status-irql', /DISPATCH_LEVEL/)
      await until(app.page, 'panel-callstack', /takePackets/)
      await until(app.page, 'pool-inuse', /^\D*0/)
    })

    it('steps over the call: the packet is there and the pool has one in use', async () => {
      await app.page.keyboard.press('F10')
      await until(app.page, 'pool-inuse', /^\D*1/)
      await until(app.page, 'var-Packet', /0x[0-9a-f]{8}/)
    })

    it('goes on to the line and shows the very bytes that the script wrote', async () => {
      await app.page.keyboard.press('F5')
      await expect.poll(() => text(app.page, 'panel-callstack'), { timeout: 15_000 }).toContain(String(line))
      const packet = Number(/0x[0-9a-f]{8}/.exec(await text(app.page, 'var-Packet'))![0])
      await app.page.getByRole('tab', { name: 'Memory' }).click()
      const address = app.page.getByTestId('memory-address')
      await address.fill(`0x${(packet + 56).toString(16)}`)
      await address.press('Enter')
      const written = [0x4e, 0x44, 0x49, 0x53]
      for (const [i, byte] of written.entries())
        await until(
          app.page,
          `byte-${(packet + 60 + i).toString(16).padStart(8, '0')}`,
          new RegExp(byte.toString(16), 'i'),
        )
    })

    it('runs to the end without the breakpoints and reports', async () => {
      const rows = app.page.getByTestId('panel-breakpoints').getByRole('listitem').getByRole('checkbox')
      for (let i = 0; i < (await rows.count()); i++) await rows.nth(i).uncheck()
      await runToEnd(app.page)
      await until(app.page, 'status-state', /clean/i)
      await until(app.page, 'panel-report', /trace hash/i)
    })

    it('had no problem on the way', () => {
      expect(app.problems).toEqual([])
    })
  })
}
