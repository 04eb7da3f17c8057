import { describeConfiguration } from './configuration.flow'
import { describeDebugging } from './debug.flow'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { standInFrontEnd } from './front-ends/stand-in'
import { ask, removeSettings, type WorkbenchApp } from './front-ends/workbench-app'
import { describeHotExit } from './hot-exit.flow'
import { describePackets } from './packets.flow'
import { describeSmoke } from './smoke.flow'

describeSmoke(standInFrontEnd)
describeHotExit(standInFrontEnd)

describe('what only a desktop program has', () => {
  let app: WorkbenchApp
  beforeAll(async () => {
    app = await standInFrontEnd.open()
    await app.page.waitForFunction(() => document.querySelector('.monaco-editor'))
  })
  afterAll(async () => {
    await app.close()
    await removeSettings(app.settings)
  })

  it('knows what it is', async () => {
    expect((await ask(app, 'app/info', {})).frontEnd).toBe('electron')
  })

  it('brings commands of the menu to the page', async () => {
    expect(await app.page.getByRole('dialog').count()).toBe(0)
    app.clickMenu?.('Command Palette…')
    await app.page.getByRole('dialog').waitFor()
    await app.page.keyboard.press('Escape')
  })

  it('asks for paths in native dialogs', async () => {
    const file = path.join(app.settings, 'chosen.ts')
    app.answerDialog?.([file])
    expect(await ask(app, 'dialog/save', { name: 'x.ts' })).toEqual({ path: file, supported: true })
    app.answerDialog?.([])
    expect(await ask(app, 'dialog/open', { kind: 'folder' })).toEqual({ path: null, supported: true })
    expect(app.problems).toEqual([])
  })

  it('lets nobody but the page of the window speak', async () => {
    const answer = await app.page.evaluate(() => {
      const frame = document.createElement('iframe')
      document.body.append(frame)
      return typeof (frame.contentWindow as unknown as { workbench?: unknown }).workbench
    })
    // Preload scripts run in the main frame only, as with nodeIntegrationInSubFrames off.
    expect(answer).toBe('undefined')
  })
})
describeDebugging(standInFrontEnd)
describeConfiguration(standInFrontEnd)
describePackets(standInFrontEnd)
