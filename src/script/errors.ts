import type { ErrorCode, RunError } from '../shared/report'

/** A driver that cannot be loaded: what is wrong, where, and what to do. Lines and columns count from 1. */
export class LoadError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly file?: string,
    readonly line?: number,
    readonly column?: number,
  ) {
    super(message)
  }
  toRunError(): RunError {
    const { code, message, file, line, column } = this
    return {
      code,
      message,
      ...(file !== undefined && { file }),
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
    }
  }
}
