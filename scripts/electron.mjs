// Whether the workbench can open as a desktop program here: the runtime of the electron package, and a display.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root, runTool, say } from './setup.mjs'

const folder = path.join(root, 'node_modules', 'electron')
const RELEASES = 'https://github.com/electron/electron/releases/download/'
const PROBE_MS = 4_000
const DOWNLOAD_MS = 180_000

/** @returns {string | undefined} the program, when its download is there */
export function findElectron() {
  const name = path.join(folder, 'path.txt')
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(folder, 'dist')
  const program = existsSync(name)
    ? readFileSync(name, 'utf8')
    : process.platform === 'win32'
      ? 'electron.exe'
      : 'electron'
  const full = path.join(dist, program)
  return existsSync(full) ? full : undefined
}

export function hasDisplay() {
  if (process.platform !== 'linux') return !process.env.SSH_CONNECTION
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

function mirror() {
  const { npm_config_electron_mirror: fromNpm, ELECTRON_MIRROR: own } = process.env
  return fromNpm ?? own ?? RELEASES
}

/** A proxy is only known to the installer itself, so with one the attempt is the only probe. */
async function downloadCanWork() {
  if (process.env.HTTPS_PROXY || process.env.https_proxy || process.env.ELECTRON_GET_USE_PROXY) return true
  try {
    await fetch(mirror(), { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(PROBE_MS) })
    return true
  } catch {
    return false
  }
}

/**
 * @returns {Promise<{ program: string } | { why: string }>} the program to start, or half a sentence saying why not
 */
export async function obtainElectron() {
  if (process.env.CI) return { why: 'this is a CI machine' }
  if (!hasDisplay()) return { why: 'there is no display' }
  const present = findElectron()
  if (present) return { program: present }
  if (!existsSync(path.join(folder, 'install.js'))) return { why: 'the electron package is not installed' }
  if (!(await downloadCanWork()))
    return { why: "Electron's runtime is not installed and its download cannot be reached" }
  say("downloading Electron's runtime (once, about 120 MB) ...")
  runTool('electron/install.js', [], { timeout: DOWNLOAD_MS })
  const program = findElectron()
  return program ? { program } : { why: "Electron's runtime could not be downloaded" }
}
