import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RpcEnvelope, RpcMethod, RpcRequests } from '../../shared/rpc'
import type { Product } from '../product'
import type { DebugAdapter } from './debug-sessions'
import { Workbench, type Dialogs, type WorkbenchClient } from './workbench'

let folder: string
let workbench: Workbench
let client: WorkbenchClient
let events: RpcEnvelope[]
let adapters: { received: unknown[]; disposed: boolean }[]

const inFolder = (...names: string[]) => path.join(folder, ...names)

function fakeAdapter(send: (message: { seq: number; type: string }) => void): DebugAdapter {
  const adapter = { received: [] as unknown[], disposed: false }
  adapters.push(adapter)
  return {
    handle(message) {
      adapter.received.push(message)
      send({ seq: 1, type: 'response' })
    },
    dispose: () => (adapter.disposed = true),
  }
}

async function start(dialogs?: Dialogs): Promise<void> {
  const product: Product = {
    root: folder,
    version: '1.2.3',
    engineWorker: pathToFileURL(inFolder('worker.js')),
    data: inFolder('data'),
    examples: inFolder('examples'),
    page: inFolder('page'),
  }
  const settings = inFolder('settings')
  workbench = await Workbench.start({
    product,
    settings,
    startFolder: folder,
    frontEnd: 'browser',
    debugAdapter: fakeAdapter,
    ...(dialogs && { dialogs }),
  })
  client = workbench.connect((envelope) => events.push(envelope))
}

/** As after a kill: nothing is closed, a new process starts on the same disk. */
const killAndRestart = () => start()

async function request<M extends RpcMethod>(method: M, params: RpcRequests[M]['params']) {
  const answer = await client.handle({ kind: 'request', id: 1, method, params })
  if (answer.kind === 'response') return answer.result as RpcRequests[M]['result']
  throw new Error(JSON.stringify(answer))
}
async function refusal<M extends RpcMethod>(method: M, params: RpcRequests[M]['params']) {
  const answer = await client.handle({ kind: 'request', id: 1, method, params })
  if (answer.kind === 'failure') return answer
  throw new Error(`${method} was answered`)
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'workbench-'))
  await mkdir(inFolder('examples'))
  events = []
  adapters = []
  await start()
})
afterEach(async () => {
  await workbench.close()
  await rm(folder, { recursive: true, force: true })
})

describe('messages that are no good', () => {
  it.each([
    [null, -1, 'bad-request'],
    ['text', -1, 'bad-request'],
    [{ kind: 'event', event: 'app/command', body: {} }, -1, 'bad-request'],
    [{ kind: 'request', id: 'x', method: 'app/info', params: {} }, -1, 'bad-request'],
    [{ kind: 'request', id: 3, method: 'app/quit', params: {} }, 3, 'unknown-method'],
    [{ kind: 'request', id: 4, method: '__proto__', params: {} }, 4, 'unknown-method'],
    [{ kind: 'request', id: 5, method: 'toString', params: {} }, 5, 'unknown-method'],
    [{ kind: 'request', id: 6, method: 'document/open', params: { path: 5 } }, 6, 'bad-request'],
    [{ kind: 'request', id: 7, method: 'document/open', params: { path: '/a\0b' } }, 7, 'bad-request'],
    [{ kind: 'request', id: 8, method: 'app/info', params: [] }, 8, 'bad-request'],
    [{ kind: 'request', id: 9, method: 'document/open', params: { path: '' } }, 9, 'bad-request'],
  ])('%j is answered with a code', async (message, id, code) => {
    expect(await client.handle(message)).toMatchObject({ kind: 'failure', id, code })
  })

  it('hides the inside of our own faults', async () => {
    const answer = await refusal('app/data', {})
    expect(answer.code).toBe('internal')
    expect(answer.message).not.toContain(folder)
  })
})

