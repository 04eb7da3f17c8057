/** Sends breakpoints to a session and hands on what it says about them, at once or later. */
import {
  pairAnswers,
  toFunctionBreakpoint,
  toSourceBreakpoint,
  toVerdict,
  type CallBreakpointEntry,
  type LineBreakpoint,
  type Verdict,
} from '../model/breakpoints'
import type { DapClient } from './dap-client'
import { debugPath } from './sources'

export interface BreakpointSync {
  /** Begins with a session: nothing has been sent yet, later verdicts come as events. */
  follow(client: DapClient): void
  sendLines(client: DapClient, uri: string, list: readonly LineBreakpoint[]): Promise<void>
  sendCalls(client: DapClient, list: readonly CallBreakpointEntry[]): Promise<void>
  /** Documents whose breakpoints are not what the session was last told. */
  outdated(list: readonly LineBreakpoint[]): string[]
}

/** Called with our own ids. */
export interface Judges {
  line(id: number, verdict: Verdict): void
  call(id: number, verdict: Verdict): void
}

export function createBreakpointSync(judges: Judges): BreakpointSync {
  /** What was sent, by document, in the form that went over the wire. */
  const sent = new Map<string, string>()
  /** The adapter's ids to ours. */
  const known = new Map<number, (verdict: Verdict) => void>()

  const enabledOf = (list: readonly LineBreakpoint[], uri: string): LineBreakpoint[] =>
    list.filter((entry) => entry.uri === uri && entry.enabled)
  const wire = (list: readonly LineBreakpoint[], uri: string): string =>
    JSON.stringify(enabledOf(list, uri).map(toSourceBreakpoint))

  return {
    follow(client) {
      sent.clear()
      known.clear()
      client.on('breakpoint', ({ breakpoint }) => {
        if (breakpoint.id !== undefined) known.get(breakpoint.id)?.(toVerdict(breakpoint))
      })
    },
    async sendLines(client, uri, list) {
      const asked = enabledOf(list, uri)
      sent.set(uri, wire(list, uri))
      const breakpoints = asked.map(toSourceBreakpoint)
      const body = await client.request('setBreakpoints', { source: { path: debugPath(uri) }, breakpoints })
      for (const [entry, answer] of pairAnswers(asked, body.breakpoints)) {
        const judge = (verdict: Verdict): void => judges.line(entry.id, verdict)
        if (answer.id !== undefined) known.set(answer.id, judge)
        judge(toVerdict(answer))
      }
    },
    async sendCalls(client, list) {
      const asked = list.filter((entry) => entry.enabled)
      const body = await client.request('setFunctionBreakpoints', { breakpoints: asked.map(toFunctionBreakpoint) })
      for (const [entry, answer] of pairAnswers(asked, body.breakpoints)) {
        const judge = (verdict: Verdict): void => judges.call(entry.id, verdict)
        if (answer.id !== undefined) known.set(answer.id, judge)
        judge(toVerdict(answer))
      }
    },
    outdated(list) {
      const uris = new Set([...sent.keys(), ...list.map((entry) => entry.uri)])
      return [...uris].filter((uri) => (sent.get(uri) ?? '[]') !== wire(list, uri))
    },
  }
}
