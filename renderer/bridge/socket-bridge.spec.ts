import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSocketBridge, socketUrl, type SocketLike } from './socket-bridge'

class FakeSocket implements SocketLike {
  readonly sent: { id: number; method: string }[] = []
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((event: { readonly data: unknown }) => void) | null = null
  send(data: string): void {
    this.sent.push(JSON.parse(data))
  }
  close(): void {
    this.onclose?.()
  }
  receive(envelope: object): void {
    this.onmessage?.({ data: JSON.stringify(envelope) })
  }
}

const sockets: FakeSocket[] = []
const latest = (): FakeSocket => {
  const socket = sockets.at(-1)
  if (!socket) throw new Error('no socket was opened')
  return socket
}
const bridge = () =>
  createSocketBridge(() => {
    sockets.push(new FakeSocket())
    return latest()
  })

beforeEach(() => {
  sockets.length = 0
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

describe('requests', () => {
  it('wait for the socket and resolve by id', async () => {
    const answer = bridge().request('app/info', {})
    expect(latest().sent).toEqual([])
    latest().onopen?.()
    expect(latest().sent[0]).toMatchObject({ id: 1, method: 'app/info' })
    latest().receive({ kind: 'response', id: 1, result: { version: '1' } })
    expect(await answer).toEqual({ version: '1' })
  })
  it("carry the host's code and words when refused", async () => {
    const answer = bridge().request('document/open', { path: '/x' })
    latest().onopen?.()
    latest().receive({ kind: 'failure', id: 1, code: 'not-found', message: 'There is no /x.' })
    await expect(answer).rejects.toMatchObject({ code: 'not-found', message: 'There is no /x.' })
  })
})

describe('a lost connection', () => {
  it('fails what was sent, sends later what was not, and comes back', async () => {
    const target = bridge()
    const states: string[] = []
    target.onConnection((state) => states.push(state))
    latest().onopen?.()
    const sent = target.request('state/save', { state: {} })
    latest().close()
    await expect(sent).rejects.toMatchObject({ code: 'connection' })
    const waiting = target.request('document/backup', { uri: 'untitled:1', text: 'x', etag: '', name: 'n' })
    await vi.advanceTimersByTimeAsync(300)
    expect(sockets).toHaveLength(2)
    latest().onopen?.()
    expect(latest().sent[0]).toMatchObject({ method: 'document/backup' })
    latest().receive({ kind: 'response', id: 2, result: {} })
    expect(await waiting).toEqual({})
    expect(states).toEqual(['open', 'lost', 'open'])
  })
  it('stays closed once closed on purpose', async () => {
    bridge().close()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(sockets).toHaveLength(1)
  })
})

it('delivers events to their listeners until they leave', () => {
  const target = bridge()
  const seen: unknown[] = []
  const leave = target.on('app/command', (body) => seen.push(body))
  latest().receive({ kind: 'event', event: 'app/command', body: { command: 'run.start' } })
  leave()
  latest().receive({ kind: 'event', event: 'app/command', body: { command: 'run.stop' } })
  expect(seen).toEqual([{ command: 'run.start' }])
})

it('takes the token from the query or from behind the hash', () => {
  const place = { protocol: 'http:', host: '127.0.0.1:4000', search: '', hash: '' }
  expect(socketUrl({ ...place, search: '?token=a%2Bb' })).toBe('ws://127.0.0.1:4000/rpc?token=a%2Bb')
  expect(socketUrl({ ...place, protocol: 'https:', hash: '#token=xyz' })).toBe('wss://127.0.0.1:4000/rpc?token=xyz')
})
