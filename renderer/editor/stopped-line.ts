/** The line where the machine stands: arrow, tint, and the values of variables beside the code. */
import { watch } from 'vue'
import { documentOf } from '../debug/sources'
import { useSession } from '../debug/session'
import { inlineValues, type InlineValue } from '../model/inline-values'
import { useDocuments } from '../stores/documents'
import { useLocals } from '../stores/locals'
import { monaco, type CodeEditor } from './monaco'

type Decoration = monaco.editor.IModelDeltaDecoration

function lineDecoration(line: number, innermost: boolean): Decoration {
  const kind = innermost ? 'stopped' : 'caller'
  return {
    range: new monaco.Range(line, 1, line, 1),
    options: {
      isWholeLine: true,
      className: `${kind}-line`,
      glyphMarginClassName: `${kind}-arrow`,
      stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
      overviewRuler: {
        color: getComputedStyle(document.documentElement).getPropertyValue('--stopped').trim(),
        position: monaco.editor.OverviewRulerLane.Full,
      },
    },
  }
}

const valueDecoration = ({ line, text }: InlineValue, model: monaco.editor.ITextModel): Decoration => {
  const column = model.getLineMaxColumn(line)
  return {
    range: new monaco.Range(line, column, line, column),
    options: {
      showIfCollapsed: true,
      after: {
        content: `  ${text}`,
        inlineClassName: 'inline-value',
        cursorStops: monaco.editor.InjectedTextCursorStops.None,
      },
    },
  }
}

export function attachStoppedLine(editor: CodeEditor, uri: string): () => void {
  const session = useSession()
  const documents = useDocuments()
  const locals = useLocals()
  const collection = editor.createDecorationsCollection()

  const draw = (): void => {
    const frame = session.frame
    const model = editor.getModel()
    const here =
      frame?.source?.path !== undefined && documentOf(frame.source.path, documents.open.keys(), session.program) === uri
    if (!here || !frame || !model || frame.line < 1 || frame.line > model.getLineCount()) return collection.clear()
    const innermost = session.threads.some((thread) => thread.frames[0]?.id === frame.id)
    const values = inlineValues(model.getLinesContent(), frame.line, locals.values)
    collection.set([lineDecoration(frame.line, innermost), ...values.map((value) => valueDecoration(value, model))])
  }
  const leave = watch([() => session.frame, () => locals.values], draw, { immediate: true })
  return () => {
    leave()
    collection.clear()
  }
}
