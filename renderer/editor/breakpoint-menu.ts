import { toggleLine } from '../model/breakpoints'
import { useBreakpoints } from '../stores/breakpoints'
import type { MenuEntry } from '../stores/context-menu'

/** The context menu of the margin. */
export function breakpointMenu(uri: string, line: number, edit: (line: number) => void): MenuEntry[] {
  const store = useBreakpoints()
  const entry = store.lines.find((candidate) => candidate.uri === uri && candidate.line === line)
  const toggle = (): void => {
    store.lines = toggleLine(store.lines, uri, line)
  }
  if (!entry) {
    return [
      { label: 'Add Breakpoint', key: 'F9', run: toggle },
      { label: 'Add Condition, Hit Count or Logpoint…', run: () => edit(line) },
    ]
  }
  const enable = (): void => {
    store.lines = store.lines.map((candidate) =>
      candidate === entry ? { ...entry, enabled: !entry.enabled } : candidate,
    )
  }
  return [
    { label: 'Edit Breakpoint…', run: () => edit(line) },
    { label: entry.enabled ? 'Disable Breakpoint' : 'Enable Breakpoint', run: enable },
    'separator',
    { label: 'Remove Breakpoint', key: 'F9', run: toggle },
  ]
}
