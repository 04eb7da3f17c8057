import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { addEntry, changeEntry } from '../../src/shared/configuration-edits'
import type { Bridge } from '../bridge/bridge'
import { installHost } from '../bridge/host'
import { RpcError } from '../bridge/rpc-error'
import { useConfiguration } from './configuration'
import { useDocuments } from './documents'
import { useNotices } from './notices'

const FILE = '/d/driver.config.json'
const TEXT = '{ "keywords": { "RingSize": 64 } }'

/** Files by path, as the host has them; their text is their version. */
let disk: Record<string, string>
let saves: string[]

interface Params {
  readonly path: string
  readonly id: string
  readonly uri: string
  readonly text: string
  readonly etag: string
}
function answer(method: string, { path, id, uri, text, etag }: Params): unknown {
  const read = (at: string) => {
    const content = disk[at]
    if (content === undefined) throw new RpcError('not-found', `${at}: there is no such file`)
    return { uri: at, name: at, text: content, dirty: false, etag: content, readOnly: false }
  }
  if (method === 'document/open') return read(path)
  if (method === 'examples/open') return read(`example:${id}`)
  if (method !== 'document/save') return {}
  const now = disk[uri]
  if (now !== undefined && now !== etag) return { status: 'conflict', diskText: now, etag: now }
  disk[uri] = text
  saves.push(uri)
  return { status: 'saved', uri, name: uri, etag: text }
}

const open = (uri: string, text: string) =>
  useDocuments().add({ uri, name: uri, text, dirty: false, etag: text, readOnly: false })
const setRing = (value: number) => (text: string) => changeEntry(text, 'RingSize', 'dword', 'value', value)
/** The store when the driver is in front and what the disk has was read. */
const ready = async (driver = '/d/driver.ts') => {
  open(driver, 'export function DriverEntry() {}')
  useDocuments().active = driver
  const configuration = useConfiguration()
  await configuration.refresh()
  return configuration
}

beforeEach(() => {
  disk = { [FILE]: TEXT }
  saves = []
  setActivePinia(createPinia())
  const request = async (method: string, params: Params) => answer(method, params)
  installHost({ request, on: () => () => undefined, onConnection: () => () => undefined } as unknown as Bridge)
})

describe('the configuration of the driver in front', () => {
  it('is what stands beside it', async () => {
    const configuration = await ready()
    expect(configuration.reading.keywords).toEqual([{ name: 'RingSize', type: 'dword', value: 64 }])
    expect(configuration.editable).toBe(true)
  })

  it('is written at once while no editor has it', async () => {
    const configuration = await ready()
    expect(await configuration.edit(setRing(65))).toBeUndefined()
    expect(disk[FILE]).toBe('{ "keywords": { "RingSize": 65 } }')
    expect(configuration.reading.keywords[0]?.value).toBe(65)
  })

  it('takes changes that come fast one after the other', async () => {
    const configuration = await ready()
    void configuration.edit(setRing(65))
    void configuration.edit((text) => addEntry(text, 'Depth', 'dword', 1))
    await configuration.settled()
    expect(JSON.parse(disk[FILE] ?? '')).toEqual({ keywords: { RingSize: 65, Depth: 1 } })
  })

  it('comes into being with the first keyword', async () => {
    disk = {}
    const configuration = await ready()
    expect(configuration.text).toBeUndefined()
    await configuration.edit((text) => addEntry(text, 'A', 'dword', 1))
    expect(disk[FILE]).toBe('{\n  "keywords": {\n    "A": 1\n  }\n}\n')
  })

  it('never replaces what somebody else wrote meanwhile', async () => {
    const configuration = await ready()
    const theirs = '{ "keywords": { "RingSize": 7 } }'
    disk[FILE] = theirs
    await configuration.edit(setRing(65))
    expect(disk[FILE]).toBe(theirs)
    expect(configuration.text).toBe(theirs)
    expect(useNotices().list[0]?.text).toContain('changed meanwhile')
  })

  it('refuses a change that the file would not take', async () => {
    const configuration = await ready()
    expect(await configuration.edit(setRing(0.5))).toMatch(/^RingSize takes a whole number/)
    expect(saves).toEqual([])
  })

  it('goes through the open document: saved when it was clean, kept with its edits when it was not', async () => {
    const configuration = await ready()
    open(FILE, TEXT)
    await configuration.edit(setRing(65))
    expect(disk[FILE]).toContain('65')
    expect(useDocuments().open.get(FILE)?.dirty).toBe(false)
    useDocuments().edited(FILE, '{ "keywords": { "RingSize":  66 } }')
    await configuration.edit(setRing(67))
    expect(useDocuments().open.get(FILE)).toMatchObject({ text: '{ "keywords": { "RingSize":  67 } }', dirty: true })
    expect(disk[FILE]).toContain('65')
    expect(saves).toHaveLength(1)
  })

  it('says that the disk moved on under an open document, and keeps the change in its text', async () => {
    const configuration = await ready()
    open(FILE, TEXT)
    disk[FILE] = '{ "keywords": {} }'
    await configuration.edit(setRing(65))
    expect(disk[FILE]).toBe('{ "keywords": {} }')
    const document = useDocuments().open.get(FILE)
    expect(document).toMatchObject({ dirty: true, diskChanged: true })
    expect(document?.text).toContain('65')
  })

  it('cannot be changed while its text is no JSON', async () => {
    disk[FILE] = '{ "keywords": { '
    const configuration = await ready()
    expect(configuration.editable).toBe(false)
    expect(await configuration.edit(setRing(65))).toBeDefined()
    expect(disk[FILE]).toBe('{ "keywords": { ')
  })

  it('is read-only for an example, and has no place for a text that was never saved', async () => {
    disk['example:10-x.config.json'] = TEXT
    const configuration = await ready('example:10-x.ts')
    expect(configuration.reading.keywords).toHaveLength(1)
    expect(configuration.editable).toBe(false)
    open('untitled:1', 'export function DriverEntry() {}')
    useDocuments().active = 'untitled:1'
    await nextTick()
    expect(configuration.uri).toBeUndefined()
    expect(configuration.editable).toBe(false)
  })
})
