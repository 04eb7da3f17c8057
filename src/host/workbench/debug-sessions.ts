import { randomUUID } from 'node:crypto'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { RpcError } from '../rpc-error'

/** One debug adapter, as the debug engine provides it. */
export interface DebugAdapter {
  handle(message: DebugProtocol.ProtocolMessage): void
  dispose(): void
}
export type DebugAdapterFactory = (send: (message: DebugProtocol.ProtocolMessage) => void) => DebugAdapter

/** A window needs one session, two while it restarts; more is a runaway front end. */
const MAX_SESSIONS = 8

/** The debug sessions of one front end; nobody else can talk to them, and they end with it. */
export class DebugSessions {
  readonly #create: DebugAdapterFactory
  readonly #send: (session: string, message: DebugProtocol.ProtocolMessage) => void
  readonly #sessions = new Map<string, DebugAdapter>()

  constructor(create: DebugAdapterFactory, send: (session: string, message: DebugProtocol.ProtocolMessage) => void) {
    this.#create = create
    this.#send = send
  }

  open(): string {
    if (this.#sessions.size >= MAX_SESSIONS)
      throw new RpcError('refused', `${MAX_SESSIONS} debug sessions are open. Stop one of them first.`)
    const session = randomUUID()
    this.#sessions.set(
      session,
      this.#create((message) => this.#sessions.has(session) && this.#send(session, message)),
    )
    return session
  }

  message(session: string, message: DebugProtocol.ProtocolMessage): void {
    const adapter = this.#sessions.get(session)
    if (!adapter) throw new RpcError('not-found', 'This debug session has ended. Start it again.')
    adapter.handle(message)
  }

  close(session: string): void {
    this.#sessions.get(session)?.dispose()
    this.#sessions.delete(session)
  }

  closeAll(): void {
    for (const session of [...this.#sessions.keys()]) this.close(session)
  }
}
