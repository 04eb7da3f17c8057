/** Which memory view shows what: every pointer link, the address box and the descriptor grid come through here. */
import { defineStore } from 'pinia'
import { reactive, ref } from 'vue'
import { useDock } from '../dock/dock'

export interface MemoryTarget {
  readonly address: number
  /** Table to lay over the bytes. */
  readonly struct?: string | undefined
}

const FIRST = 'memory'

export const useMemoryViews = defineStore('memory-views', () => {
  /** What each view was last asked to show, by panel id. */
  const targets = reactive(new Map<string, MemoryTarget & { readonly asked: number }>())
  /** The view used last takes the next pointer. */
  const active = ref(FIRST)
  let asked = 0

  const show = (target: MemoryTarget, view = active.value): void => {
    const dock = useDock()
    const id = dock.api?.getPanel(view) ? view : FIRST
    targets.set(id, { ...target, asked: ++asked })
    if (id === FIRST) dock.show('memory')
    else dock.api?.getPanel(id)?.api.setActive()
  }
  /** A second view beside the first, for comparing. */
  const open = (target?: MemoryTarget): void => {
    const dock = useDock().api
    if (!dock) return
    let number = 2
    while (dock.getPanel(`${FIRST}-${number}`)) number += 1
    const id = `${FIRST}-${number}`
    const beside = dock.getPanel(active.value) ?? dock.getPanel(FIRST)
    if (target) targets.set(id, { ...target, asked: ++asked })
    dock.addPanel({
      id,
      component: 'memory',
      title: `Memory ${number}`,
      position: beside ? { referencePanel: beside, direction: 'right' } : { direction: 'below' },
    })
    active.value = id
  }
  return { targets, active, show, open }
})
