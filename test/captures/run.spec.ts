/** Captures of whole runs: drivers of the examples, the virtual NICs and the wire, through the built command line. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RunReport } from '../../src/shared/report'
import { PCAP_MAGIC, pcapFile } from '../../src/core/wire/formats/test-captures'
import { capinfos, inFolder, runWell, save, seenByTshark, seenHere, useFolder } from './tools'
import { ethernet } from './written'

useFolder()

const ROOT = path.resolve(import.meta.dirname, '../..')
const PROGRAM = path.join(ROOT, 'out/node/cli.js')

/** A run of an example as a process. */
function start(driver: string, ...args: readonly string[]): ChildProcess {
  if (!existsSync(PROGRAM)) throw new Error('the command line is not built: run npm run build first')
  return spawn(process.execPath, [PROGRAM, 'run', `examples/${driver}.ts`, '--json', ...args], { cwd: ROOT })
}
async function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const texts = { out: '', err: '' }
  child.stdout?.on('data', (data: Buffer) => (texts.out += data.toString()))
  child.stderr?.on('data', (data: Buffer) => (texts.err += data.toString()))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, ...texts }
}
async function reported(driver: string, ...args: readonly string[]): Promise<{ report: RunReport; err: string }> {
  const { code, out, err } = await ended(start(driver, ...args))
  expect({ code, err }).toMatchObject({ code: 0 })
  return { report: JSON.parse(out) as RunReport, err }
}

const FRAMES = 150
const ECHO = ['--scenario', 'echo', '--frames', String(FRAMES)]
const CALL = /^\w+ in \w+ at \S+\.ts:\d+:\d+, CPU \d, (PASSIVE_LEVEL|DISPATCH_LEVEL|DIRQL \d+), event \d+$/

describe.each([
  ['18-82540em-ndis6', '82540EM'],
  ['19-82540em-ndis5', '82540EM'],
  ['20-teaching-nic', 'teaching'],
])('%s', (driver, nic) => {
  test('is captured: each frame that it sent and each that it got, in the order of their times, with what is behind it', async () => {
    const file = inFolder(`${driver}.pcapng`)
    const { report } = await reported(driver, '--nic', nic, ...ECHO, '--out', file)
    expect(report).toMatchObject({ outcome: 'clean', frames: { sent: FRAMES, received: FRAMES } })
    const frames = seenByTshark(file)
    expect(seenHere(file)).toEqual(frames)
    expect(capinfos(file).get('Strict time order')).toBe('True')

    const [sent, received] = (['out', 'in'] as const).map((way) => frames.filter(({ direction }) => direction === way))
    expect([sent!.length, received!.length]).toEqual([FRAMES, FRAMES])
    for (const { comment } of sent!) expect(comment).toMatch(CALL)
    for (const { comment } of received!) expect(comment).toBe('peer host: UDP echo')
    // The lengths come back in their order: the peer host is fair.
    expect(received!.map(({ length }) => length)).toEqual(sent!.map(({ length }) => length))
    const answered = runWell(
      'tshark',
      '-r',
      file,
      '-Y',
      'udp.srcport == 7',
      '-T',
      'fields',
      '-e',
      'udp.checksum.status',
      '-o',
      'udp.check_checksum:TRUE',
    )
    expect(answered.split('\n').filter(Boolean)).toEqual(Array(FRAMES).fill('1'))
  })
  test('is the same run with and without a capture, and the same capture twice, also on four CPUs', async () => {
    const on = ['--nic', nic, ...ECHO, '--cpus', '4', '--seed', '7']
    const runs = [
      await reported(driver, ...on),
      await reported(driver, ...on, '--out', inFolder('a')),
      await reported(driver, ...on, '--out', inFolder('b')),
    ]
    expect(new Set(runs.map(({ report }) => report.traceHash)).size).toBe(1)
    expect(readFileSync(inFolder('a')).equals(readFileSync(inFolder('b')))).toBe(true)
  })
})

