/** Breakpoints of all documents and calls, remembered between starts and kept in step with the session. */
import { defineStore } from 'pinia'
import { reactive, watch } from 'vue'
import type { DapClient } from '../debug/dap-client'
import { useSession } from '../debug/session'
import { debugPath } from '../debug/sources'
import {
  toFunctionBreakpoint,
  toSourceBreakpoint,
  verdicts,
  type CallBreakpointEntry,
  type LineBreakpoint,
  type Verdict,
} from '../model/breakpoints'
import { useNotices } from './notices'
import { isNumber, isRecord, isString, listOf, remembered } from './ui-state'

const hasDetails = (value: Record<string, unknown>): boolean =>
  isNumber(value['id']) &&
  typeof value['enabled'] === 'boolean' &&
  [value['condition'], value['hitCondition'], value['logMessage']].every(isString)
const isLine = (value: unknown): value is LineBreakpoint =>
  isRecord(value) && hasDetails(value) && isString(value['uri']) && isNumber(value['line'])
const isCall = (value: unknown): value is CallBreakpointEntry =>
  isRecord(value) && hasDetails(value) && isString(value['name'])

const enabledOnly = <T extends { readonly enabled: boolean }>(list: readonly T[]): T[] =>
  list.filter((entry) => entry.enabled)

async function sendLines(
  client: DapClient,
  uri: string,
  list: readonly LineBreakpoint[],
  into: Map<number, Verdict>,
): Promise<void> {
  const asked = enabledOnly(list.filter((entry) => entry.uri === uri))
  const body = await client.request('setBreakpoints', {
    source: { path: debugPath(uri) },
    breakpoints: asked.map(toSourceBreakpoint),
  })
  for (const [id, verdict] of verdicts(asked, body.breakpoints)) into.set(id, verdict)
}

async function sendCalls(
  client: DapClient,
  list: readonly CallBreakpointEntry[],
  into: Map<number, Verdict>,
): Promise<void> {
  const asked = enabledOnly(list)
  const body = await client.request('setFunctionBreakpoints', { breakpoints: asked.map(toFunctionBreakpoint) })
  for (const [id, verdict] of verdicts(asked, body.breakpoints)) into.set(id, verdict)
}

export const useBreakpoints = defineStore('breakpoints', () => {
  const session = useSession()
  const lines = remembered<LineBreakpoint[]>('breakpoints.lines', [], listOf(isLine))
  const calls = remembered<CallBreakpointEntry[]>('breakpoints.calls', [], listOf(isCall))
  const exceptions = remembered<string[]>(
    'breakpoints.exceptions',
    ['violations', 'bugchecks', 'uncaught'],
    listOf(isString),
  )
  /** What the running session says, by our own ids. Empty without a session. */
  const lineVerdicts = reactive(new Map<number, Verdict>())
  const callVerdicts = reactive(new Map<number, Verdict>())
  /** Documents that the session knows breakpoints of; an emptied one has to be told so. */
  const told = new Set<string>()

  const live = (): DapClient | undefined =>
    session.phase === 'running' || session.phase === 'stopped' ? session.client : undefined
  const failed = (error: unknown): void => useNotices().failed(error)

  const configure = async (client: DapClient): Promise<void> => {
    lineVerdicts.clear()
    callVerdicts.clear()
    told.clear()
    const uris = new Set(lines.value.map((entry) => entry.uri))
    await Promise.all([...uris].map((uri) => sendLines(client, uri, lines.value, lineVerdicts)))
    uris.forEach((uri) => told.add(uri))
    await sendCalls(client, calls.value, callVerdicts)
    await client.request('setExceptionBreakpoints', { filters: exceptions.value })
  }
  watch(lines, (now, before) => {
    const client = live()
    if (!client) return
    const changed = new Set(
      [...now, ...before].filter((entry) => !now.includes(entry) || !before.includes(entry)).map((entry) => entry.uri),
    )
    for (const uri of changed) void sendLines(client, uri, now, lineVerdicts).catch(failed)
  })
  watch(calls, (now) => {
    const client = live()
    if (client) void sendCalls(client, now, callVerdicts).catch(failed)
  })
  watch(exceptions, (now) => void live()?.request('setExceptionBreakpoints', { filters: now }).catch(failed))
  /** The session is over: nothing is refused any more. */
  const forgetVerdicts = (): void => {
    lineVerdicts.clear()
    callVerdicts.clear()
  }
  return { lines, calls, exceptions, lineVerdicts, callVerdicts, configure, forgetVerdicts }
})
