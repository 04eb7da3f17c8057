// npm run dev: the workbench with hot reload. In Electron by electron-vite; where that cannot run, the page comes from
// vite's own server and talks to a `serve` beside it.
import { spawn } from 'node:child_process'
import { buildStale } from './build.mjs'
import { obtainElectron } from './electron.mjs'
import { handOver, installDependencies, requireNode, root, runMain, say } from './setup.mjs'

await runMain(async () => {
  requireNode()
  installDependencies()
  await buildStale()
  const electron = await obtainElectron()
  if ('program' in electron)
    return handOver(process.execPath, ['node_modules/electron-vite/bin/electron-vite.js', 'dev'])
  say(`developing in a browser, because ${electron.why}.`)
  const pageServer = 'http://127.0.0.1:5173'
  const vite = spawn(
    process.execPath,
    [
      'node_modules/vite/bin/vite.js',
      '--config',
      'renderer/vite.config.ts',
      '--host',
      '127.0.0.1',
      '--port',
      '5173',
      '--strictPort',
    ],
    { cwd: root, stdio: 'inherit' },
  )
  process.on('exit', () => vite.kill())
  return handOver(process.execPath, ['out/node/cli.js', 'serve', '--port', '5174', '--page', pageServer])
})
