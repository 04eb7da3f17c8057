import type { RpcFailure, RpcRequests, WorkbenchBridge } from '../../src/shared/rpc'
import { RpcError } from './rpc-error'
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
  if (preload) return createPreloadBridge(preload)
  const url = socketUrl(window.location)
  return createSocketBridge(() => new WebSocket(url) as unknown as import('./socket-bridge').SocketLike)
}

/** A refusal arrives from the preload as a plain object; here it becomes the error that the socket's bridge throws too. */
export function createPreloadBridge(preload: WorkbenchBridge): Bridge {
  return {
    async request<M extends keyof RpcRequests>(method: M, params: RpcRequests[M]['params']) {
      try {
        return await preload.request(method, params)
      } catch (error) {
        const { code, message } = error as RpcFailure
        throw new RpcError(code, message)
      }
    },
    on: preload.on,
    onConnection: () => () => undefined,
  }
}
