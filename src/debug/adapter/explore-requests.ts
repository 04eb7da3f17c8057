import type { NdisRequests } from '../../shared/dap'
import { EXPLORED_CPUS, EXPLORED_RUN_MS, MOST_SEEDS, type ExploreReport } from '../../shared/explore'
import { runConfig } from '../../shared/run-config'
import { DapError, type Connection } from './connection'
import { checkLaunch } from './launch'
import type { AdapterPorts } from './ports'

type Args = NdisRequests['ndis/explore']['args']

function checked({ launch, seeds, timeoutMs = EXPLORED_RUN_MS }: Args): number {
  if (!launch) throw new DapError('ndis/explore needs `launch`: the arguments of a launch')
  checkLaunch(launch)
  if (!Number.isInteger(seeds) || seeds < 1 || seeds > MOST_SEEDS)
    throw new DapError(`\`seeds\` is a whole number from 1 to ${MOST_SEEDS}`)
  if (Number.isFinite(timeoutMs) && timeoutMs > 0) return timeoutMs
  throw new DapError('`timeoutMs` is a number above 0')
}

/** Explorations, one at a time. They have threads of their own and go on beside a run that is debugged. */
export function exploreHandlers(ports: AdapterPorts, connection: Connection) {
  let running: AbortController | undefined

  async function explore(args: Args): Promise<ExploreReport> {
    const timeoutMs = checked(args)
    const { launch, seeds } = args
    if (running) throw new DapError('an exploration is running: cancel it first (ndis/explore/cancel)')
    const cancel = (running = new AbortController())
    try {
      const source = await ports.readDriver(launch.program, launch.overlays ?? {})
      const config = runConfig(source, { cpus: EXPLORED_CPUS, ...launch.config })
      return await ports.explore(
        { source, config, seeds, timeoutMs },
        { signal: cancel.signal, onProgress: (progress) => connection.event('ndis/explore', progress) },
      )
    } finally {
      running = undefined
    }
  }
  const cancel = (): void => running?.abort()
  return {
    handlers: {
      'ndis/explore': explore,
      'ndis/explore/cancel'() {
        cancel()
        return {}
      },
    },
    cancel,
  }
}
