import type { RpcErrorCode } from '../../src/shared/rpc'

/** A request that the host refused, or (`connection`) could not answer. The message says what to do. */
export class RpcError extends Error {
  readonly code: RpcErrorCode | 'connection'

  constructor(code: RpcErrorCode | 'connection', message: string) {
    super(message)
    this.name = 'RpcError'
    this.code = code
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
