type Handler = (event: { senderFrame: unknown }, ...args: unknown[]) => unknown

class IpcMain {
  readonly #handlers = new Map<string, Handler>()

  handle(channel: string, handler: Handler): void {
    if (this.#handlers.has(channel)) throw new Error(`a second handler for ${channel}`)
    this.#handlers.set(channel, handler)
  }
  removeHandler(channel: string): void {
    this.#handlers.delete(channel)
  }
  /** As ipcRenderer.invoke arrives; arguments and result are cloned as Electron does. */
  async invoke(senderFrame: unknown, channel: string, args: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel)
    if (!handler) throw new Error(`No handler registered for '${channel}'`)
    return structuredClone(await handler({ senderFrame }, ...(structuredClone(args) as unknown[])))
  }
}

export const ipcMain = new IpcMain()
