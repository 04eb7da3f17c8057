/** The channel between the test and the process that runs the main bundle. */
export type FromTest =
  | { readonly type: 'answer-dialog'; readonly paths: readonly string[] }
  | { readonly type: 'click-menu'; readonly label: string }
  | { readonly type: 'close-window' }

export type ToTest =
  | { readonly type: 'window'; readonly debuggerPort: number; readonly url: string; readonly title: string }
  | { readonly type: 'unexpected'; readonly what: string }
  | { readonly type: 'error-box'; readonly title: string; readonly content: string }

export function tellTest(message: ToTest): void {
  process.send?.(message)
}

export function onTest<T extends FromTest['type']>(
  type: T,
  listener: (message: Extract<FromTest, { type: T }>) => void,
) {
  process.on('message', (message: FromTest) => {
    if (message.type === type) listener(message as Extract<FromTest, { type: T }>)
  })
}
