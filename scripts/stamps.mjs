// Which build targets are stale: the hash over everything a target is made from is kept beside the result.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './setup.mjs'

const stamps = path.join(root, 'out', '.stamps')
/** Where specs of the driver interface lie. */
export const SPEC_FOLDERS = ['src', 'test/conformance', 'test/engine']
/** Drivers that break each rule. */
export const RULE_FIXTURES = 'test/rules/fixtures'

/**
 * @param {string} name path relative to the project
 * @returns {string[]}
 */
export function filesBelow(name) {
  const full = path.join(root, name)
  if (!existsSync(full)) return []
  if (!statSync(full).isDirectory()) return [name]
  return readdirSync(full)
    .sort()
    .flatMap((entry) => filesBelow(`${name}/${entry}`))
}

/**
 * @param {readonly string[]} inputs files and folders, relative to the project
 * @param {{ specs?: boolean }} [options] specs count only when they say so
 * @returns {string} hexadecimal
 */
export function hashInputs(inputs, { specs = false } = {}) {
  const hash = createHash('sha256')
  for (const file of inputs.flatMap(filesBelow)) {
    if (!specs && file.endsWith('.spec.ts')) continue
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

/**
 * @param {string} target
 * @param {string} hash
 * @param {readonly string[]} results files that the target must have left
 */
export function isFresh(target, hash, results) {
  const stamp = path.join(stamps, target)
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) return false
  return results.every((file) => existsSync(path.join(root, file)))
}

/** @param {string} target */
export function forget(target) {
  rmSync(path.join(stamps, target), { force: true })
}

/**
 * @param {string} target
 * @param {string} hash
 */
export function remember(target, hash) {
  mkdirSync(stamps, { recursive: true })
  writeFileSync(path.join(stamps, target), hash)
}
