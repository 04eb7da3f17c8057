import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { AppInfo, RpcEnvelope, RpcEvent, RpcEvents } from '../../shared/rpc'
import type { Product } from '../product'
import { fileError } from '../rpc-error'
import { Backups } from './backups'
import { DebugSessions, type DebugAdapterFactory } from './debug-sessions'
import { dispatch, type Handlers } from './dispatcher'
import { Documents } from './documents'
import { Examples } from './examples'
import { UiStateFile } from './ui-state'
import { Watcher } from './watcher'
import { Workspace } from './workspace'

/** Native file dialogs; null when the person cancelled. */
export interface Dialogs {
  open(kind: 'file' | 'folder'): Promise<string | null>
  save(name: string): Promise<string | null>
}

export interface WorkbenchOptions {
  readonly product: Product
  /** Absolute path; made when it is not there. */
  readonly settings: string
  /** Absolute; what a path without a folder is relative to. */
  readonly startFolder: string
  readonly frontEnd: AppInfo['frontEnd']
  readonly debugAdapter: DebugAdapterFactory
  /** Absent where there are none: the page then asks for a path itself. */
  readonly dialogs?: Dialogs
  /** Told of errors that are our own. */
  readonly onFault?: (error: unknown) => void
}

/** One front end: a window or a socket. */
export interface WorkbenchClient {
  /** Answers one message, whatever it is; never rejects. */
  handle(envelope: unknown): Promise<RpcEnvelope>
  /** Ends its debug sessions. */
  close(): void
}

/** The service behind every front end: documents, examples, settings, debug sessions. */
export class Workbench {
  readonly #options: WorkbenchOptions
  readonly #clients = new Set<(envelope: RpcEnvelope) => void>()
  readonly #backups: Backups
  readonly #examples: Examples
  readonly #state: UiStateFile
  readonly #workspace: Workspace
  readonly #documents: Documents
  readonly #watcher: Watcher

  private constructor(options: WorkbenchOptions) {
    this.#options = options
    this.#backups = new Backups(options.settings)
    this.#examples = new Examples(options.product.examples)
    this.#state = new UiStateFile(options.settings)
    this.#workspace = new Workspace(options.settings, options.startFolder)
    this.#watcher = new Watcher({
      folderChanged: (root) => this.broadcast('workspace/changed', { root }),
      fileChanged: (uri, etag) => this.broadcast('document/changedOnDisk', { uri, etag }),
    })
    this.#documents = new Documents({
      backups: this.#backups,
      examples: this.#examples,
      workspace: this.#workspace,
      startFolder: options.startFolder,
      onFile: (file, etag) => this.#watcher.watchFile(file, etag),
    })
  }

  /** @throws RpcError 'disk' when the settings folder cannot be made. */
  static async start(options: WorkbenchOptions): Promise<Workbench> {
    await mkdir(options.settings, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw fileError(error, `The settings folder ${options.settings} cannot be made`)
    })
    const workbench = new Workbench(options)
    await workbench.#workspace.restore()
    if (workbench.#workspace.root) await workbench.#watcher.watchFolder(workbench.#workspace.root)
    return workbench
  }

  /** @param send takes events for this front end; must not throw. */
  connect(send: (envelope: RpcEnvelope) => void): WorkbenchClient {
    const sessions = new DebugSessions(this.#options.debugAdapter, (session, message) =>
      send({ kind: 'event', event: 'debug/message', body: { session, message } }),
    )
    const handlers = this.#handlers(sessions)
    this.#clients.add(send)
    return {
      handle: (envelope) => dispatch(handlers, envelope, (error) => this.#options.onFault?.(error)),
      close: () => {
        this.#clients.delete(send)
        sessions.closeAll()
      },
    }
  }

  broadcast<E extends RpcEvent>(event: E, body: RpcEvents[E]): void {
    for (const send of this.#clients) send({ kind: 'event', event, body })
  }

  async close(): Promise<void> {
    await this.#watcher.close()
  }

  #handlers(sessions: DebugSessions): Handlers {
    return { ...this.#appHandlers(), ...this.#documentHandlers(), ...debugHandlers(sessions) }
  }

  #appHandlers() {
    const { dialogs, product, frontEnd } = this.#options
    return {
      'app/info': () =>
        Promise.resolve({
          version: product.version,
          frontEnd,
          platform: process.platform,
          versions: componentVersions(),
        }),
      'app/data': () => this.#data(),
      'examples/list': async () => ({ examples: await this.#examples.list() }),
      'examples/open': ({ id }) => this.#documents.openExample(id),
      'workspace/open': async ({ path: folder }) => {
        const opened = await this.#workspace.open(folder)
        await this.#watcher.watchFolder(opened.root)
        return opened
      },
      'workspace/list': () => this.#workspace.list(),
      'state/load': async () => ({ state: await this.#state.load() }),
      'state/save': ({ state }) => this.#state.save(state).then(nothing),
      'dialog/open': async ({ kind }) => ({
        path: (await dialogs?.open(kind)) ?? null,
        supported: dialogs !== undefined,
      }),
      'dialog/save': async ({ name }) => {
        const chosen = (await dialogs?.save(name)) ?? null
        if (chosen !== null) this.#documents.confirmReplacing(chosen)
        return { path: chosen, supported: dialogs !== undefined }
      },
    } satisfies Partial<Handlers>
  }

  #documentHandlers() {
    return {
      'document/open': ({ path: file }) => this.#documents.open(file),
      'document/new': () => this.#documents.create(),
      'document/save': (params) => this.#documents.save(params),
      'document/backup': (params) => this.#documents.backup(params).then(nothing),
      'document/discardBackup': ({ uri }) => this.#backups.discard(uri).then(nothing),
      'document/restore': async () => ({ documents: await this.#documents.restore() }),
    } satisfies Partial<Handlers>
  }

  async #data() {
    const read = (name: string) => readFile(path.join(this.#options.product.data, name), 'utf8')
    const dts = await read('ndis.d.ts')
    const table = async (name: string) => JSON.parse(await read(name)) as unknown
    const [api, structs, nics, rules] = await Promise.all(
      ['api.json', 'structs.json', 'nics.json', 'rules.json'].map(table),
    )
    return { dts, api, structs, nics, rules }
  }
}

function debugHandlers(sessions: DebugSessions) {
  return {
    'debug/open': () => Promise.resolve({ session: sessions.open() }),
    'debug/message': ({ session, message }) => {
      sessions.message(session, message)
      return Promise.resolve({})
    },
    'debug/close': ({ session }) => {
      sessions.close(session)
      return Promise.resolve({})
    },
  } satisfies Partial<Handlers>
}

const nothing = () => ({})

function componentVersions(): Record<string, string> {
  const { node, v8, electron, chrome } = process.versions
  return { node, v8, ...(electron && { electron }), ...(chrome && { chrome }) }
}
