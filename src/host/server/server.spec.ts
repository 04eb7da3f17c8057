import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { DebugAdapter } from '../workbench/debug-sessions'
import { Workbench } from '../workbench/workbench'
import { startServer, type WorkbenchServer } from './server'

let folder: string
let workbench: Workbench
let server: WorkbenchServer
let disposed: number

const noAdapter = (): DebugAdapter => ({ handle: () => undefined, dispose: () => (disposed += 1) })

beforeEach(async () => {
  disposed = 0
  folder = await mkdtemp(path.join(tmpdir(), 'server-'))
  const page = path.join(folder, 'page')
  await mkdir(path.join(page, 'assets'), { recursive: true })
  await writeFile(path.join(page, 'index.html'), '<title>page</title>')
  await writeFile(path.join(page, 'assets/app-1a2b.js'), 'export {}')
  await writeFile(path.join(folder, 'secret.html'), 'secret')
  await symlink(path.join(folder, 'secret.html'), path.join(page, 'link.html'))
  const product = {
    root: folder,
    version: '1.2.3',
    engineWorker: pathToFileURL('/none'),
    data: folder,
    examples: folder,
    page,
  }
  const settings = path.join(folder, 'settings')
  workbench = await Workbench.start({
    product,
    settings,
    startFolder: folder,
    frontEnd: 'browser',
    debugAdapter: noAdapter,
  })
  server = await startServer({ workbench, page, port: 0 })
})
afterEach(async () => {
  await server.close()
  await workbench.close()
  await rm(folder, { recursive: true, force: true })
})

/** Sends the path as it stands: fetch would tidy it up first. */
function get(rawPath: string, { host = `127.0.0.1:${server.port}`, method = 'GET' } = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path: rawPath, method, headers: { host } }
    httpRequest(options, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
      .on('error', reject)
      .end()
  })
}

const token = () => new URL(server.url).hash.replace('#token=', '')
const origin = () => `http://127.0.0.1:${server.port}`

function open({ path: where = '/rpc', query = `token=${token()}`, from = origin(), host = '' } = {}) {
  const headers = host ? { host } : {}
  return new WebSocket(`ws://127.0.0.1:${server.port}${where}?${query}`, { origin: from, headers })
}
const outcome = (socket: WebSocket) =>
  new Promise<number | 'open'>((resolve) => {
    socket.on('open', () => resolve('open'))
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => undefined)
  })
const answerTo = (socket: WebSocket, message: string | Buffer) =>
  new Promise<unknown>((resolve) => {
    socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString())))
    socket.send(message)
  })

describe('the page', () => {
  it('comes with its type and a policy that allows nothing from elsewhere', async () => {
    const { status, headers, body } = await get('/')
    expect([status, body]).toEqual([200, '<title>page</title>'])
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['x-content-type-options']).toBe('nosniff')
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self';")
    expect(policy).not.toMatch(/https?:|script-src[^;]*unsafe|\*/)
    expect((await get('/assets/app-1a2b.js')).headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  it.each([
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/..%5csecret.html',
    '/assets/../../secret.html',
    '//secret.html',
    '/link.html',
    '/%00',
    '/%zz',
    '/assets',
    '/none.html',
  ])('%s is not found', async (rawPath) => {
    const { status, body } = await get(rawPath)
    expect([status, body]).toEqual([404, 'Not Found\n'])
  })

  it('is not given to a name that only resolves to this machine', async () => {
    expect((await get('/', { host: `evil.example:${server.port}` })).status).toBe(403)
    expect((await get('/', { host: '127.0.0.1' })).status).toBe(403)
  })

  it('can only be read', async () => {
    expect((await get('/', { method: 'POST' })).status).toBe(405)
    expect(await get('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
  })
})

describe('the socket', () => {
  it('opens for the page that knows the token', async () => {
    const socket = open()
    expect(await outcome(socket)).toBe('open')
    const request = { kind: 'request', id: 1, method: 'app/info', params: {} }
    expect(await answerTo(socket, JSON.stringify(request))).toMatchObject({
      kind: 'response',
      id: 1,
      result: { version: '1.2.3', frontEnd: 'browser' },
    })
  })

  it('opens for nobody else', async () => {
    expect(await outcome(open({ query: '' }))).toBe(401)
    expect(await outcome(open({ query: `token=${token().slice(1)}` }))).toBe(401)
    expect(await outcome(open({ query: `token=${'a'.repeat(token().length)}` }))).toBe(401)
    expect(await outcome(open({ from: 'http://evil.example' }))).toBe(403)
    expect(await outcome(open({ from: 'null' }))).toBe(403)
    expect(await outcome(open({ host: `evil.example:${server.port}` }))).toBe(403)
    expect(await outcome(open({ path: '/other' }))).toBe(404)
  })

  it('answers hostile messages and goes on', async () => {
    const socket = open()
    await outcome(socket)
    for (const message of ['', '{', 'null', '[]', '{"kind":"request"}', Buffer.from([0xff, 0xfe])])
      expect(await answerTo(socket, message)).toMatchObject({ kind: 'failure', code: 'bad-request' })
    const request = { kind: 'request', id: 2, method: 'app/info', params: {} }
    expect(await answerTo(socket, JSON.stringify(request))).toMatchObject({ kind: 'response', id: 2 })
  })

  it('closes on a message that is too large, and serves the others', async () => {
    const [large, other] = [open(), open()]
    await Promise.all([outcome(large), outcome(other)])
    const closed = new Promise<number>((resolve) => large.on('close', resolve))
    large.send(Buffer.alloc(49 * 1024 * 1024, 0x20))
    expect(await closed).toBe(1009)
    const request = { kind: 'request', id: 3, method: 'app/info', params: {} }
    expect(await answerTo(other, JSON.stringify(request))).toMatchObject({ kind: 'response' })
  })

  it('brings events to every front end, and ends its debug sessions with it', async () => {
    const sockets = [open(), open()]
    await Promise.all(sockets.map(outcome))
    const received = sockets.map((socket) => new Promise((resolve) => socket.once('message', resolve)))
    workbench.broadcast('app/command', { command: 'run.start' })
    for (const data of await Promise.all(received)) expect(String(data)).toContain('run.start')
    const request = { kind: 'request', id: 4, method: 'debug/open', params: {} }
    await answerTo(sockets[0] as WebSocket, JSON.stringify(request))
    sockets[0]?.close()
    await vi.waitFor(() => expect(disposed).toBe(1))
  })

  it('survives a handshake that breaks off', async () => {
    const raw = connect(server.port, '127.0.0.1')
    raw.write(`GET /rpc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`)
    raw.on('error', () => undefined)
    raw.destroy()
    expect((await get('/')).status).toBe(200)
  })
})

it('says which port is taken', async () => {
  await expect(startServer({ workbench, page: folder, port: server.port })).rejects.toThrow(
    `Port ${server.port} is taken`,
  )
})
