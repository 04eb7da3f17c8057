import { useAppData } from '../stores/app-data'
import { useDocuments } from '../stores/documents'
import { newDocument, openExample } from '../stores/opening'
import { useWorkspace } from '../stores/workspace'
import type { Command } from './registry'
import { closeDocument, save } from './save'

async function saveAll(): Promise<void> {
  for (const document of [...useDocuments().open.values()]) if (document.dirty && !(await save(document.uri))) return
}

export function fileCommands(): Command[] {
  const documents = useDocuments()
  const workspace = useWorkspace()
  const hasActive = (): boolean => documents.open.has(documents.active)
  return [
    // A browser keeps Ctrl+N and Ctrl+W for itself: the second keys work everywhere.
    {
      id: 'file.new',
      group: 'File',
      title: 'New Driver',
      keys: ['Ctrl+N', 'Alt+N'],
      icon: 'new-file',
      run: newDocument,
    },
    {
      id: 'file.open',
      group: 'File',
      title: 'Open File…',
      keys: ['Ctrl+O'],
      icon: 'go-to-file',
      run: workspace.openFile,
    },
    { id: 'file.openFolder', group: 'File', title: 'Open Folder…', icon: 'folder-opened', run: workspace.openFolder },
    {
      id: 'file.save',
      group: 'File',
      title: 'Save',
      keys: ['Ctrl+S'],
      icon: 'save',
      enabled: hasActive,
      run: () => save(documents.active),
    },
    {
      id: 'file.saveAs',
      group: 'File',
      title: 'Save As…',
      keys: ['Ctrl+Shift+S'],
      icon: 'save-as',
      enabled: hasActive,
      run: () => save(documents.active, true),
    },
    {
      id: 'file.saveAll',
      group: 'File',
      title: 'Save All',
      icon: 'save-all',
      enabled: () => [...documents.open.values()].some((document) => document.dirty),
      run: saveAll,
    },
    {
      id: 'file.close',
      group: 'File',
      title: 'Close Document',
      keys: ['Ctrl+W', 'Alt+W'],
      icon: 'close',
      enabled: hasActive,
      run: () => closeDocument(documents.active),
    },
  ]
}

/** One command an example, so that the palette finds them by their titles. */
export const exampleCommands = (): Command[] =>
  useAppData().examples.map((example) => ({
    id: `example.${example.id}`,
    group: 'Example',
    title: example.title,
    icon: example.faulty ? 'bug' : 'file-code',
    run: () => openExample(example.id),
  }))
