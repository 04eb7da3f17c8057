/** Real drivers on a bad wire: what was sent adds up with what became of it, at the link and at the peer host. */
import { describe, expect, test } from 'vitest'
import { DIRECTION } from '../../src/core/wire/link-record'
import { parseLink, PERFECT_LINK } from '../../src/core/wire/formats/link-options'
import { Engine } from '../../src/script/engine'
import { tables } from '../../src/script/tables'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../src/shared/engine'
import { FILES } from './matrix'

const BAD = 'loss=1%,duplicate=1%,reorder=1%,corrupt=1%,delay=5us,pull=1ms/300us,pull=2ms/100us'
const SEEDS = [1, 2, 3, 4]

function run(entry: string, config: Partial<RunConfig>) {
  const engine = new Engine({
    config: { ...DEFAULT_RUN_CONFIG, memoryBytes: 8 * 1024 * 1024, scenario: 'echo', frames: 600, ...config },
    files: FILES,
    entry,
    tables,
  })
  const report = engine.run()
  return { report, wiring: engine.machine.wiring }
}

describe.each([
  ['18-82540em-ndis6.ts', '82540EM'],
  ['19-82540em-ndis5.ts', '82540EM'],
  ['20-teaching-nic.ts', 'teaching'],
] as const)('%s on a line that loses, doubles, reorders and spoils frames, and is pulled twice', (entry, nic) => {
  test.each(SEEDS)('is clean and adds up with seed %i', (seed) => {
    const link = { ...PERFECT_LINK, ...parseLink(BAD) }
    const { report, wiring } = run(entry, { nics: [nic], link, seed, cpus: 1 + (seed % 4) })
    expect(report).toMatchObject({ outcome: 'clean', violations: [], leaks: [] })
    const line = wiring.links.get(0)!
    const [out, into] = [line.counts(DIRECTION.OUT), line.counts(DIRECTION.IN)]
    for (const { sent, duplicated, delivered, lost } of [out, into]) expect(sent + duplicated).toBe(delivered + lost)
    const { counts } = wiring.peer
    expect(counts.received).toBe(out.delivered)
    expect(counts.damaged).toBe(out.corrupted)
    expect(counts.udpEcho + counts.damaged).toBe(counts.received)
    expect(into.sent).toBe(counts.udpEcho)
    expect(report.frames.sent).toBeLessThanOrEqual(out.sent)
    expect(report.frames.received).toBe(into.delivered - into.corrupted)
    expect(out.lost).toBeGreaterThan(0)
  })
})
