/**
 * Frames through the NDIS 6 example for the 82540EM, in a process of its own: `node bench/frames.mjs checked|unchecked`.
 * Prints nanoseconds for a frame of 64 bytes that is sent, and for one that is received. The scenario `flood` says when each
 * half begins and ends; of a long run the time of a short one is taken off, so that the compiler's first attempts do not count.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { loadDriver } from '../out/node/lib.js'

const on = process.argv[2] === 'checked'
const SHORT = 100_000
const LONG = 900_000
const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../examples')
const names = readdirSync(folder, { recursive: true }).map((name) => String(name).replaceAll('\\', '/'))
const files = Object.fromEntries(
  names.filter((name) => name.endsWith('.ts')).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
)
const entry = names.find((name) => /^\d+-82540em-ndis6\.ts$/.test(name))

/** Milliseconds of both halves. */
function flood(frames) {
  const marks = []
  const options = { entry, nics: ['82540EM'], scenario: 'flood', frames, log: on, rules: on }
  const onOutput = (line) => line.startsWith('flood: ') && marks.push(performance.now())
  const report = loadDriver(files, { ...options, onOutput }).run()
  if (report.outcome !== 'clean' || marks.length !== 4)
    throw new Error(
      `the driver is not clean: ${JSON.stringify(report.violations[0] ?? report.error ?? report.bugcheck)}`,
    )
  return [marks[1] - marks[0], marks[3] - marks[2]]
}
const [short, long] = [flood(SHORT), flood(LONG)]
for (const half of [0, 1]) console.log((((long[half] - short[half]) * 1e6) / (LONG - SHORT)).toFixed(3))
