import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { FileEntry } from '../../src/shared/rpc'
import { host } from '../bridge/host'
import { useDialogs } from './dialogs'
import { openPath } from './opening'

/** The folder that is open, if any. */
export const useWorkspace = defineStore('workspace', () => {
  const root = shallowRef('')
  const files = shallowRef<readonly FileEntry[]>([])

  const take = (listing: { readonly root: string; readonly files: readonly FileEntry[] }): void => {
    root.value = listing.root
    files.value = listing.files
  }
  const refresh = async (): Promise<void> => take(await host().request('workspace/list', {}))

  /** A native dialog where there is one, else a path typed by the person. */
  const askPath = async (kind: 'file' | 'folder'): Promise<string | undefined> => {
    const { path, supported } = await host().request('dialog/open', { kind })
    if (supported) return path ?? undefined
    const { choice, input } = await useDialogs().ask({
      title: kind === 'file' ? 'Open File' : 'Open Folder',
      text:
        kind === 'file'
          ? 'Path of a driver script (.ts) on the machine that runs the workbench.'
          : 'Path of a folder with driver scripts.',
      input: { label: 'Path', value: root.value && kind === 'file' ? `${root.value}/` : '' },
      choices: [
        { id: 'open', label: 'Open', primary: true },
        { id: 'cancel', label: 'Cancel' },
      ],
    })
    return choice === 'open' && input.trim() ? input.trim() : undefined
  }
  const openFolder = async (): Promise<void> => {
    const path = await askPath('folder')
    if (path !== undefined) take(await host().request('workspace/open', { path }))
  }
  const openFile = async (): Promise<void> => {
    const path = await askPath('file')
    if (path !== undefined) await openPath(path)
  }
  return { root, files, refresh, openFolder, openFile }
})
