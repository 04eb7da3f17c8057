import { app, BrowserWindow, dialog, Menu } from 'electron'
import { settingsFolder } from '../src/host/files/settings-folder'
import { findProduct } from '../src/host/product'
import { createDebugAdapter } from '../src/host/session/adapter-factory'
import { CaptureFiles } from '../src/host/session/packets/capture-files'
import { Workbench } from '../src/host/workbench/workbench'
import { APP_ORIGIN, declareAppScheme, serveAppScheme } from './app-scheme'
import { nativeDialogs } from './dialogs'
import { attachWindow } from './ipc'
import { lockDown } from './lock-down'
import { buildMenu } from './menu'
import { createWindow, preloadBeside } from './window'
import { WindowStateFile } from './window-state'

/** electron-vite serves the page from here during development; never in a packaged app. */
const devPage = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL
const origin = devPage === undefined ? APP_ORIGIN : new URL(devPage).origin

async function start(): Promise<void> {
  const product = findProduct(import.meta.url)
  const settings = settingsFolder()
  lockDown(origin)
  serveAppScheme(product.page)
  const captures = new CaptureFiles(app.getPath('documents'))
  const workbench = await Workbench.start({
    product,
    settings,
    startFolder: app.getPath('documents'),
    frontEnd: 'electron',
    debugAdapter: (send) =>
      createDebugAdapter({ worker: product.engineWorker, examples: product.examples, captures, send }),
    dialogs: nativeDialogs(() => window),
    onFault: (error) => console.error(error),
  })
  const window = createWindow({
    preload: preloadBeside(import.meta.dirname),
    url: devPage ?? `${APP_ORIGIN}/`,
    state: new WindowStateFile(settings),
  })
  attachWindow(window, workbench, origin)
  Menu.setApplicationMenu(buildMenu((command) => workbench.broadcast('app/command', { command }), process.platform))
  app.on('will-quit', () => void workbench.close())
}

function showWindow(): void {
  const [window] = BrowserWindow.getAllWindows()
  if (window?.isMinimized()) window.restore()
  window?.focus()
}

if (app.requestSingleInstanceLock()) {
  app.enableSandbox()
  declareAppScheme()
  app.on('second-instance', showWindow)
  app.on('window-all-closed', () => app.quit())
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      dialog.showErrorBox('NDIS Workbench cannot start', error instanceof Error ? error.message : String(error))
      app.exit(2)
    })
} else app.quit()
