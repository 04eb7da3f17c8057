import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const root = import.meta.dirname

// The engine worker, the command line and the library are built by vite.node.config.ts into out/node.
export default defineConfig({
  main: {
    build: { outDir: 'out/main', lib: { entry: resolve(root, 'main/index.ts'), formats: ['es'] }, rollupOptions: { output: { entryFileNames: 'index.js' } } },
  },
  preload: {
    build: { outDir: 'out/preload', lib: { entry: resolve(root, 'main/preload.ts'), formats: ['cjs'] }, rollupOptions: { output: { entryFileNames: 'preload.cjs' } } },
  },
  renderer: {
    root: 'renderer',
    build: { outDir: 'out/renderer', rollupOptions: { input: resolve(root, 'renderer/index.html') } },
    plugins: [vue()],
  },
})
