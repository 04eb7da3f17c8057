import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { PAGE_HEADERS } from '../content-security-policy'
import { readPageFile } from '../page-files'
import { RpcError } from '../rpc-error'
import { RPC_TOKEN_PARAMETER } from '../../shared/rpc'
import type { Workbench } from '../workbench/workbench'
import { Guard, newToken } from './guard'
import { attachSocket } from './rpc-socket'

/** The one address that the server ever listens on. */
const LOOPBACK = '127.0.0.1'
/** Bytes of one message; the largest document twice over, for its escapes. */
const MAX_MESSAGE = 48 * 1024 * 1024
const MAX_SOCKETS = 32

export interface ServerOptions {
  readonly workbench: Workbench
  /** Absolute path of the built page. */
  readonly page: string
  /** 0: any free port. */
  readonly port: number
  /** Origin that serves the page instead of this server, for development. */
  readonly otherOrigin?: string
}

export interface WorkbenchServer {
  readonly port: number
  /** Of the page, with the token. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves the page and its messages to browsers of this machine.
 *
 * @throws RpcError 'refused' when the port is taken.
 */
export async function startServer({ workbench, page, port, otherOrigin }: ServerOptions): Promise<WorkbenchServer> {
  const http = createServer()
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} is taken by another program. Choose another one, or leave --port out.`
      reject(error.code === 'EADDRINUSE' || error.code === 'EACCES' ? new RpcError('refused', taken) : error)
    })
    http.listen(port, LOOPBACK, resolve)
  })
  const bound = (http.address() as AddressInfo).port
  const token = newToken()
  const guard = new Guard({ port: bound, token, ...(otherOrigin !== undefined && { otherOrigin }) })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false })
  http.on('request', (request, response) => void answer(request, response, guard, page))
  http.on('upgrade', (request, stream, head) => {
    const refusal = sockets.clients.size >= MAX_SOCKETS ? 503 : guard.refusesSocket(request)
    if (refusal !== undefined) return refuse(stream, refusal)
    sockets.handleUpgrade(request, stream, head, (socket) => attachSocket(socket, workbench))
  })
  return {
    port: bound,
    url: `${otherOrigin ?? `http://${LOOPBACK}:${bound}`}/#${RPC_TOKEN_PARAMETER}=${token}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate()
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, guard: Guard, page: string): Promise<void> {
  if (!guard.allowsHost(request)) return end(response, 403)
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, { Allow: 'GET, HEAD' })
  const [urlPath = '/'] = (request.url ?? '/').split(/[?#]/)
  const file = await readPageFile(page, urlPath)
  if (!file) return end(response, 404)
  // Built assets carry a hash of their content in their name.
  const forever = urlPath.startsWith('/assets/')
  const cache = forever ? 'public, max-age=31536000, immutable' : 'no-cache'
  response.writeHead(200, {
    ...PAGE_HEADERS,
    'Content-Type': file.type,
    'Content-Length': file.bytes.length,
    'Cache-Control': cache,
  })
  response.end(request.method === 'HEAD' ? undefined : file.bytes)
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...PAGE_HEADERS, ...headers, 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(`${STATUS_CODES[status]}\n`)
}

function refuse(stream: Duplex, status: number): void {
  stream.on('error', () => undefined)
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
