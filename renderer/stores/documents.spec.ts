import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bridge } from '../bridge/bridge'
import { installHost } from '../bridge/host'
import { useDocuments } from './documents'
import { saveDocument, takeDiskVersion } from './saving'

let calls: [string, Record<string, unknown>][]
let answers: Record<string, unknown>

beforeEach(() => {
  calls = []
  answers = {}
  vi.useFakeTimers()
  setActivePinia(createPinia())
  const request = async (method: string, params: Record<string, unknown>) => {
    calls.push([method, params])
    return answers[method] ?? {}
  }
  installHost({ request, on: () => () => undefined, onConnection: () => () => undefined } as unknown as Bridge)
})
afterEach(() => vi.useRealTimers())

const file = { uri: '/d/driver.ts', name: 'driver.ts', text: 'old', dirty: false, etag: 'e1', readOnly: false }
const sent = (method: string) => calls.filter(([name]) => name === method).map(([, params]) => params)

describe('editing', () => {
  it('marks the document at once and backs the text up within 400 ms', async () => {
    const documents = useDocuments()
    documents.add(file)
    documents.edited(file.uri, 'new')
    expect(documents.open.get(file.uri)?.dirty).toBe(true)
    await vi.advanceTimersByTimeAsync(400)
    expect(sent('document/backup')).toEqual([{ uri: file.uri, text: 'new', etag: 'e1', name: 'driver.ts' }])
  })
  it('is clean again, and without a backup, when undone', async () => {
    const documents = useDocuments()
    documents.add(file)
    documents.edited(file.uri, 'new')
    documents.edited(file.uri, 'old')
    expect(documents.open.get(file.uri)?.dirty).toBe(false)
    await vi.advanceTimersByTimeAsync(400)
    expect(sent('document/backup')).toEqual([])
    expect(sent('document/discardBackup')).toEqual([{ uri: file.uri }])
  })
  it('keeps what was typed when the same document is opened again', () => {
    const documents = useDocuments()
    documents.add(file)
    documents.edited(file.uri, 'mine')
    expect(documents.add(file).text).toBe('mine')
  })
  it('counts a restored text as unsaved until it is saved', () => {
    const documents = useDocuments()
    documents.add({ ...file, text: 'restored', dirty: true })
    documents.edited(file.uri, 'restored!')
    documents.edited(file.uri, 'restored')
    expect(documents.open.get(file.uri)?.dirty).toBe(true)
  })
})

describe('closing', () => {
  it('sends queued text first unless the person gave it up', async () => {
    const documents = useDocuments()
    documents.add(file)
    documents.edited(file.uri, 'new')
    await documents.close(file.uri, false)
    expect(sent('document/backup')).toHaveLength(1)
    documents.add(file)
    documents.edited(file.uri, 'newer')
    await documents.close(file.uri, true)
    expect(sent('document/backup')).toHaveLength(1)
    expect(sent('document/discardBackup')).toEqual([{ uri: file.uri }])
  })
})

describe('saving', () => {
  it('reports a conflict and writes nothing', async () => {
    const documents = useDocuments()
    documents.add(file)
    documents.edited(file.uri, 'mine')
    answers['document/save'] = { status: 'conflict', diskText: 'theirs', etag: 'e2' }
    expect(await saveDocument(file.uri)).toMatchObject({ status: 'conflict', diskText: 'theirs' })
    expect(documents.open.get(file.uri)).toMatchObject({ text: 'mine', dirty: true })
    await takeDiskVersion(file.uri, 'theirs', 'e2')
    expect(documents.open.get(file.uri)).toMatchObject({ text: 'theirs', dirty: false, etag: 'e2' })
  })
  it('gives an example a file of its own', async () => {
    const documents = useDocuments()
    documents.add({ ...file, uri: 'example:01.ts', name: '01.ts', etag: '' })
    documents.edited('example:01.ts', 'mine')
    answers['document/save'] = { status: 'saved', uri: '/d/my.ts', name: 'my.ts', etag: 'e9' }
    expect(await saveDocument('example:01.ts', { path: '/d/my.ts' })).toEqual({ status: 'saved', uri: '/d/my.ts' })
    expect(documents.open.get('/d/my.ts')).toMatchObject({ name: 'my.ts', text: 'mine', dirty: false, etag: 'e9' })
  })
  it('keeps text typed while the save was on its way', async () => {
    const documents = useDocuments()
    documents.add(file)
    documents.edited(file.uri, 'one')
    answers['document/save'] = { status: 'saved', uri: file.uri, name: 'driver.ts', etag: 'e2' }
    const saving = saveDocument(file.uri)
    documents.edited(file.uri, 'one two')
    await saving
    expect(documents.open.get(file.uri)).toMatchObject({ text: 'one two', dirty: true, etag: 'e2' })
    expect(sent('document/discardBackup')).toEqual([])
  })
})
