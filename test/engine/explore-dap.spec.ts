/** Explorations as a front end asks for them. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findProduct } from '../../src/host/product'
import type { ExploreReport } from '../../src/shared/explore'
import type { RunReport } from '../../src/shared/report'
import { driverOf } from '../../src/script/test-driver'
import { DapSession, DRIVER } from './dap-session'

const { examples } = findProduct(import.meta.url)
const files = ['25-freed-by-two.ts', 'parts/miniport5.ts'].map(
  (file) => [file, readFileSync(path.join(examples, 'bugs', file), 'utf8')] as const,
)
const faulty = { program: DRIVER, overlays: Object.fromEntries(files) }

test(
  'an exploration tells of its progress and ends with a schedule that launch takes',
  { timeout: 120_000 },
  async () => {
    const session = new DapSession()
    // Seed 15 is one of those that find it; fewer seeds, so that it does not take long.
    const report = await session.request<ExploreReport>('ndis/explore', {
      seeds: 2,
      launch: { ...faulty, config: { seed: 15, cpus: 2 } },
    })
    const { shrunk } = report.outcomes[0]!
    expect(shrunk?.report.schedule?.decisions).toHaveLength(1)
    expect(session.events('ndis/explore')[0]).toMatchObject({ phase: 'explore', done: 1, total: 2 })
    const { seed, cpus, schedule } = shrunk!
    await session.launch('', undefined, { ...faulty, config: { seed, cpus, schedule } })
    const { report: replayed } = (await session.event('ndis/report')) as unknown as { report: RunReport }
    expect(replayed.traceHash).toBe(shrunk!.report.traceHash)
    session.close()
  },
)

test('one that is cancelled ends with what is known', { timeout: 60_000 }, async () => {
  const session = new DapSession()
  const endless = { program: DRIVER, overlays: { 'driver.ts': driverOf('DbgPrint', 'for (;;) DbgPrint("again\\n")') } }
  const answer = session.request<ExploreReport>('ndis/explore', { launch: endless, seeds: 100 })
  expect((await session.ask('ndis/explore', { launch: endless, seeds: 1 }))['message']).toMatch('cancel it first')
  await new Promise((resolve) => setTimeout(resolve, 500))
  await session.request('ndis/explore/cancel')
  expect(await answer).toMatchObject({ cancelled: true, ran: 0, outcomes: [] })
  session.close()
})

test('what is asked wrongly is refused', async () => {
  const session = new DapSession()
  expect((await session.ask('ndis/explore', { launch: faulty, seeds: 0 }))['message']).toMatch(
    '`seeds` is a whole number from 1',
  )
  expect((await session.ask('ndis/explore', { seeds: 5 }))['message']).toMatch(
    'needs `launch`: the arguments of a launch',
  )
  const launch = { ...faulty, config: { schedule: '340@1' } }
  expect((await session.ask('launch', launch))['message']).toBe("'340@1' is for CPU 1, and there is one CPU")
  session.close()
})
