import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron'
import type { RpcEnvelope } from '../src/shared/rpc'
import type { Workbench, WorkbenchClient } from '../src/host/workbench/workbench'
import { EVENT_CHANNEL, REQUEST_CHANNEL } from './channels'

const STRANGER: RpcEnvelope = { kind: 'failure', id: -1, code: 'refused', message: 'Only the workbench page may ask.' }

/**
 * Joins the one window to the workbench. Each load of the page is a front end of its own, so that a reload ends the debug
 * sessions of the page before it.
 *
 * @param origin of the page; no other frame is answered.
 */
export function attachWindow(window: BrowserWindow, workbench: Workbench, origin: string): void {
  const { webContents } = window
  const send = (envelope: RpcEnvelope) => {
    if (!webContents.isDestroyed()) webContents.send(EVENT_CHANNEL, envelope)
  }
  let client: WorkbenchClient = workbench.connect(send)
  webContents.on('did-start-navigation', (details) => {
    if (!details.isMainFrame || details.isSameDocument) return
    client.close()
    client = workbench.connect(send)
  })
  ipcMain.removeHandler(REQUEST_CHANNEL)
  ipcMain.handle(REQUEST_CHANNEL, (event, envelope: unknown) =>
    isPage(event, window, origin) ? client.handle(envelope) : STRANGER,
  )
  window.on('closed', () => client.close())
}

function isPage({ senderFrame }: IpcMainInvokeEvent, window: BrowserWindow, origin: string): boolean {
  return senderFrame !== null && senderFrame === window.webContents.mainFrame && senderFrame.origin === origin
}
