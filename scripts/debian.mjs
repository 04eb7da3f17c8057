// Programs that the tests need and npm does not have: on a Debian machine that is ours to change they are installed.
import { existsSync } from 'node:fs'
import { runProgram, say } from './setup.mjs'

/** @returns {boolean} whether apt-get may be used: as root, which on a person's own machine nobody is */
export function isDebianRoot() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && existsSync('/etc/debian_version')
}

/**
 * @param {string} what they are for, for the person who waits
 * @param {readonly string[]} packages
 */
export function installPackages(what, packages) {
  say(`installing ${what} (apt-get) ...`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  runProgram('apt-get', ['update', '-qq'], { env })
  runProgram('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
}
