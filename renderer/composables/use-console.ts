/** The debug console: expressions in the selected frame, with history. */
import { ref, type Ref } from 'vue'
import { messageOf } from '../bridge/rpc-error'
import { useSession } from '../debug/session'
import { useOutput } from '../stores/output'

export interface DebugConsole {
  readonly draft: Ref<string>
  readonly submit: () => Promise<void>
  /** -1: older, 1: newer. */
  readonly recall: (by: -1 | 1) => void
}

export function useConsole(): DebugConsole {
  const session = useSession()
  const output = useOutput()
  const draft = ref('')
  const history: string[] = []
  let position = 0

  const submit = async (): Promise<void> => {
    const expression = draft.value.trim()
    if (!expression) return
    if (history.at(-1) !== expression) history.push(expression)
    position = history.length
    draft.value = ''
    output.add('input', expression)
    try {
      const body = await session.request('evaluate', {
        expression,
        context: 'repl',
        ...(session.frame ? { frameId: session.frame.id } : {}),
      })
      output.add('result', body.result, body.variablesReference > 0 ? { variables: body.variablesReference } : {})
      // What was evaluated may have changed anything.
      if (session.phase === 'stopped') session.touch()
    } catch (error) {
      output.add('error', messageOf(error))
    }
  }
  const recall = (by: -1 | 1): void => {
    position = Math.max(0, Math.min(history.length, position + by))
    draft.value = history[position] ?? ''
  }
  return { draft, submit, recall }
}
