import path from 'node:path'
import { app, BrowserWindow, dialog } from 'electron'
import type { WindowStateFile } from './window-state'

export interface WindowOptions {
  readonly preload: string
  /** Of the page. */
  readonly url: string
  readonly state: WindowStateFile
}

/** The one window: no Node in it, its own process sandbox, shown when it has something to show. */
export function createWindow({ preload, url, state }: WindowOptions): BrowserWindow {
  const { bounds, maximized } = state.load()
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 640,
    minHeight: 480,
    show: false,
    title: 'NDIS Workbench',
    backgroundColor: '#1b1d21',
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, spellcheck: false },
  })
  state.follow(window)
  window.once('ready-to-show', () => {
    if (maximized) window.maximize()
    window.show()
  })
  window.webContents.on('render-process-gone', (_, { reason }) => {
    if (reason !== 'clean-exit') void offerReload(window)
  })
  void window.loadURL(url)
  return window
}

async function offerReload(window: BrowserWindow): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The page of the workbench has ended unexpectedly.',
    detail: 'Your texts are backed up and come back when it is reopened.',
    buttons: ['Reopen', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  })
  if (response === 0) window.webContents.reload()
  else app.quit()
}

export const preloadBeside = (mainFolder: string) => path.join(mainFolder, '../preload/preload.cjs')
