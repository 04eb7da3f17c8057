import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type BrowserContext } from 'playwright-core'
import { CHROMIUM_FLAGS } from './flags.mjs'

interface Running {
  /** The default context: the one that others see through the debugger port too. */
  readonly context: BrowserContext
  readonly port: number
  readonly profile: string
}

let running: Promise<Running> | undefined

/** The Chromium of this process; its debugger port lets the test look at the same pages. */
export function browser(): Promise<Running> {
  running ??= launch()
  return running
}

export async function closeBrowser(): Promise<void> {
  const open = await running
  await open?.context.close()
  if (open) await rm(open.profile, { recursive: true, force: true })
}

async function launch(): Promise<Running> {
  const executablePath = process.env.CHROMIUM_PATH
  if (!executablePath) throw new Error('CHROMIUM_PATH is not set')
  const [port, profile] = await Promise.all([freePort(), mkdtemp(path.join(tmpdir(), 'stand-in-'))])
  const args = [...CHROMIUM_FLAGS, `--remote-debugging-port=${port}`]
  return { context: await chromium.launchPersistentContext(profile, { executablePath, args }), port, profile }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
