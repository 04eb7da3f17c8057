import {
  Damage,
  sourceOf,
  type ByteSource,
  type CaptureFrame,
  type CaptureInterface,
  type CaptureProblem,
} from './capture'
import { pcapForm, pcapFrames } from './pcap-read'
import { BLOCK } from './pcapng'
import { pcapngFrames } from './pcapng-read'

export type CaptureFormat = 'pcapng' | 'pcap'

/** A capture that is read one frame after the other: a file of gigabytes never is in memory as a whole. */
export interface CaptureReading extends Iterable<CaptureFrame> {
  /** Undefined: the file is no capture at all, which `problem` explains. */
  readonly format: CaptureFormat | undefined
  /** Grows while frames are read. */
  readonly interfaces: readonly CaptureInterface[]
  /** Set when reading has ended before the file did. */
  problem(): CaptureProblem | undefined
}

export interface Capture {
  readonly format: CaptureFormat | undefined
  readonly interfaces: readonly CaptureInterface[]
  /** All of those that lie before the problem, if there is one. */
  readonly frames: readonly CaptureFrame[]
  readonly problem?: CaptureProblem
}

/** What other files begin with, so that the message can say what they are. */
const OTHERS: readonly (readonly [magic: readonly number[], what: string])[] = [
  [[0x1f, 0x8b], 'It is compressed with gzip: gunzip it first.'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'It is compressed with zstd: unzstd it first.'],
  [[0x04, 0x22, 0x4d, 0x18], 'It is compressed with lz4: unlz4 it first.'],
  [[0x50, 0x4b], 'It is a ZIP archive: unpack it first.'],
  [[0x73, 0x6e, 0x6f, 0x6f, 0x70, 0x00], 'It is a snoop capture: editcap -F pcapng OLD NEW converts it.'],
  [[0x47, 0x4d, 0x42, 0x55], 'It is a capture of Network Monitor: editcap -F pcapng OLD NEW converts it.'],
]
const MAGIC_BYTES = 8

function notACapture(source: ByteSource): Damage {
  const head = source.read(0, Math.min(source.length, MAGIC_BYTES))
  if (head.length === 0) return new Damage(0, 'The file is empty. pcapng and pcap files are read here.')
  const known = OTHERS.find(([magic]) => magic.every((byte, i) => head[i] === byte))?.[1]
  const hex = [...head].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return new Damage(
    0,
    `The file is neither pcapng nor pcap: it begins with ${hex}. ${known ?? 'Wireshark and editcap -F pcapng convert most other formats.'}`,
  )
}

function isPcapng(source: ByteSource): boolean {
  if (source.length < 4) return false
  const head = source.read(0, 4)
  return new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true) === BLOCK.SECTION_HEADER
}

/** Opens a capture of either format and byte order. Never throws for what the bytes say; frames() ends at the first damage. */
export function openCapture(source: ByteSource): CaptureReading {
  const interfaces: CaptureInterface[] = []
  let problem: CaptureProblem | undefined
  const guard = <T>(step: () => T): T | undefined => {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof Damage)) throw error
      problem = { offset: error.offset, message: error.message }
      return undefined
    }
  }
  const pcapng = isPcapng(source)
  const form = pcapng ? undefined : guard(() => pcapForm(source))
  if (!pcapng && !form && !problem) {
    const { offset, message } = notACapture(source)
    problem = { offset, message }
  }
  return {
    format: pcapng ? 'pcapng' : form ? 'pcap' : undefined,
    interfaces,
    problem: () => problem,
    *[Symbol.iterator]() {
      interfaces.length = 0
      const frames = pcapng ? pcapngFrames(source, interfaces) : form && pcapFrames(source, form, interfaces)
      for (;;) {
        const step = guard(() => frames?.next())
        if (!step || step.done) return
        yield step.value
      }
    },
  }
}

/** The whole of a capture in memory; what lies before damage is kept, and the damage explained. */
export function readCapture(bytes: Uint8Array): Capture {
  const reading = openCapture(sourceOf(bytes))
  const frames = [...reading]
  const { format, interfaces } = reading
  const problem = reading.problem()
  return { format, interfaces, frames, ...(problem && { problem }) }
}
