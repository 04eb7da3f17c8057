import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCapture } from '../../core/wire/capture'
import { readCapture } from '../../core/wire/formats/capture-read'
import { injectedFrames } from '../../core/wire/formats/injected-frames'
import { joined, patterned, PCAP_MAGIC, pcapFile, pcapngBlocks } from '../../core/wire/formats/test-captures'
import { createCaptureWriter } from '../../worker/capture-writer'
import type { CliIo } from '../io'
import { prepareCaptures } from './captures'

let cwd = ''
let err = ''
const io = (): CliIo => ({ out: () => undefined, err: (text) => (err += text), env: {}, cwd, colors: false })
beforeEach(() => {
  err = ''
  cwd = mkdtempSync(path.join(tmpdir(), 'captures-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

const make = pcapngBlocks(true)
/** What arrives of a file. */
function injected(bytes: Uint8Array) {
  writeFileSync(path.join(cwd, 'in'), bytes)
  const { request } = prepareCaptures({ in: 'in' }, 1, io())
  return [...injectedFrames(request.inject!)].map((frame) => ({ ...frame, bytes: [...frame.bytes] }))
}
const filled = (bytes: Uint8Array): number[] => [...bytes, ...new Array<number>(Math.max(0, 60 - bytes.length)).fill(0)]

describe('--in', () => {
  it('gives the frames with the time since the first one; short ones are filled up as on a wire', () => {
    const records = [
      { seconds: 1_700_000_000, fraction: 5, bytes: patterned(1514) },
      { seconds: 1_700_000_001, fraction: 6, bytes: patterned(42, 9) },
    ]
    expect(injected(pcapFile(false, records, { magic: PCAP_MAGIC.NANOSECONDS }))).toEqual([
      { afterNs: 0, bytes: [...patterned(1514)] },
      { afterNs: 1_000_000_001, bytes: filled(patterned(42, 9)) },
    ])
    expect(err).toBe('')
  })
  it('lets no frame arrive before the one in front of it, and one without a time right behind it', () => {
    const frames = [10n, 7n, 30n].map((ticks) => make.enhanced({ ticks, bytes: patterned(60) }))
    const file = joined(make.section(), make.interface({ tsresol: 9 }), ...frames, make.simple(patterned(60)))
    expect(injected(file).map(({ afterNs }) => afterNs)).toEqual([0, 0, 20, 20])
  })
  it('takes the check sequence off', () => {
    const frame = make.enhanced({ ticks: 0n, bytes: patterned(68) })
    expect(injected(joined(make.section(), make.interface({ fcslen: 4 }), frame))[0]?.bytes).toEqual([...patterned(64)])
  })
  it('uses what there is of a damaged file and says what is wrong', () => {
    const whole = pcapFile(
      true,
      [1, 2].map((seconds) => ({ seconds, fraction: 0, bytes: patterned(60) })),
    )
    expect(injected(whole.subarray(0, whole.length - 3))).toHaveLength(1)
    expect(err).toMatch(
      /^ndis-workbench: --in: in is read as far as it goes, 1 frame\. The file ends within the frame at byte 100 /,
    )
  })
  it('leaves out what is not Ethernet, by name, and what no link carries', () => {
    const file = joined(
      make.section(),
      make.interface(),
      make.interface({ linkType: 113 }),
      ...[0, 1, 1, 0].map((on) => make.enhanced({ interface: on, ticks: 0n, bytes: patterned(60) })),
      make.enhanced({ ticks: 0n, bytes: patterned(20_000) }),
      make.enhanced({ ticks: 0n, bytes: patterned(60), length: 1514 }),
    )
    expect(injected(file)).toHaveLength(3)
    expect(err.split('\n')).toEqual([
      'ndis-workbench: --in: in: 2 frames left out: of LINUX_SLL (Linux "any" device), not Ethernet',
      'ndis-workbench: --in: in: 1 frame left out: longer than a link carries (16384 bytes)',
      'ndis-workbench: --in: in: 1 frame shorter than they were: the capture kept only their beginning',
      '',
    ])
  })
  it.each([
    [
      'no capture',
      patterned(100),
      '--in: in is no capture. The file is neither pcapng nor pcap: it begins with 00 07 0e',
    ],
    ['no frame', pcapFile(true, []), '--in: in has no Ethernet frame to use.'],
    [
      'only wireless',
      pcapFile(true, [{ seconds: 0, fraction: 0, bytes: patterned(60) }], { network: 105 }),
      '1 frame left out: of IEEE802_11 (wireless), not Ethernet',
    ],
    [
      'only damage',
      pcapFile(true, []).subarray(0, 20),
      'has no Ethernet frame to use. The file ends within its header',
    ],
  ])('refuses a file with %s', (_what, bytes, message) => {
    expect(() => injected(bytes)).toThrow(message)
  })
  it('refuses what is not there, and what is no file', () => {
    expect(() => prepareCaptures({ in: 'missing' }, 1, io())).toThrow('--in: missing cannot be read: it is not there')
    expect(() => prepareCaptures({ in: '.' }, 1, io())).toThrow('--in: . cannot be read: it is a folder')
  })
})

describe('--out', () => {
  /** A run that captures `frames` frames. */
  function capture(name: string, frames: number) {
    const { request, finish } = prepareCaptures({ out: name }, 1, io())
    const host = {
      clock: { now: () => 0 },
      locator: { site: () => undefined },
      cpus: { current: () => 0, irql: () => 0 },
      log: { enabled: false, index: () => 0 },
    }
    const tap = createCapture(host, {
      sink: createCaptureWriter(request.capture!.ring),
      comment: '',
      nics: [{ name: 'nic0', description: '', speed: 1e9 }],
    })
    const buffer = new ArrayBuffer(64)
    const [bytes, words] = [new Uint8Array(buffer), new Int32Array(buffer)]
    const frame = { bytes, words, length: 60, intact: true, site: 0, origin: '' }
    for (let i = 0; i < frames; i++) tap.frame(0, 'out', 0, frame, '')
    request.capture!.drain()
    return { finish, tap }
  }
  it('makes folders, and the file at the end', () => {
    const { finish } = capture('a/b/x.pcapng', 3)
    expect(existsSync(path.join(cwd, 'a/b/x.pcapng'))).toBe(false)
    expect(readCapture(readFileSync(path.join(cwd, 'a/b/x.pcapng.partial'))).frames).toHaveLength(3)
    expect(finish()).toBeUndefined()
    expect(existsSync(path.join(cwd, 'a/b/x.pcapng.partial'))).toBe(false)
    expect(readCapture(readFileSync(path.join(cwd, 'a/b/x.pcapng'))).frames).toHaveLength(3)
  })
  it('replaces an old capture only when the new one is complete', () => {
    writeFileSync(path.join(cwd, 'x'), 'old')
    const { finish } = capture('x', 1)
    expect(readFileSync(path.join(cwd, 'x'), 'utf8')).toBe('old')
    finish()
    expect(readCapture(readFileSync(path.join(cwd, 'x'))).frames).toHaveLength(1)
  })
  it('writes no file for a run that captured nothing at all', () => {
    const { finish } = prepareCaptures({ out: 'x' }, 1, io())
    expect(finish()).toBeUndefined()
    expect(existsSync(path.join(cwd, 'x'))).toBe(false)
  })
  it('leaves a device what it is', () => {
    const { finish } = capture('/dev/null', 2)
    expect(finish()).toBeUndefined()
    expect(existsSync('/dev/null.partial')).toBe(false)
  })
  it('says what went wrong', () => {
    mkdirSync(path.join(cwd, 'folder'))
    expect(() => prepareCaptures({ out: 'folder' }, 1, io())).toThrow('--out: folder is a folder; name a file in it')
    writeFileSync(path.join(cwd, 'file'), '')
    expect(() => prepareCaptures({ out: 'file/x' }, 1, io())).toThrow('--out: file/x cannot be written: ')
    expect(capture('/dev/full', 1).finish()).toContain(
      '--out: /dev/full: The capture ends early, the run does not: the disk is full',
    )
  })
})

it('captures need a NIC', () => {
  expect(() => prepareCaptures({ in: 'x' }, 0, io())).toThrow('--in needs a NIC: --nic 82540EM')
  expect(() => prepareCaptures({ out: 'x' }, 0, io())).toThrow('--out needs a NIC: --nic 82540EM')
  expect(prepareCaptures({}, 0, io()).request).toEqual({})
})
