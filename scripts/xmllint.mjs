// xmllint of libxml2, with which the tests validate JUnit XML: found, installed where that is ours to do, or asked for exactly.
import { spawnSync } from 'node:child_process'
import { installPackages, isDebianRoot } from './debian.mjs'
import { SetupError } from './setup.mjs'

export const xmllint = process.env.XMLLINT_PATH ?? 'xmllint'

const works = () => spawnSync(xmllint, ['--version']).status === 0

/** @type {Readonly<Record<string, string>>} */
const HOW = {
  linux: 'Install it (Debian, Ubuntu: sudo apt-get install libxml2-utils; Fedora: sudo dnf install libxml2)',
  darwin: 'It is a part of macOS',
  win32: 'Install libxml2',
}

/** @returns {string} what to do where it is missing */
export function howToGetXmllint() {
  return `The tests of reports need xmllint. ${HOW[process.platform] ?? 'Install libxml2'}, or set XMLLINT_PATH to it.`
}

/** Installs it where it can; anywhere else says what to install. */
export function ensureXmllint() {
  if (works()) return
  if (!isDebianRoot() || process.env.XMLLINT_PATH) throw new SetupError(howToGetXmllint())
  installPackages('xmllint for the tests of reports', ['libxml2-utils'])
  if (!works()) throw new SetupError(`apt-get could not install it. ${howToGetXmllint()}`)
}
