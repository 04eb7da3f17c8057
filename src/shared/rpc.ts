/**
 * The one map of messages between a front end (renderer) and the host: over Electron's IPC and over the WebSocket of
 * `ndis-workbench serve`, word for word the same. Payloads are unknown until checked (schemas in src/shared/rpc-schema.ts).
 */
import type { DebugProtocol } from '@vscode/debugprotocol'

export interface FileEntry {
  /** Path relative to its root, '/' as separator. */
  readonly path: string
  readonly kind: 'file' | 'folder'
}

export interface ExampleEntry {
  /** File or folder name below examples/: '01-packet-pool.ts'. */
  readonly id: string
  readonly title: string
  readonly description: string
  /** true when the example breaks a rule on purpose. */
  readonly faulty: boolean
}

/** A document: a file on disk, or an untitled text that exists only as a backup so far. */
export interface DocumentInfo {
  /** Absolute path, or 'untitled:N', or 'example:ID' (opened read-write; saving asks for a place). */
  readonly uri: string
  readonly name: string
  readonly text: string
  /** Text differs from what is on disk (restored from a backup). */
  readonly dirty: boolean
  /** Opaque version of the disk content; save refuses when the disk moved on. '' for documents without a file. */
  readonly etag: string
  readonly readOnly: boolean
}

export interface AppInfo {
  readonly version: string
  readonly frontEnd: 'electron' | 'browser'
  readonly platform: string
  readonly versions: Readonly<Record<string, string>>
}

/** What the renderer remembers between starts; opaque to the host apart from its size. */
export type UiState = Readonly<Record<string, unknown>>

/** Requests of the renderer. */
export interface RpcRequests {
  'app/info': { params: Record<string, never>; result: AppInfo }
  /** The ambient `ndis` module for Monaco, and the tables behind pickers and overlays. */
  'app/data': {
    params: Record<string, never>
    result: { dts: string; api: unknown; structs: unknown; nics: unknown; rules: unknown }
  }
  'examples/list': { params: Record<string, never>; result: { examples: readonly ExampleEntry[] } }
  'examples/open': { params: { id: string }; result: DocumentInfo }
  'workspace/open': { params: { path: string }; result: { root: string; files: readonly FileEntry[] } }
  'workspace/list': { params: Record<string, never>; result: { root: string; files: readonly FileEntry[] } }
  'document/open': { params: { path: string }; result: DocumentInfo }
  'document/new': { params: Record<string, never>; result: DocumentInfo }
  /** Writes atomically. `conflict` when the disk changed since etag: nothing is written. */
  'document/save': {
    params: { uri: string; path?: string; text: string; etag: string; force?: boolean }
    result:
      | { status: 'saved'; uri: string; name: string; etag: string }
      | { status: 'conflict'; diskText: string; etag: string }
  }
  /** Hot exit: every edit lands here, debounced; survives a kill. */
  'document/backup': {
    params: { uri: string; text: string; etag: string; name: string }
    result: Record<string, never>
  }
  'document/discardBackup': { params: { uri: string }; result: Record<string, never> }
  /** Documents to show at start: restored backups first. */
  'document/restore': { params: Record<string, never>; result: { documents: readonly DocumentInfo[] } }
  'state/load': { params: Record<string, never>; result: { state: UiState } }
  'state/save': { params: { state: UiState }; result: Record<string, never> }
  /** Native dialogs in Electron; in the browser the host answers null and the renderer asks for a path itself. */
  'dialog/open': { params: { kind: 'file' | 'folder' }; result: { path: string | null; supported: boolean } }
  'dialog/save': { params: { name: string }; result: { path: string | null; supported: boolean } }
  /** Starts an adapter; DAP messages then travel as 'debug/message' both ways. */
  'debug/open': { params: Record<string, never>; result: { session: string } }
  'debug/message': {
    params: { session: string; message: DebugProtocol.ProtocolMessage }
    result: Record<string, never>
  }
  'debug/close': { params: { session: string }; result: Record<string, never> }
}

/** Events of the host. */
export interface RpcEvents {
  'debug/message': { session: string; message: DebugProtocol.ProtocolMessage }
  'workspace/changed': { root: string }
  'document/changedOnDisk': { uri: string; etag: string }
  'app/command': { command: string }
}

export type RpcMethod = keyof RpcRequests
export type RpcEvent = keyof RpcEvents

/** Envelope over a WebSocket or an IPC channel. */
export type RpcEnvelope =
  | { readonly kind: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: 'response'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly code: RpcErrorCode; readonly message: string }
  | { readonly kind: 'event'; readonly event: string; readonly body: unknown }

export type RpcErrorCode = 'bad-request' | 'unknown-method' | 'not-found' | 'refused' | 'conflict' | 'disk' | 'internal'

/**
 * The browser front end opens `http://127.0.0.1:PORT/#token=TOKEN` (a fragment reaches no server, log or referrer) and
 * connects to the WebSocket `/rpc?token=TOKEN` of its own origin.
 */
export const RPC_PATH = '/rpc'
export const RPC_TOKEN_PARAMETER = 'token'

/** What a refused request of the preload rejects with: a plain object, because an Error crosses the context bridge as its message only. */
export interface RpcFailure {
  readonly code: RpcErrorCode
  readonly message: string
}

/** What the preload exposes as `window.workbench`, and what the browser front end builds over its socket. */
export interface WorkbenchBridge {
  request<M extends RpcMethod>(method: M, params: RpcRequests[M]['params']): Promise<RpcRequests[M]['result']>
  on<E extends RpcEvent>(event: E, listener: (body: RpcEvents[E]) => void): () => void
}
