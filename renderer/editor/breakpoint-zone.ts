/** Room below a line for the inline breakpoint editor; Vue fills it by <Teleport>. */
import { shallowRef, type ShallowRef } from 'vue'
import { monaco, type CodeEditor } from './monaco'

export interface OpenZone {
  readonly line: number
  readonly element: HTMLElement
}

export interface BreakpointZone {
  readonly zone: ShallowRef<OpenZone | undefined>
  open(line: number): void
  close(): void
}

const HEIGHT_LINES = 5.6

export function createBreakpointZone(editor: CodeEditor): BreakpointZone {
  const zone = shallowRef<OpenZone>()
  let id: string | undefined

  /** The zone is as wide as the longest line; what is in it must fit what is on screen. */
  const fit = (): void => {
    const { contentWidth, verticalScrollbarWidth } = editor.getLayoutInfo()
    zone.value?.element.style.setProperty('--zone-width', `${contentWidth - verticalScrollbarWidth}px`)
  }
  editor.onDidLayoutChange(fit)

  const close = (): void => {
    const old = id
    id = undefined
    zone.value = undefined
    if (old === undefined) return
    editor.changeViewZones((accessor) => accessor.removeZone(old))
    editor.focus()
  }
  const open = (line: number): void => {
    close()
    const element = document.createElement('div')
    element.className = 'breakpoint-zone'
    editor.changeViewZones((accessor) => {
      id = accessor.addZone({
        afterLineNumber: line,
        heightInLines: HEIGHT_LINES,
        domNode: element,
        suppressMouseDown: false,
      })
    })
    zone.value = { line, element }
    fit()
    // The line together with the zone below it.
    const bottom =
      editor.getTopForLineNumber(line) + (HEIGHT_LINES + 1) * editor.getOption(monaco.editor.EditorOption.lineHeight)
    const { height } = editor.getLayoutInfo()
    if (bottom > editor.getScrollTop() + height) editor.setScrollTop(bottom - height)
    else editor.revealLineInCenterIfOutsideViewport(line)
  }
  return { zone, open, close }
}
