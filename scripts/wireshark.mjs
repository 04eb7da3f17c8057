// Wireshark's command line tools, which the tests of captures compare with: found, installed where that is ours to do, or asked for exactly.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { installPackages, isDebianRoot } from './debian.mjs'
import { SetupError } from './setup.mjs'

export const TOOLS = /** @type {const} */ (['tshark', 'capinfos', 'editcap', 'mergecap', 'text2pcap'])

/** @type {Readonly<Record<string, readonly string[]>>} */
const PLACES = {
  linux: ['/usr/bin', '/usr/local/bin'],
  darwin: ['/Applications/Wireshark.app/Contents/MacOS', '/opt/homebrew/bin', '/usr/local/bin'],
  win32: ['C:\\Program Files\\Wireshark'],
}
const HOW = {
  linux: 'Install it (Debian, Ubuntu: sudo apt-get install tshark; Fedora: sudo dnf install wireshark-cli)',
  darwin: 'Install it (brew install --cask wireshark)',
  win32: 'Install Wireshark with TShark',
}
const suffix = process.platform === 'win32' ? '.exe' : ''

/** @returns {string | undefined} the folder that has all tools; WIRESHARK_PATH wins */
export function findWireshark() {
  const chosen = process.env.WIRESHARK_PATH
  const places = chosen ? [chosen] : PLACES[process.platform]
  return places?.find((place) => TOOLS.every((tool) => existsSync(path.join(place, tool + suffix))))
}

/** @returns {string} what to do where it is missing */
export function howToGetWireshark() {
  const how = HOW[/** @type {keyof typeof HOW} */ (process.platform)] ?? 'Install Wireshark'
  return `The tests of captures need Wireshark's tools (${TOOLS.join(', ')}). ${how}, or set WIRESHARK_PATH to their folder.`
}

/** Installs tshark where it can; anywhere else says what to install. */
export function ensureWireshark() {
  if (findWireshark()) return
  if (!isDebianRoot() || process.env.WIRESHARK_PATH) throw new SetupError(howToGetWireshark())
  installPackages('tshark for the tests of captures', ['tshark', 'wireshark-common'])
  if (!findWireshark()) throw new SetupError(`apt-get could not install it. ${howToGetWireshark()}`)
}
