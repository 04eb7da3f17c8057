import type { DebugProtocol } from '@vscode/debugprotocol'
import { goTo } from '../editor/navigation'
import { useSession } from './session'

/** Shows a frame: its line in the editor, its variables, its inline values. */
export async function selectFrame(frame: DebugProtocol.StackFrame, focus = true): Promise<void> {
  useSession().frame = frame
  if (frame.source?.path && frame.line > 0)
    await goTo({ file: frame.source.path, line: frame.line, column: frame.column }, focus)
}
