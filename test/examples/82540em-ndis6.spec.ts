import { describe, expect, test } from 'vitest'
import { TICKS_PER_MS } from '../../src/core/clock/clock'
import { constant } from '../../src/core/ndis/constants'
import { PERFECT_LINK } from '../../src/core/wire/formats/link-options'
import type { RunConfig } from '../../src/shared/engine'
import { cleanInEveryScenario, findings } from './matrix'
import { CLEAN, failing, later, nicRun, number, outcome, pullCard, u32 } from './nic-run'

const ENTRY = '18-82540em-ndis6.ts'
const NIC: Partial<RunConfig> = { nics: ['82540EM'] }
/** A NIC is more work for the machine than a loopback: fewer seeds for the same time. */
const SEEDS = 8
/** Short rings, hardly a spare buffer, every frame mapped: what is rare otherwise happens all the time. */
const NARROW = { '*TransmitBuffers': 16, '*ReceiveBuffers': 16, SpareBuffers: 2, CopyBytes: 0 }

cleanInEveryScenario(ENTRY, SEEDS, NIC)
describe('with short rings', () => cleanInEveryScenario(ENTRY, SEEDS / 2, { ...NIC, keywords: NARROW }))

const run = nicRun(ENTRY, NIC)

describe('MiniportInitializeEx gives back what it has when something is missing', () => {
  test('each allocation', () => {
    const config = {
      scenario: 'default',
      keywords: { '*TransmitBuffers': 16, '*ReceiveBuffers': 16, SpareBuffers: 4 },
    }
    const { allocations } = failing(run, config, 0)
    expect(allocations).toBeGreaterThan(10)
    const wrong: string[] = []
    for (let n = 1; n <= allocations; n++)
      wrong.push(...findings(failing(run, config, n).report).map((text) => `allocation ${n}: ${text}`))
    expect(wrong).toEqual([])
  })
  test.each([
    ['no NIC', []],
    ['another NIC', ['teaching']],
  ] as const)('%s: no adapter, and the event log says why', (_what, nics) => {
    const report = run({ nics })
    expect(outcome(report)).toEqual(CLEAN)
    expect(report.output.join()).toContain('NDIS_ERROR_CODE_RESOURCE_CONFLICT')
  })
})

