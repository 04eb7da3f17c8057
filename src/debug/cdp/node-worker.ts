import { Session } from 'node:inspector'
import type { CdpTransport } from './transport'

interface Attached {
  readonly sessionId: string
  readonly title: string
}

/** A title is '[worker 3] name'. */
const isOf = (title: string, name: string): boolean => title.endsWith(`] ${name}`)

/** One inspector session serves the whole process; workers attach to it and are told apart by their name. */
class WorkerInspector {
  readonly #session = new Session()
  readonly #listeners = new Map<string, (message: string) => void>()
  readonly #attached: Attached[] = []
  readonly #waiting: { name: string; resolve: (attached: Attached) => void }[] = []

  constructor() {
    this.#session.connect()
    this.#session.on('NodeWorker.attachedToWorker', ({ params }) => {
      this.#arrived({ sessionId: params.sessionId, title: params.workerInfo.title })
    })
    this.#session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      this.#listeners.get(params.sessionId)?.(params.message)
    })
    this.#session.on('NodeWorker.detachedFromWorker', ({ params }) => this.#left(params.sessionId))
    this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  }
  #left(sessionId: string): void {
    this.#listeners.delete(sessionId)
    const at = this.#attached.findIndex((attached) => attached.sessionId === sessionId)
    if (at >= 0) this.#attached.splice(at, 1)
  }
  #arrived(attached: Attached): void {
    const at = this.#waiting.findIndex(({ name }) => isOf(attached.title, name))
    if (at < 0) this.#attached.push(attached)
    else this.#waiting.splice(at, 1)[0]!.resolve(attached)
  }
  find(name: string): Promise<Attached> {
    const at = this.#attached.findIndex(({ title }) => isOf(title, name))
    if (at >= 0) return Promise.resolve(this.#attached.splice(at, 1)[0]!)
    return new Promise((resolve) => this.#waiting.push({ name, resolve }))
  }
  transport(sessionId: string): CdpTransport {
    return {
      send: (message) => this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message }),
      onMessage: (listener) => this.#listeners.set(sessionId, listener),
      close: () => {
        this.#listeners.delete(sessionId)
        this.#session.post('NodeWorker.detach', { sessionId })
      },
    }
  }
}

let inspector: WorkerInspector | undefined

/** Starts to watch for workers; call it before the worker is started. */
export function watchWorkers(): void {
  inspector ??= new WorkerInspector()
}

/** The inspector of the worker of this name. `name` must be unlike any other. */
export async function attachToWorker(name: string): Promise<CdpTransport> {
  watchWorkers()
  const { sessionId } = await inspector!.find(name)
  return inspector!.transport(sessionId)
}
