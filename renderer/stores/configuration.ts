/** The configuration of the driver that a press on Run means: what its file says, and changes of it. */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { NEW_CONFIGURATION, readConfiguration, type ConfigurationProblem } from '../../src/shared/configuration-text'
import { host } from '../bridge/host'
import { RpcError } from '../bridge/rpc-error'
import { configurationOf } from '../model/configuration-uri'
import { runTarget } from '../model/run-target'
import { isExample, useDocuments } from './documents'
import { useNotices } from './notices'
import { saveDocument } from './saving'

/** What the disk has. */
interface OnDisk {
  readonly uri: string
  /** undefined: there is no such file. */
  readonly text: string | undefined
  readonly etag: string
  readonly readOnly: boolean
}

const missing = (error: unknown): undefined => {
  if (error instanceof RpcError && error.code === 'not-found') return undefined
  throw error
}

/** The configuration file of an example, where one ships with it. */
export const shippedConfiguration = async (example: string): Promise<string | undefined> => {
  const uri = configurationOf(example)
  if (uri === undefined) return undefined
  const document = await host()
    .request('examples/open', { id: uri.replace(/^example:/, '') })
    .catch(missing)
  return document?.text
}

async function read(uri: string): Promise<OnDisk> {
  if (isExample(uri))
    return { uri, text: await shippedConfiguration(uri.replace(/\.config\.json$/, '.ts')), etag: '', readOnly: true }
  const document = await host().request('document/open', { path: uri }).catch(missing)
  if (!document) return { uri, text: undefined, etag: '', readOnly: false }
  // Text that was kept for later is a person's own: it is changed in its editor only.
  return { uri, text: document.text, etag: document.etag, readOnly: document.readOnly || document.dirty }
}

/** The first problem that a change would bring. */
function newProblem(before: string, after: string): ConfigurationProblem | undefined {
  const known = new Set(readConfiguration(before).problems.map(({ message }) => message))
  return readConfiguration(after).problems.find(({ message }) => !known.has(message))
}

export const useConfiguration = defineStore('configuration', () => {
  const documents = useDocuments()
  const program = computed(() => runTarget(documents.open.get(documents.active), [...documents.open.values()]))
  /** The file's document; undefined while the driver has no place where one could stand. */
  const uri = computed(() => (program.value === undefined ? undefined : configurationOf(program.value)))
  const disk = shallowRef<OnDisk>()
  const document = computed(() => (uri.value === undefined ? undefined : documents.open.get(uri.value)))
  const onDisk = computed(() => (disk.value?.uri === uri.value ? disk.value : undefined))
  /** As it is now, edits in its editor included; undefined: there is none. */
  const text = computed(() => document.value?.text ?? onDisk.value?.text)
  const reading = computed(() => readConfiguration(text.value ?? NEW_CONFIGURATION))
  const readOnly = computed(() => document.value?.readOnly ?? onDisk.value?.readOnly ?? true)
  const editable = computed(() => uri.value !== undefined && !readOnly.value && reading.value.editable)

  const refresh = async (): Promise<void> => {
    const wanted = uri.value
    if (wanted === undefined) return
    const found = await read(wanted)
    if (uri.value === wanted) disk.value = found
  }
  // A document that is closed leaves what the disk has.
  watch([uri, () => document.value === undefined], () => void refresh().catch(useNotices().failed), { immediate: true })

  /** An open document is changed there: saved at once when nothing else waited to be saved, else with the rest. */
  const changeOpen = async (of: string, changed: string): Promise<void> => {
    const waited = documents.open.get(of)?.dirty ?? false
    documents.edited(of, changed)
    if (waited) return
    const { status } = await saveDocument(of)
    if (status === 'conflict') documents.put(of, { diskChanged: true })
  }
  const changeFile = async (of: string, changed: string): Promise<void> => {
    const etag = onDisk.value?.etag ?? ''
    const result = await host().request('document/save', { uri: of, path: of, text: changed, etag })
    if (result.status === 'saved') disk.value = { uri: of, text: changed, etag: result.etag, readOnly: false }
    else {
      await refresh()
      useNotices().trouble('The configuration file changed meanwhile and was read again. Your change was not made.')
    }
  }

  let last: Promise<void> = Promise.resolve()
  /** Resolves with what the file would not take, and then nothing was changed; undefined when it is written. */
  const edit = (change: (text: string) => string): Promise<string | undefined> => {
    const of = uri.value
    const done = last.then(async () => {
      if (of === undefined || of !== uri.value || !editable.value) return 'This configuration cannot be changed here.'
      const before = text.value ?? NEW_CONFIGURATION
      const after = change(before)
      const problem = newProblem(before, after)
      if (problem) return problem.message
      if (after !== before) await (document.value ? changeOpen(of, after) : changeFile(of, after))
      return undefined
    })
    last = done.then(
      () => undefined,
      () => undefined,
    )
    return done
  }
  /** Resolves when the changes made so far are where a run finds them. */
  const settled = (): Promise<void> => last

  return { program, uri, text, reading, editable, readOnly, refresh, edit, settled }
})
