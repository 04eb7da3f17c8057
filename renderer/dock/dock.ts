/** The dock of the window: which panels are open and where, remembered between starts. */
import { createDockview, type DockviewApi, type IDockviewPanel, type SerializedDockview } from 'dockview-core'
import { defineStore } from 'pinia'
import { markRaw, shallowRef, triggerRef } from 'vue'
import { useDocuments } from '../stores/documents'
import { useNotices } from '../stores/notices'
import { isRecord, recall, remember } from '../stores/ui-state'
import { buildDefaultLayout } from './default-layout'
import { isPanelName, PANELS, type PanelName } from './panels'
import { VuePanels } from './vue-panels'

const THEME = { name: 'workbench', className: 'dockview-theme-workbench' }
const LAYOUT = 'layout'

const isLayout = (value: unknown): value is SerializedDockview =>
  isRecord(value) && isRecord(value['grid']) && isRecord(value['panels'])
/** The group that documents open in: wherever one is already, or the start page. */
const editorPanels = (api: DockviewApi): IDockviewPanel[] =>
  api.panels.filter((panel) => ['editor', 'start'].includes(panel.view.contentComponent))

export const useDock = defineStore('dock', () => {
  // Raw: its private fields cannot be reached through a reactive proxy.
  const panels = markRaw(new VuePanels())
  const api = shallowRef<DockviewApi>()

  const persist = (): void => remember(LAYOUT, api.value?.toJSON())
  const follow = (): void => {
    const panel = api.value?.activePanel
    if (panel?.view.contentComponent === 'editor') useDocuments().active = panel.id
    triggerRef(api)
  }
  const reset = (): void => {
    const dock = api.value
    if (!dock) return
    const documents = dock.panels
      .filter((panel) => panel.view.contentComponent === 'editor')
      .map((panel) => ({ id: panel.id, title: panel.title ?? '' }))
    const front = useDocuments().active
    buildDefaultLayout(dock)
    for (const { id, title } of documents) openDocument(id, title)
    if (documents.some(({ id }) => id === front)) showDocument(front)
  }
  /** Restores the remembered layout, without the documents that are no longer open. */
  const restore = (isOpen: (uri: string) => boolean): void => {
    const dock = api.value
    const stored = recall(LAYOUT)
    if (!dock) return
    try {
      if (!isLayout(stored)) throw new Error('none yet')
      dock.fromJSON(stored)
      if (dock.panels.some((panel) => !isPanelName(panel.view.contentComponent))) throw new Error('unknown panel')
    } catch {
      if (stored !== undefined)
        useNotices().info('The remembered layout does not fit this version; the default one is shown.')
      buildDefaultLayout(dock)
    }
    for (const panel of dock.panels)
      if (panel.view.contentComponent === 'editor' && !isOpen(panel.id)) removeDocument(panel.id)
  }
  const mount = (element: HTMLElement): void => {
    api.value = createDockview(element, {
      theme: THEME,
      createComponent: ({ id, name }) => panels.content(id, name),
      createTabComponent: ({ id, name }) => panels.tab(id, name),
      defaultTabComponent: 'tab',
      disableFloatingGroups: false,
      announcements: false,
    })
    api.value.onDidLayoutChange(persist)
    api.value.onDidActivePanelChange(follow)
  }
  const openDocument = (uri: string, title: string): void => openEditor(api.value, uri, title)
  const showDocument = (uri: string): void => api.value?.getPanel(uri)?.api.setActive()
  const removeDocument = (uri: string): void => removeEditor(api.value, uri)
  const show = (name: PanelName): void => showTool(api.value, name)
  return {
    panels,
    api,
    mount,
    restore,
    reset,
    persist,
    openDocument,
    showDocument,
    removeDocument,
    show,
  }
})

/** Only what is hidden is activated: activating takes the keyboard from where it is. */
function bringForward(dock: DockviewApi, panel: IDockviewPanel): void {
  if (!panel.api.isVisible || dock.activePanel === undefined) panel.api.setActive()
}

function openEditor(dock: DockviewApi | undefined, uri: string, title: string): void {
  if (!dock) return
  const known = dock.getPanel(uri)
  if (known) return bringForward(dock, known)
  const beside = editorPanels(dock).find((panel) => panel.api.isActive) ?? editorPanels(dock)[0]
  dock.addPanel({
    id: uri,
    component: 'editor',
    title,
    ...(beside ? { position: { referencePanel: beside, direction: 'within' } } : { position: { direction: 'right' } }),
  })
  const start = dock.getPanel('start')
  if (start) dock.removePanel(start)
}

/** The last document leaves the start page behind, so that the middle of the window never collapses. */
function removeEditor(dock: DockviewApi | undefined, uri: string): void {
  const panel = dock?.getPanel(uri)
  if (!dock || !panel) return
  if (editorPanels(dock).length === 1) {
    dock.addPanel({
      id: 'start',
      component: 'start',
      title: PANELS.start.title,
      position: { referencePanel: panel, direction: 'within' },
    })
  }
  dock.removePanel(panel)
}

/** Brings a tool to the front; one that was closed, or is new in this version, comes where tables live: beside Output, or below. */
function showTool(dock: DockviewApi | undefined, name: PanelName): void {
  if (!dock) return
  const beside = dock.getPanel('output')
  const panel =
    dock.getPanel(name) ??
    dock.addPanel({
      id: name,
      component: name,
      title: PANELS[name].title,
      position: beside ? { referencePanel: beside, direction: 'within' } : { direction: 'below' },
    })
  bringForward(dock, panel)
}
