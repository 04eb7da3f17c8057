// Writes what is derived from the tables: ndis.d.ts, api.json, structs.json,
// nics.json and rules.json to out/data, and reference pages to docs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './setup.mjs'
import { filesBelow, SPEC_FOLDERS } from './stamps.mjs'

const { derive } = await import(new URL('../out/node/derive.js', import.meta.url).href)
const folder = path.join(root, 'out', 'data')
/** Specs, and the drivers that those of the conformance suite share. */
const specs = SPEC_FOLDERS.flatMap(filesBelow).filter((file) => /\.spec\.ts$|\/drivers\//.test(file))
const texts = new Map(specs.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]))
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(derive(texts)))
  writeFileSync(name.endsWith('.md') ? path.join(root, 'docs', name) : path.join(folder, name), text)
