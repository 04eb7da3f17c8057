/** How the session's state follows the events of its adapter. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { DapClient } from './dap-client'
import { stopText, type SessionState } from './session-state'
import { readStacks, topFrame } from './stop'

/** What other concerns do with a session: send their breakpoints, take its output. */
export interface SessionHooks {
  configure(client: DapClient): Promise<void>
  wire(client: DapClient): void
  stopped(): void
  ended(): void
}

/** A step is usually over before this: until then the old stack stays on screen instead of flickering. */
const KEEP_STACK_MS = 150

export function reset(state: SessionState, program: string): void {
  state.phase.value = 'starting'
  state.program.value = program
  state.runs.value += 1
  state.machine.value = undefined
  state.violations.value = []
  state.bugcheck.value = undefined
  state.report.value = undefined
  leaveStop(state)
}

function leaveStop(state: SessionState): void {
  state.stopInfo.value = undefined
  state.threads.value = []
  state.frame.value = undefined
}

export function leaveStopSoon(state: SessionState): void {
  const left = state.stopInfo.value
  setTimeout(() => {
    if (state.phase.value === 'running' && state.stopInfo.value === left) leaveStop(state)
  }, KEEP_STACK_MS)
}

async function enterStop(
  state: SessionState,
  client: DapClient,
  body: DebugProtocol.StoppedEvent['body'],
): Promise<void> {
  const threadId = body.threadId ?? 1
  const stops = ++state.stops.value
  state.phase.value = 'stopped'
  const [threads, machine] = await Promise.all([
    readStacks(client, threadId),
    client.request('ndis/machine', {}).catch(() => undefined),
  ])
  if (state.phase.value !== 'stopped' || state.stops.value !== stops) return
  state.machine.value = machine ?? state.machine.value
  state.stopInfo.value = {
    reason: body.reason,
    text: stopText(body),
    threadId,
    hitBreakpointIds: body.hitBreakpointIds ?? [],
  }
  state.threads.value = threads
  state.frame.value = topFrame(threads, threadId)
  state.epoch.value += 1
}

export function listen(state: SessionState, client: DapClient, hooks: SessionHooks): void {
  client.on('stopped', (body) => void enterStop(state, client, body).then(hooks.stopped, () => undefined))
  client.on('continued', () => {
    state.phase.value = 'running'
    leaveStopSoon(state)
  })
  client.on('terminated', () => {
    leaveStop(state)
    state.phase.value = 'ended'
    state.epoch.value += 1
    hooks.ended()
  })
  client.on('ndis/machine', (machine) => {
    state.machine.value = machine
    state.tick.value += 1
  })
  client.on('ndis/violation', (violation) => (state.violations.value = [...state.violations.value, violation]))
  client.on('ndis/bugcheck', (bugcheck) => (state.bugcheck.value = bugcheck))
  client.on('ndis/report', ({ report }) => (state.report.value = report))
  client.on('memory', () => (state.epoch.value += 1))
  client.on('invalidated', () => (state.epoch.value += 1))
}
