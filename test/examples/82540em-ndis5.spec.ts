import { describe, expect, test } from 'vitest'
import { TICKS_PER_MS } from '../../src/core/clock/clock'
import { ACTIVATION } from '../../src/core/kernel/cpus'
import { PASSIVE_LEVEL } from '../../src/core/kernel/irql'
import type { Machine } from '../../src/core/machine'
import type { AdapterControl } from '../../src/core/ndis/adapters'
import { constant } from '../../src/core/ndis/constants'
import { Engine } from '../../src/script/engine'
import { tables } from '../../src/script/tables'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../src/shared/engine'
import type { RunReport } from '../../src/shared/report'
import { cleanInEveryScenario, FILES, findings } from './matrix'

const ENTRY = '19-82540em-ndis5.ts'
const NIC: Partial<RunConfig> = { nics: ['82540EM'] }
/** A NIC is more work for the machine than a loopback: fewer seeds for the same time. */
const SEEDS = 12

cleanInEveryScenario(ENTRY, SEEDS, NIC)

/** Runs the driver on a machine that was prepared for it. */
function run(config: Partial<RunConfig>, prepare: (machine: Machine) => void = () => undefined): RunReport {
  const engine = new Engine({
    config: { ...DEFAULT_RUN_CONFIG, ...NIC, memoryBytes: 8 * 1024 * 1024, ...config },
    files: FILES,
    entry: ENTRY,
    tables,
  })
  prepare(engine.machine)
  return engine.run()
}
/** Does something with the adapter in a thread, so many virtual milliseconds after the start. */
const later =
  (ms: number, act: (control: AdapterControl, machine: Machine) => void) =>
  (machine: Machine): void => {
    const { clock, scheduler } = machine.kernel
    const work = {
      name: 'interference',
      kind: ACTIVATION.THREAD,
      irql: PASSIVE_LEVEL,
      run: () =>
        machine.executive.adapters.forEach(({ control }) => {
          if (control) act(control, machine)
        }),
    }
    clock.setAlarm(ms * TICKS_PER_MS, () => scheduler.queueThread(0, work))
  }
const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer)
const outcome = (report: RunReport) => ({ findings: findings(report), outcome: report.outcome })
const CLEAN = { findings: [], outcome: 'clean' }

describe('MiniportInitialize gives back what it has when something is missing', () => {
  /** The n-th allocation from the pool after DriverEntry began fails; how many there were. */
  function failing(n: number): { report: RunReport; allocations: number } {
    let allocations = 0
    const report = run({ scenario: 'default' }, ({ kernel }) => {
      const { pool } = kernel
      const { allocate } = pool
      Object.assign(pool, {
        allocate: (...args: Parameters<typeof allocate>) => (++allocations === n ? 0 : allocate(...args)),
      })
    })
    return { report, allocations }
  }
  test('each allocation', () => {
    const { allocations } = failing(0)
    expect(allocations).toBeGreaterThan(10)
    const wrong: string[] = []
    for (let n = 1; n <= allocations; n++)
      wrong.push(...findings(failing(n).report).map((text) => `allocation ${n}: ${text}`))
    expect(wrong).toEqual([])
  })
  test('the NIC itself: no adapter, and the event log says why', () => {
    const report = run({ nics: [] })
    expect(outcome(report)).toEqual(CLEAN)
    expect(report.output.join()).toContain('NDIS_ERROR_CODE_ADAPTER_NOT_FOUND')
  })
  test('another NIC is not taken for ours', () => {
    const report = run({ nics: ['teaching'] })
    expect(outcome(report)).toEqual(CLEAN)
    expect(report.output.join()).toContain('NDIS_ERROR_CODE_ADAPTER_NOT_FOUND')
  })
})

