/** dockview asks for elements; Vue fills them by <Teleport> (PanelHost.vue), so that all panels are one Vue app. */
import type { DockviewPanelApi, IContentRenderer, IDockviewPanel, ITabRenderer } from 'dockview-core'
import { inject, provide, shallowReactive, shallowRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'

export type PanelParams = Readonly<Record<string, unknown>>

export interface MountedPart {
  readonly key: number
  readonly role: 'content' | 'tab'
  /** Panel id: 'pools', 'memory-2', or a document's URI. */
  readonly id: string
  /** Name in the panel table. */
  readonly component: string
  readonly element: HTMLElement
  readonly params: ShallowRef<PanelParams>
  readonly visible: Ref<boolean>
  readonly api: DockviewPanelApi
}

export class VuePanels {
  readonly parts = shallowReactive(new Map<number, MountedPart>())
  #nextKey = 1

  content(id: string, component: string): IContentRenderer {
    return this.#renderer('content', id, component)
  }

  tab(id: string, component: string): ITabRenderer {
    return this.#renderer('tab', id, component)
  }

  #renderer(role: MountedPart['role'], id: string, component: string): IContentRenderer & ITabRenderer {
    const key = this.#nextKey++
    const element = document.createElement('div')
    element.className = `dock-${role}`
    const params = shallowRef<PanelParams>({})
    const visible = shallowRef(false)
    let leave: { dispose(): void } | undefined
    return {
      element,
      init: (init: { readonly params: PanelParams; readonly api: DockviewPanelApi }) => {
        params.value = init.params
        visible.value = init.api.isVisible
        leave = init.api.onDidVisibilityChange((event) => (visible.value = event.isVisible))
        this.parts.set(key, { key, role, id, component, element, params, visible, api: init.api })
      },
      update: (event: { readonly params: PanelParams }) => {
        params.value = event.params
      },
      dispose: () => {
        leave?.dispose()
        this.parts.delete(key)
      },
    }
  }
}

const PANEL: InjectionKey<MountedPart> = Symbol('panel')
export const providePanel = (part: MountedPart): void => provide(PANEL, part)

/** The dock panel that a component is in: its id, parameters, and whether it can be seen. */
export function usePanel(): MountedPart {
  const part = inject(PANEL)
  if (!part) throw new Error('usePanel() is for components inside a dock panel')
  return part
}

export type { IDockviewPanel }
