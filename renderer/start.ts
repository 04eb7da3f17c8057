/** Puts the concerns together at start, and keeps what a person does safe when the page goes. */
import { watch } from 'vue'
import { host } from './bridge/host'
import { breakpointCommands } from './commands/breakpoint-commands'
import { exampleCommands, fileCommands } from './commands/file-commands'
import { installCommands, installKeyboard, runCommand } from './commands/registry'
import { runCommands } from './commands/run-commands'
import { diskChanged } from './commands/save'
import { trialCommands } from './commands/trial-commands'
import { viewCommands } from './commands/view-commands'
import { useDock } from './dock/dock'
import { followStops } from './debug/follow-stops'
import { registerHoverValues } from './editor/hover-values'
import { followConfigurations } from './editor/configuration-check'
import { followDocuments } from './editor/models'
import { followImports, refreshImported } from './editor/imported-models'
import { registerOpener } from './editor/opener'
import { setUpMonaco } from './editor/monaco'
import { followMarkers } from './editor/type-problems'
import { useAppData } from './stores/app-data'
import { useConfiguration } from './stores/configuration'
import { useConnection } from './stores/connection'
import { followDrops } from './stores/drops'
import { INTERFACE_URI, useDocuments } from './stores/documents'
import { useNotices } from './stores/notices'
import { restoreDocuments } from './stores/opening'
import { flushUiState, loadUiState, remember, recall } from './stores/ui-state'
import { useWorkspace } from './stores/workspace'

/** Edits and layout are on their way anyway; a page that is hidden or closed sends the rest at once. */
function flushOnLeave(): void {
  const flush = (): void => {
    void useDocuments().flush()
    void flushUiState().catch(() => undefined)
  }
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flush())
  window.addEventListener('pagehide', flush)
  window.addEventListener('beforeunload', flush)
}

function followHost(): void {
  const failed = useNotices().failed
  host().on('app/command', ({ command }) => void runCommand(command))
  host().on('workspace/changed', () => {
    useWorkspace().refresh().catch(failed)
    useConfiguration().refresh().catch(failed)
  })
  host().on('document/changedOnDisk', ({ uri, etag }) => {
    diskChanged(uri, etag).catch(failed)
    refreshImported(uri).catch(failed)
    if (uri === useConfiguration().uri) useConfiguration().refresh().catch(failed)
  })
}

function rememberOpen(): void {
  const documents = useDocuments()
  watch(
    () => [...documents.open.keys()].filter((uri) => uri !== INTERFACE_URI),
    (uris) => remember('open', uris),
  )
  watch(
    () => documents.active,
    (uri) => remember('active', uri),
  )
}

/** Before the first paint: data, remembered state, documents. The result runs once the dock is there. */
export async function prepare(): Promise<() => Promise<void>> {
  const connection = useConnection()
  connection.follow()
  await loadUiState()
  const data = useAppData()
  await data.load()
  setUpMonaco(data.dts)
  await restoreDocuments(data.examples[0]?.id)
  const active = recall('active')
  followDocuments()
  followImports()
  followConfigurations()
  registerOpener()
  rememberOpen()
  remember('open', [...useDocuments().open.keys()])
  installCommands([
    ...runCommands(),
    ...trialCommands(),
    ...fileCommands(),
    ...breakpointCommands(),
    ...viewCommands(),
    ...exampleCommands(),
  ])
  installKeyboard(window)
  followMarkers()
  registerHoverValues()
  followHost()
  followDrops(window)
  flushOnLeave()
  followStops()
  return async () => {
    const documents = useDocuments()
    const dock = useDock()
    for (const { uri, name } of documents.open.values()) if (!dock.api?.getPanel(uri)) dock.openDocument(uri, name)
    if (typeof active === 'string' && documents.open.has(active)) dock.showDocument(active)
    await useWorkspace().refresh()
  }
}
