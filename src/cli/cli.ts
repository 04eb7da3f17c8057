import { findProduct } from '../host/product'
import { UsageError, type CliIo, type ExitCode } from './io'
import { describeFault } from './last-resort'

type Command = (args: readonly string[], io: CliIo) => Promise<ExitCode>

/** Loaded when asked for: `--version` must not wait for the type checker. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  run: {
    summary: 'load a driver, run a scenario, halt, unload, report',
    load: async () => (await import('./run/run-command')).runCommand,
  },
  apis: {
    summary: 'list the driver interface: what is implemented, IRQL, NDIS versions, rules',
    load: async () => (await import('./apis-command')).apisCommand,
  },
  dap: {
    summary: 'debug adapter for other editors, on standard input and output or on a port',
    load: async () => (await import('./dap')).dapCommand,
  },
  serve: {
    summary: 'the workbench in a browser on this machine',
    load: async () => (await import('./serve-command')).serveCommand,
  },
  bench: {
    summary: 'measure this machine: pool pairs per second, unchecked and checked',
    load: async () => (await import('./bench-command')).benchCommand,
  },
}

const HELP = `ndis-workbench: write a network driver as a script and run it against an emulated NDIS

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ndis-workbench ${name.padEnd(6)} ${summary}`)
  .join('\n')}

  ndis-workbench COMMAND --help   options of a command
  ndis-workbench --version

Exit code: 0 clean, 1 violations, leaks or a bugcheck, 2 usage or load error.
`

/** Runs one command line and returns the exit code of the process; never throws. */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const [name, ...rest] = args
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') return print(HELP, io)
    if (name === '--version' || name === '-v') return print(`${findProduct(import.meta.url).version}\n`, io)
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (!command) throw new UsageError(`there is no command '${name}'; ndis-workbench --help lists them`)
    return await (
      await command.load()
    )(rest, io)
  } catch (error) {
    io.err(error instanceof UsageError ? `ndis-workbench: ${error.message}\n` : describeFault(error, io.env))
    return 2
  }
}

function print(text: string, io: CliIo): ExitCode {
  io.out(text)
  return 0
}
