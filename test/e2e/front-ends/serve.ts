import type { ChildProcess } from 'node:child_process'
import { chromium } from 'playwright-core'
import { findChromium, howToGetChromium } from '../../../scripts/chromium.mjs'
import { CHROMIUM_FLAGS } from '../electron-stand-in/flags.mjs'
import { ended, newSettings, rememberToken, startProduct, watchProblems, type FrontEnd } from './workbench-app'

export const VIEWPORT = { width: 1440, height: 900 }

/** `ndis-workbench serve` and a real Chromium. */
export const serveFrontEnd: FrontEnd = {
  name: 'serve, in Chromium',
  async open({ settings: given } = {}) {
    const executablePath = findChromium()
    if (!executablePath) throw new Error(howToGetChromium())
    const settings = given ?? (await newSettings())
    const server = startProduct(['out/node/cli.js', 'serve', '--no-open'], settings)
    const [url, browser] = await Promise.all([
      printedUrl(server),
      chromium.launch({ executablePath, args: CHROMIUM_FLAGS }),
    ])
    const page = await browser.newPage({ viewport: VIEWPORT })
    const problems = watchProblems(page)
    rememberToken(page, url)
    await page.goto(url)
    const end = async (signal: NodeJS.Signals) => {
      await ended(server, signal)
      await browser.close()
    }
    return { page, problems, settings, kill: () => end('SIGKILL'), close: () => end('SIGTERM') }
  },
}

/** The address in the output of serve; what it printed instead when it fails. */
export function printedUrl(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const url = /http:\/\/\S+#token=\S+/.exec(output)?.[0]
      if (url) resolve(url)
    }
    server.stdout?.on('data', read)
    server.stderr?.on('data', read)
    server.once('exit', (code) => reject(new Error(`serve ended with code ${code}: ${output}`)))
  })
}