describe('keywords', () => {
  test.each([
    { '*ReceiveBuffers': 32, '*TransmitBuffers': 32 },
    { '*ReceiveBuffers': 1, '*TransmitBuffers': 9 },
    { '*ReceiveBuffers': 1024, '*TransmitBuffers': 1024 },
    { '*ReceiveBuffers': 0xffff_ffff, '*TransmitBuffers': 100 },
  ])('rings of %j', (keywords) => {
    expect(outcome(run({ scenario: 'stress', frames: 200, cpus: 4, keywords }))).toEqual(CLEAN)
  })
  test.each([
    ['02-00-00-00-00-77', '02 00 00 00 00 77'],
    ['01-00-00-00-00-77', undefined],
    ['00-00-00-00-00-00', undefined],
  ])('NetworkAddress %s', (NetworkAddress, used) => {
    const answers: string[] = []
    const ask = later(500, (control) => {
      for (const oid of ['OID_802_3_CURRENT_ADDRESS', 'OID_802_3_PERMANENT_ADDRESS'])
        answers.push(
          [...control.query(constant(oid), 6)!.data].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
        )
    })
    expect(outcome(run({ keywords: { NetworkAddress } }, ask))).toEqual(CLEAN)
    const [current, permanent] = answers
    expect(current).toBe(used ?? permanent)
  })
})

describe('what happens to a NIC while it works', () => {
  test.each([1, 4])('it is pulled out on %i CPUs: what it had is completed, and nothing touches it', (cpus) => {
    const remove = later(55, (control) => control.pnpEvent(constant('NdisDevicePnPEventSurpriseRemoved')))
    for (let seed = 1; seed <= 4; seed++)
      expect(outcome(run({ scenario: 'send', frames: 600, cpus, seed }, remove))).toEqual(CLEAN)
  })
  test.each([1, 4])('it sleeps and wakes up on %i CPUs, its filter with it', (cpus) => {
    const filters: number[] = []
    const sleep = later(55, (control, machine) => {
      control.set(constant('OID_PNP_SET_POWER'), u32(constant('NdisDeviceStateD3')))
      control.set(constant('OID_GEN_CURRENT_PACKET_FILTER'), u32(constant('NDIS_PACKET_TYPE_PROMISCUOUS')))
      machine.driver.idle(TICKS_PER_MS)
      control.set(constant('OID_PNP_SET_POWER'), u32(constant('NdisDeviceStateD0')))
      filters.push(...control.query(constant('OID_GEN_CURRENT_PACKET_FILTER'), 4)!.data)
    })
    for (let seed = 1; seed <= 4; seed++)
      expect(outcome(run({ scenario: 'send', frames: 600, cpus, seed }, sleep))).toEqual(CLEAN)
    expect(filters.slice(0, 4)).toEqual([...u32(constant('NDIS_PACKET_TYPE_PROMISCUOUS'))])
  })
  test('statistics have 64 bits where there is room for them', () => {
    const lengths: number[] = []
    const ask = later(500, (control) => {
      for (const room of [4, 8, 64]) lengths.push(control.query(constant('OID_GEN_XMIT_OK'), room)!.data.length)
      lengths.push(control.query(constant('OID_GEN_XMIT_OK'), 2)!.needed)
    })
    expect(outcome(run({}, ask))).toEqual(CLEAN)
    expect(lengths).toEqual([4, 8, 8, 4])
  })
  test('what it cannot do is refused', () => {
    const statuses: number[] = []
    const ask = later(500, (control) => {
      for (const [oid, data] of [
        ['OID_GEN_CURRENT_PACKET_FILTER', u32(constant('NDIS_PACKET_TYPE_SOURCE_ROUTING'))],
        ['OID_GEN_CURRENT_PACKET_FILTER', u32(0).subarray(0, 2)],
        ['OID_802_3_MULTICAST_LIST', new Uint8Array(7)],
        ['OID_802_3_MULTICAST_LIST', new Uint8Array(65 * 6)],
        ['OID_802_3_PERMANENT_ADDRESS', new Uint8Array(6)],
      ] as const)
        statuses.push(control.set(constant(oid), data)!.status)
    })
    expect(outcome(run({}, ask))).toEqual(CLEAN)
    expect(statuses).toEqual(
      ['NOT_SUPPORTED', 'INVALID_LENGTH', 'INVALID_LENGTH', 'MULTICAST_FULL', 'NOT_SUPPORTED'].map((name) =>
        constant(`NDIS_STATUS_${name}`),
      ),
    )
  })
})
