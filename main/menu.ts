import { Menu, type MenuItemConstructorOptions } from 'electron'

type Send = (command: string) => void
type Entry = readonly [label: string, command: string, key?: string] | 'separator'

/** Commands of the page by the ids of its own table; their keys are the page's, shown here. */
const FILE: readonly Entry[] = [
  ['New Driver', 'file.new', 'CmdOrCtrl+N'],
  ['Open File…', 'file.open', 'CmdOrCtrl+O'],
  ['Open Folder…', 'file.openFolder'],
  'separator',
  ['Save', 'file.save', 'CmdOrCtrl+S'],
  ['Save As…', 'file.saveAs', 'CmdOrCtrl+Shift+S'],
]
const RUN: readonly Entry[] = [
  ['Run or Continue', 'run.start', 'F5'],
  ['Pause', 'run.pause', 'F6'],
  ['Stop', 'run.stop', 'Shift+F5'],
  ['Restart', 'run.restart', 'CmdOrCtrl+Shift+F5'],
  'separator',
  ['Step Over', 'run.stepOver', 'F10'],
  ['Step Into', 'run.stepInto', 'F11'],
  ['Step Out', 'run.stepOut', 'Shift+F11'],
  'separator',
  ['Toggle Breakpoint', 'breakpoint.toggle', 'F9'],
]
const VIEW: readonly Entry[] = [['Command Palette…', 'view.palette', 'CmdOrCtrl+Shift+P'], 'separator']

export const MENU_COMMANDS: readonly string[] = [...FILE, ...RUN, ...VIEW].flatMap((entry) =>
  entry === 'separator' ? [] : [entry[1]],
)

/**
 * @param send takes the command to the page.
 * @param platform macOS expects the menu of the app itself first, and gives its keys to the menu.
 */
export function buildMenu(send: Send, platform: NodeJS.Platform): Menu {
  const items = (entries: readonly Entry[]) => entries.map((entry) => item(entry, send))
  const quit: MenuItemConstructorOptions[] = platform === 'darwin' ? [] : [{ type: 'separator' }, { role: 'quit' }]
  return Menu.buildFromTemplate([
    ...(platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
    { label: '&File', submenu: [...items(FILE), ...quit] },
    { role: 'editMenu' },
    { label: '&Run', submenu: items(RUN) },
    { label: '&View', submenu: [...items(VIEW), { role: 'togglefullscreen' }, { role: 'toggleDevTools' }] },
    { role: 'windowMenu' },
  ])
}

function item(entry: Entry, send: Send): MenuItemConstructorOptions {
  if (entry === 'separator') return { type: 'separator' }
  const [label, command, accelerator] = entry
  // The page handles the keys, with the person's own bindings; on macOS this has no effect and the menu takes them.
  const key = accelerator === undefined ? {} : { accelerator, registerAccelerator: false }
  return { label, ...key, click: () => send(command) }
}
