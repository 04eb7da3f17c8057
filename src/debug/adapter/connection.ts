import type { DebugProtocol } from '@vscode/debugprotocol'

/** A request that cannot be carried out: its message goes to the person. */
export class DapError extends Error {}

/** Numbers and sends what the adapter says. */
export class Connection {
  readonly #send: (message: DebugProtocol.ProtocolMessage) => void
  #seq = 0
  constructor(send: (message: DebugProtocol.ProtocolMessage) => void) {
    this.#send = send
  }

  respond(request: DebugProtocol.Request, body: unknown): void {
    this.#post(this.#response(request, true, body))
  }
  refuse(request: DebugProtocol.Request, error: unknown): void {
    const format = error instanceof Error ? error.message : String(error)
    this.#post({ ...this.#response(request, false, { error: { id: 1, format, showUser: true } }), message: format })
  }
  event(event: string, body?: unknown): void {
    const message: DebugProtocol.Event = { seq: 0, type: 'event', event, ...(body !== undefined && { body }) }
    this.#post(message)
  }

  #response(request: DebugProtocol.Request, success: boolean, body: unknown): DebugProtocol.Response {
    const { seq, command } = request
    return { seq: 0, type: 'response', request_seq: seq, command, success, ...(body !== undefined && { body }) }
  }
  #post(message: DebugProtocol.Response | DebugProtocol.Event): void {
    this.#send({ ...message, seq: ++this.#seq })
  }
}
