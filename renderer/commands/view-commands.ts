import { nextTick } from 'vue'
import { useDock } from '../dock/dock'
import { PANELS, TOOL_PANELS } from '../dock/panels'
import { focusGroup, nextTab } from '../dock/focus'
import { useDialogs } from '../stores/dialogs'
import { useAppData } from '../stores/app-data'
import { useMemoryViews } from '../stores/memory-views'
import { useSession } from '../debug/session'
import { useSettings } from '../stores/settings'
import { useShell } from '../stores/shell'
import type { Command } from './registry'

/** Goes to the address box of the memory view, ready to type. */
async function goToAddress(): Promise<void> {
  useDock().show('memory')
  await nextTick()
  const box = document.querySelector<HTMLInputElement>('[data-testid="memory-address"]')
  box?.focus()
  box?.select()
}

async function about(): Promise<void> {
  const info = useAppData().info
  const versions = Object.entries(info?.versions ?? {}).map(([name, version]) => `${name} ${version}`)
  await useDialogs().ask({
    title: `NDIS Workbench ${info?.version ?? ''}`,
    text: [
      `${versions.join(', ')}.`,
      'Icons: Codicons by Microsoft, CC BY 4.0. Type: Inter and JetBrains Mono, OFL 1.1. Editor: Monaco, MIT.',
    ].join('\n'),
    choices: [{ id: 'close', label: 'Close', primary: true }],
  })
}

const panelCommands = (): Command[] =>
  TOOL_PANELS.map((name) => ({
    id: `view.${name}`,
    group: 'View',
    title: `Show ${PANELS[name].title}`,
    icon: PANELS[name].icon,
    run: () => useDock().show(name),
  }))

const focusCommands = (): Command[] => [
  // F6 pauses while the driver runs, as everywhere; otherwise it walks through the panels.
  {
    id: 'view.nextGroup',
    group: 'View',
    title: 'Focus Next Panel',
    keys: ['F6'],
    enabled: () => useSession().phase !== 'running',
    run: () => focusGroup(1),
  },
  {
    id: 'view.previousGroup',
    group: 'View',
    title: 'Focus Previous Panel',
    keys: ['Shift+F6'],
    run: () => focusGroup(-1),
  },
  {
    id: 'view.nextTab',
    group: 'View',
    title: 'Next Tab',
    keys: ['Ctrl+PageDown', 'Alt+PageDown'],
    run: () => nextTab(1),
  },
  {
    id: 'view.previousTab',
    group: 'View',
    title: 'Previous Tab',
    keys: ['Ctrl+PageUp', 'Alt+PageUp'],
    run: () => nextTab(-1),
  },
]

const memoryCommands = (): Command[] => [
  {
    id: 'memory.goTo',
    group: 'Memory',
    title: 'Go to Address…',
    keys: ['Alt+G'],
    icon: 'file-binary',
    run: goToAddress,
  },
  {
    id: 'memory.open',
    group: 'Memory',
    title: 'Open Another Memory View',
    icon: 'split-horizontal',
    run: () => useMemoryViews().open(),
  },
]

export function viewCommands(): Command[] {
  const settings = useSettings()
  const shell = useShell()
  return [
    {
      id: 'view.palette',
      group: 'View',
      title: 'Command Palette',
      keys: ['Ctrl+Shift+P', 'F1'],
      icon: 'search',
      run: () => void (shell.palette = true),
    },
    {
      id: 'view.shortcuts',
      group: 'View',
      title: 'Keyboard Shortcuts',
      icon: 'keyboard',
      run: () => void (shell.shortcuts = true),
    },
    { id: 'view.resetLayout', group: 'View', title: 'Reset Layout', icon: 'layout', run: () => useDock().reset() },
    { id: 'view.theme', group: 'View', title: 'Toggle Light and Dark', icon: 'color-mode', run: settings.toggleTheme },
    {
      id: 'view.themeSystem',
      group: 'View',
      title: "Follow the System's Light or Dark",
      run: () => void (settings.theme = 'system'),
    },
    {
      id: 'view.zoomIn',
      group: 'View',
      title: 'Larger Type',
      keys: ['Ctrl+=', 'Ctrl+Plus', 'Ctrl+Shift+Plus'],
      run: () => settings.zoom(1),
    },
    {
      id: 'view.zoomOut',
      group: 'View',
      title: 'Smaller Type',
      keys: ['Ctrl+-', 'Ctrl+Shift+_'],
      run: () => settings.zoom(-1),
    },
    { id: 'view.zoomReset', group: 'View', title: 'Standard Type Size', keys: ['Ctrl+0'], run: () => settings.zoom(0) },
    ...focusCommands(),
    ...memoryCommands(),
    { id: 'help.about', group: 'Help', title: 'About NDIS Workbench', icon: 'info', run: about },
    ...panelCommands(),
  ]
}
