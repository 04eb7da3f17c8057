// npm run build [-- --force]: builds what is stale, in the order in which one target needs the other.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { withBuildLock } from './build-lock.mjs'
import { installDependencies, requireNode, root, runMain, runTool, say, SetupError } from './setup.mjs'
import { forget, hashInputs, isFresh, remember, RULE_FIXTURES, SPEC_FOLDERS } from './stamps.mjs'

const common = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'scripts/build.mjs']
const vite = 'vite/bin/vite.js'
const quiet = ['--logLevel', 'error']

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {string} what
 * @property {readonly string[]} inputs
 * @property {boolean} [specs] it is made from specs too
 * @property {readonly string[]} results
 * @property {() => number} build returns an exit code
 */

/** @type {readonly Target[]} */
const targets = [
  {
    name: 'node',
    what: 'command line, engine worker and library',
    inputs: [...common, 'vite.node.config.ts', 'src'],
    results: ['cli', 'engine-worker', 'campaign-worker', 'lib', 'derive'].map((name) => `out/node/${name}.js`),
    build: () =>
      runTool(vite, ['build', '--config', 'vite.node.config.ts', ...quiet]) || makeExecutable('out/node/cli.js'),
  },
  {
    name: 'data',
    what: 'types and tables of the driver interface',
    inputs: [...common, 'scripts/derive.mjs', ...SPEC_FOLDERS, RULE_FIXTURES],
    specs: true,
    results: [
      'out/data/ndis.d.ts',
      'out/data/api.json',
      'out/data/structs.json',
      'out/data/nics.json',
      'out/data/rules.json',
    ],
    build: () => runTool('../scripts/derive.mjs', []),
  },
  {
    name: 'types',
    what: 'declarations of the library',
    inputs: [...common, 'tsconfig.types.json', 'src'],
    results: ['out/types/src/lib.d.ts'],
    build: () => runTool('typescript/bin/tsc', ['--project', 'tsconfig.types.json']),
  },
  {
    name: 'desktop',
    what: 'Electron main process and preload',
    inputs: [
      ...common,
      'electron.vite.config.ts',
      'main',
      'src/host',
      'src/debug',
      'src/shared',
      'src/core/wire/formats',
    ],
    results: ['out/main/index.js', 'out/preload/preload.cjs'],
    build: () => runTool('electron-vite/bin/electron-vite.js', ['build', '--mode', 'desktop', ...quiet]),
  },
  {
    name: 'renderer',
    what: 'workbench page',
    inputs: [...common, 'renderer', 'src/shared', 'src/core/wire/formats'],
    results: ['out/renderer/index.html'],
    build: () => runTool(vite, ['build', '--config', 'renderer/vite.config.ts', ...quiet]),
  },
]

/** @param {string} file */
function makeExecutable(file) {
  const full = path.join(root, file)
  const text = readFileSync(full, 'utf8')
  if (!text.startsWith('#!')) writeFileSync(full, `#!/usr/bin/env node\n${text}`)
  chmodSync(full, 0o755)
  return 0
}

/**
 * @param {Target} target
 * @param {boolean} force
 */
function buildTarget(target, force) {
  const hash = hashInputs(target.inputs, { specs: target.specs === true })
  if (!force && isFresh(target.name, hash, target.results)) return false
  say(`building the ${target.what} ...`)
  mkdirSync(path.join(root, 'out'), { recursive: true })
  // Forgotten first: a build that is killed half way must not look like the one before it.
  forget(target.name)
  if (target.build() !== 0) throw new SetupError(`building the ${target.what} failed; the messages are above`)
  remember(target.name, hash)
  return true
}

/** @param {{ force?: boolean }} [options] */
export async function buildStale({ force = false } = {}) {
  await withBuildLock(() => {
    const built = targets.filter((target) => buildTarget(target, force))
    if (built.length === 0) say('the build is up to date')
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await runMain(async () => {
    requireNode()
    installDependencies()
    await buildStale({ force: process.argv.includes('--force') })
  })
