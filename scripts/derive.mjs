// Writes what is derived from the API and struct tables: ndis.d.ts, api.json and structs.json to out/data, and the
// coverage page to docs.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './setup.mjs'

const { derive } = await import(new URL('../out/node/derive.js', import.meta.url).href)
const folder = path.join(root, 'out', 'data')
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(derive()))
  writeFileSync(name.endsWith('.md') ? path.join(root, 'docs', name) : path.join(folder, name), text)
