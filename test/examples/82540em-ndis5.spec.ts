import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { TICKS_PER_MS } from '../../src/core/clock/clock'
import { constant } from '../../src/core/ndis/constants'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../src/shared/engine'
import type { RunReport } from '../../src/shared/report'
import { cleanInEveryScenario, findings } from './matrix'
import { CLEAN, failing, later as laterBy, nicRun, outcome, pullCard, u32, type NicRun } from './nic-run'

const ENTRY = '19-82540em-ndis5.ts'
const NIC: Partial<RunConfig> = { nics: ['82540EM'] }
/** A NIC is more work for the machine than a loopback: fewer seeds for the same time. */
const SEEDS = 12

cleanInEveryScenario(ENTRY, SEEDS, NIC)

const alone = nicRun(ENTRY, NIC)
const DEFAULT: Partial<RunConfig> = { scenario: 'default' }
/** Runs the driver on a machine that was prepared for it; `above`: a module with a protocol in the same session. */
const run = (config: Partial<RunConfig>, prepare?: Parameters<NicRun>[1], above?: string): RunReport =>
  (above === undefined ? alone : nicRun('session.ts', NIC, { ...PARTS, 'session.ts': above }))(config, prepare)
/** What the conformance suite has for protocols. */
const PARTS = Object.fromEntries(
  ['examples/bugs/parts/protocol5.ts', 'examples/bugs/parts/pools.ts', 'test/conformance/drivers/say.ts'].map(
    (file) => [`parts/${path.basename(file)}`, readFileSync(path.resolve(import.meta.dirname, '../..', file), 'utf8')],
  ),
)
/** A session of the driver and a protocol above it. */
const session = (imports: string, body: string): string => `import { DriverEntry as miniport } from './19-82540em-ndis5'
import { listen5, protocol5, send5 } from './parts/protocol5'
import { buffer, bufferPool, memory, packet, packetPool } from './parts/pools'
import { nameOf, say } from './parts/say'
import { ${imports} } from 'ndis'
${body}`
/** As laterBy, in virtual milliseconds. */
const later = (ms: number, act: Parameters<typeof laterBy>[1]): ReturnType<typeof laterBy> => laterBy(1000 * ms, act)

