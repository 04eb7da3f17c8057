/** Breakpoints of all documents and calls, remembered between starts and kept in step with the session. */
import { defineStore } from 'pinia'
import { computed, reactive, ref, watch } from 'vue'
import type { DapClient } from '../debug/dap-client'
import { useSession } from '../debug/session'
import { createBreakpointSync } from '../debug/breakpoint-sync'
import type { CallBreakpointEntry, LineBreakpoint, Verdict } from '../model/breakpoints'
import { settleLine } from '../model/breakpoints'
import { filtersOn, restoreSwitches } from '../model/exception-switches'
import { useLaunched } from './launched'
import { useNotices } from './notices'
import { isNumber, isRecord, isString, listOf, recall, remember, remembered } from './ui-state'

const hasDetails = (value: Record<string, unknown>): boolean =>
  isNumber(value['id']) &&
  typeof value['enabled'] === 'boolean' &&
  [value['condition'], value['hitCondition'], value['logMessage']].every(isString)
const isLine = (value: unknown): value is LineBreakpoint =>
  isRecord(value) && hasDetails(value) && isString(value['uri']) && isNumber(value['line'])
const isCall = (value: unknown): value is CallBreakpointEntry =>
  isRecord(value) && hasDetails(value) && isString(value['name'])

const SWITCHES = 'breakpoints.switches'

export const useBreakpoints = defineStore('breakpoints', () => {
  const session = useSession()
  const lines = remembered<LineBreakpoint[]>('breakpoints.lines', [], listOf(isLine))
  const calls = remembered<CallBreakpointEntry[]>('breakpoints.calls', [], listOf(isCall))
  const switches = ref(restoreSwitches(recall(SWITCHES), recall('breakpoints.exceptions')))
  const filters = computed(() => filtersOn(switches.value))
  /** What the running session says, by our own ids. Empty without a session. */
  const lineVerdicts = reactive(new Map<number, Verdict>())
  const callVerdicts = reactive(new Map<number, Verdict>())

  const judgeLine = (id: number, verdict: Verdict): void => {
    lineVerdicts.set(id, verdict)
    const uri = lines.value.find((entry) => entry.id === id)?.uri
    if (verdict.verified && verdict.line && uri !== undefined && useLaunched().hasLine(uri, verdict.line))
      lines.value = [...settleLine(lines.value, id, verdict.line)]
  }
  const sync = createBreakpointSync({ line: judgeLine, call: (id, verdict) => void callVerdicts.set(id, verdict) })

  const live = (): DapClient | undefined =>
    session.phase === 'running' || session.phase === 'stopped' ? session.client : undefined
  const failed = (error: unknown): void => useNotices().failed(error)

  /** The session is over: nothing is refused any more. */
  const forgetVerdicts = (): void => {
    lineVerdicts.clear()
    callVerdicts.clear()
  }
  const configure = async (client: DapClient): Promise<void> => {
    forgetVerdicts()
    sync.follow(client)
    const uris = new Set(lines.value.map((entry) => entry.uri))
    await Promise.all([...uris].map((uri) => sync.sendLines(client, uri, lines.value)))
    await sync.sendCalls(client, calls.value)
    await client.request('setExceptionBreakpoints', { filters: filters.value })
  }
  watch(lines, (now) => {
    const client = live()
    if (client) for (const uri of sync.outdated(now)) void sync.sendLines(client, uri, now).catch(failed)
  })
  watch(calls, (now) => {
    const client = live()
    if (client) void sync.sendCalls(client, now).catch(failed)
  })
  watch(switches, (now) => {
    remember(SWITCHES, now)
    void live()?.request('setExceptionBreakpoints', { filters: filters.value }).catch(failed)
  })
  return { lines, calls, switches, lineVerdicts, callVerdicts, configure, forgetVerdicts }
})
