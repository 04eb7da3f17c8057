import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { RPC_PATH, RPC_TOKEN_PARAMETER } from '../../shared/rpc'

const TOKEN_BYTES = 32

export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url')

export interface GuardOptions {
  readonly port: number
  readonly token: string
  /** Origin of a page that does not come from this server: vite's during development. */
  readonly otherOrigin?: string
}

/**
 * Who may talk to the server. A name that an attacker's DNS points at 127.0.0.1 arrives with that name as Host; a page of
 * another site arrives with its own Origin; another user of this machine does not know the token.
 */
export class Guard {
  readonly #hosts: ReadonlySet<string>
  readonly #origins: ReadonlySet<string>
  readonly #token: Buffer

  constructor({ port, token, otherOrigin }: GuardOptions) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
    const own = [...this.#hosts].map((host) => `http://${host}`)
    this.#origins = new Set(otherOrigin === undefined ? own : [...own, otherOrigin])
    this.#token = Buffer.from(token)
  }

  allowsHost(request: IncomingMessage): boolean {
    return this.#hosts.has(request.headers.host ?? '')
  }

  /** @returns the status code to refuse with, or undefined when the socket may open. */
  refusesSocket(request: IncomingMessage): 403 | 404 | 401 | undefined {
    if (!this.allowsHost(request) || !this.#origins.has(request.headers.origin ?? '')) return 403
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname !== RPC_PATH) return 404
    return this.#isToken(url.searchParams.get(RPC_TOKEN_PARAMETER) ?? '') ? undefined : 401
  }

  #isToken(given: string): boolean {
    const bytes = Buffer.from(given)
    return bytes.length === this.#token.length && timingSafeEqual(bytes, this.#token)
  }
}
