// Writes what is derived from the API and struct tables to out/data: ndis.d.ts, api.json, structs.json.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './setup.mjs'

const { derive } = await import(new URL('../out/node/derive.js', import.meta.url).href)
const folder = path.join(root, 'out', 'data')
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(derive())) writeFileSync(path.join(folder, name), text)
