import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { findChromium, howToGetChromium } from '../../../scripts/chromium.mjs'
import type { FromTest, ToTest } from '../electron-stand-in/control'
import { ended, newSettings, root, startProduct, watchProblems, type FrontEnd } from './workbench-app'

type WindowMessage = Extract<ToTest, { type: 'window' }>

/** The built main process and preload, under the stand-in for Electron, in real Chromium. */
export const standInFrontEnd: FrontEnd = {
  name: 'Electron main and preload, through the stand-in',
  async open({ settings: given } = {}) {
    const executablePath = findChromium()
    if (!executablePath) throw new Error(howToGetChromium())
    const settings = given ?? (await newSettings())
    const hooks = pathToFileURL(path.join(root, 'test/e2e/electron-stand-in/register.mjs')).href
    const args = ['--import', hooks, path.join(root, 'out/main/index.js')]
    const main = startProduct(args, settings, { CHROMIUM_PATH: executablePath })
    const opened = await firstWindow(main)
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${opened.debuggerPort}`)
    const page = browser
      .contexts()[0]
      ?.pages()
      .find((each) => each.url().startsWith(opened.url))
    if (!page) throw new Error(`no page at ${opened.url}`)
    const problems = watchProblems(page)
    main.on('message', (message: ToTest) => {
      if (message.type !== 'window') problems.push(JSON.stringify(message))
    })
    // What was said before this connection was there is seen by loading once more.
    await page.reload()
    const tell = (message: FromTest) => void main.send(message)
    return {
      page,
      problems,
      settings,
      answerDialog: (paths) => tell({ type: 'answer-dialog', paths }),
      clickMenu: (label) => tell({ type: 'click-menu', label }),
      kill: async () => {
        await ended(main, 'SIGKILL')
        await browser.close()
      },
      close: async () => {
        const gone = new Promise((resolve) => main.once('exit', resolve))
        tell({ type: 'close-window' })
        await gone
      },
    }
  },
}

function firstWindow(main: ChildProcess): Promise<WindowMessage> {
  return new Promise((resolve, reject) => {
    let output = ''
    main.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    main.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    main.once('exit', (code) => reject(new Error(`the main process ended with code ${code}: ${output}`)))
    main.on('message', (message: ToTest) => {
      if (message.type === 'window') resolve(message)
      if (message.type === 'error-box') reject(new Error(`${message.title}: ${message.content}`))
    })
  })
}
