import type { DebugProtocol } from '@vscode/debugprotocol'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Bridge } from '../bridge/bridge'
import { installHost } from '../bridge/host'
import { useBreakpoints } from '../stores/breakpoints'
import { toggleLine } from '../model/breakpoints'
import { useSession } from './session'

type Body = Record<string, unknown>

/** An adapter at the other end of the bridge: answers by a table, and lets a spec send events. */
class Adapter {
  readonly received: string[] = []
  readonly answers: Record<string, (args: Body) => Body | string> = {
    initialize: () => ({ supportsTerminateRequest: true }),
    setBreakpoints: ({ breakpoints }) => ({ breakpoints: (breakpoints as Body[]).map(() => ({ verified: true })) }),
    setFunctionBreakpoints: () => ({ breakpoints: [] }),
    threads: () => ({ threads: [{ id: 7, name: 'CPU 0' }] }),
    stackTrace: () => ({
      stackFrames: [{ id: 1, name: 'DriverEntry', line: 4, column: 1, source: { path: 'driver.ts' } }],
    }),
    'ndis/machine': () => ({ state: 'stopped', irql: 2 }),
  }
  #listener: (body: { session: string; message: DebugProtocol.ProtocolMessage }) => void = () => undefined

  readonly bridge = {
    request: async (method: string, params: Body) => {
      if (method === 'debug/open') return { session: 's' }
      if (method === 'debug/message') this.#answer(params['message'] as DebugProtocol.Request)
      return {}
    },
    on: (_event: string, listener: never) => {
      this.#listener = listener
      return () => undefined
    },
    onConnection: () => () => undefined,
  } as unknown as Bridge

  event(event: string, body: Body = {}): void {
    this.#listener({ session: 's', message: { seq: 0, type: 'event', event, body } as DebugProtocol.Event })
  }

  #answer({ seq, command, arguments: args }: DebugProtocol.Request): void {
    this.received.push(command)
    const result = this.answers[command]?.((args ?? {}) as Body) ?? {}
    const failed = typeof result === 'string'
    const response = {
      seq: 0,
      type: 'response',
      request_seq: seq,
      command,
      success: !failed,
      ...(failed ? { message: result } : { body: result }),
    }
    queueMicrotask(() => this.#listener({ session: 's', message: response }))
    if (command === 'launch' && !failed) queueMicrotask(() => this.event('initialized'))
  }
}

let adapter: Adapter
const hooks = () => ({ configure: useBreakpoints().configure, wire: () => undefined, stopped: vi.fn(), ended: vi.fn() })

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  adapter = new Adapter()
  installHost(adapter.bridge)
})
afterEach(() => vi.useRealTimers())

async function started() {
  const session = useSession()
  const installed = hooks()
  session.install(installed)
  await session.start({ program: 'driver.ts' })
  return { session, installed }
}

async function stopped() {
  const both = await started()
  adapter.event('stopped', { reason: 'breakpoint', threadId: 7 })
  await vi.advanceTimersByTimeAsync(0)
  return both
}

describe('starting', () => {
  it('sends breakpoints between initialized and configurationDone', async () => {
    useBreakpoints().lines = toggleLine([], 'driver.ts', 4)
    const { session } = await started()
    expect(adapter.received).toEqual([
      'initialize',
      'launch',
      'setBreakpoints',
      'setFunctionBreakpoints',
      'setExceptionBreakpoints',
      'configurationDone',
    ])
    expect(session.phase).toBe('running')
    expect(useBreakpoints().lineVerdicts.get(1)).toEqual({ verified: true })
  })
  it("fails in the adapter's words and can be tried again", async () => {
    adapter.answers['launch'] = () => 'driver.ts:3: unexpected end of file'
    const session = useSession()
    session.install(hooks())
    await expect(session.start({ program: 'driver.ts' })).rejects.toThrow('driver.ts:3: unexpected end of file')
    expect(session.phase).toBe('idle')
  })
})

describe('a stop', () => {
  it('fills stack, frame and machine before views are told to read', async () => {
    const { session, installed } = await stopped()
    expect(session.phase).toBe('stopped')
    expect(session.frame?.name).toBe('DriverEntry')
    expect(session.machine?.irql).toBe(2)
    expect(session.epoch).toBe(1)
    expect(installed.stopped).toHaveBeenCalledOnce()
  })
  it('keeps its stack on screen during a step and drops it when the machine runs on', async () => {
    const { session } = await stopped()
    await session.resume('next')
    expect([session.phase, session.threads.length]).toEqual(['running', 1])
    await vi.advanceTimersByTimeAsync(200)
    expect(session.threads).toEqual([])
  })
  it('stays a stop when the adapter refuses to go on', async () => {
    adapter.answers['next'] = () => 'busy'
    const { session } = await stopped()
    await expect(session.resume('next')).rejects.toThrow('busy')
    expect(session.phase).toBe('stopped')
  })
})

describe('breakpoints while running', () => {
  it('are sent at once, for the document that changed only', async () => {
    useBreakpoints().lines = toggleLine([], 'a.ts', 1)
    await started()
    adapter.received.length = 0
    const sent: string[] = []
    adapter.answers['setBreakpoints'] = ({ source }) => {
      sent.push(String((source as Body)['path']))
      return { breakpoints: [{ verified: false, message: 'no code here' }] }
    }
    useBreakpoints().lines = toggleLine(useBreakpoints().lines, 'b.ts', 2)
    await nextTick()
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual(['b.ts'])
    expect(useBreakpoints().lineVerdicts.get(2)).toEqual({ verified: false, message: 'no code here' })
  })
})

describe('the end', () => {
  it('keeps the session open for looking around, and says so once', async () => {
    const { session, installed } = await started()
    await session.stop()
    expect(adapter.received.at(-1)).toBe('terminate')
    adapter.event('ndis/report', { report: { outcome: 'clean' } })
    adapter.event('terminated')
    expect([session.phase, session.report?.outcome, installed.ended.mock.calls.length]).toEqual(['ended', 'clean', 1])
    expect(await session.request('ndis/machine', {})).toMatchObject({ irql: 2 })
  })
})