describe('documents', () => {
  const file = () => inFolder('driver.ts')
  const open = () => request('document/open', { path: file() })

  it('are saved whole, with their permissions, and leave nothing else behind', async () => {
    await writeFile(file(), 'old')
    await chmod(file(), 0o640)
    const { uri, etag } = await open()
    const saved = await request('document/save', { uri, text: 'new', etag })
    expect(saved).toMatchObject({ status: 'saved', uri: file(), name: 'driver.ts' })
    expect(await readFile(file(), 'utf8')).toBe('new')
    expect((await readdir(folder)).sort()).toEqual(['driver.ts', 'examples', 'settings'])
    expect((await import('node:fs').then((fs) => fs.statSync(file()))).mode & 0o777).toBe(0o640)
  })

  it('are not written over what another program wrote meanwhile, unless told to', async () => {
    await writeFile(file(), 'one')
    const { uri, etag } = await open()
    await writeFile(file(), 'two, by somebody else')
    const conflict = await request('document/save', { uri, text: 'mine', etag })
    expect(conflict).toMatchObject({ status: 'conflict', diskText: 'two, by somebody else' })
    expect(await readFile(file(), 'utf8')).toBe('two, by somebody else')
    expect(await request('document/save', { uri, text: 'mine', etag, force: true })).toMatchObject({ status: 'saved' })
    expect(await readFile(file(), 'utf8')).toBe('mine')
  })

  it('ask before Save As replaces an existing file', async () => {
    await writeFile(inFolder('other.ts'), 'precious')
    const { uri } = await request('document/new', {})
    const params = { uri, path: inFolder('other.ts'), text: 'x', etag: '' }
    expect(await request('document/save', params)).toMatchObject({ status: 'conflict', diskText: 'precious' })
    expect(await readFile(inFolder('other.ts'), 'utf8')).toBe('precious')
  })

  it('are written only where a person opened or named them', async () => {
    await writeFile(inFolder('secret.txt'), 'secret')
    const answer = await refusal('document/save', { uri: inFolder('secret.txt'), text: '', etag: '', force: true })
    expect(answer).toMatchObject({ code: 'refused', message: expect.stringContaining('Save As') as string })
    expect(await readFile(inFolder('secret.txt'), 'utf8')).toBe('secret')
    expect((await refusal('document/save', { uri: 'untitled:1', text: '', etag: '' })).code).toBe('refused')
  })

  it('are replaced without a second question once a native dialog has asked', async () => {
    const target = inFolder('other.ts')
    await writeFile(target, 'old')
    await start({ open: () => Promise.resolve(null), save: () => Promise.resolve(target) })
    expect(await request('dialog/save', { name: 'x.ts' })).toEqual({ path: target, supported: true })
    const params = { uri: 'untitled:1', path: target, text: 'new', etag: '' }
    expect(await request('document/save', params)).toMatchObject({ status: 'saved' })
    expect(await request('document/save', { ...params, text: 'newer' })).toMatchObject({ status: 'conflict' })
  })

  it('may be named the way people type paths', async () => {
    const saved = await request('document/save', { uri: 'untitled:1', path: 'typed.ts', text: 'x', etag: '' })
    expect(saved).toMatchObject({ status: 'saved', uri: inFolder('typed.ts') })
    expect((await refusal('document/open', { path: '~/no/such/file.ts' })).message).toContain(homedir())
  })

  it('follow a link instead of replacing it', async () => {
    await writeFile(inFolder('real.ts'), 'a')
    await symlink(inFolder('real.ts'), file())
    const { uri, etag } = await open()
    await request('document/save', { uri, text: 'b', etag })
    expect(await readFile(inFolder('real.ts'), 'utf8')).toBe('b')
  })

  it.each([
    ['binary', Buffer.from([1, 0, 2]), 'not a text file'],
    ['Latin-1', Buffer.from([0x66, 0xfc, 0x72]), 'UTF-8'],
  ])('in %s are refused, because saving would damage them', async (_, bytes, words) => {
    await writeFile(file(), bytes)
    const answer = await refusal('document/open', { path: file() })
    expect(answer).toMatchObject({ code: 'refused', message: expect.stringContaining(words) as string })
  })

  it('keep their byte order mark', async () => {
    await writeFile(file(), '\uFEFFconst a = 1')
    expect((await open()).text).toBe('\uFEFFconst a = 1')
  })

  it('that are not there, or have no folder, are answered with a sentence', async () => {
    expect((await refusal('document/open', { path: inFolder('none.ts') })).code).toBe('not-found')
    const params = { uri: 'untitled:1', path: inFolder('no', 'where.ts'), text: '', etag: '' }
    expect(await refusal('document/save', params)).toMatchObject({
      code: 'disk',
      message: expect.stringContaining('folder does not exist') as string,
    })
    expect((await refusal('document/open', { path: folder })).code).toBe('refused')
  })
})

