// npm run matrix [seeds]: every good example in every scenario on 1, 2 and 4 CPUs, each with 200 seeds. `npm test` runs a part of it.
import { availableParallelism } from 'node:os'
import { buildStale } from './build.mjs'
import { installDependencies, requireNode, runMain, runTool } from './setup.mjs'

const SEEDS = 200

await runMain(async () => {
  requireNode()
  installDependencies()
  await buildStale()
  const seeds = process.argv[2] ?? `${SEEDS}`
  if (!/^[1-9]\d{0,5}$/.test(seeds)) throw new Error(`npm run matrix takes a number of seeds, not '${seeds}'`)
  process.env['MATRIX_SEEDS'] = seeds
  // One worker a core; each takes the specs of one example after the other.
  const workers = `--maxWorkers=${availableParallelism()}`
  process.exitCode = runTool('vitest/vitest.mjs', [
    'run',
    '--project',
    'conformance',
    workers,
    'test/examples',
    '-t',
    'on \\d CPU',
  ])
})
