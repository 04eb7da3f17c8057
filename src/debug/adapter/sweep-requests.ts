import type { NdisCommand, NdisRequests } from '../../shared/dap'
import { runConfig } from '../../shared/run-config'
import { type Connection, DapError } from './connection'
import { checkLaunch } from './launch'
import type { AdapterPorts } from './ports'

type Handlers = {
  readonly [C in Extract<NdisCommand, `ndis/sweep${string}`>]: (
    args: NdisRequests[C]['args'],
  ) => Promise<NdisRequests[C]['body']>
}

export interface Sweeps {
  readonly handlers: Handlers
  /** Breaks off the sweep that goes on. */
  end(): void
}

/** Sweeps: many runs beside the one that is debugged, if any. One sweep at a time; its events say how it goes on. */
export function createSweeps(ports: AdapterPorts, connection: Connection): Sweeps {
  let stop: AbortController | undefined
  const handlers: Handlers = {
    async 'ndis/sweep'({ kind, launch }) {
      if (kind !== 'allocations' && kind !== 'removal')
        throw new DapError("a sweep has the kind 'allocations' or 'removal'")
      if (stop) throw new DapError('a sweep is going on: ndis/sweep/cancel ends it')
      checkLaunch(launch)
      const current = new AbortController()
      stop = current
      try {
        const source = await ports.readDriver(launch.program, launch.overlays ?? {})
        return await ports.sweep({
          kind,
          driver: launch.program,
          source,
          config: runConfig(source, launch.config ?? {}),
          onProgress: (progress) => connection.event('ndis/sweep', progress),
          signal: current.signal,
        })
      } finally {
        stop = undefined
      }
    },
    'ndis/sweep/cancel'() {
      stop?.abort()
      return Promise.resolve({})
    },
  }
  return { handlers, end: () => stop?.abort() }
}
