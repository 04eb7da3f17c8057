/** Breakpoints in the margin of one editor: drawn from the store, moved by edits, toggled by clicks. */
import { watch } from 'vue'
import {
  describe,
  look,
  moveLines,
  standing,
  toggleLine,
  type LineBreakpoint,
  type Verdict,
} from '../model/breakpoints'
import { useBreakpoints } from '../stores/breakpoints'
import { monaco, type CodeEditor } from './monaco'

export interface GutterActions {
  /** Right click in the margin, on a line with or without a breakpoint. */
  menu(line: number, event: MouseEvent): void
}

const hoverText = (entry: LineBreakpoint, verdict: Verdict | undefined): string => {
  if (!entry.enabled) return 'Disabled breakpoint'
  if (verdict && !verdict.verified) return `Not set: ${verdict.message ?? 'the session refused it without a reason'}`
  return entry.logMessage
    ? `Logpoint: ${describe(entry)}`
    : describe(entry)
      ? `Breakpoint: ${describe(entry)}`
      : 'Breakpoint'
}

function decoration(entry: LineBreakpoint, verdict: Verdict | undefined, model: monaco.editor.ITextModel) {
  const line = Math.min(entry.line, model.getLineCount())
  const start = model.getLineFirstNonWhitespaceColumn(line) || 1
  return {
    range: new monaco.Range(line, start, line, model.getLineMaxColumn(line)),
    options: {
      glyphMarginClassName: `bp bp-${look(entry)} bp-${standing(entry.enabled, verdict)}`,
      glyphMarginHoverMessage: { value: hoverText(entry, verdict) },
      // The disc stays on its statement whatever is typed around it.
      stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
    },
  }
}

export function attachBreakpointGutter(editor: CodeEditor, uri: string, actions: GutterActions): () => void {
  const store = useBreakpoints()
  const collection = editor.createDecorationsCollection()
  const hint = editor.createDecorationsCollection()
  let drawn: readonly LineBreakpoint[] = []

  const mine = (): LineBreakpoint[] => store.lines.filter((entry) => entry.uri === uri)
  const draw = (): void => {
    const model = editor.getModel()
    if (!model) return
    drawn = mine()
    collection.set(drawn.map((entry) => decoration(entry, store.lineVerdicts.get(entry.id), model)))
  }
  const followEdit = (): void => {
    const ranges = collection.getRanges()
    const lines = new Map(drawn.map((entry, index) => [entry.id, ranges[index]?.startLineNumber ?? entry.line]))
    if (drawn.some((entry) => lines.get(entry.id) !== entry.line)) store.lines = moveLines(store.lines, uri, lines)
  }
  const marginLine = (event: monaco.editor.IEditorMouseEvent): number | undefined =>
    event.target.type === monaco.editor.MouseTargetType.GUTTER_GLYPH_MARGIN
      ? event.target.position.lineNumber
      : undefined
  const showHint = (line: number | undefined): void => {
    hint.set(
      line === undefined
        ? []
        : [{ range: new monaco.Range(line, 1, line, 1), options: { glyphMarginClassName: 'bp-hint' } }],
    )
  }

  const listeners = [
    editor.onDidChangeModelContent(followEdit),
    editor.onMouseMove((event) => showHint(marginLine(event))),
    editor.onMouseLeave(() => showHint(undefined)),
    editor.onMouseDown((event) => {
      const line = marginLine(event)
      if (line === undefined) return
      if (event.event.rightButton) actions.menu(line, event.event.browserEvent)
      else if (event.event.leftButton) store.lines = toggleLine(store.lines, uri, line)
    }),
  ]
  const leave = watch([() => store.lines, store.lineVerdicts], draw, { immediate: true })
  return () => {
    leave()
    listeners.forEach((listener) => listener.dispose())
    collection.clear()
    hint.clear()
  }
}
