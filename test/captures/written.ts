import type { CaptureHost } from '../../src/core/wire/capture'
import { createCapture } from '../../src/core/wire/capture'
import { MOST_FRAME_BYTES } from '../../src/core/wire/frame'
import { words } from '../../src/core/memory/address-space'
import { CaptureStore } from '../../src/host/session/capture-store'
import { createCaptureWriter } from '../../src/worker/capture-writer'
import type { SeenFrame } from './tools'

/** A frame that is captured. Time in ticks of 100 ns. */
export interface Heard {
  readonly nic: number
  readonly direction: 'in' | 'out'
  readonly time: number
  readonly bytes: Uint8Array
  /** Call site 1 or 2 of the driver, or 0. */
  readonly site?: number
  readonly origin?: string
  readonly intact?: boolean
}

const SITES = [
  undefined,
  { file: 'driver.ts', line: 42, column: 3, function: 'transmit', api: 'NdisWriteRegisterUlong' },
  { file: 'größe/网卡.ts', line: 7, column: 1, function: 'sende', api: 'WRITE_REGISTER_ULONG' },
]
export const NICS = [
  { name: 'nic0', description: '82540EM in slot 0', speed: 1_000_000_000 },
  { name: 'nic1', description: 'teaching in slot 1', speed: 10_000_000 },
]

/** Captures frames as a run does, through the ring and the store, to a file. */
export function write(file: string, frames: readonly Heard[], { finish = true } = {}): void {
  let event = 100
  let now = 0
  const host: CaptureHost = {
    clock: { now: () => now },
    locator: { site: (number) => SITES[number] },
    cpus: { current: () => 3, irql: () => 2 },
    log: { enabled: true, index: () => event++ },
  }
  const store = new CaptureStore(`${file}.partial`)
  const tap = createCapture(host, { sink: createCaptureWriter(store.ring), comment: 'a spec', nics: NICS })
  const buffer = new ArrayBuffer(MOST_FRAME_BYTES)
  const bytes = new Uint8Array(buffer)
  frames.forEach((heard, i) => {
    bytes.set(heard.bytes)
    now = heard.time
    const { nic, direction, time, site = 0, origin = '', intact = true } = heard
    const frame = { bytes, words: words(new Int32Array(buffer)), length: heard.bytes.length, intact, site, origin }
    tap.frame(nic, direction, time, frame, origin)
    if (i % 500 === 0) store.drain()
  })
  if (finish) tap.finish(frames.at(-1)?.time ?? 0)
  store.keepAs(file)
  store.close()
}

/** What a reader must see of them. */
export function expected(frames: readonly Heard[]): SeenFrame[] {
  let event = 100
  return frames.map(({ nic, direction, time, bytes, site = 0, origin = '' }) => {
    const place = SITES[site]
    const call = place && `${place.api} in ${place.function} at ${place.file}:${place.line}:${place.column}`
    const sent = call && (direction === 'out' ? `${call}, CPU 3, DISPATCH_LEVEL, event ${event++}` : `sent by ${call}`)
    return {
      interface: nic,
      timeNs: BigInt(time) * 100n,
      length: bytes.length,
      bytes: Buffer.from(bytes).toString('hex'),
      direction,
      comment: origin || (sent ?? ''),
    }
  })
}

/** An Ethernet frame of a local experiment (IEEE 802, EtherType 88B5) whose bytes follow from its number. */
export function ethernet(length: number, number: number): Uint8Array {
  const head = [0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x88, 0xb5]
  return Uint8Array.from({ length }, (_unused, i) => head[i] ?? (number * 13 + i * 7) & 0xff)
}
