import { runCli } from './cli'
import { lastResort } from './last-resort'

lastResort(process.env, (text) => process.stderr.write(text))
// The reader of a pipe may leave early (`| head`); that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2))

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  cwd: process.cwd(),
  terminal: process.stderr.isTTY,
  colors: process.stdout.isTTY && process.stdout.hasColors() && !process.env.NO_COLOR,
})
