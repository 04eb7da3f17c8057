/** The bridge of the browser front end: the same messages as Electron's, over one WebSocket that comes back by itself. */
import type { RpcEnvelope, WorkbenchBridge } from '../../src/shared/rpc'
import { RpcError } from './rpc-error'

export type ConnectionState = 'connecting' | 'open' | 'lost'

export interface SocketBridge extends WorkbenchBridge {
  onConnection(listener: (state: ConnectionState) => void): () => void
  close(): void
}

/** The part of WebSocket that is used, so that specs can stand in for it. */
export interface SocketLike {
  send(data: string): void
  close(): void
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
}

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}
type Listener = (body: unknown) => void

const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 4000

class Connection {
  readonly #open: () => SocketLike
  readonly #pending = new Map<number, Pending>()
  readonly #queue: string[] = []
  readonly listeners = new Map<string, Set<Listener>>()
  readonly watchers = new Set<(state: ConnectionState) => void>()
  #socket: SocketLike | undefined
  #ready = false
  #closed = false
  #nextId = 1
  #retryMs = FIRST_RETRY_MS

  constructor(open: () => SocketLike) {
    this.#open = open
    this.#connect()
  }

  request(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++
    const envelope: RpcEnvelope = { kind: 'request', id, method, params }
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      const text = JSON.stringify(envelope)
      if (this.#ready) this.#socket?.send(text)
      else this.#queue.push(text)
    })
  }

  close(): void {
    this.#closed = true
    this.#socket?.close()
  }

  #connect(): void {
    const socket = this.#open()
    this.#socket = socket
    socket.onopen = () => {
      this.#ready = true
      this.#retryMs = FIRST_RETRY_MS
      for (const text of this.#queue.splice(0)) socket.send(text)
      this.#announce('open')
    }
    socket.onmessage = ({ data }) => this.#receive(data)
    socket.onclose = () => this.#lost()
  }

  /** What was sent may or may not have been done: its callers learn so. What waits in the queue is sent later. */
  #lost(): void {
    const sent = this.#ready
    this.#ready = false
    if (sent) {
      const waiting = new Set(this.#queue.map((text) => (JSON.parse(text) as { id: number }).id))
      for (const [id, { reject }] of this.#pending) {
        if (waiting.has(id)) continue
        this.#pending.delete(id)
        reject(
          new RpcError('connection', 'The connection to the workbench host was lost. Your text is kept; trying again.'),
        )
      }
    }
    if (this.#closed) return
    this.#announce('lost')
    setTimeout(() => !this.#closed && this.#connect(), this.#retryMs)
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2)
  }

  #receive(data: unknown): void {
    const envelope = JSON.parse(String(data)) as RpcEnvelope
    if (envelope.kind === 'event')
      for (const listener of this.listeners.get(envelope.event) ?? []) listener(envelope.body)
    if (envelope.kind !== 'response' && envelope.kind !== 'failure') return
    const pending = this.#pending.get(envelope.id)
    this.#pending.delete(envelope.id)
    if (envelope.kind === 'response') pending?.resolve(envelope.result)
    else pending?.reject(new RpcError(envelope.code, envelope.message))
  }

  #announce(state: ConnectionState): void {
    for (const watcher of this.watchers) watcher(state)
  }
}

const subscribe = <T>(set: Set<T>, listener: T): (() => void) => {
  set.add(listener)
  return () => set.delete(listener)
}

export function createSocketBridge(open: () => SocketLike): SocketBridge {
  const connection = new Connection(open)
  return {
    request: <R>(method: string, params: unknown) => connection.request(method, params) as Promise<R>,
    on(event, listener) {
      const set = connection.listeners.get(event) ?? new Set<Listener>()
      connection.listeners.set(event, set)
      return subscribe(set, listener as Listener)
    },
    onConnection: (listener) => subscribe(connection.watchers, listener),
    close: () => connection.close(),
  }
}

/** The token comes with the page's own address, in the query or behind the hash. */
export function socketUrl(location: {
  readonly protocol: string
  readonly host: string
  readonly search: string
  readonly hash: string
}): string {
  const token =
    new URLSearchParams(location.search).get('token') ?? new URLSearchParams(location.hash.slice(1)).get('token') ?? ''
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/rpc?token=${encodeURIComponent(token)}`
}