describe('hot exit', () => {
  it('brings unsaved texts back after a kill, files and untitled ones', async () => {
    await writeFile(inFolder('a.ts'), 'on disk')
    const { uri, etag } = await request('document/open', { path: inFolder('a.ts') })
    await request('document/backup', { uri, name: 'a.ts', etag, text: 'edited' })
    const fresh = await request('document/new', {})
    await request('document/backup', { ...fresh, text: 'untitled text' })
    await killAndRestart()
    const { documents } = await request('document/restore', {})
    expect(documents).toHaveLength(2)
    expect(documents.find((document) => document.uri === uri)).toMatchObject({ text: 'edited', dirty: true, etag })
    expect(documents.find((document) => document.uri === fresh.uri)).toMatchObject({
      text: 'untitled text',
      dirty: true,
    })
    expect((await request('document/new', {})).uri).not.toBe(fresh.uri)
  })

  it('keeps the last of many edits, and none of it after saving', async () => {
    await writeFile(inFolder('a.ts'), '0')
    const { uri, etag } = await request('document/open', { path: inFolder('a.ts') })
    const edits = Array.from({ length: 20 }, (_, n) =>
      request('document/backup', { uri, name: 'a.ts', etag, text: `${n}` }),
    )
    await Promise.all(edits)
    expect((await request('document/open', { path: uri })).text).toBe('19')
    await request('document/save', { uri, text: '19', etag })
    expect((await request('document/restore', {})).documents).toEqual([])
  })

  it('still notices that the disk moved on while the program was dead', async () => {
    await writeFile(inFolder('a.ts'), 'v1')
    const { uri, etag } = await request('document/open', { path: inFolder('a.ts') })
    await request('document/backup', { uri, name: 'a.ts', etag, text: 'mine' })
    await writeFile(inFolder('a.ts'), 'v2')
    await killAndRestart()
    const [restored] = (await request('document/restore', {})).documents
    const saved = await request('document/save', { uri, text: 'mine', etag: restored?.etag ?? '' })
    expect(saved).toMatchObject({ status: 'conflict', diskText: 'v2' })
  })

  it('puts a damaged backup aside and goes on', async () => {
    await request('document/backup', { uri: 'untitled:1', name: 'x', etag: '', text: 'x' })
    const [name = ''] = await readdir(inFolder('settings', 'backups'))
    await writeFile(inFolder('settings', 'backups', name), '{"uri": "unt')
    expect((await request('document/restore', {})).documents).toEqual([])
    expect(await readdir(inFolder('settings', 'backups'))).toEqual([`${name}.damaged`])
  })

  it('says what to do when the disk refuses', async () => {
    await writeFile(inFolder('settings', 'backups'), 'a file where the folder should be')
    const answer = await refusal('document/backup', { uri: 'untitled:1', name: 'mine', etag: '', text: 'x' })
    expect(answer).toMatchObject({
      code: 'disk',
      message: expect.stringContaining('mine cannot be backed up') as string,
    })
  })
})

