import type { NdisCommand, NdisRequests } from '../../shared/dap'
import type { PacketsView } from '../../shared/packets'
import { DapError } from './connection'
import type { CaptureFilesPort, PacketsPort } from './ports'
import type { DebugSession } from './session'

type Handlers = {
  readonly [C in Extract<NdisCommand, `ndis/packet${string}`>]: (
    args: NdisRequests[C]['args'],
  ) => Promise<NdisRequests[C]['body']>
}

const NOTHING_CAPTURED: PacketsView = { captured: false, total: 0, matching: 0, scanned: 0, rows: [] }

/** Requests about captured frames. Those that name a file need no run; only `inject` goes to the worker. */
export function packetHandlers(files: CaptureFilesPort, session: () => DebugSession | undefined): Handlers {
  const need = (): DebugSession => {
    const running = session()
    if (!running) throw new DapError('no driver was started yet')
    return running
  }
  const live = (): PacketsPort | undefined => {
    const { engine } = need()
    engine.drain()
    return engine.packets
  }
  const source = async (file: string | undefined): Promise<PacketsPort> => {
    const views = file === undefined ? live() : await files.views(file)
    if (!views) throw new DapError('nothing is captured: the run has no NIC')
    return views
  }
  return {
    async 'ndis/packets'(args) {
      const views = args.file === undefined ? live() : await files.views(args.file)
      return views?.packets(args) ?? NOTHING_CAPTURED
    },
    'ndis/packet': async ({ file, index }) => (await source(file)).packet(index),
    'ndis/packets/open': ({ path, data }) => files.open(path, data),
    'ndis/packets/export': async (args) => (await source(args.file)).export(args),
    async 'ndis/packets/inject'({ file, indices, slot }) {
      const { data, count } = (await source(file)).injectable(indices)
      await need().run.inject({ slot, data })
      return { frames: count }
    },
  }
}