describe('MiniportInitialize gives back what it has when something is missing', () => {
  test('each allocation', () => {
    const { allocations } = failing(alone, DEFAULT, 0)
    expect(allocations).toBeGreaterThan(10)
    const wrong: string[] = []
    for (let n = 1; n <= allocations; n++)
      wrong.push(...findings(failing(alone, DEFAULT, n).report).map((text) => `allocation ${n}: ${text}`))
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

describe('what a protocol sees', () => {
  test('the cable is pulled and plugged in again', () => {
    const above = session(
      'NDIS_STATUS_MEDIA_CONNECT',
      `const StatusHandler = (Context, Status) => say(Status === NDIS_STATUS_MEDIA_CONNECT ? 'connect' : 'disconnect')
export const drivers = { miniport, protocol: (DriverObject) => protocol5(DriverObject, {
  handlers: { StatusHandler, StatusCompleteHandler: () => say('complete') } }) }`,
    )
    const link = { ...DEFAULT_RUN_CONFIG.link, pulls: [{ atNs: 20e6, forNs: 30e6 }] }
    const report = run({ link }, undefined, above)
    expect(outcome(report)).toEqual(CLEAN)
    expect(report.output.filter((line) => !line.includes('82540EM'))).toEqual([
      'disconnect',
      'complete',
      'connect',
      'complete',
    ])
  })

  /** An ARP request for the peer host, in so many buffers; what the peer makes of it comes back. */
  const arp = (pieces: number): string =>
    session(
      'NdisChainBufferAtBack, NdisFreeBuffer, NdisFreeBufferPool, NdisFreeMemory, NdisFreePacket, NdisFreePacketPool, NdisMSleep, NdisUnchainBufferAtFront, bytes, NDIS_PACKET_TYPE_DIRECTED, NdisGetFirstBufferFromPacketSafe, NormalPagePriority, out',
      `const pool = packetPool(1), buffers = bufferPool(${pieces}), Data = memory(60)
const OWN = [2, 0, 0, 0, 0, 9]
bytes(Data, 60).fill(0)
bytes(Data, 42).set([...[255, 255, 255, 255, 255, 255], ...OWN, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, ...OWN, 10, 0, 0, 10, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1])
export const drivers = { miniport, protocol: (DriverObject) => protocol5(DriverObject, {
  bound(binding) {
    listen5(binding, NDIS_PACKET_TYPE_DIRECTED)
    const Packet = packet(pool), size = 60 / ${pieces}
    for (let i = 0; i < ${pieces}; i++) NdisChainBufferAtBack(Packet, buffer(buffers, Data + i * size, size))
    say(nameOf(send5(binding, Packet)))
    NdisMSleep(10000)
    const Buffer = out()
    for (let i = 0; i < ${pieces}; i++) { NdisUnchainBufferAtFront(Packet, Buffer); NdisFreeBuffer(Buffer.value) }
    NdisFreePacket(Packet)
  },
  unload() { NdisFreePacketPool(pool); NdisFreeBufferPool(buffers); NdisFreeMemory(Data, 60, 0) },
  handlers: { ReceivePacketHandler(Context, Packet) {
    const Buffer = out(), Address = out(), First = out(), Total = out()
    NdisGetFirstBufferFromPacketSafe(Packet, Buffer, Address, First, Total, NormalPagePriority)
    const frame = [...bytes(Address.value, 42)]
    say('reply', frame[21], frame.slice(28, 32).join('.'))
    return 0
  } } }) }`,
    )
  test.each([1, 2, 6, 12, 30])('a packet in %i buffers is sent as one frame', (pieces) => {
    const report = run({ keywords: { NetworkAddress: '02-00-00-00-00-09' } }, undefined, arp(pieces))
    expect(outcome(report)).toEqual(CLEAN)
    expect(report.output.filter((line) => !line.includes('82540EM'))).toEqual(['reply 2 10.0.0.1', 'SUCCESS'])
  })
})

test.each([1, 4])('two NICs on one wire, each with its own adapter, on %i CPUs', (cpus) => {
  const above = session(
    'NDIS_STATUS_SUCCESS',
    'export const drivers = { first: miniport, second: (DriverObject, RegistryPath) => miniport(DriverObject, RegistryPath) }',
  )
  for (const scenario of ['echo', 'stress', 'lifecycle']) {
    const report = run({ scenario, frames: 100, cpus, nics: ['82540EM', '82540EM'] }, undefined, above)
    expect(outcome(report)).toEqual(CLEAN)
    if (scenario === 'echo') expect(report.frames).toMatchObject({ sent: 200, received: 200 })
  }
})

describe('addresses', () => {
  const FILTER = constant('OID_GEN_CURRENT_PACKET_FILTER')
  const TYPE = Object.fromEntries(
    ['DIRECTED', 'MULTICAST', 'ALL_MULTICAST', 'BROADCAST', 'PROMISCUOUS'].map((name) => [
      name,
      constant(`NDIS_PACKET_TYPE_${name}`),
    ]),
  )
  const group = (n: number): number[] => [0x01, 0x00, 0x5e, 0x00, n, (n * 37) & 0xff]
  const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
  const STRANGER = [0x02, 0, 0, 0, 0, 0x99]
  /** How many frames to each of these addresses the driver indicates. */
  function arriving(filter: number, groups: number, to: (own: number[]) => readonly number[][]): number {
    let received = 0
    const listen = later(100, (control, machine) => {
      const own = [...control.query(constant('OID_802_3_CURRENT_ADDRESS'), 6)!.data]
      control.set(
        constant('OID_802_3_MULTICAST_LIST'),
        new Uint8Array(Array.from({ length: groups }, (_unused, n) => group(n)).flat()),
      )
      control.set(FILTER, u32(filter))
      const before = machine.executive.network.frames.received
      for (const address of to(own)) {
        const frame = new Uint8Array(60)
        frame.set(address)
        machine.wiring.inject(0, frame)
      }
      machine.driver.idle(10 * TICKS_PER_MS)
      received = machine.executive.network.frames.received - before
    })
    expect(outcome(run({}, listen))).toEqual(CLEAN)
    return received
  }
  const all = (own: number[]): number[][] => [own, BROADCAST, STRANGER, group(0), group(20)]
  test.each([
    ['nothing', 0, 0],
    ['its own', TYPE['DIRECTED']!, 1],
    ['broadcasts', TYPE['BROADCAST']!, 1],
    ['groups that it is in, by exact address and by hash', TYPE['MULTICAST']!, 2],
    // To the NIC the broadcast address is that of a group; NDIS keeps it from protocols that do not want it.
    ['all groups', TYPE['ALL_MULTICAST']!, 3],
    ['everything', TYPE['PROMISCUOUS']!, 5],
    ['its own, broadcasts and groups', TYPE['DIRECTED']! | TYPE['BROADCAST']! | TYPE['MULTICAST']!, 4],
  ])('%s', (_says, filter, expected) => {
    expect(arriving(filter, 21, all)).toBe(expected)
  })
  test('all of 64 groups, and no other', () => {
    const groups = (count: number, from = 0): number[][] =>
      Array.from({ length: count }, (_unused, n) => group(from + n))
    expect(arriving(TYPE['MULTICAST']!, 64, () => groups(64))).toBe(64)
    expect(arriving(TYPE['MULTICAST']!, 14, () => groups(40, 14))).toBe(0)
  })
})

describe('what happens to a NIC while it works', () => {
  test('its transmit unit stands still: it is reset, and what it had is given back', () => {
    const stop = later(3, (_control, { executive }) => {
      const TCTL = 0x400
      const [nic] = executive.bus.functions
      executive.bus.write('memory', nic!.bars[0]!.start + TCTL, 4, 0)
    })
    const report = run({ scenario: 'send', frames: 600 }, stop)
    expect(outcome(report)).toEqual(CLEAN)
    expect(report.frames.dropped).toBeGreaterThan(0)
    expect(report.frames.sent + report.frames.dropped).toBe(600)
  })
  test('its counters are what the frames were', () => {
    const counted: number[] = []
    const ask = later(900, (control) => {
      for (const oid of [
        'OID_GEN_XMIT_OK',
        'OID_GEN_RCV_OK',
        'OID_GEN_XMIT_ERROR',
        'OID_GEN_RCV_ERROR',
        'OID_GEN_RCV_NO_BUFFER',
      ])
        counted.push(control.query(constant(oid), 4)!.data[0]!)
    })
    const report = run({ scenario: 'receive', frames: 200 }, ask)
    expect(outcome(report)).toEqual(CLEAN)
    expect(counted).toEqual([report.frames.sent, report.frames.received, 0, 0, 0])
  })
  test.each([
    [1, 'NDIS tells'],
    [4, 'NDIS tells'],
    [1, 'MiniportCheckForHang finds out'],
    [4, 'MiniportCheckForHang finds out'],
  ])('it is pulled out, on %i CPUs; %s: what it had is completed', (cpus, who) => {
    const remove = later(4, (control, machine) => {
      pullCard(machine)
      machine.driver.idle(TICKS_PER_MS)
      if (who === 'NDIS tells') control.pnpEvent(constant('NdisDevicePnPEventSurpriseRemoved'))
    })
    for (let seed = 1; seed <= 4; seed++) {
      const report = run({ scenario: 'send', frames: 600, cpus, seed }, remove)
      expect(outcome(report)).toEqual(CLEAN)
      expect(report.frames.dropped).toBeGreaterThan(0)
      expect(report.frames.sent + report.frames.dropped).toBe(600)
    }
  })
  test.each([1, 4])('it sleeps and wakes up on %i CPUs, its filter with it', (cpus) => {
    const filters: number[] = []
    const sleep = later(4, (control, machine) => {
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
