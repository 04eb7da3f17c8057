import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** The page, built by itself into out/renderer; the same files are served over http and over Electron's app:// scheme. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [vue()],
  build: { outDir: resolve(import.meta.dirname, '../out/renderer'), emptyOutDir: true, target: 'chrome140' },
  // `npm run dev` in a browser: the page comes from here, its messages go on to the `serve` named by the variable.
  server: { proxy: { '/rpc': { target: process.env.NDIS_WORKBENCH_SERVE ?? 'http://127.0.0.1:5174', ws: true } } },
})
