import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import renderer from './renderer/vite.config'

const root = import.meta.dirname

/**
 * The Electron main process and preload; with `electron-vite dev` also the page. scripts/build.mjs builds the page by
 * itself (--mode desktop leaves it out here), because it changes for other reasons than the main process.
 * The engine worker, the command line and the library are built by vite.node.config.ts into out/node.
 */
export default defineConfig(({ mode }) => ({
  main: {
    build: {
      outDir: 'out/main',
      lib: { entry: resolve(root, 'main/index.ts'), formats: ['es'] },
      rollupOptions: { output: { entryFileNames: 'index.js' } },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      lib: { entry: resolve(root, 'main/preload.ts'), formats: ['cjs'] },
      rollupOptions: { output: { entryFileNames: 'preload.cjs' } },
    },
  },
  ...(mode === 'desktop' ? {} : { renderer }),
}))
