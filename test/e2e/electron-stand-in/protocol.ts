import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Handler = (request: Request) => Promise<Response> | Response
interface Privileges {
  readonly scheme: string
  readonly privileges?: { readonly standard?: boolean; readonly secure?: boolean }
}

const privileged = new Map<string, Privileges['privileges']>()
const bases = new Map<string, string>()

/** `app://workbench/x` as an address that Chromium can load, once the scheme is handled. */
export async function toLoadable(url: string): Promise<string> {
  const { scheme, host, rest } = split(url)
  await ready
  const base = bases.get(scheme)
  if (base === undefined) throw new Error(`no handler for ${scheme}://`)
  hosts.set(base, `${scheme}://${host}`)
  return `${base}${rest}`
}

/** The origin as Electron would tell it. */
export function originOf(loadable: string): string {
  const { origin } = new URL(loadable)
  return hosts.get(origin) ?? origin
}

const hosts = new Map<string, string>()
let ready: Promise<void> = Promise.resolve()

export const protocol = {
  registerSchemesAsPrivileged(schemes: readonly Privileges[]): void {
    for (const { scheme, privileges } of schemes) privileged.set(scheme, privileges)
  },
  handle(scheme: string, handler: Handler): void {
    const rights = privileged.get(scheme)
    if (!rights?.standard || !rights.secure) throw new Error(`${scheme} is not declared standard and secure`)
    const server = createServer((request, response) => void answer(scheme, handler, request, response))
    ready = new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        bases.set(scheme, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
        resolve()
      })
    })
  },
}

function split(url: string) {
  const [, scheme = '', host = '', rest = ''] = /^([a-z]+):\/\/([^/]+)(\/.*)?$/.exec(url) ?? []
  return { scheme, host, rest: rest || '/' }
}

async function answer(scheme: string, handler: Handler, request: IncomingMessage, response: ServerResponse) {
  const base = bases.get(scheme) ?? ''
  const result = await handler(new Request(`${hosts.get(base)}${request.url}`, { method: request.method ?? 'GET' }))
  response.writeHead(result.status, Object.fromEntries(result.headers))
  response.end(Buffer.from(await result.arrayBuffer()))
}
