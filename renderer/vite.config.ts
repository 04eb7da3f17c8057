import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

const root = import.meta.dirname
const DOCKVIEW_CSS = 'virtual:dockview.css'

/**
 * dockview-core publishes its style sheet only inside its script build, where it is injected at run time. Taking the
 * text from there keeps the sheet ours to bundle, and leaves the package's own colour themes out.
 */
const dockviewCss = (): Plugin => ({
  name: 'dockview-css',
  resolveId: (id) => (id === DOCKVIEW_CSS ? `\0${DOCKVIEW_CSS}` : undefined),
  load(id) {
    if (id !== `\0${DOCKVIEW_CSS}`) return undefined
    const entry = createRequire(import.meta.url).resolve('dockview-core')
    const script = readFileSync(resolve(entry, '../../dockview-core.js'), 'utf8')
    const literal = /textContent = ("(?:[^"\\]|\\.)*")/.exec(script)?.[1]
    if (!literal)
      this.error('dockview-core.js no longer carries its style sheet: see docs/decisions/renderer-packages.md')
    const sheet = JSON.parse(literal) as string
    return sheet.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\.dockview-theme-[^{}]*\{[^{}]*\}/g, '')
  },
})

/** The one configuration of the renderer: electron.vite.config.ts imports it, `vite build -c` uses it alone. */
export default defineConfig({
  root,
  base: './',
  plugins: [vue(), dockviewCss()],
  build: {
    outDir: resolve(root, '../out/renderer'),
    emptyOutDir: true,
    target: 'chrome130',
    chunkSizeWarningLimit: 8000,
    rollupOptions: { input: resolve(root, 'index.html') },
  },
  worker: { format: 'es' },
  // `npm run dev` in a browser: the page comes from vite, its messages go on to the `serve` beside it.
  server: {
    proxy: {
      '/rpc': { target: process.env.NDIS_WORKBENCH_SERVE ?? 'http://127.0.0.1:5174', ws: true, changeOrigin: true },
    },
  },
})