test.each(['21-ping', '22-ping-ndis5'])(
  '%s: Wireshark pairs each request with its answer and finds nothing wrong',
  async (driver) => {
    const file = inFolder('ping.pcapng')
    await reported(driver, '--out', file)
    const fields = ['arp.opcode', 'icmp.type', 'icmpv6.type'].flatMap((name) => ['-e', name])
    const types = runWell('tshark', '-r', file, '-T', 'fields', ...fields)
      .split('\n')
      .map((line) => line.trim())
    const [arp, icmp, discovery, icmpv6] = [
      ['1', '2'],
      ['8', '0'],
      ['135', '136'],
      ['128', '129'],
    ]
    expect(types.filter(Boolean)).toEqual([arp, icmp, icmp, icmp, discovery, icmpv6, icmpv6, icmpv6].flat())
    const answered = runWell(
      'tshark',
      '-r',
      file,
      '-2',
      '-Y',
      'icmp.resp_to or icmpv6.resp_to',
      '-T',
      'fields',
      '-e',
      'frame.number',
    )
    expect(answered.split('\n').filter(Boolean)).toHaveLength(6)
    const checked = ['ip', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`])
    expect(runWell('tshark', '-r', file, '-q', '-z', 'expert,note', ...checked)).toBe('')
  },
)

test('frames of a capture arrive as they are, as far apart as they were', async () => {
  const STEP_NS = 100_037
  const records = Array.from({ length: 60 }, (_unused, i) => ({
    seconds: 1_700_000_000,
    fraction: i * STEP_NS,
    bytes: ethernet(200, i),
  }))
  const real = save('real.pcap', pcapFile(false, records, { magic: PCAP_MAGIC.NANOSECONDS }))
  const copy = inFolder('copy.pcapng')
  const { err } = await reported('20-teaching-nic', '--nic', 'teaching', '--in', real, '--out', copy)
  expect(err).toBe('')
  const arrived = seenByTshark(copy)
  expect(arrived.map(({ bytes, direction, comment }) => [bytes, direction, comment])).toEqual(
    seenByTshark(real).map(({ bytes }) => [bytes, 'in', 'injected']),
  )
  // Both ends of a distance are at a tick of the machine.
  const TICK_NS = 100
  arrived.forEach(({ timeNs }, i) =>
    expect(Math.abs(Number(timeNs! - arrived[0]!.timeNs!) - i * STEP_NS)).toBeLessThanOrEqual(2 * TICK_NS),
  )
})

describe('a run that does not come to its end', () => {
  const ENDLESS = [
    '20-teaching-nic',
    '--nic',
    'teaching',
    '--scenario',
    'echo',
    '--frames',
    '1000000',
    '--out',
  ] as const
  const WANTED_BYTES = 500_000
  async function capturing(file: string): Promise<ChildProcess> {
    const child = start(...ENDLESS, file)
    const partial = (): number => statSync(`${file}.partial`, { throwIfNoEntry: false })?.size ?? 0
    for (let waited = 0; partial() < WANTED_BYTES; waited += 50) {
      if (waited > 30_000 || child.exitCode !== null) throw new Error('the run captures nothing')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return child
  }
  test.skipIf(process.platform === 'win32')('by Ctrl+C leaves its capture', async () => {
    const file = inFolder('interrupted.pcapng')
    const child = await capturing(file)
    child.kill('SIGINT')
    expect(await ended(child)).toMatchObject({ code: 2, err: '' })
    expect(existsSync(`${file}.partial`)).toBe(false)
    expect(Number(capinfos(file).get('Number of packets'))).toBeGreaterThan(100)
  })
  test('because it is killed leaves no capture of that name, and one that can be read', async () => {
    const file = inFolder('killed.pcapng')
    const child = await capturing(file)
    child.kill('SIGKILL')
    await ended(child)
    expect(existsSync(file)).toBe(false)
    expect(Number(capinfos(`${file}.partial`).get('Number of packets'))).toBeGreaterThan(100)
  })
})
