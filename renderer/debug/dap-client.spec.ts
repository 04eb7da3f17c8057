import type { DebugProtocol } from '@vscode/debugprotocol'
import { beforeEach, expect, it } from 'vitest'
import type { RpcEvents, WorkbenchBridge } from '../../src/shared/rpc'
import { openDapClient, type DapClient } from './dap-client'

let sent: DebugProtocol.ProtocolMessage[]
let closed: string[]
let listeners: Set<(body: RpcEvents['debug/message']) => void>
let client: DapClient

const say = (
  message: Partial<DebugProtocol.Response> & Partial<DebugProtocol.Event> & { type: string },
  session = 's1',
) => {
  for (const listener of listeners) listener({ session, message: { seq: 1, ...message } })
}
const answer = (request_seq: number, body: unknown, success = true) =>
  say({ type: 'response', request_seq, success, command: 'x', body })

const bridge = {
  async request(method: string, params: Record<string, unknown>) {
    if (method === 'debug/open') return { session: 's1' }
    if (method === 'debug/message') sent.push(params['message'] as DebugProtocol.ProtocolMessage)
    if (method === 'debug/close') closed.push(String(params['session']))
    return {}
  },
  on(_event: string, listener: (body: RpcEvents['debug/message']) => void) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
} as unknown as WorkbenchBridge

beforeEach(async () => {
  sent = []
  closed = []
  listeners = new Set()
  client = await openDapClient(bridge)
})

it('pairs answers with requests by sequence number, in any order', async () => {
  const threads = client.request('threads', undefined)
  const pools = client.request('ndis/pools', {})
  expect(sent).toMatchObject([
    { seq: 1, command: 'threads' },
    { seq: 2, command: 'ndis/pools', arguments: {} },
  ])
  answer(2, { pools: [] })
  answer(1, { threads: [{ id: 1, name: 'CPU 0' }] })
  expect(await pools).toEqual({ pools: [] })
  expect(await threads).toEqual({ threads: [{ id: 1, name: 'CPU 0' }] })
})

it("fails with the adapter's reason, placeholders filled in", async () => {
  const request = client.request('evaluate', { expression: 'x' })
  answer(1, { error: { id: 1, format: '{name} is not defined', variables: { name: 'x' } } }, false)
  await expect(request).rejects.toThrow('x is not defined')
})

it('passes on events of its own session only', () => {
  const seen: string[] = []
  client.on('stopped', (body) => seen.push(body.reason))
  say({ type: 'event', event: 'stopped', body: { reason: 'breakpoint' } })
  say({ type: 'event', event: 'stopped', body: { reason: 'step' } }, 's2')
  expect(seen).toEqual(['breakpoint'])
})

it('answers what the adapter asks, so that it does not wait', () => {
  say({ type: 'request', command: 'runInTerminal', seq: 9 } as never)
  expect(sent[0]).toMatchObject({ type: 'response', request_seq: 9, success: false })
})

it('fails open requests when it is closed, and stops listening', async () => {
  const request = client.request('threads', undefined)
  const ended = expect(request).rejects.toThrow('ended')
  await client.close()
  await ended
  expect([closed, listeners.size]).toEqual([['s1'], 0])
})
