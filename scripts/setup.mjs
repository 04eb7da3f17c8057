// What start, test, build and dev share: the right Node, the dependencies, and running other programs.
// Plain Node without a package, because it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** A failure whose message is all that a person needs to see. */
export class SetupError extends Error {}

/** @param {string} text */
export function say(text) {
  console.log(`ndis-workbench: ${text}`)
}

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new SetupError(
    `Node 20.19 or newer is needed, this is ${process.versions.node}. Get it from https://nodejs.org`,
  )
}

/** npm ci, when node_modules is missing or older than the lockfile. */
export function installDependencies() {
  const installed = path.join(root, 'node_modules', '.package-lock.json')
  const lockfile = path.join(root, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return
  say('installing the dependencies (npm ci) ...')
  if (
    runProgram('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      shell: process.platform === 'win32',
    }) !== 0
  )
    throw new SetupError('npm ci failed; its messages are above. Check the network and run the command again.')
}

/**
 * Runs a program in the project's folder with our own standard streams, and waits for it.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 * @returns {number} its exit code; 1 when it could not be started or was ended by a signal
 */
export function runProgram(program, args, options = {}) {
  const done = spawnSync(program, [...args], { cwd: root, stdio: 'inherit', ...options })
  if (done.error) say(`${program} could not be started: ${done.error.message}`)
  return done.status ?? 1
}

/**
 * A command line tool of an installed package, run by this very Node.
 * @param {string} script path below node_modules
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function runTool(script, args, options) {
  return runProgram(process.execPath, [path.join(root, 'node_modules', script), ...args], options)
}

/**
 * Becomes the given program: passes signals on and exits with its code.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function handOver(program, args, options = {}) {
  const child = spawn(program, [...args], { cwd: root, stdio: 'inherit', ...options })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    say(`${program} could not be started: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}

/**
 * Last resort of a script: one sentence for what went wrong as expected, the stack for what did not.
 * @param {() => unknown} main
 */
export async function runMain(main) {
  try {
    await main()
  } catch (error) {
    if (error instanceof SetupError) say(error.message)
    else console.error(error)
    process.exitCode = 1
  }
}
