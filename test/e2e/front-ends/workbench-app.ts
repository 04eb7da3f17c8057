import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ConsoleMessage, Page } from 'playwright-core'
import type { RpcMethod, RpcRequests } from '../../../src/shared/rpc'

export const root = path.resolve(import.meta.dirname, '../../..')

/** The running product as a person has it: a page, and what went wrong in it. */
export interface WorkbenchApp {
  readonly page: Page
  /** Errors of the page's console, uncaught exceptions, requests that failed. A flow expects none. */
  readonly problems: readonly string[]
  /** Settings folder of this run, in a temporary place. */
  readonly settings: string
  /** Scripts the answers of native dialogs; undefined where there are none. */
  readonly answerDialog?: (paths: readonly string[]) => void
  readonly clickMenu?: (label: string) => void
  /** kill -9 to the host, as a crash. The settings stay. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** One way to get the product on the screen; every flow runs over each of them. */
export interface FrontEnd {
  readonly name: string
  /** @param settings of an earlier run, to go on from it. */
  open(options?: { settings?: string }): Promise<WorkbenchApp>
}

export const newSettings = () => mkdtemp(path.join(tmpdir(), 'workbench-e2e-'))
export const removeSettings = (settings: string) => rm(settings, { recursive: true, force: true })

/** Starts a program of the built product with settings of its own and nothing of the person's. */
export function startProduct(
  args: readonly string[],
  settings: string,
  env: Record<string, string> = {},
): ChildProcess {
  return spawn(process.execPath, [...args], {
    cwd: root,
    env: { ...process.env, CI: 'true', NDIS_WORKBENCH_HOME: settings, NDIS_WORKBENCH_DEBUG: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}

/** Ends a process by force, or lets it end, and waits until it is gone. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill(signal)
  })
}

export function watchProblems(page: Page): string[] {
  const problems: string[] = []
  const place = (message: ConsoleMessage) => `${message.location().url}:${message.location().lineNumber}`
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${message.text()} (${place(message)})`)
  })
  page.on('pageerror', (error) => problems.push(error.stack ?? error.message))
  page.on('requestfailed', (request) => {
    // Left behind by a reload or a closing page.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED')
      problems.push(`${request.url()} ${request.failure()?.errorText}`)
  })
  return problems
}

/** Asks the host from inside the page, over a connection of the page's own kind. */
export async function ask<M extends RpcMethod>(app: WorkbenchApp, method: M, params: RpcRequests[M]['params']) {
  const answer = await app.page.evaluate(askInPage, { method, params, token: tokenOf(app.page) })
  return answer as RpcRequests[M]['result']
}

const tokens = new WeakMap<Page, string>()
/** The page may take the token out of its address; the harness remembers it. */
export function rememberToken(page: Page, url: string): void {
  tokens.set(page, new URL(url).hash.replace('#token=', ''))
}
const tokenOf = (page: Page) => tokens.get(page) ?? ''

/** Runs in the page. */
function askInPage({ method, params, token }: { method: string; params: unknown; token: string }): Promise<unknown> {
  type Bridge = { request(method: string, params: unknown): Promise<unknown> }
  const { workbench, location } = globalThis as unknown as { workbench?: Bridge; location: { host: string } }
  type Failure = { code: string; message: string }
  if (workbench)
    return workbench.request(method, params).catch((failure: Failure) => {
      throw new Error(`${failure.code}: ${failure.message}`)
    })
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${location.host}/rpc?token=${token}`)
    socket.onopen = () => socket.send(JSON.stringify({ kind: 'request', id: 1, method, params }))
    socket.onerror = () => reject(new Error('the socket failed'))
    socket.onmessage = (event) => {
      const answer = JSON.parse(String(event.data)) as {
        kind: string
        result?: unknown
        code?: string
        message?: string
      }
      if (answer.kind === 'event') return
      socket.close()
      if (answer.kind === 'response') resolve(answer.result)
      else reject(new Error(`${answer.code}: ${answer.message}`))
    }
  })
}
