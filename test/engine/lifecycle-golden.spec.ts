/** The event log of a driver of each kind, from DriverEntry to unload, as a person reads it in the workbench. */
import path from 'node:path'
import { expect, test } from 'vitest'
import type { EventRow } from '../../src/shared/views'
import { DapSession } from './dap-session'
import { expectGolden, nameAddresses } from './golden'

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples')
/** Most rows of one request. */
const PAGE = 1000
const IRQL = ['PASSIVE', 'APC', 'DISPATCH']

async function allEvents(session: DapSession): Promise<EventRow[]> {
  const rows: EventRow[] = []
  for (;;) {
    const body = await session.request<{ total: number; rows: EventRow[] }>('ndis/events', {
      start: rows.length,
      count: PAGE,
    })
    rows.push(...body.rows)
    if (rows.length >= body.total) return rows
  }
}

/** Microseconds of virtual time, CPU, IRQL, what happened with its values, and the line of the driver. */
function line({ timeNs, cpu, irql, what, text, site }: EventRow): string {
  const place = site ? `  ${path.basename(site.file)}:${site.line}` : ''
  return `${(timeNs / 1000).toFixed(1).padStart(12)}  ${cpu}  ${(IRQL[irql] ?? `DIRQL ${irql}`).padEnd(8)}  ${what}${text}${place}`
}

test.each([
  ['NDIS 5 miniport', '15-ndis5-miniport'],
  ['NDIS 6 miniport', '11-ndis6-miniport'],
  ['protocol', '12-ndis6-protocol'],
  ['filter', '13-ndis6-filter'],
  ['stack', '14-ndis6-stack'],
])('%s', async (_kind, name) => {
  const session = new DapSession()
  try {
    await session.launch('', undefined, {
      program: path.join(EXAMPLES, `${name}.ts`),
      overlays: {},
      config: { scenario: 'lifecycle', frames: 2, cpus: 2 },
    })
    expect(await session.report()).toMatchObject({ outcome: 'clean', violations: [], leaks: [] })
    const events = await allEvents(session)
    expectGolden(`lifecycle-${name}.txt`, nameAddresses(`${events.map(line).join('\n')}\n`))
  } finally {
    session.close()
  }
})
