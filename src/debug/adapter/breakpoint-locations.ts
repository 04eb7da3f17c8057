import type { DebugProtocol } from '@vscode/debugprotocol'
import type { DebugSession } from './session'

/** Lines of a file, in the range that is asked for, on which a breakpoint can be; none before V8 knows the file. */
export async function breakpointLocations(
  session: DebugSession | undefined,
  file: string,
  { line, endLine = line }: DebugProtocol.BreakpointLocationsArguments,
): Promise<DebugProtocol.BreakpointLocationsResponse['body']> {
  if (!session?.running) return { breakpoints: [] }
  const { cdp, scripts } = session.run
  const scriptId = scripts.scriptOf(file)
  if (scriptId === undefined) return { breakpoints: [] }
  const { locations } = await cdp.send('Debugger.getPossibleBreakpoints', {
    start: { scriptId, lineNumber: line - 1, columnNumber: 0 },
    end: { scriptId, lineNumber: endLine, columnNumber: 0 },
    restrictToFunction: false,
  })
  const lines = locations
    .filter((location) => !scripts.isOurs(location))
    .map((location) => location.lineNumber + 1)
    .filter((found) => found >= line && found <= endLine)
  return { breakpoints: [...new Set(lines)].sort((a, b) => a - b).map((found) => ({ line: found })) }
}
