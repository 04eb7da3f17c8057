import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createCapture, type Capture, type CaptureHost } from '../../core/wire/capture'
import { createFramePool } from '../../core/wire/frame'
import { readCapture } from '../../core/wire/formats/capture-read'
import { createCaptureWriter } from '../../worker/capture-writer'
import { CaptureStore } from './capture-store'

const NICS = [0, 1].map((slot) => ({ name: `nic${slot}`, description: 'Intel 82540EM', speed: 1e9 }))
const place = { file: 'driver.ts', line: 42, column: 3, function: 'send', api: 'WRITE_REGISTER_ULONG' }
let now = 0
const host: CaptureHost = {
  clock: { now: () => now },
  locator: { site: (number) => (number === 7 ? place : undefined) },
  cpus: { current: () => 1, irql: () => 2 },
  log: { enabled: true, index: () => 1234 },
}
const SENT = 'WRITE_REGISTER_ULONG in send at driver.ts:42:3, CPU 1, DISPATCH_LEVEL, event 1234'

let folder = ''
const stores: CaptureStore[] = []
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'capture-store-'))
  vi.stubEnv('TMPDIR', folder)
  vi.stubEnv('TEMP', folder)
})
afterEach(() => {
  stores.splice(0).forEach((store) => store.close())
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function setUp(file?: string): { store: CaptureStore; capture: Capture } {
  const store = new CaptureStore(file)
  stores.push(store)
  return { store, capture: createCapture(host, { comment: 'echo', nics: NICS, sink: createCaptureWriter(store.ring) }) }
}
const pool = createFramePool()
/** Frame `i`: its length and its bytes follow from its number. */
const lengthOf = (i: number): number => 60 + (i % 1455)
function frame(i: number, site = 7) {
  const slot = pool.take()
  slot.length = lengthOf(i)
  slot.bytes.fill(i & 0xff, 0, slot.length)
  slot.site = site
  return slot
}
function hear(capture: Capture, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const slot = frame(i)
    now = i
    capture.frame(i % 2, i % 3 === 0 ? 'in' : 'out', i, slot, i % 3 === 0 ? 'peer host: ICMP echo reply' : '')
    pool.give(slot)
  }
}

describe('a capture of a session', () => {
  test('gives each frame back with its interface, time, bytes and comment', () => {
    const { store, capture } = setUp()
    hear(capture, 0, 5)
    expect(store.count).toBe(0)
    store.drain()
    expect(store.count).toBe(5)
    expect(store.interfaces.map(({ name }) => name)).toEqual(['nic0', 'nic1'])
    expect(store.read(3)).toEqual({
      number: 4,
      interface: 1,
      interfaceName: 'nic1',
      direction: 'in',
      timeNs: 300,
      length: 63,
      bytes: new Uint8Array(63).fill(3),
      comment: 'peer host: ICMP echo reply',
    })
    expect(store.rows(1, 3).map(({ comment, direction }) => [comment, direction])).toEqual([
      [SENT, 'out'],
      [SENT, 'out'],
    ])
    expect(store.read(5)).toBeUndefined()
    expect(store.rows(-3, 99)).toHaveLength(5)
  })
  test('has any window of many frames, over many turns of the ring', () => {
    const { store, capture } = setUp()
    const all = 150_000
    for (let from = 0; from < all; from += 5000) {
      hear(capture, from, from + 5000)
      store.drain()
    }
    expect(store.count).toBe(all)
    for (const from of [0, 65_530, 131_070, all - 20]) {
      const rows = store.rows(from, from + 20)
      expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_unused, i) => from + i + 1))
      expect(rows.map(({ timeNs, length, bytes }) => [timeNs, length, bytes[0], bytes.length])).toEqual(
        rows.map(({ number }) => [(number - 1) * 100, lengthOf(number - 1), (number - 1) & 0xff, lengthOf(number - 1)]),
      )
    }
    let next = 149_000
    for (const row of store.scan(next)) expect(row.number).toBe(++next)
    expect(next).toBe(all)
  })
  test('takes its file away', () => {
    const { store, capture } = setUp()
    hear(capture, 0, 1)
    store.drain()
    expect(readdirSync(folder)).toHaveLength(1)
    store.close()
    expect(readdirSync(folder)).toEqual([])
    // A worker that ends later still has frames in the ring.
    hear(capture, 1, 2)
    store.drain()
    expect(readdirSync(folder)).toEqual([])
    expect(store.count).toBe(1)
    expect(store.rows(0, 1)).toEqual([])
  })
  test('exports all of it, or chosen frames in the chosen order', async () => {
    const { store, capture } = setUp()
    hear(capture, 0, 4)
    capture.finish(10)
    store.drain()
    const file = path.join(folder, 'x.pcapng')
    await store.export('all', file)
    expect(readCapture(readFileSync(file)).frames.map(({ length }) => length)).toEqual([60, 61, 62, 63])
    await store.export([3, 0, 99, -1, 0.5], file)
    const chosen = readCapture(readFileSync(file))
    expect(chosen.problem).toBeUndefined()
    expect(chosen.interfaces).toHaveLength(2)
    expect(chosen.frames.map(({ length }) => length)).toEqual([63, 60])
    await expect(store.export('all', path.join(folder, 'no', 'x.pcapng'))).rejects.toThrow('ENOENT')
  })
  test('is a readable capture while it grows, and gets its name at the end', () => {
    const file = path.join(folder, 'x.pcapng.partial')
    const { store, capture } = setUp(file)
    hear(capture, 0, 3)
    store.drain()
    expect(readCapture(readFileSync(file))).toMatchObject({ format: 'pcapng', frames: [{}, {}, {}] })
    hear(capture, 3, 4)
    capture.finish(4)
    store.keepAs(path.join(folder, 'x.pcapng'))
    expect(existsSync(file)).toBe(false)
    const kept = readCapture(readFileSync(path.join(folder, 'x.pcapng')))
    expect([kept.problem, kept.frames.length]).toEqual([undefined, 4])
  })
  test('is the same, byte for byte, for the same frames', () => {
    const files = ['a', 'b'].map((name) => {
      const { store, capture } = setUp(path.join(folder, `${name}.partial`))
      hear(capture, 0, 100)
      capture.finish(100)
      store.keepAs(path.join(folder, name))
      return readFileSync(path.join(folder, name))
    })
    expect(files[0]!.equals(files[1]!)).toBe(true)
  })
})

