import { EventEmitter } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { app } from './app'
import { browser } from './browser'
import { onTest, tellTest } from './control'
import { ipcMain } from './ipc'
import { DELIVER, INVOKE, preloadScript } from './preload-world'
import { originOf, toLoadable } from './protocol'

interface Options {
  readonly x?: number
  readonly y?: number
  readonly width: number
  readonly height: number
  readonly title: string
  readonly webPreferences: {
    readonly preload: string
    readonly contextIsolation: boolean
    readonly sandbox: boolean
    readonly nodeIntegration: boolean
  }
}

class WebContents extends EventEmitter {
  /** Electron gives the same object for the same frame, which main compares. */
  readonly mainFrame: { readonly origin: string }
  page: Page | undefined

  constructor() {
    super()
    const origin = () => originOf(this.page?.url() ?? 'about:blank')
    this.mainFrame = {
      get origin() {
        return origin()
      },
    }
  }
  isDestroyed(): boolean {
    return this.page?.isClosed() ?? true
  }
  send(channel: string, body: unknown): void {
    const text = JSON.stringify(structuredClone(body))
    const deliver = ([name, where, what]: string[]) => {
      const target = (globalThis as unknown as Record<string, (channel: string, body: string) => void>)[name ?? '']
      target?.(where ?? '', what ?? '')
    }
    // The page may be on its way to another document, or closed: then nobody listens any more.
    void this.page?.evaluate(deliver, [DELIVER, channel, text]).catch(() => undefined)
  }
  setWindowOpenHandler(handler: () => { action: string }): void {
    if (handler().action !== 'deny') tellTest({ type: 'unexpected', what: 'a window.open that is allowed' })
  }
  getURL(): string {
    return this.mainFrame.origin
  }
  reload(): void {
    void this.page?.reload()
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly #windows = new Set<BrowserWindow>()
  readonly webContents = new WebContents()
  readonly #options: Options

  constructor(options: Options) {
    super()
    const { contextIsolation, sandbox, nodeIntegration } = options.webPreferences
    if (!contextIsolation || !sandbox || nodeIntegration) throw new Error('an unprotected window')
    this.#options = options
    BrowserWindow.#windows.add(this)
    app.emit('web-contents-created', {}, this.webContents)
    onTest('close-window', () => void this.#close())
  }
  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#windows]
  }
  async loadURL(url: string): Promise<void> {
    const { context, port } = await browser()
    const { width, height, title, webPreferences } = this.#options
    const page = context.pages()[0] ?? (await context.newPage())
    this.webContents.page = page
    await page.setViewportSize({ width, height })
    await page.exposeBinding(INVOKE, async ({ frame }, channel: string, args: string) => {
      const sender = frame === page.mainFrame() ? this.webContents.mainFrame : { origin: originOf(frame.url()) }
      return JSON.stringify(await ipcMain.invoke(sender, channel, JSON.parse(args) as unknown[]))
    })
    await page.addInitScript(preloadScript(await readFile(webPreferences.preload, 'utf8')))
    page.on('request', (request) => {
      if (request.isNavigationRequest() && request.frame() === page.mainFrame())
        this.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })
    })
    page.on('crash', () => this.webContents.emit('render-process-gone', {}, { reason: 'crashed' }))
    const loadable = await toLoadable(url)
    await page.goto(loadable)
    this.emit('ready-to-show')
    tellTest({ type: 'window', debuggerPort: port, url: loadable, title })
  }
  show(): void {}
  maximize(): void {}
  restore(): void {}
  focus(): void {}
  isMaximized(): boolean {
    return false
  }
  isMinimized(): boolean {
    return false
  }
  getNormalBounds() {
    const { x = 0, y = 0, width, height } = this.#options
    return { x, y, width, height }
  }
  async #close(): Promise<void> {
    this.emit('close')
    // As a person closing the window: the page gets its last events first.
    await this.webContents.page?.close({ runBeforeUnload: false })
    BrowserWindow.#windows.delete(this)
    this.emit('closed')
    app.emit('window-all-closed')
  }
}
