// Writes what is derived from the tables: ndis.d.ts, api.json, structs.json,
// nics.json and rules.json to out/data, and reference pages to docs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './setup.mjs'
import { filesBelow, RULE_FIXTURES, SPEC_FOLDERS } from './stamps.mjs'

const { derive } = await import(new URL('../out/node/derive.js', import.meta.url).href)
const folder = path.join(root, 'out', 'data')
/** Specs, and the drivers that those of the conformance suite share. */
const specs = SPEC_FOLDERS.flatMap(filesBelow).filter((file) => /\.spec\.ts$|\/drivers\//.test(file))
/** What reports rules: no tables, no codecs. */
const core = filesBelow('src/core').filter((file) => !/\.(spec|table)\.ts$|\/wire\/formats\//.test(file))
/** @param {readonly string[]} files */
const texts = (files) => new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]))
const sources = { specs: texts(specs), core: texts(core), fixtures: texts(filesBelow(RULE_FIXTURES)) }
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(derive(sources)))
  writeFileSync(name.endsWith('.md') ? path.join(root, 'docs', name) : path.join(folder, name), text)