describe('keywords', () => {
  test.each<Record<string, number>>([
    { '*ReceiveBuffers': 1, '*TransmitBuffers': 9, SpareBuffers: 0 },
    { '*ReceiveBuffers': 1024, '*TransmitBuffers': 1024, SpareBuffers: 1 },
    { '*InterruptModeration': 0, CopyBytes: 1514 },
  ])('%j', (keywords) => {
    expect(outcome(run({ scenario: 'stress', frames: 200, cpus: 4, keywords }))).toEqual(CLEAN)
  })
  test.each([
    ['02-00-00-00-00-77', '02 00 00 00 00 77'],
    ['01-00-00-00-00-77', undefined],
    ['00-00-00-00-00-00', undefined],
  ])('NetworkAddress %s', (NetworkAddress, used) => {
    const answers: string[] = []
    const ask = later(100_000, (control) => {
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

describe('frames', () => {
  test.each([1, 4])('every echo comes back on %i CPUs, byte for byte', (cpus) => {
    for (const keywords of [{}, NARROW]) {
      const report = run({ scenario: 'echo', frames: 1000, cpus, keywords })
      expect(outcome(report)).toEqual(CLEAN)
      expect(report.frames).toEqual({ sent: 1000, received: 1000, dropped: 0 })
    }
  })
  test.each([1, 4])('a bad cable on %i CPUs: what is sent is counted, whatever becomes of it', (cpus) => {
    const pulls = [
      { atNs: 4_000_000, forNs: 2_000_000 },
      { atNs: 20_000_000, forNs: 12_000_000_000 },
    ]
    const link = { ...PERFECT_LINK, loss: 0.02, duplicate: 0.02, reorder: 0.02, corrupt: 0.02, pulls }
    for (let seed = 1; seed <= 4; seed++) {
      const report = run({ scenario: 'send', frames: 2000, cpus, seed, link })
      expect(outcome(report)).toEqual(CLEAN)
      expect(report.frames.sent + report.frames.dropped).toBe(2000)
      expect(report.frames.sent).toBeGreaterThan(0)
      expect(report.frames.dropped).toBeGreaterThan(0)
    }
  })
})

describe('what happens to a NIC while it works', () => {
  test.each([
    [1, 'NDIS tells'],
    [4, 'NDIS tells'],
    [1, 'the hang check finds out'],
    [4, 'the hang check finds out'],
  ])('it is pulled out on %i CPUs, and %s: what it had is completed, and nothing touches it', (cpus, who) => {
    const remove = later(2400, (control, machine) => {
      pullCard(machine)
      machine.driver.idle(TICKS_PER_MS)
      if (who === 'NDIS tells') control.pnpEvent(constant('NdisDevicePnPEventSurpriseRemoved'))
    })
    for (const keywords of [{}, NARROW])
      for (let seed = 1; seed <= 3; seed++) {
        const report = run({ scenario: 'send', frames: 600, cpus, seed, keywords }, remove)
        expect(outcome(report)).toEqual(CLEAN)
        expect(report.frames.dropped).toBeGreaterThan(0)
        expect(report.frames.sent + report.frames.dropped).toBe(600)
      }
  })
  test.each([1, 4])('it sleeps and wakes up on %i CPUs, its filter with it', (cpus) => {
    const filters: number[] = []
    const sleep = later(2400, (control, machine) => {
      control.pause(constant('NDIS_PAUSE_LOW_POWER'))
      control.set(constant('OID_PNP_SET_POWER'), u32(constant('NdisDeviceStateD3')))
      control.set(constant('OID_GEN_CURRENT_PACKET_FILTER'), u32(constant('NDIS_PACKET_TYPE_PROMISCUOUS')))
      machine.driver.idle(TICKS_PER_MS)
      control.set(constant('OID_PNP_SET_POWER'), u32(constant('NdisDeviceStateD0')))
      control.restart()
      filters.push(number(control.query(constant('OID_GEN_CURRENT_PACKET_FILTER'), 4)!.data))
    })
    for (let seed = 1; seed <= 4; seed++)
      expect(outcome(run({ scenario: 'send', frames: 600, cpus, seed }, sleep))).toEqual(CLEAN)
    expect(filters).toEqual(Array.from({ length: 4 }, () => constant('NDIS_PACKET_TYPE_PROMISCUOUS')))
  })
  test('its counters outlive a reset', () => {
    const counts: number[] = []
    const ask = later(200_000, (control) => {
      const sent = () => number(control.query(constant('OID_GEN_XMIT_OK'), 4)!.data)
      counts.push(sent())
      control.reset()
      counts.push(sent())
    })
    expect(outcome(run({ scenario: 'send', frames: 100 }, ask))).toEqual(CLEAN)
    expect(counts).toEqual([100, 100])
  })
  test('what it cannot do is refused', () => {
    const statuses: number[] = []
    const ask = later(100_000, (control) => {
      for (const [oid, data] of [
        ['OID_GEN_CURRENT_PACKET_FILTER', u32(constant('NDIS_PACKET_TYPE_SOURCE_ROUTING'))],
        ['OID_GEN_CURRENT_PACKET_FILTER', u32(0).subarray(0, 2)],
        ['OID_802_3_MULTICAST_LIST', new Uint8Array(7)],
        ['OID_802_3_MULTICAST_LIST', new Uint8Array(65 * 6)],
        ['OID_GEN_INTERRUPT_MODERATION', new Uint8Array(12)],
        ['OID_802_3_PERMANENT_ADDRESS', new Uint8Array(6)],
      ] as const)
        statuses.push(control.set(constant(oid), data)!.status)
    })
    expect(outcome(run({}, ask))).toEqual(CLEAN)
    expect(statuses).toEqual(
      ['NOT_SUPPORTED', 'INVALID_LENGTH', 'INVALID_LENGTH', 'MULTICAST_FULL', 'INVALID_DATA', 'NOT_SUPPORTED'].map(
        (name) => constant(`NDIS_STATUS_${name}`),
      ),
    )
  })
})
