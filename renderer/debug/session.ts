/** The debug session of this window: one at a time; the last one stays open after its end, for looking around. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { LaunchArguments } from '../../src/shared/dap'
import { host } from '../bridge/host'
import { openDapClient, type DapClient } from './dap-client'
import { openSession } from './handshake'
import type { DapCommand, DapRequests } from './protocol'
import { leaveStopSoon, listen, reset, type SessionHooks } from './session-events'
import { createSessionState, type SessionState } from './session-state'

const TERMINATE_MS = 1000

/** An adapter that does not answer must not keep a person from stopping: the end comes as an event or not at all. */
function terminate(client: DapClient, supported: boolean | undefined): Promise<unknown> {
  const request = supported
    ? client.request('terminate', {})
    : client.request('disconnect', { terminateDebuggee: true })
  return Promise.race([request, new Promise((resolve) => setTimeout(resolve, TERMINATE_MS))])
}

/** The DAP requests that make a stopped machine move. */
export type Resume = 'continue' | 'next' | 'stepIn' | 'stepOut'

async function resumeWith(state: SessionState, client: DapClient, command: Resume): Promise<void> {
  const threadId = state.stopInfo.value?.threadId
  if (threadId === undefined) return
  state.phase.value = 'running'
  leaveStopSoon(state)
  try {
    await client.request(command, { threadId })
  } catch (error) {
    state.phase.value = 'stopped'
    throw error
  }
}

export const useSession = defineStore('session', () => {
  const state = createSessionState()
  const client = shallowRef<DapClient>()
  let hooks: SessionHooks | undefined

  const closeClient = async (): Promise<void> => {
    const old = client.value
    client.value = undefined
    await old?.close().catch(() => undefined)
  }
  const begin = async (args: LaunchArguments, on: SessionHooks): Promise<void> => {
    await closeClient()
    reset(state, args.program)
    const opened = await openDapClient(host())
    client.value = opened
    listen(state, opened, on)
    on.wire(opened)
    state.capabilities.value = await openSession(opened, args, () => on.configure(opened))
    if (state.phase.value === 'starting') state.phase.value = 'running'
  }
  const start = async (args: LaunchArguments): Promise<void> => {
    if (!hooks) throw new Error('Session hooks are not installed: call useSession().install() first')
    try {
      await begin(args, hooks)
    } catch (error) {
      if (state.phase.value !== 'ended') state.phase.value = 'idle'
      throw error
    }
  }
  const stop = async (): Promise<void> => {
    const running = client.value
    if (!running || state.phase.value === 'ended') return
    await terminate(running, state.capabilities.value.supportsTerminateRequest)
  }
  const resume = async (command: Resume): Promise<void> => {
    if (client.value) await resumeWith(state, client.value, command)
  }
  const pause = async (): Promise<void> => void (await client.value?.request('pause', { threadId: 1 }))
  const request = <C extends DapCommand>(command: C, args: DapRequests[C]['args']): Promise<DapRequests[C]['body']> =>
    client.value
      ? client.value.request(command, args)
      : Promise.reject(new Error('Nothing runs: press F5 to start the driver.'))

  return {
    ...state,
    client,
    install: (on: SessionHooks) => void (hooks = on),
    start,
    stop,
    resume,
    pause,
    request,
    closeClient,
    /** After something was written: every view reads again. */
    touch: () => void (state.epoch.value += 1),
  }
})
