import { EventEmitter } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { BrowserWindow } from 'electron'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Workbench } from '../src/host/workbench/workbench'
import { APP_ORIGIN, serveAppScheme } from './app-scheme'
import { app, handler } from './fake-electron.fixture'
import { attachWindow } from './ipc'
import { lockDown } from './lock-down'
import { buildMenu, MENU_COMMANDS } from './menu'
import { WindowStateFile } from './window-state'

vi.mock('electron', () => import('./fake-electron.fixture'))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'main-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the locked page', () => {
  const page = { getURL: () => `${APP_ORIGIN}/` }

  it('gets no permission but copying text, and that only itself', () => {
    lockDown(APP_ORIGIN)
    const ask = (contents: unknown, permission: string) => {
      const answer = vi.fn()
      handler('permission request')(contents, permission, answer)
      return answer.mock.calls[0]?.[0] as boolean
    }
    for (const permission of ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read', 'hid'])
      expect(ask(page, permission)).toBe(false)
    expect(ask(page, 'clipboard-sanitized-write')).toBe(true)
    expect(ask({ getURL: () => `${APP_ORIGIN}.evil.example/` }, 'clipboard-sanitized-write')).toBe(false)
    expect(handler('permission check')(null, 'media', APP_ORIGIN)).toBe(false)
    expect(handler('device')({})).toBe(false)
  })

  it('cannot leave, open a window or embed another page', () => {
    lockDown(APP_ORIGIN)
    const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler: vi.fn() })
    app.emit('web-contents-created', {}, contents)
    const [open] = contents.setWindowOpenHandler.mock.calls[0] as [() => unknown]
    expect(open()).toEqual({ action: 'deny' })
    const refused = (event: string, url: string) => {
      const preventDefault = vi.fn()
      contents.emit(event, { url, preventDefault })
      return preventDefault.mock.calls.length > 0
    }
    for (const event of ['will-navigate', 'will-redirect']) {
      expect(refused(event, 'https://example.com/')).toBe(true)
      expect(refused(event, 'file:///etc/passwd')).toBe(true)
      expect(refused(event, `${APP_ORIGIN}/index.html`)).toBe(false)
    }
    expect(refused('will-attach-webview', '')).toBe(true)
  })
})

describe('the app scheme', () => {
  it('gives files of the page with its policy, and nothing else', async () => {
    await writeFile(path.join(folder, 'index.html'), 'page')
    serveAppScheme(folder)
    const get = (url: string, method = 'GET') => handler('app')(new Request(url, { method })) as Promise<Response>
    const page = await get(`${APP_ORIGIN}/`)
    expect([page.status, await page.text(), page.headers.get('content-type')]).toEqual([
      200,
      'page',
      'text/html; charset=utf-8',
    ])
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    for (const url of ['app://other/index.html', `${APP_ORIGIN}/%2e%2e%2fsecret.html`, `${APP_ORIGIN}/none.html`])
      expect((await get(url)).status).toBe(404)
    expect((await get(`${APP_ORIGIN}/`, 'POST')).status).toBe(404)
  })
})

describe('the messages of the window', () => {
  function attach() {
    const clients: { handled: unknown[]; closed: boolean; send: (envelope: unknown) => void }[] = []
    const connect = (send: (envelope: unknown) => void) => {
      const client = { handled: [] as unknown[], closed: false, send }
      clients.push(client)
      return {
        handle: (envelope: unknown) => Promise.resolve(client.handled.push(envelope)),
        close: () => (client.closed = true),
      }
    }
    const mainFrame = { origin: APP_ORIGIN }
    const webContents = Object.assign(new EventEmitter(), { mainFrame, send: vi.fn(), isDestroyed: () => false })
    const window = Object.assign(new EventEmitter(), { webContents })
    attachWindow(window as unknown as BrowserWindow, { connect } as unknown as Workbench, APP_ORIGIN)
    const invoke = (senderFrame: unknown) => handler('workbench:request')({ senderFrame }, { id: 1 })
    return { clients, mainFrame, webContents, window, invoke }
  }

  it('come from the main frame of our own page only', async () => {
    const { clients, mainFrame, invoke } = attach()
    await invoke(mainFrame)
    expect(clients[0]?.handled).toEqual([{ id: 1 }])
    for (const stranger of [null, { origin: APP_ORIGIN }, { origin: 'https://example.com' }])
      expect(invoke(stranger)).toMatchObject({ kind: 'failure', code: 'refused' })
    Object.assign(mainFrame, { origin: 'https://example.com' })
    expect(invoke(mainFrame)).toMatchObject({ kind: 'failure', code: 'refused' })
    expect(clients[0]?.handled).toHaveLength(1)
  })

  it('start anew with each load of the page, and end with the window', () => {
    const { clients, webContents, window } = attach()
    webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true })
    webContents.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false })
    expect(clients).toHaveLength(1)
    webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })
    expect(clients.map((client) => client.closed)).toEqual([true, false])
    clients[1]?.send({ kind: 'event' })
    expect(webContents.send).toHaveBeenCalledWith('workbench:event', { kind: 'event' })
    window.emit('closed')
    expect(clients[1]?.closed).toBe(true)
  })
})

describe('the place of the window', () => {
  const close = (state: WindowStateFile, bounds: object, maximized: boolean) => {
    const window = Object.assign(new EventEmitter(), { getNormalBounds: () => bounds, isMaximized: () => maximized })
    state.follow(window as unknown as BrowserWindow)
    window.emit('close')
  }

  it('is remembered', () => {
    const state = new WindowStateFile(folder)
    close(state, { x: 10, y: 20, width: 800, height: 600 }, true)
    expect(new WindowStateFile(folder).load()).toEqual({
      bounds: { x: 10, y: 20, width: 800, height: 600 },
      maximized: true,
    })
  })

  it('is the default when its display is gone or the file is damaged', async () => {
    const state = new WindowStateFile(folder)
    const normal = { bounds: { width: 1440, height: 900 }, maximized: false }
    expect(state.load()).toEqual(normal)
    close(state, { x: 5000, y: 20, width: 800, height: 600 }, false)
    expect(state.load()).toEqual(normal)
    await writeFile(path.join(folder, 'window.json'), '{"bounds"')
    expect(state.load()).toEqual(normal)
  })
})

describe('the menu', () => {
  interface Item {
    label?: string
    click?: () => void
    submenu?: Item[]
    role?: string
  }

  it('sends commands that the page has', async () => {
    const sent: string[] = []
    const menu = buildMenu((command) => sent.push(command), 'linux') as unknown as Item[]
    for (const item of menu.flatMap(({ submenu }) => submenu ?? [])) item.click?.()
    expect(sent).toEqual(MENU_COMMANDS)
    const commands = path.join(import.meta.dirname, '../renderer/commands')
    const texts = await Promise.all(
      (await readdir(commands)).map((name) => readFile(path.join(commands, name), 'utf8')),
    )
    const table = texts.join()
    for (const command of sent) expect(table).toContain(`'${command}'`)
  })

  it('has the menu of the app first on macOS', () => {
    const [first] = buildMenu(() => undefined, 'darwin') as unknown as Item[]
    expect(first?.role).toBe('appMenu')
  })
})
