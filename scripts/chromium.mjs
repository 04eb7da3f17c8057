// The browser that the end-to-end tests drive: found, installed where that is ours to do, or asked for exactly.
import { existsSync } from 'node:fs'
import { installPackages, isDebianRoot } from './debian.mjs'
import { SetupError } from './setup.mjs'

/** @type {Readonly<Record<string, readonly string[]>>} */
const PLACES = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'],
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
}
const HOW = {
  linux:
    'Install it (Debian, Ubuntu: sudo apt-get install chromium fonts-dejavu-core; Fedora: sudo dnf install chromium)',
  darwin: 'Install it (brew install --cask chromium, or Google Chrome)',
  win32: 'Install Google Chrome',
}

/** @returns {string | undefined} path of a Chromium; CHROMIUM_PATH wins */
export function findChromium() {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen) return existsSync(chosen) ? chosen : undefined
  return PLACES[process.platform]?.find((place) => existsSync(place))
}

/** @returns {string} what to do where there is none */
export function howToGetChromium() {
  const how = HOW[/** @type {keyof typeof HOW} */ (process.platform)] ?? 'Install Chromium'
  return `The end-to-end tests need Chromium. ${how}, or set CHROMIUM_PATH to the program.`
}

/** Installs Chromium where it can; anywhere else says what to install. */
export function ensureChromium() {
  if (findChromium()) return
  if (!isDebianRoot() || process.env.CHROMIUM_PATH) throw new SetupError(howToGetChromium())
  installPackages('Chromium for the end-to-end tests', ['chromium', 'fonts-dejavu-core', 'fonts-liberation'])
  if (!findChromium()) throw new SetupError(`apt-get could not install it. ${howToGetChromium()}`)
}
