import type { DebugProtocol } from '@vscode/debugprotocol'
import type { DebugSession } from './session'
import type { Sources } from './sources'

/** Lines of a file, in the range that is asked for, on which a breakpoint can be; none before V8 knows the file. */
export async function breakpointLocations(
  session: DebugSession | undefined,
  sources: Sources,
  { source, line, endLine = line }: DebugProtocol.BreakpointLocationsArguments,
): Promise<DebugProtocol.BreakpointLocationsResponse['body']> {
  if (!session?.running) return { breakpoints: [] }
  const { cdp, scripts } = session.run
  const file = sources.file(source.path ?? '')
  const scriptId = scripts.scriptOf(file)
  if (scriptId === undefined) return { breakpoints: [] }
  // Behind the author's last statement lies what the loader added.
  const last = Math.min(endLine, (sources.text(file) ?? '').trimEnd().split('\n').length)
  if (line > last) return { breakpoints: [] }
  const { locations } = await cdp.send('Debugger.getPossibleBreakpoints', {
    start: { scriptId, lineNumber: line - 1, columnNumber: 0 },
    end: { scriptId, lineNumber: last, columnNumber: 0 },
    restrictToFunction: false,
  })
  const lines = locations
    .filter((location) => !scripts.isOurs(location))
    .map((location) => location.lineNumber + 1)
    .filter((found) => found >= line && found <= last)
  return { breakpoints: [...new Set(lines)].sort((a, b) => a - b).map((found) => ({ line: found })) }
}
