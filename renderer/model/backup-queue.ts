/** Users' text is sacred: every edit is on its way to the host within `delayMs`, however fast one types. */

export interface BackupQueue {
  /** `read` gives the text at the time of sending, so that a burst of edits costs one message. */
  edited(uri: string, read: () => string): void
  /** A document that needs no backup any more: nothing that was queued for it is sent. */
  forget(uri: string): void
  /** Sends what is queued now; for a page that is about to go. */
  flush(): Promise<void>
  /** Texts that were queued but could not be sent are tried again. */
  readonly unsent: number
}

export function createBackupQueue(delayMs: number, send: (uri: string, text: string) => Promise<unknown>): BackupQueue {
  const queued = new Map<string, () => string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const schedule = (): void => {
    timer ??= setTimeout(() => void flush(), delayMs)
  }
  const flush = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const batch = [...queued]
    queued.clear()
    const results = await Promise.allSettled(batch.map(([uri, read]) => send(uri, read())))
    results.forEach((result, index) => {
      const [uri, read] = batch[index] ?? []
      if (result.status === 'fulfilled' || !uri || !read || queued.has(uri)) return
      queued.set(uri, read)
      schedule()
    })
  }
  return {
    edited(uri, read) {
      queued.set(uri, read)
      schedule()
    },
    forget: (uri) => void queued.delete(uri),
    flush,
    get unsent() {
      return queued.size
    },
  }
}
