import { onTest, tellTest } from './control'

/** Answers that the test has lined up; a dialog that nobody expects is cancelled and told. */
const answers: (readonly string[])[] = []
onTest('answer-dialog', ({ paths }) => answers.push(paths))

function next(what: string): readonly string[] {
  const answer = answers.shift()
  if (!answer) tellTest({ type: 'unexpected', what })
  return answer ?? []
}

export const dialog = {
  showOpenDialog(): Promise<{ canceled: boolean; filePaths: readonly string[] }> {
    const filePaths = next('an open dialog')
    return Promise.resolve({ canceled: filePaths.length === 0, filePaths })
  },
  showSaveDialog(): Promise<{ canceled: boolean; filePath: string }> {
    const [filePath = ''] = next('a save dialog')
    return Promise.resolve({ canceled: filePath === '', filePath })
  },
  showMessageBox(_window: unknown, { message }: { message: string }): Promise<{ response: number }> {
    tellTest({ type: 'unexpected', what: `a message box: ${message}` })
    return Promise.resolve({ response: 0 })
  },
  showErrorBox(title: string, content: string): void {
    tellTest({ type: 'error-box', title, content })
  },
}
