import { spawn } from 'node:child_process'
import { createDebugAdapter } from '../host/session/adapter-factory'
import { CaptureFiles } from '../host/session/packets/capture-files'
import { settingsFolder } from '../host/files/settings-folder'
import { findProduct } from '../host/product'
import { RpcError } from '../host/rpc-error'
import { startServer } from '../host/server/server'
import { Workbench } from '../host/workbench/workbench'
import { parseCommandLine, wholeNumber } from './arguments'
import { browserCommand } from './browser'
import { UsageError, type CliIo, type ExitCode } from './io'
import { describeFault } from './last-resort'

const HELP = `ndis-workbench serve: the workbench in a browser on this machine

  --port N     port on 127.0.0.1 (default: any free one)
  --no-open    print the address only, open no browser
  --page URL   the page comes from another local server, for development

Only programs that know the printed address can connect. Ctrl+C ends it.
`

export async function serveCommand(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const { values, positionals } = parseCommandLine('serve', args, {
    port: { type: 'string' },
    'no-open': { type: 'boolean' },
    page: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  })
  if (values.help) {
    io.out(HELP)
    return 0
  }
  if (positionals.length > 0)
    throw new UsageError(`serve takes no '${positionals[0]}'; see ndis-workbench serve --help`)
  const port = wholeNumber('--port', values.port, { min: 0, max: 65_535, fallback: 0 })
  const page = values.page === undefined ? undefined : localOrigin(values.page)
  const { url, close } = await start(port, page, io).catch((error: unknown) => {
    throw error instanceof RpcError ? new UsageError(error.message) : error
  })
  io.out(`NDIS Workbench is at ${url}\nCtrl+C ends it.\n`)
  if (!values['no-open']) openBrowser(url, io)
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  await close()
  return 0
}

async function start(port: number, otherOrigin: string | undefined, io: CliIo) {
  const product = findProduct(import.meta.url)
  const captures = new CaptureFiles(io.cwd)
  const workbench = await Workbench.start({
    product,
    settings: settingsFolder(io.env),
    startFolder: io.cwd,
    frontEnd: 'browser',
    debugAdapter: (send) =>
      createDebugAdapter({ worker: product.engineWorker, examples: product.examples, captures, send }),
    onFault: (error) => io.err(describeFault(error, io.env)),
  })
  const server = await startServer({ workbench, page: product.page, port, ...(otherOrigin && { otherOrigin }) })
  return {
    url: server.url,
    async close() {
      await server.close()
      await workbench.close()
    },
  }
}

function localOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname)) return url.origin
  throw new UsageError(`--page takes an address of this machine, such as http://127.0.0.1:5173, not '${text}'`)
}

/** A browser that does not start is no failure: the address is printed above. */
function openBrowser(url: string, io: CliIo): void {
  const command = browserCommand(url, process.platform, io.env)
  if (!command) return
  const child = spawn(command.program, command.args, { stdio: 'ignore', detached: true })
  child.on('error', () => io.out('No browser could be opened; open the address above in one.\n'))
  child.unref()
}
