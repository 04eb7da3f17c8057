import { dialog, type BrowserWindow } from 'electron'
import type { Dialogs } from '../src/host/workbench/workbench'

const SCRIPTS = [
  { name: 'Driver scripts', extensions: ['ts'] },
  { name: 'Captures', extensions: ['pcapng', 'pcap', 'cap'] },
  { name: 'All files', extensions: ['*'] },
]

/** @param window the window that the dialogs belong to, asked for each time. */
export function nativeDialogs(window: () => BrowserWindow): Dialogs {
  return {
    async open(kind) {
      const options = kind === 'folder' ? { properties: ['openDirectory' as const] } : { filters: SCRIPTS }
      const { filePaths } = await dialog.showOpenDialog(window(), options)
      return filePaths[0] ?? null
    },
    async save(name) {
      const { filePath } = await dialog.showSaveDialog(window(), { defaultPath: name, filters: SCRIPTS })
      return filePath || null
    },
  }
}