describe('frames that wait for their line', () => {
  test('are there when their first bit has left, after those that arrive before', () => {
    const { store, capture } = setUp()
    const out = (time: number) => capture.frame(0, 'out', time, frame(0), '')
    now = 10
    out(10)
    out(22)
    now = 15
    capture.frame(0, 'in', 14.3, frame(1), '')
    store.drain()
    expect(store.rows(0, 9).map(({ timeNs }) => timeNs)).toEqual([1000, 1500])
    store.now = () => 2200
    store.drain()
    expect(store.rows(0, 9).map(({ timeNs, direction }) => [timeNs, direction])).toEqual([
      [1000, 'out'],
      [1500, 'in'],
      [2200, 'out'],
    ])
  })
  test('are in the file that a run leaves', () => {
    const { store, capture } = setUp(path.join(folder, 'x'))
    now = 10
    capture.frame(0, 'out', 500, frame(0), '')
    store.keepAs(path.join(folder, 'y'))
    expect(readCapture(readFileSync(path.join(folder, 'y'))).frames).toHaveLength(1)
  })
})

describe('a disk that does not take it', () => {
  test('a missing folder is told with what to do, and the run goes on', () => {
    const { store, capture } = setUp(path.join(folder, 'missing', 'x.pcapng'))
    hear(capture, 0, 3)
    store.drain()
    expect(store.problem).toContain('the folder is not there; make it (ENOENT)')
    // More than the ring holds: nobody waits for a reader that has given up.
    for (let i = 0; i < 20; i++) {
      hear(capture, 0, 2000)
      store.drain()
    }
    expect(store.count).toBe(0)
    expect(store.rows(0, 10)).toEqual([])
  })
  test('a folder of that name is told', () => {
    mkdirSync(path.join(folder, 'x.pcapng'))
    const { store, capture } = setUp(path.join(folder, 'x.pcapng'))
    hear(capture, 0, 1)
    store.drain()
    expect(store.problem).toContain('there is a folder of that name')
  })
  test.runIf(existsSync('/dev/full'))('a full disk ends the capture with what to do', () => {
    const { store, capture } = setUp('/dev/full')
    hear(capture, 0, 3)
    store.drain()
    expect(store.problem).toContain('the disk is full; make room (ENOSPC)')
    expect(store.count).toBe(0)
  })
  test('a name that cannot be given leaves the file where it is, and says where', () => {
    const file = path.join(folder, 'x.partial')
    const { store, capture } = setUp(file)
    hear(capture, 0, 1)
    mkdirSync(path.join(folder, 'taken'))
    writeFileSync(path.join(folder, 'taken', 'file'), '')
    store.keepAs(path.join(folder, 'taken'))
    expect(store.problem).toContain(`The capture stays in ${file}`)
    expect(readCapture(readFileSync(file)).frames).toHaveLength(1)
  })
})

test('who sent a frame that arrives is named: a peer, or the call of a driver at the other end', () => {
  const { store, capture } = setUp()
  capture.frame(0, 'in', 0, frame(0, 7), '')
  capture.frame(0, 'in', 0, frame(0, 0), '')
  capture.frame(0, 'out', 0, frame(0, 0), 'traffic generator')
  capture.frame(0, 'out', 0, frame(0, 9), '')
  store.drain()
  expect(store.rows(0, 4).map(({ comment }) => comment)).toEqual([
    'sent by WRITE_REGISTER_ULONG in send at driver.ts:42:3',
    '',
    'traffic generator',
    '',
  ])
})
