// npm start: installs, builds what is stale, and opens the workbench: in Electron where that can run, else in a browser.
// Arguments after `--` go to `ndis-workbench serve` (--port N, --no-open).
import { buildStale } from './build.mjs'
import { obtainElectron } from './electron.mjs'
import { handOver, installDependencies, requireNode, root, runMain, say } from './setup.mjs'

/** Chromium's sandbox refuses to start as root; a container's only user often is. */
const rootFlags = () => (process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [])

/** @param {readonly string[]} args */
function serve(args) {
  handOver(process.execPath, ['out/node/cli.js', 'serve', ...args])
}

await runMain(async () => {
  requireNode()
  installDependencies()
  await buildStale()
  const args = process.argv.slice(2)
  if (args.length > 0) return serve(args)
  const electron = await obtainElectron()
  if ('program' in electron) {
    say('opening the workbench in Electron')
    // Set inside some editors' terminals; it would start Electron as plain Node.
    const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
    return handOver(electron.program, [...rootFlags(), root], { env })
  }
  say(`serving the workbench to a browser on this machine, because ${electron.why}.`)
  return serve([])
})
