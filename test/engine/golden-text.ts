import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'

/** Compares with test/engine/golden/NAME. A missing golden fails; UPDATE_GOLDEN=1 writes it. */
export function expectGolden(name: string, text: string): void {
  const file = path.join(import.meta.dirname, 'golden', name)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  if (!existsSync(file)) throw new Error(`${file} is missing: run the spec with UPDATE_GOLDEN=1 and read what it wrote`)
  expect(text).toBe(readFileSync(file, 'utf8'))
}
