/** Files of what was once seen and found right: `npm run golden` writes them anew; look at the difference before you commit it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'

const FOLDER = path.resolve(import.meta.dirname, '../golden')

/** Compares a text with test/golden/NAME, or writes that file when UPDATE_GOLDEN=1. */
export function expectGolden(name: string, seen: string): void {
  const file = path.join(FOLDER, name)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(file, seen)
  }
  if (!existsSync(file)) throw new Error(`${file} is missing: run 'npm run golden' and look at what it says`)
  expect(seen).toBe(readFileSync(file, 'utf8'))
}

/** Addresses are named in the order of their appearance: where the machine puts things is tested elsewhere. */
export function nameAddresses(text: string): string {
  const names = new Map<number, string>()
  return text.replace(/0x[0-9a-f]{6,8}\b/g, (hex) => {
    const address = Number(hex)
    if (!names.has(address)) names.set(address, `<address ${names.size + 1}>`)
    return names.get(address)!
  })
}
