/** Exploring with real threads, from the command line on: a bug that takes one order of things is found, shrunk and replayed. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findProduct } from '../../src/host/product'
import type { ExploreReport } from '../../src/shared/explore'
import type { RunReport } from '../../src/shared/report'

const { engineWorker, examples } = findProduct(import.meta.url)
const cli = path.join(path.dirname(fileURLToPath(engineWorker)), 'cli.js')
const faulty = path.join(examples, 'bugs/25-freed-by-two.ts')
const mended = path.join(examples, 'bugs/25-freed-by-two.mended.ts')

const run = (...args: string[]): Promise<{ code: number; out: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [cli, 'run', ...args], { maxBuffer: 1 << 26 }, (error, out) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out }),
    )
  })

describe('run --explore', () => {
  test('finds what takes one order of things, and shrinks it to that', { timeout: 240_000 }, async () => {
    const { code, out } = await run(faulty, '--explore', '200', '--cpus', '2', '--json')
    expect(code).toBe(1)
    const report = JSON.parse(out) as ExploreReport
    expect(report).toMatchObject({ ran: 200, cpus: 2, cancelled: false })
    const [failing, clean] = report.outcomes
    expect(clean).toMatchObject({ outcome: 'clean' })
    expect(clean!.seeds).toBeGreaterThan(failing!.seeds)
    const shrunk = failing!.shrunk!
    expect(shrunk.report.schedule!.decisions).toMatchObject([
      { at: { function: 'dropCache', file: '25-freed-by-two.ts' }, ran: [{ name: 'MiniportTimer' }] },
    ])

    const found = shrunk.report.violations[0]!
    const options = ['--cpus', `${shrunk.cpus}`, '--seed', `${shrunk.seed}`, '--schedule', shrunk.schedule]
    const again = await run(faulty, ...options, '--json')
    const replayed = JSON.parse(again.out) as RunReport
    expect(replayed.violations).toMatchObject([{ rule: 'DV:DoubleFree', file: found.file, line: found.line }])
    expect(replayed.traceHash).toBe(shrunk.report.traceHash)
    // Without its one preemption the same seed is clean.
    expect((await run(faulty, ...options.with(-1, 'none'))).code).toBe(0)
  })
  test('tells the story and the command that shows it again', { timeout: 240_000 }, async () => {
    const { out } = await run(faulty, '--explore', '40', '--rules', 'on')
    expect(out).toMatch(/DV:DoubleFree at .*25-freed-by-two\.ts:\d+ in NdisFreeMemory {2}first seed \d+/)
    expect(out).toMatch(
      /1\. \d+@[01], at .* µs: CPU 0 in dropCache \(NdisWorkItemRoutine\) at .*, before \w+, is (interrupted|held up); /,
    )
    expect(out).toMatch(/Again: ndis-workbench run \S+ --rules on --cpus [12] --seed \d+ --schedule \d+@[01]$/m)
  })
  test('finds nothing in the mended driver', { timeout: 240_000 }, async () => {
    const { code, out } = await run(mended, '--explore', '60')
    expect(out).toMatch(/60 seeds {2}clean/)
    expect(code).toBe(0)
  })
})
