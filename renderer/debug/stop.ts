/** What is read as soon as the machine stops, so that editor, stack and status are right at once. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { DapClient } from './dap-client'
import type { ThreadStack } from './session-state'

const MOST_FRAMES = 200

async function stackOf(client: DapClient, thread: DebugProtocol.Thread): Promise<ThreadStack> {
  const { stackFrames } = await client.request('stackTrace', {
    threadId: thread.id,
    startFrame: 0,
    levels: MOST_FRAMES,
  })
  return { id: thread.id, name: thread.name, frames: stackFrames }
}

/** Stacks of all threads; one that cannot be read is shown empty rather than hiding the others. */
export async function readStacks(client: DapClient): Promise<ThreadStack[]> {
  const { threads } = await client.request('threads', undefined)
  return Promise.all(
    threads.map((thread) => stackOf(client, thread).catch(() => ({ id: thread.id, name: thread.name, frames: [] }))),
  )
}

/** The frame to show first: the innermost one with a source, of the thread that stopped. */
export function topFrame(threads: readonly ThreadStack[], threadId: number): DebugProtocol.StackFrame | undefined {
  const stopped = threads.find((thread) => thread.id === threadId) ?? threads.find((thread) => thread.frames.length > 0)
  return stopped?.frames.find((frame) => frame.source?.path) ?? stopped?.frames[0]
}
