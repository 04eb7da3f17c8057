import { useSettings } from '../stores/settings'
import { watch } from 'vue'
import { monaco, type CodeEditor, type TextModel } from './monaco'
import { EDITOR_THEME } from './theme'

const FONT_PX = 13
const LINE_HEIGHT = 1.5

/** Type of the editors at a scale of the workbench. */
export function fontOptions(scale: number): monaco.editor.IEditorOptions {
  const fontSize = Math.round(FONT_PX * scale)
  const fontFamily = getComputedStyle(document.documentElement).getPropertyValue('--mono-font')
  return { fontFamily, fontLigatures: false, fontSize, lineHeight: Math.round(fontSize * LINE_HEIGHT) }
}

/** An editor that follows the type size of the workbench. The caller disposes it. */
export function createEditor(element: HTMLElement, model: TextModel | undefined, readOnly: boolean): CodeEditor {
  const settings = useSettings()
  const editor = monaco.editor.create(element, {
    model: model ?? null,
    theme: EDITOR_THEME,
    readOnly,
    automaticLayout: true,
    ...fontOptions(settings.scale),
    glyphMargin: true,
    lineNumbersMinChars: 4,
    lineDecorationsWidth: 14,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    stickyScroll: { enabled: false },
    fixedOverflowWidgets: true,
    renderWhitespace: 'selection',
    tabSize: 2,
    padding: { top: 6, bottom: 6 },
    ariaLabel: 'Driver source',
    hover: { above: false },
    quickSuggestions: { other: true, comments: false, strings: false },
    suggest: { showWords: false, preview: true },
  })
  const leave = watch(
    () => settings.scale,
    (scale) => editor.updateOptions(fontOptions(scale)),
  )
  editor.onDidDispose(leave)
  return editor
}
