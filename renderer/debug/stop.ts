/** What is read as soon as the machine stops, so that editor, stack and status are right at once. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { DapClient } from './dap-client'
import type { ThreadStack } from './session-state'

const MOST_FRAMES = 200

async function framesOf(client: DapClient, threadId: number): Promise<DebugProtocol.StackFrame[]> {
  const { stackFrames } = await client.request('stackTrace', { threadId, startFrame: 0, levels: MOST_FRAMES })
  return stackFrames
}

/**
 * Stacks of all threads. The one that stopped is asked for at once, beside the list; another one that cannot be read is
 * shown empty rather than hiding the rest.
 */
export async function readStacks(client: DapClient, stopped: number): Promise<ThreadStack[]> {
  const first = framesOf(client, stopped)
  const [{ threads }] = await Promise.all([client.request('threads', undefined), first])
  return Promise.all(
    threads.map(async ({ id, name }) => ({
      id,
      name,
      frames: await (id === stopped ? first : framesOf(client, id).catch(() => [])),
    })),
  )
}

/** The frame to show first: the innermost one with a source, of the thread that stopped. */
export function topFrame(threads: readonly ThreadStack[], threadId: number): DebugProtocol.StackFrame | undefined {
  const stopped = threads.find((thread) => thread.id === threadId) ?? threads.find((thread) => thread.frames.length > 0)
  return stopped?.frames.find((frame) => frame.source?.path) ?? stopped?.frames[0]
}
