/** Keyboard ways through the dock: the free build of dockview has none. */
import { nextTick } from 'vue'
import { editorOf } from '../editor/editors'
import { useDock } from './dock'

const FOCUSABLE = '[tabindex="0"], input, select, textarea, button:not([tabindex="-1"])'

/** Puts the keyboard into the panel in front of the active group. */
async function focusActivePanel(): Promise<void> {
  const dock = useDock().api
  const panel = dock?.activePanel
  if (!panel) return
  await nextTick()
  const editor = editorOf(panel.id)
  if (editor) return editor.focus()
  const content = panel.view.content.element
  const target =
    content.querySelector<HTMLElement>('[role="tree"], [role="grid"]') ?? content.querySelector<HTMLElement>(FOCUSABLE)
  target?.focus()
}

/** Groups in reading order, which is the order of their places on screen. */
export async function focusGroup(step: 1 | -1): Promise<void> {
  const dock = useDock().api
  if (!dock) return
  const groups = [...dock.groups].sort((left, right) => {
    const [a, b] = [left.element.getBoundingClientRect(), right.element.getBoundingClientRect()]
    return a.left - b.left || a.top - b.top
  })
  const index = groups.findIndex((group) => group === dock.activeGroup)
  groups[(index + step + groups.length) % groups.length]?.activePanel?.api.setActive()
  await focusActivePanel()
}

export async function nextTab(step: 1 | -1): Promise<void> {
  const group = useDock().api?.activeGroup
  if (!group?.activePanel) return
  const index = group.panels.indexOf(group.activePanel)
  group.panels[(index + step + group.panels.length) % group.panels.length]?.api.setActive()
  await focusActivePanel()
}
