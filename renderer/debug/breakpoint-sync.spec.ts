import type { DebugProtocol } from '@vscode/debugprotocol'
import { beforeEach, expect, it } from 'vitest'
import { toggleLine, type Verdict } from '../model/breakpoints'
import { createBreakpointSync } from './breakpoint-sync'
import type { DapClient } from './dap-client'

let asked: { path: string | undefined; lines: number[] }[]
let say: (breakpoint: DebugProtocol.Breakpoint) => void
let heard: [number, Verdict][]

const client = {
  request: async (_command: string, args: DebugProtocol.SetBreakpointsArguments) => {
    asked.push({ path: args.source.path, lines: (args.breakpoints ?? []).map((entry) => entry.line) })
    return {
      breakpoints: (args.breakpoints ?? []).map((entry) => ({
        id: entry.line * 100,
        verified: false,
        message: 'checked when loaded',
      })),
    }
  },
  on: (_event: string, listener: (body: DebugProtocol.BreakpointEvent['body']) => void) => {
    say = (breakpoint) => listener({ reason: 'changed', breakpoint })
    return () => undefined
  },
} as unknown as DapClient

beforeEach(() => {
  asked = []
  heard = []
})
const judges = { line: (id: number, verdict: Verdict) => void heard.push([id, verdict]), call: () => undefined }

it('hands on verdicts that come later, by our own ids', async () => {
  const sync = createBreakpointSync(judges)
  sync.follow(client)
  await sync.sendLines(client, 'a.ts', toggleLine([], 'a.ts', 3))
  say({ id: 300, verified: true, line: 5 })
  say({ id: 999, verified: true })
  expect(heard).toEqual([
    [1, { verified: false, message: 'checked when loaded' }],
    [1, { verified: true, line: 5 }],
  ])
})

it('knows which documents have to be told again, an emptied one included', async () => {
  const sync = createBreakpointSync(judges)
  sync.follow(client)
  const first = toggleLine([], 'a.ts', 3)
  await sync.sendLines(client, 'a.ts', first)
  expect(sync.outdated(first)).toEqual([])
  expect(sync.outdated(toggleLine(first, 'b.ts', 1))).toEqual(['b.ts'])
  expect(sync.outdated([])).toEqual(['a.ts'])
  expect(sync.outdated(first.map((entry) => ({ ...entry, enabled: false })))).toEqual(['a.ts'])
})
