// npm run golden: writes the files of test/golden anew. Look at the difference before you commit it.
import { buildStale } from './build.mjs'
import { installDependencies, requireNode, runMain, runTool } from './setup.mjs'

await runMain(async () => {
  requireNode()
  installDependencies()
  await buildStale()
  process.env['UPDATE_GOLDEN'] = '1'
  process.exitCode = runTool('vitest/vitest.mjs', ['run', '--project', 'engine', 'golden'])
})
