import type { DebugProtocol } from '@vscode/debugprotocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { CdpClient } from '../cdp/client'
import { LineBreakpoints } from './line-breakpoints'
import { DriverScripts } from './scripts'
import { Sources } from './sources'

const TEXT = 'one\n// comment\nthree\n'
const MODULE = { path: 'driver.ts', url: 'driver:///driver.ts', insertions: [], imported: [] }

let sent: { method: string; params: Record<string, unknown> }[]
let changed: DebugProtocol.Breakpoint[]
let lines: LineBreakpoints
let scripts: DriverScripts

/** V8 with code on lines 1 and 3 of script '7'. */
function fakeCdp(): CdpClient {
  let receive: (message: string) => void = () => undefined
  let next = 0
  const answer = (method: string, params: Record<string, unknown>): unknown => {
    if (method === 'Debugger.setBreakpoint') return { breakpointId: `v8-${++next}`, actualLocation: params['location'] }
    if (method !== 'Debugger.getPossibleBreakpoints') return {}
    const [from, to] = ['start', 'end'].map((end) => (params[end] as { lineNumber: number }).lineNumber)
    const found = [0, 2].filter((lineNumber) => lineNumber >= from! && lineNumber < to!)
    return { locations: found.map((lineNumber) => ({ scriptId: '7', lineNumber, columnNumber: 0 })) }
  }
  return new CdpClient({
    send(message) {
      const { id, method, params } = JSON.parse(message) as {
        id: number
        method: string
        params: Record<string, unknown>
      }
      sent.push({ method, params })
      queueMicrotask(() => receive(JSON.stringify({ id, result: answer(method, params) })))
    },
    onMessage: (listener) => (receive = listener),
    close: () => undefined,
  })
}
async function load(): Promise<void> {
  lines.compile()
  scripts.loaded([MODULE])
  scripts.parsed({ scriptId: '7', url: MODULE.url, endLine: 3 })
  lines.attach({ cdp: fakeCdp(), scripts, modules: [MODULE] })
  await lines.parsed('driver.ts', '7')
}
const methods = (): string[] => sent.map(({ method }) => method.replace('Debugger.', ''))
const evaluate = (value: unknown) => () => Promise.resolve({ type: typeof value, value })

beforeEach(() => {
  sent = []
  changed = []
  let id = 0
  scripts = new DriverScripts()
  lines = new LineBreakpoints(
    () => ++id,
    (breakpoint) => changed.push(breakpoint),
  )
  lines.use(
    new Sources({
      folder: '/d',
      entry: 'driver.ts',
      files: { 'driver.ts': TEXT },
      keywords: {},
      hardware: {},
      levels: {},
    }),
  )
})

describe('bookkeeping of line breakpoints', () => {
  test('waits for the text, then says where each is', async () => {
    const first = await lines.set('/d/driver.ts', [{ line: 1 }, { line: 2 }, { line: 4 }])
    expect(first.map(({ verified }) => verified)).toEqual([false, false, false])
    await load()
    expect(changed).toMatchObject([
      { id: 1, verified: true, line: 1 },
      { id: 2, verified: true, line: 3 },
      { id: 3, verified: false, line: 4, message: expect.stringContaining('no code') },
    ])
  })

  test('two at one place share one breakpoint of V8, which goes with the last of them', async () => {
    await load()
    await lines.set('/d/driver.ts', [{ line: 2 }, { line: 3 }])
    expect(methods().filter((method) => method === 'setBreakpoint')).toHaveLength(1)
    expect(await lines.hit(['v8-1'], evaluate(true), () => undefined)).toEqual([1, 2])
    await lines.set('/d/driver.ts', [{ line: 3 }])
    expect(methods()).not.toContain('removeBreakpoint')
    await lines.set('/d/driver.ts', [])
    expect(sent.at(-1)).toEqual({ method: 'Debugger.removeBreakpoint', params: { breakpointId: 'v8-1' } })
  })

  test('what is known at load and has rules is compiled, not given to V8', async () => {
    await lines.set('/d/driver.ts', [
      { line: 1, condition: 'x' },
      { line: 3, logMessage: 'at {x}' },
      { line: 3, condition: 'x +' },
    ])
    expect(lines.compile()).toEqual([
      { id: 1, file: 'driver.ts', line: 1, condition: 'x' },
      { id: 2, file: 'driver.ts', line: 3, logMessage: 'at {x}' },
    ])
    await load()
    expect(methods()).not.toContain('setBreakpoint')
    expect(lines.live([1, 2, 99])).toEqual([1, 2])
    expect(changed.at(-1)).toMatchObject({ id: 3, verified: false, message: expect.stringContaining('x +') })
  })

  test('rules of those that come later are applied at the stop: condition, then count, then log', async () => {
    await load()
    const logged: string[] = []
    const hit = (value: unknown) => lines.hit(['v8-1'], evaluate(value), (text) => logged.push(text))
    await lines.set('/d/driver.ts', [{ line: 1, condition: 'x', hitCondition: '2' }])
    expect([await hit(false), await hit(true), await hit(true), await hit(true)]).toEqual([[], [], [1], []])
    await lines.set('/d/driver.ts', [{ line: 1, logMessage: 'x is {x}' }])
    expect(await lines.hit(['v8-2'], evaluate(5), (text) => logged.push(text))).toEqual([])
    expect(logged).toEqual(['x is 5'])
  })

  test('keeps ids of those that stay, and refuses files that the driver does not import', async () => {
    const [kept] = await lines.set('/d/driver.ts', [{ line: 1 }])
    expect((await lines.set('/d/driver.ts', [{ line: 3 }, { line: 1 }]))[1]!.id).toBe(kept!.id)
    await lines.set('/d/other.ts', [{ line: 1 }])
    await load()
    expect(changed[0]).toMatchObject({ verified: false, message: expect.stringContaining('not part of the driver') })
  })

  test('begins anew with the next run', async () => {
    await lines.set('/d/driver.ts', [{ line: 2 }])
    await load()
    lines.detach()
    expect(await lines.set('/d/driver.ts', [{ line: 2 }])).toMatchObject([{ verified: false, line: 2 }])
  })
})