describe('the opened folder', () => {
  it('is listed without hidden folders and packages, and found again at the next start', async () => {
    for (const name of ['ws/.git', 'ws/node_modules/x', 'ws/lib']) await mkdir(inFolder(name), { recursive: true })
    await writeFile(inFolder('ws/lib/a.ts'), '')
    const { root } = await request('workspace/open', { path: inFolder('ws') + path.sep })
    expect(root).toBe(inFolder('ws'))
    await killAndRestart()
    expect(await request('workspace/list', {})).toEqual({
      root,
      files: [
        { path: 'lib', kind: 'folder' },
        { path: 'lib/a.ts', kind: 'file' },
      ],
    })
  })

  it('and the opened documents are watched', async () => {
    await mkdir(inFolder('ws'))
    await writeFile(inFolder('ws/a.ts'), 'a')
    await request('workspace/open', { path: inFolder('ws') })
    const { uri } = await request('document/open', { path: inFolder('ws/a.ts') })
    await new Promise((resolve) => setTimeout(resolve, 300))
    await writeFile(inFolder('ws/a.ts'), 'changed')
    await writeFile(inFolder('ws/b.ts'), 'new')
    const body = expect.objectContaining({ uri }) as unknown
    await vi.waitFor(
      () => {
        expect(events).toContainEqual({ kind: 'event', event: 'document/changedOnDisk', body })
        expect(events).toContainEqual({ kind: 'event', event: 'workspace/changed', body: { root: inFolder('ws') } })
      },
      { timeout: 5_000 },
    )
  })
})

describe('what else a front end asks', () => {
  it('keeps its state, also through a damaged file', async () => {
    await request('state/save', { state: { theme: 'light' } })
    await killAndRestart()
    expect(await request('state/load', {})).toEqual({ state: { theme: 'light' } })
    await writeFile(inFolder('settings', 'state.json'), '{"theme"')
    expect(await request('state/load', {})).toEqual({ state: {} })
    expect(await readdir(inFolder('settings'))).toContain('state.json.damaged')
  })

  it('describes examples by their own comment, and opens no other file as one', async () => {
    const text =
      '/**\n * BUG: wrong free\n *\n * Frees a packet through\n * the wrong form.\n */\nimport {} from "ndis"\n'
    await writeFile(inFolder('examples/06-wrong.ts'), text)
    await writeFile(inFolder('secret.ts'), 'secret')
    await mkdir(inFolder('examples/parts'))
    await writeFile(inFolder('examples/parts/ring.ts'), '// A ring\n')
    await mkdir(inFolder('examples/bugs/parts'), { recursive: true })
    await writeFile(inFolder('examples/bugs/parts/pools.ts'), '// Pools\n')
    await writeFile(inFolder('examples/bugs/01-wait.ts'), '// BUG: a wait\n')
    await writeFile(inFolder('examples/bugs/01-wait.mended.ts'), '// Mended: a wait\n')
    expect((await request('examples/list', {})).examples).toEqual([
      {
        id: '06-wrong.ts',
        title: 'Wrong free',
        description: 'Frees a packet through the wrong form.',
        faulty: true,
      },
      { id: 'bugs/01-wait.ts', title: 'A wait', description: '', faulty: true },
      { id: 'bugs/01-wait.mended.ts', title: 'Mended: a wait', description: '', faulty: false },
    ])
    expect(await request('examples/open', { id: '06-wrong.ts' })).toMatchObject({ uri: 'example:06-wrong.ts', text })
    expect(await request('examples/open', { id: 'parts/ring.ts' })).toMatchObject({
      uri: 'example:parts/ring.ts',
      text: '// A ring\n',
    })
    for (const id of ['../secret.ts', 'parts/../../secret.ts', 'parts'])
      expect((await refusal('examples/open', { id })).code).toBe('not-found')
  })

  it('has no native dialogs in a browser', async () => {
    expect(await request('dialog/open', { kind: 'file' })).toEqual({ path: null, supported: false })
  })
})

describe('debug sessions', () => {
  it('carry messages both ways and end with their front end', async () => {
    const { session } = await request('debug/open', {})
    await request('debug/message', { session, message: { seq: 1, type: 'request' } })
    expect(adapters[0]?.received).toEqual([{ seq: 1, type: 'request' }])
    expect(events).toEqual([
      { kind: 'event', event: 'debug/message', body: { session, message: { seq: 1, type: 'response' } } },
    ])
    client.close()
    expect(adapters[0]?.disposed).toBe(true)
  })

  it('belong to one front end', async () => {
    const { session } = await request('debug/open', {})
    client = workbench.connect(() => undefined)
    expect((await refusal('debug/message', { session, message: { seq: 1, type: 'request' } })).code).toBe('not-found')
  })
})
