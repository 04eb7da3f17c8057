import { authorColumn, inOwnStatements } from '../../shared/columns'
import type { LoadedModule } from '../../shared/engine'
import type { CallFrame, CdpEvents, Location } from '../cdp/protocol'
import { DRIVER_URL } from './frames'

/** A place in the author's text; line and column count from 1. */
export interface AuthorPlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The scripts that V8 told of, and what the loader says about the driver's own. */
export class DriverScripts {
  readonly #urls = new Map<string, string>()
  readonly #modules = new Map<string, LoadedModule>()

  loaded(modules: readonly LoadedModule[]): void {
    for (const module of modules) this.#modules.set(module.url, module)
  }
  parsed({ scriptId, url }: CdpEvents['Debugger.scriptParsed']): void {
    this.#urls.set(scriptId, url)
  }
  /** Frames of evaluated scripts come without their URL; what was parsed knows it. */
  named(frames: readonly CallFrame[]): CallFrame[] {
    return frames.map((frame) => ({ ...frame, url: this.#urls.get(frame.location.scriptId) ?? frame.url }))
  }
  isDriver(scriptId: string): boolean {
    return this.#urls.get(scriptId)?.startsWith(DRIVER_URL) ?? false
  }
  /** The script of a file, when V8 has parsed it. */
  scriptOf(file: string): string | undefined {
    for (const scriptId of this.#urls.keys()) if (this.module(scriptId)?.path === file) return scriptId
    return undefined
  }
  module(scriptId: string): LoadedModule | undefined {
    return this.#modules.get(this.#urls.get(scriptId) ?? '')
  }
  place({ scriptId, lineNumber, columnNumber }: Location): AuthorPlace {
    const module = this.module(scriptId)
    const line = lineNumber + 1
    return {
      file: module?.path ?? '',
      line,
      column: authorColumn(module?.insertions ?? [], line, columnNumber ?? 0) + 1,
    }
  }
  /** Nobody but the loader wrote the statement at this place. */
  isOurs({ scriptId, lineNumber, columnNumber }: Location): boolean {
    return inOwnStatements(this.module(scriptId)?.insertions ?? [], lineNumber + 1, columnNumber ?? 0)
  }
}
