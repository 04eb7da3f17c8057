/** A typed promise client of one debug session; the bridge carries its messages. */
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { WorkbenchBridge } from '../../src/shared/rpc'
import type { DapCommand, DapEventName, DapEvents, DapRequests } from './protocol'

/** A request that the adapter refused, in the adapter's words. */
export class DapError extends Error {
  readonly command: string

  constructor(command: string, message: string) {
    super(message)
    this.name = 'DapError'
    this.command = command
  }
}

export interface DapClient {
  request<C extends DapCommand>(command: C, args: DapRequests[C]['args']): Promise<DapRequests[C]['body']>
  on<E extends DapEventName>(event: E, listener: (body: DapEvents[E]) => void): () => void
  /** Ends the session in the host; requests without an answer fail. */
  close(): Promise<void>
}

interface Pending {
  readonly command: string
  readonly resolve: (body: unknown) => void
  readonly reject: (error: Error) => void
}
type Listener = (body: unknown) => void

/** DAP puts the reason into body.error.format with {placeholders}; older adapters into `message`. */
export function failureText(response: DebugProtocol.Response): string {
  const error = (response.body as DebugProtocol.ErrorResponse['body'] | undefined)?.error
  const variables = error?.variables ?? {}
  return (
    error?.format.replace(/\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole) ??
    response.message ??
    `${response.command} failed`
  )
}

class Client implements DapClient {
  readonly #bridge: WorkbenchBridge
  readonly #session: string
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #leave: () => void
  #seq = 1

  constructor(bridge: WorkbenchBridge, session: string) {
    this.#bridge = bridge
    this.#session = session
    this.#leave = bridge.on('debug/message', (event) => {
      if (event.session === session) this.#receive(event.message)
    })
  }

  request<C extends DapCommand>(command: C, args: DapRequests[C]['args']): Promise<DapRequests[C]['body']> {
    const request: DebugProtocol.Request = {
      seq: this.#seq++,
      type: 'request',
      command,
      ...(args ? { arguments: args } : {}),
    }
    return new Promise((resolve, reject) => {
      this.#pending.set(request.seq, { command, resolve: resolve as (body: unknown) => void, reject })
      this.#send(request).catch((error: unknown) => {
        this.#pending.delete(request.seq)
        reject(error instanceof Error ? error : new Error(String(error)))
      })
    })
  }

  on<E extends DapEventName>(event: E, listener: (body: DapEvents[E]) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set<Listener>()
    this.#listeners.set(event, set)
    set.add(listener as Listener)
    return () => set.delete(listener as Listener)
  }

  async close(): Promise<void> {
    this.#leave()
    for (const { command, reject } of this.#pending.values())
      reject(new DapError(command, 'The debug session has ended.'))
    this.#pending.clear()
    await this.#bridge.request('debug/close', { session: this.#session })
  }

  async #send(message: DebugProtocol.ProtocolMessage): Promise<void> {
    await this.#bridge.request('debug/message', { session: this.#session, message })
  }

  #receive(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === 'response') this.#settle(message as DebugProtocol.Response)
    else if (message.type === 'event') this.#emit(message as DebugProtocol.Event)
    else if (message.type === 'request') this.#refuse(message as DebugProtocol.Request)
  }

  #settle(response: DebugProtocol.Response): void {
    const pending = this.#pending.get(response.request_seq)
    this.#pending.delete(response.request_seq)
    if (response.success) pending?.resolve(response.body)
    else pending?.reject(new DapError(response.command, failureText(response)))
  }

  #emit(event: DebugProtocol.Event): void {
    for (const listener of [...(this.#listeners.get(event.event) ?? [])]) listener(event.body)
  }

  /** Requests of the adapter (a terminal, another session) are none of ours; it must not wait for ever. */
  #refuse(request: DebugProtocol.Request): void {
    const response: DebugProtocol.Response = {
      seq: this.#seq++,
      type: 'response',
      request_seq: request.seq,
      command: request.command,
      success: false,
      message: 'not supported by this client',
    }
    void this.#send(response).catch(() => undefined)
  }
}

export async function openDapClient(bridge: WorkbenchBridge): Promise<DapClient> {
  const { session } = await bridge.request('debug/open', {})
  return new Client(bridge, session)
}
