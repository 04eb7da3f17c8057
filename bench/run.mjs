/**
 * `npm run bench`: how fast the pools and the way of a frame are, as ratios against plain C measured in the same run. Figures of different runs
 * do not compare; the ratios do. Builds what is stale first.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const TURNS = 5
const here = path.dirname(fileURLToPath(import.meta.url))
const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' }).trim()
run(process.execPath, path.join(here, '../scripts/build.mjs'))

/** Builds the anchor; null where there is no C compiler. */
function buildAnchor(folder) {
  const target = path.join(folder, 'anchor')
  for (const compiler of ['gcc', 'cc', 'clang']) {
    try {
      run(compiler, '-O2', '-o', target, path.join(here, 'anchor.c'))
      return target
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
    }
  }
  return null
}

const folder = mkdtempSync(path.join(tmpdir(), 'ndis-bench-'))
try {
  const anchor = buildAnchor(folder)
  if (anchor === null) console.log('No C compiler here (gcc, cc or clang): figures without their anchor.')
  console.log('pool pairs (allocate, 14 words of header, free)    M pairs/s   ns/pair   ratio to plain C')
  const row = (name, ns, base) =>
    console.log(
      `${name.padEnd(48)} ${(1000 / ns).toFixed(1).padStart(11)} ${ns.toFixed(2).padStart(9)}   ${base ? (base / ns).toFixed(3) : '-'}`,
    )
  /** The best of a few, each beside the anchor: what disturbs a machine only ever makes it slower. */
  const best = (turns, pick) => Math.min(...turns.map(pick))
  const measure = (anchored, script, ...args) =>
    Array.from({ length: TURNS }, () => ({
      base: anchor ? Number(run(anchor, anchored)) : undefined,
      ns: run(process.execPath, path.join(here, script), ...args)
        .split('\n')
        .map(Number),
    }))
  const LABELS = {
    bare: 'no script, no binding',
    unchecked: 'rules and log off',
    rules: 'all rules on, log off',
    checked: 'all rules and event log on',
  }
  const label = (mode) => LABELS[mode]
  const against = []
  for (const form of ['plain', 'dpr', 'nonInterlocked']) {
    const found = {}
    for (const mode of Object.keys(LABELS)) {
      const turns = measure('pairs', 'pool-pairs.mjs', form, mode)
      const base = anchor && best(turns, (turn) => turn.base)
      if (anchor) row('plain C', base)
      found[mode] = best(turns, (turn) => turn.ns[0])
      row(`${form}, ${label(mode)}`, found[mode], base)
    }
    against.push([form, found.unchecked / found.rules, found.unchecked / found.checked, found.bare / found.unchecked])
  }
  console.log('\npool pairs, speed as a ratio           rules on : off   rules and log on : off   off : bare binding')
  for (const [form, rules, checked, bare] of against)
    console.log(
      `${form.padEnd(38)} ${rules.toFixed(3).padStart(14)} ${checked.toFixed(3).padStart(24)} ${bare.toFixed(3).padStart(20)}`,
    )
  console.log('\n64-byte frames, 82540EM, NDIS 6 example           M frames/s  ns/frame   ratio to plain C')
  for (const mode of ['unchecked', 'checked']) {
    const turns = measure('frames', 'frames.mjs', mode)
    const base = anchor && best(turns, (turn) => turn.base)
    if (anchor) row('plain C', base)
    for (const [half, what] of ['sent', 'received'].entries())
      row(
        `${what}, ${label(mode)}`,
        best(turns, (turn) => turn.ns[half]),
        base,
      )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
