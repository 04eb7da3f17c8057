import { builtinModules } from 'node:module'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'
import manifest from './package.json' with { type: 'json' }

const root = import.meta.dirname
const external = [
  ...builtinModules,
  /^node:/,
  ...Object.keys(manifest.dependencies).map((name) => new RegExp(`^${name}(/|$)`)),
]

/** Everything that runs on plain Node: command line, engine worker, library, and the data files derived from the tables. */
export default defineConfig({
  build: {
    outDir: 'out/node',
    target: 'node20',
    ssr: true,
    minify: false,
    sourcemap: true,
    rollupOptions: {
      external,
      input: {
        cli: resolve(root, 'src/cli/main.ts'),
        'engine-worker': resolve(root, 'src/worker/engine-worker.ts'),
        'campaign-worker': resolve(root, 'src/worker/campaign-worker.ts'),
        lib: resolve(root, 'src/lib.ts'),
        derive: resolve(root, 'src/script/derive.ts'),
      },
      output: { topLevelVar: false, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
})
