/** What the workbench knows about the debug session; written by session.ts only. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import { ref, shallowRef } from 'vue'
import type { BugcheckReport, RunReport, ViolationReport } from '../../src/shared/report'
import type { MachineView } from '../../src/shared/views'

export type Phase = 'idle' | 'starting' | 'running' | 'stopped' | 'ended'

export interface StopInfo {
  readonly reason: string
  /** One line for people: 'breakpoint', 'exception: NdisFreePacket ...'. */
  readonly text: string
  readonly threadId: number
  readonly hitBreakpointIds: readonly number[]
}

export interface ThreadStack {
  readonly id: number
  readonly name: string
  readonly frames: readonly DebugProtocol.StackFrame[]
}

export const createSessionState = () => ({
  phase: ref<Phase>('idle'),
  /** Document that runs or ran last. */
  program: ref(''),
  machine: shallowRef<MachineView>(),
  /** Why and where it stands; undefined while it moves. */
  stopInfo: shallowRef<StopInfo>(),
  threads: shallowRef<readonly ThreadStack[]>([]),
  /** The frame whose variables are shown. */
  frame: shallowRef<DebugProtocol.StackFrame>(),
  capabilities: shallowRef<DebugProtocol.Capabilities>({}),
  violations: shallowRef<readonly ViolationReport[]>([]),
  bugcheck: shallowRef<BugcheckReport>(),
  report: shallowRef<RunReport>(),
  /** Counts moments at which every view has to be read again: stops, ends, writes to memory. */
  epoch: ref(0),
  /** Counts display frames of a running machine. */
  tick: ref(0),
  /** Counts stops; memory marks what changed between two of them. */
  stops: ref(0),
  /** Counts sessions; what is remembered about one run does not leak into the next. */
  runs: ref(0),
})
export type SessionState = ReturnType<typeof createSessionState>

/** Reasons that say everything; the others are told in the adapter's words. */
const PLAIN_REASONS = new Set(['breakpoint', 'step', 'pause', 'entry'])

export function stopText({ reason, description, text }: DebugProtocol.StoppedEvent['body']): string {
  if (PLAIN_REASONS.has(reason)) return reason
  if (reason === 'exception') return text ?? description ?? reason
  const what = (description ?? reason).replace(/^Paused at (the )?/, '')
  return text && text !== what ? `${what}: ${text}` : what
}
