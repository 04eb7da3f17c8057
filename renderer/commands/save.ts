/** Save, Save As and the choices of a conflict. */
import { baseName } from '../model/format'
import { configurationOf } from '../model/configuration-uri'
import { renameDocument } from '../model/breakpoints'
import { host } from '../bridge/host'
import { useDock } from '../dock/dock'
import { useBreakpoints } from '../stores/breakpoints'
import { useDialogs } from '../stores/dialogs'
import { shippedConfiguration } from '../stores/configuration'
import { isExample, useDocuments } from '../stores/documents'
import { useNotices } from '../stores/notices'
import { useWorkspace } from '../stores/workspace'
import { needsPath, saveDocument, takeDiskVersion, type SaveOptions, type SaveOutcome } from '../stores/saving'

/** A native dialog where there is one; else the person types the path. undefined: cancelled. */
export async function askSavePath(name: string): Promise<string | undefined> {
  const file = /\.(ts|json|pcapng|pcap)$/.test(name) ? name : `${name}.ts`
  const { root } = useWorkspace()
  const suggestion = root ? `${root}/${file}` : file
  const { path, supported } = await host().request('dialog/save', { name: file })
  if (supported) return path ?? undefined
  const { choice, input } = await useDialogs().ask({
    title: 'Save as',
    text: 'Where should the file go? Its folder, on the machine that runs the workbench, must exist.',
    input: { label: 'Full path', value: suggestion, placeholder: '/home/me/drivers/echo.ts' },
    choices: [
      { id: 'save', label: 'Save', primary: true },
      { id: 'cancel', label: 'Cancel' },
    ],
  })
  return choice === 'save' && input.trim() ? input.trim() : undefined
}

/** Saves, asking for a place first when there is none. false: the person changed their mind. */
export async function save(uri: string, as = false): Promise<boolean> {
  const document = useDocuments().open.get(uri)
  if (!document) return false
  if (document.readOnly && !as) throw new Error(`${document.name} can only be read. Save As writes a copy of it.`)
  const path = as || needsPath(uri) ? await askSavePath(baseName(document.name)) : undefined
  if (path === undefined && (as || needsPath(uri))) return false
  return finish(uri, path === undefined ? {} : { path })
}

async function finish(uri: string, options: SaveOptions): Promise<boolean> {
  const outcome = await saveDocument(uri, options)
  if (outcome.status === 'conflict') return choose(uri, options, outcome)
  if (outcome.uri !== uri) await replaceDocument(uri, outcome.uri)
  return true
}

/** After Save As the new file takes the place of the document that it came from, breakpoints included. */
async function replaceDocument(from: string, to: string): Promise<void> {
  const documents = useDocuments()
  const breakpoints = useBreakpoints()
  breakpoints.lines = renameDocument(breakpoints.lines, from, to)
  await takeConfigurationAlong(from, to)
  useDock().openDocument(to, documents.open.get(to)?.name ?? baseName(to))
  useDock().removeDocument(from)
  // Its text is safe in the new file by now.
  await documents.close(from, true)
}

/** The configuration that ships with an example goes beside its copy, unless there is one. */
async function takeConfigurationAlong(from: string, to: string): Promise<void> {
  const target = configurationOf(to)
  const shipped = isExample(from) ? await shippedConfiguration(from) : undefined
  if (target === undefined || shipped === undefined) return
  const saved = await host().request('document/save', { uri: target, path: target, text: shipped, etag: '' })
  if (saved.status === 'saved') useNotices().info(`Its configuration was saved beside it, as ${saved.name}.`)
}

async function choose(
  uri: string,
  options: SaveOptions,
  conflict: Extract<SaveOutcome, { status: 'conflict' }>,
): Promise<boolean> {
  const document = useDocuments().open.get(uri)
  const { choice } = await useDialogs().ask({
    title: `${baseName(options.path ?? uri)} changed on disk`,
    text: 'The file on disk is not the one this text was opened from. Nothing has been written.',
    compare: { left: conflict.diskText, right: document?.text ?? '', leftLabel: 'On disk', rightLabel: 'Yours' },
    choices: [
      { id: 'mine', label: 'Overwrite with Mine' },
      { id: 'disk', label: "Take the Disk's" },
      { id: 'as', label: 'Save Mine Elsewhere…', primary: true },
      { id: 'cancel', label: 'Decide Later' },
    ],
  })
  if (choice === 'mine') return finish(uri, { ...options, force: true })
  if (choice === 'as') return save(uri, true)
  if (choice === 'disk') await takeDiskVersion(uri, conflict.diskText, conflict.etag)
  return choice === 'disk'
}

/** The notice of a changed file: a save attempt brings up the comparison. */
export async function resolveConflict(uri: string): Promise<void> {
  if (await save(uri)) useDocuments().put(uri, { diskChanged: false })
}

/** Unsaved text is given up only by a person's own word. false: the document stays open. */
export async function closeDocument(uri: string): Promise<boolean> {
  const documents = useDocuments()
  const document = documents.open.get(uri)
  if (document?.dirty) {
    const { choice } = await useDialogs().ask({
      title: `Save ${document.name}?`,
      text: 'It has changes that are not in a file yet. Keep them for later leaves them as they are: they come back when it is opened again.',
      choices: [
        { id: 'save', label: 'Save', primary: true },
        { id: 'keep', label: 'Keep for Later' },
        { id: 'discard', label: 'Discard Changes' },
        { id: 'cancel', label: 'Cancel' },
      ],
    })
    if (choice === 'cancel' || (choice === 'save' && !(await save(uri)))) return false
    if (choice === 'save' && !documents.open.has(uri)) return true
    useDock().removeDocument(uri)
    await documents.close(uri, choice === 'discard')
    return true
  }
  useDock().removeDocument(uri)
  await documents.close(uri, false)
  return true
}

/** The host noticed that a file changed: without edits of ours it is simply read again. */
export async function diskChanged(uri: string, etag: string): Promise<void> {
  const documents = useDocuments()
  const document = documents.open.get(uri)
  if (!document || document.etag === etag) return
  if (document.dirty) return documents.put(uri, { diskChanged: true })
  const fresh = await host().request('document/open', { path: uri })
  if (documents.open.get(uri)?.dirty || fresh.dirty) return documents.put(uri, { diskChanged: true })
  documents.put(uri, { text: fresh.text, saved: fresh.text, etag: fresh.etag })
  useNotices().info(`${document.name} changed on disk and was read again.`)
}
