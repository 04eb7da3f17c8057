import type { CdpCommands, CdpEvent, CdpEvents, CdpMethod } from './protocol'
import type { CdpTransport } from './transport'

/** V8 refused a command; the message is V8's. */
export class CdpError extends Error {}

interface Pending {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** A typed client of one inspector. After close() what is pending is rejected. */
export class CdpClient {
  readonly #transport: CdpTransport
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Map<string, ((params: never) => void)[]>()
  #next = 0
  #closed = false

  constructor(transport: CdpTransport) {
    this.#transport = transport
    transport.onMessage((text) => this.#receive(text))
  }

  send<M extends CdpMethod>(method: M, params: CdpCommands[M]['params']): Promise<CdpCommands[M]['result']> {
    if (this.#closed) return Promise.reject(new CdpError('the engine is gone'))
    const id = ++this.#next
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#transport.send(JSON.stringify({ id, method, params }))
    })
  }
  on<E extends CdpEvent>(event: E, listener: (params: CdpEvents[E]) => void): void {
    const list = this.#listeners.get(event) ?? []
    list.push(listener)
    this.#listeners.set(event, list)
  }
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const { reject } of this.#pending.values()) reject(new CdpError('the engine is gone'))
    this.#pending.clear()
    this.#transport.close()
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as {
      id?: number
      result?: unknown
      error?: { message: string }
      method?: string
      params?: unknown
    }
    if (message.id === undefined) {
      for (const listener of this.#listeners.get(message.method ?? '') ?? []) listener(message.params as never)
      return
    }
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if (message.error) pending?.reject(new CdpError(message.error.message))
    else pending?.resolve(message.result as never)
  }
}
