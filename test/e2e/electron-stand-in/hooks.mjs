// Module hooks of the process that runs the built main bundle: 'electron' is the stand-in, which is TypeScript.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { transformSync } from '@swc/wasm-typescript'

const standIn = new URL('./index.ts', import.meta.url).href
const folder = new URL('.', import.meta.url).href

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  if (specifier === 'electron') return { url: standIn, shortCircuit: true }
  if (specifier.startsWith('./') && context.parentURL?.startsWith(folder))
    return {
      url: new URL(specifier.endsWith('.mjs') ? specifier : `${specifier}.ts`, context.parentURL).href,
      shortCircuit: true,
    }
  return next(specifier, context)
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.startsWith(folder) || !url.endsWith('.ts')) return next(url, context)
  const { code } = transformSync(await readFile(fileURLToPath(url), 'utf8'), { mode: 'strip-only' })
  return { format: 'module', source: code, shortCircuit: true }
}
