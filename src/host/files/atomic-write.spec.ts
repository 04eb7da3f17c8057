import { fork } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { transformSync } from '@swc/wasm-typescript'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeAtomic } from './atomic-write'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atomic-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('an atomic write', () => {
  it('leaves the old text and no litter when it fails', async () => {
    const file = path.join(folder, 'a')
    await mkdir(file)
    await expect(writeAtomic(file, 'x')).rejects.toMatchObject({ code: 'EISDIR' })
    expect(await readdir(folder)).toEqual(['a'])
  })

  it('cannot go where there is no folder', async () => {
    await expect(writeAtomic(path.join(folder, 'no', 'a'), 'x')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('gives readers the old or the new text, whole, even when the writer is killed', async () => {
    const file = path.join(folder, 'a')
    const texts = ['a', 'b'].map((letter) => letter.repeat(200_000))
    await writeFile(file, texts[0] ?? '')
    const program = path.join(folder, 'writer.mjs')
    const source = await readFile(path.join(import.meta.dirname, 'atomic-write.ts'), 'utf8')
    await writeFile(path.join(folder, 'atomic-write.mjs'), transformSync(source, { mode: 'strip-only' }).code)
    await writeFile(program, WRITER)
    for (let round = 0; round < 3; round += 1) {
      const writer = fork(program, [file], { silent: true })
      await new Promise((resolve) => writer.once('message', resolve))
      for (let reads = 0; reads < 50; reads += 1) expect(texts).toContain(await readFile(file, 'utf8'))
      writer.kill('SIGKILL')
      await new Promise((resolve) => writer.once('exit', resolve))
      expect(texts).toContain(await readFile(file, 'utf8'))
    }
  })
})

/** Writes one text after the other until it is killed; a process of its own, so plain JavaScript. */
const WRITER = `
import { writeAtomic } from './atomic-write.mjs'
process.send('ready')
for (let n = 0; ; n += 1) await writeAtomic(process.argv[2], (n % 2 ? 'a' : 'b').repeat(200_000))
`
