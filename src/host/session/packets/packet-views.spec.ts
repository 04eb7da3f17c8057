import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCapture } from '../../../core/wire/formats/capture-read'
import type { CapturedFrame } from '../../../core/wire/formats/captured-frame'
import { FRAMES } from '../../../core/wire/formats/dissect/frames.fixture'
import { injectedFrames } from '../../../core/wire/formats/injected-frames'
import { CaptureFiles } from './capture-files'
import type { FrameSource } from './frame-source'
import { PacketViews } from './packet-views'

const KNOWN = Object.values(FRAMES)
const COMMENT = 'NdisMSendPackets in Send at driver.ts:40:7, CPU 0, DISPATCH_LEVEL, event 1234'

function sourceOf(count: number): FrameSource & { count: number } {
  const frame = (index: number): CapturedFrame => ({
    number: index + 1,
    interface: 0,
    interfaceName: 'nic0',
    direction: index % 2 ? 'in' : 'out',
    timeNs: index * 1000,
    length: KNOWN[index % KNOWN.length]!.length,
    bytes: KNOWN[index % KNOWN.length]!,
    comment: COMMENT,
  })
  return {
    count,
    rows(from, to) {
      const end = Math.min(to, this.count)
      return Array.from({ length: Math.max(0, end - from) }, (_, place) => frame(from + place))
    },
    problem: undefined,
    export: () => Promise.reject(new Error('not in this spec')),
  }
}
/** Asks until the filter has come to its end. */
async function filtered(views: PacketViews, filter: string, from = 0, to = 10) {
  for (;;) {
    const view = views.packets({ filter, from, to })
    if (view.scanned === view.total) return view
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
/** A classic pcap file, little-endian, microseconds, of these frames; one each second from `seconds` on. */
function pcap(frames: readonly Uint8Array[], seconds: number): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(0xa1b2c3d4, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(65_535, 16)
  head.writeUInt32LE(1, 20)
  return Buffer.concat([
    head,
    ...frames.flatMap((frame, index) => {
      const record = Buffer.alloc(16)
      record.writeUInt32LE(seconds + index, 0)
      record.writeUInt32LE(frame.length, 8)
      record.writeUInt32LE(frame.length, 12)
      return [record, Buffer.from(frame)]
    }),
  ])
}

describe('rows of a capture', () => {
  it('have what a list shows, with the time since the row before', () => {
    const { rows, total, matching } = new PacketViews(sourceOf(19)).packets({ from: 2, to: 5 })
    expect({ total, matching, indices: rows.map(({ index }) => index) }).toEqual({
      total: 19,
      matching: 19,
      indices: [2, 3, 4],
    })
    expect(rows[0]).toMatchObject({
      timeNs: 2000,
      deltaNs: 1000,
      direction: 'out',
      interfaceName: 'nic0',
      source: '10.0.0.1',
      protocol: 'ICMP',
      colour: 'control',
      length: 60,
    })
  })
  it('pass a filter, with the time since the one that passed before', async () => {
    const views = new PacketViews(sourceOf(190))
    const view = await filtered(views, 'arp', 2, 5)
    expect(view.matching).toBe(30)
    expect(view.rows.map(({ index, deltaNs }) => [index, deltaNs])).toEqual([
      [17, 16_000],
      [19, 2000],
      [20, 1000],
    ])
  })
  it('say what is wrong with a filter', () => {
    const view = new PacketViews(sourceOf(5)).packets({ filter: 'ip.src ==', from: 0, to: 5 })
    expect(view).toMatchObject({ matching: 0, rows: [], problem: { at: 9, message: 'Here a value is missing.' } })
  })
  it('go on when the capture has grown', async () => {
    const source = sourceOf(19)
    const views = new PacketViews(source)
    expect((await filtered(views, 'eth.type == 0x88cc or arp')).matching).toBe(4)
    source.count = 38
    expect((await filtered(views, 'eth.type == 0x88cc or arp')).matching).toBe(8)
  })
})

describe('a million frames', () => {
  it('are filtered while the host goes on with its work', async () => {
    const views = new PacketViews(sourceOf(1_000_000))
    let longest = 0
    let last = performance.now()
    const ticking = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    const first = views.packets({ filter: 'icmpv6.type == 135', from: 0, to: 10 })
    expect(first.scanned).toBeLessThan(1_000_000)
    const all = await filtered(views, 'icmpv6.type == 135')
    clearInterval(ticking)
    expect(all.matching).toBe(Math.floor(1_000_000 / KNOWN.length) + (1_000_000 % KNOWN.length > 9 ? 1 : 0))
    expect(longest).toBeLessThan(200)
  })
})

describe('a frame', () => {
  it('comes with its bytes, its tree and the line that sent it', () => {
    const view = new PacketViews(sourceOf(19)).packet(3)
    expect(Buffer.from(view.data, 'base64').equals(Buffer.from(FRAMES.UDP))).toBe(true)
    expect(view.fields.map(({ name }) => name)).toEqual(['frame', 'eth', 'ip', 'udp', 'data', 'eth.padding'])
    expect(view).toMatchObject({ site: { file: 'driver.ts', line: 40, column: 7 }, event: 1234, comment: COMMENT })
  })
  it('that is not there is said to be', () =>
    expect(() => new PacketViews(sourceOf(2)).packet(2)).toThrow('The capture has no frame 3; it has 2.'))
  it('goes to a NIC in the order and with the distances of the capture', () => {
    const { data, count } = new PacketViews(sourceOf(19)).injectable([5, 3])
    const sent = [...injectedFrames(new Uint8Array(Buffer.from(data, 'base64')))]
    expect(count).toBe(2)
    expect(sent.map(({ afterNs }) => afterNs)).toEqual([0, 2000])
    expect(Buffer.from(sent[0]!.bytes).equals(Buffer.from(FRAMES.UDP))).toBe(true)
  })
})

describe('capture files', () => {
  let folder: string
  let files: CaptureFiles
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'workbench-captures-'))
    files = new CaptureFiles(folder)
    await writeFile(path.join(folder, 'known.pcap'), pcap(KNOWN, 1_700_000_000))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('are opened by a path; dates count from the first frame', async () => {
    const file = path.join(folder, 'known.pcap')
    expect(await files.open('known.pcap')).toEqual({
      file,
      name: 'known.pcap',
      frames: KNOWN.length,
      began: '2023-11-14T22:13:20.000000000Z',
    })
    const { rows } = (await files.views(file)).packets({ from: 0, to: 2 })
    expect(rows.map(({ timeNs, protocol }) => [timeNs, protocol])).toEqual([
      [0, 'ARP'],
      [1_000_000_000, 'ARP'],
    ])
  })
  it('are exported as a part, each record as it was', async () => {
    const views = await files.views(path.join(folder, 'known.pcap'))
    const out = path.join(folder, 'part.pcap')
    expect(await views.export({ which: 'filtered', filter: 'udp', path: out })).toMatchObject({ status: 'written' })
    const part = readCapture(await readFile(out))
    expect(part.problem).toBeUndefined()
    expect(part.frames.map(({ timeNs }) => timeNs)).toContain(1_700_000_003_000_000_000n)
    expect(part.frames.every(({ bytes }) => KNOWN.some((known) => Buffer.from(known).equals(bytes)))).toBe(true)
  })
  it('are not replaced without a word', async () => {
    const views = await files.views(path.join(folder, 'known.pcap'))
    const out = path.join(folder, 'once.pcap')
    await views.export({ which: [0], path: out })
    expect(await views.export({ which: [1, 2], path: out })).toEqual({ status: 'exists', path: out })
    expect(readCapture(await readFile(out)).frames).toHaveLength(1)
    expect(await views.export({ which: [1, 2], path: out, replace: true })).toMatchObject({ frames: 2 })
  })
  it('that are cut off show what is there, and why it ends', async () => {
    const cut = pcap(KNOWN, 0).subarray(0, 400)
    const view = await files.open('cut.pcap', Buffer.from(cut).toString('base64'))
    expect(view.frames).toBe(4)
    expect(view.note).toMatch(/^Only what lies before is shown: The file ends within the frame/)
    expect(view.began).toBeUndefined()
  })
  it('that are none are refused in words', async () => {
    await writeFile(path.join(folder, 'notes.txt'), 'hello')
    await expect(files.open('notes.txt')).rejects.toThrow('neither pcapng nor pcap')
    await expect(files.open('missing.pcap')).rejects.toThrow('missing.pcap cannot be opened')
  })
})
