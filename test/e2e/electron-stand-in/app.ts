import { EventEmitter } from 'node:events'
import { tmpdir } from 'node:os'
import { closeBrowser } from './browser'

class App extends EventEmitter {
  readonly isPackaged = false
  #sandboxed = false

  /** Each test has settings of its own, so nobody else holds the lock. */
  requestSingleInstanceLock(): boolean {
    return true
  }
  enableSandbox(): void {
    this.#sandboxed = true
  }
  whenReady(): Promise<void> {
    if (!this.#sandboxed) return Promise.reject(new Error('the sandbox is not enabled before the app is ready'))
    return Promise.resolve()
  }
  getPath(name: 'documents'): string {
    if (name !== 'documents') throw new Error(`the stand-in knows no path '${name}'`)
    return tmpdir()
  }
  quit(): void {
    this.emit('will-quit')
    void closeBrowser().then(() => process.exit(0))
  }
  exit(code = 0): void {
    void closeBrowser().then(() => process.exit(code))
  }
}

export const app = new App()
