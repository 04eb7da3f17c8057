import { createServer, type Socket } from 'node:net'
import type { Duplex, Readable, Writable } from 'node:stream'
import { encodeMessage, FramingError, MessageReader } from '../debug/dap/framing'
import { findProduct } from '../host/product'
import { createDebugAdapter } from '../host/session/adapter-factory'
import { parseCommandLine, wholeNumber } from './arguments'
import { UsageError, type CliIo, type ExitCode } from './io'

const HELP = `ndis-workbench dap: debug adapter for other editors (Debug Adapter Protocol)

  --port N   serve on port N of 127.0.0.1 (0: any free one) instead of standard input and output

On a port any number of editors may connect, each with a session of its own; Ctrl+C ends it.
launch takes: program (a .ts file or a folder), config { platform, seed, cpus, keywords, ... }, stopOnEntry.
`

export async function dapCommand(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const { values, positionals } = parseCommandLine('dap', args, {
    port: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  })
  if (values.help) {
    io.out(HELP)
    return 0
  }
  if (positionals.length > 0) throw new UsageError(`dap takes no '${positionals[0]}'; see ndis-workbench dap --help`)
  const worker = findProduct(import.meta.url).engineWorker
  if (values.port === undefined) return serveOne(worker, process.stdin, process.stdout, io)
  return servePort(worker, wholeNumber('--port', values.port, { min: 0, max: 65_535, fallback: 0 }), io)
}

/** Serves one client until it leaves. Standard output carries the protocol and nothing else. */
async function serveOne(worker: URL, input: Readable, output: Writable, io: CliIo): Promise<ExitCode> {
  const problem = await serve(worker, input, output)
  if (problem !== undefined) io.err(`ndis-workbench dap: ${problem}\n`)
  return problem === undefined ? 0 : 2
}

/** Resolves when the client has left and its engine has ended: undefined, or what was wrong with its messages. */
function serve(worker: URL, input: Readable, output: Writable): Promise<string | undefined> {
  const adapter = createDebugAdapter({
    worker,
    send: (message) => void (output.writable && output.write(encodeMessage(message))),
  })
  const reader = new MessageReader()
  return new Promise<string | undefined>((resolve) => {
    input.on('data', (chunk: Buffer) => {
      try {
        for (const message of reader.push(chunk)) adapter.handle(message)
      } catch (error) {
        if (!(error instanceof FramingError)) throw error
        resolve(`${error.message}; the connection is closed`)
      }
    })
    input.once('close', () => resolve(undefined))
    input.once('end', () => resolve(undefined))
    input.once('error', () => resolve(undefined))
    // A client that is gone cannot be written to; `close` of its input tells us.
    output.once('error', () => resolve(undefined))
  }).finally(() => adapter.dispose())
}

async function servePort(worker: URL, port: number, io: CliIo): Promise<ExitCode> {
  const sockets = new Set<Duplex>()
  const server = createServer((socket: Socket) => {
    sockets.add(socket)
    void serve(worker, socket, socket).then((problem) => {
      sockets.delete(socket)
      socket.destroy()
      if (problem !== undefined) io.err(`ndis-workbench dap: ${problem}\n`)
    })
  })
  await listen(server, port)
  const address = server.address()
  io.out(`Debug adapter at 127.0.0.1:${typeof address === 'object' ? address?.port : port}\n`)
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  for (const socket of sockets) socket.destroy()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return 0
}

/** @throws UsageError when the port cannot be had. */
function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new UsageError(
          error.code === 'EADDRINUSE'
            ? `port ${port} is in use; take another, or 0 for any free one`
            : `port ${port} cannot be opened: ${error.code}`,
        ),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
}
