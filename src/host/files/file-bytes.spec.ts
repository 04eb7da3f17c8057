import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBytes } from './file-bytes'

const MIB = 1024 * 1024
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'file-bytes-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
function file(name: string, length: number): { name: string; bytes: Uint8Array } {
  const bytes = Uint8Array.from({ length }, (_unused, i) => (i ^ (i >> 8) ^ (i >> 16)) & 0xff)
  writeFileSync(path.join(folder, name), bytes)
  return { name: path.join(folder, name), bytes }
}

test('gives any bytes of a file that is longer than what is in memory of it, forwards and back', () => {
  const { name, bytes } = file('long', 3 * MIB + 7)
  const source = openBytes(name)
  const ranges = [
    [0, 10],
    [MIB - 5, MIB + 5],
    [3 * MIB, 3 * MIB + 7],
    [0, 3 * MIB + 7],
    [5, 5],
    [2 * MIB, 2 * MIB + 1],
  ] as const
  const read = ranges.map(([from, to]) => source.read(from, to))
  // All of them at the end: what was read stays as it was.
  expect(read.map((piece, i) => Buffer.compare(piece, bytes.subarray(...ranges[i]!)))).toEqual(ranges.map(() => 0))
  expect(source.length).toBe(bytes.length)
  source.close()
})
test('says what cannot be read', () => {
  expect(() => openBytes(path.join(folder, 'missing'))).toThrow('ENOENT')
  expect(() => openBytes(folder)).toThrow('is not a file')
  const { name } = file('shrinks', 2 * MIB)
  const source = openBytes(name)
  truncateSync(name, MIB)
  expect(() => source.read(MIB, MIB + 10)).toThrow('became shorter')
  source.close()
})
