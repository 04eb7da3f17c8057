import { editorOf } from '../editor/editors'
import { zoneRequests } from '../editor/zone-requests'
import { toggleLine } from '../model/breakpoints'
import { useBreakpoints } from '../stores/breakpoints'
import { useDocuments } from '../stores/documents'
import type { Command } from './registry'

/** Line of the cursor in the document used last. */
function cursorLine(): { readonly uri: string; readonly line: number } | undefined {
  const uri = useDocuments().active
  const line = editorOf(uri)?.getPosition()?.lineNumber
  return line === undefined ? undefined : { uri, line }
}

export function breakpointCommands(): Command[] {
  const store = useBreakpoints()
  const hasCursor = (): boolean => cursorLine() !== undefined
  const toggle = (): void => {
    const at = cursorLine()
    if (at) store.lines = toggleLine(store.lines, at.uri, at.line)
  }
  const edit = (): void => {
    const at = cursorLine()
    if (at) zoneRequests.open(at.uri, at.line)
  }
  const enableAll = (enabled: boolean): void => {
    store.lines = store.lines.map((entry) => ({ ...entry, enabled }))
    store.calls = store.calls.map((entry) => ({ ...entry, enabled }))
  }
  const removeAll = (): void => {
    store.lines = []
    store.calls = []
  }
  const any = (): boolean => store.lines.length + store.calls.length > 0
  return [
    {
      id: 'breakpoint.toggle',
      group: 'Breakpoint',
      title: 'Toggle Breakpoint',
      keys: ['F9'],
      icon: 'debug-breakpoint-unverified',
      enabled: hasCursor,
      run: toggle,
    },
    {
      id: 'breakpoint.edit',
      group: 'Breakpoint',
      title: 'Condition, Hit Count or Logpoint…',
      keys: ['Shift+F9'],
      enabled: hasCursor,
      run: edit,
    },
    {
      id: 'breakpoint.enableAll',
      group: 'Breakpoint',
      title: 'Enable All Breakpoints',
      enabled: any,
      run: () => enableAll(true),
    },
    {
      id: 'breakpoint.disableAll',
      group: 'Breakpoint',
      title: 'Disable All Breakpoints',
      enabled: any,
      run: () => enableAll(false),
    },
    { id: 'breakpoint.removeAll', group: 'Breakpoint', title: 'Remove All Breakpoints', enabled: any, run: removeAll },
  ]
}
