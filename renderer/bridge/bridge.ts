import type { WorkbenchBridge } from '../../src/shared/rpc'
import { createSocketBridge, socketUrl, type ConnectionState } from './socket-bridge'

declare global {
  interface Window {
    /** Put there by the preload in Electron; absent in a browser. */
    readonly workbench?: WorkbenchBridge
  }
}

export interface Bridge extends WorkbenchBridge {
  /** Tells losses and returns of the connection; never called where the host is in the same program. */
  onConnection(listener: (state: ConnectionState) => void): () => void
}

export function openBridge(): Bridge {
  const preload = window.workbench
  if (preload) return { request: preload.request, on: preload.on, onConnection: () => () => undefined }
  const url = socketUrl(window.location)
  return createSocketBridge(() => new WebSocket(url) as unknown as import('./socket-bridge').SocketLike)
}
