import { readFile, stat } from 'node:fs/promises'
import { sourceOf, type CaptureFrame } from '../../../core/wire/formats/capture'
import type { CapturedFrame } from '../../../core/wire/formats/captured-frame'
import { openCapture, type CaptureFormat, type CaptureReading } from '../../../core/wire/formats/capture-read'
import { writeAtomic } from '../../files/atomic-write'
import { readTrouble } from '../../files/file-trouble'
import { selectRecords } from './select-records'
import type { FrameSource } from './frame-source'

/** Bytes. The file is in memory for as long as it is open. */
const MOST_BYTES = 1024 * 1024 * 1024
const SLICE_MS = 8
/** Frames read between two looks at the clock. */
const BATCH = 256
/** Times before this are counted from the start of a machine, later ones are dates: 1971. */
const FIRST_DATE_NS = 31_536_000n * 1_000_000_000n

/** A capture file, read once. What lies before damage is there, and the damage explained. */
export interface OpenedCapture extends FrameSource {
  readonly format: CaptureFormat
  /** When its times begin, where they are dates. */
  readonly began: string | undefined
}

/** @throws Error with words for a person when the file cannot be read or is no capture. */
export async function openCaptureFile(file: string): Promise<OpenedCapture> {
  try {
    const { size } = await stat(file)
    if (size > MOST_BYTES)
      throw new Error(`It is larger than 1 GiB. Take a part of it: editcap -r ${file} PART 1-1000000`)
    return await readCaptureBytes(await readFile(file))
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === undefined ? (error as Error).message : readTrouble(error)
    throw new Error(`${file} cannot be opened. ${reason}`)
  }
}

/** @throws Error when it is no capture. */
export async function readCaptureBytes(bytes: Uint8Array): Promise<OpenedCapture> {
  const reading = openCapture(sourceOf(bytes))
  if (!reading.format) throw new Error(reading.problem()?.message ?? 'It is no capture.')
  const frames = await readInSlices(reading)
  const first = frames[0]?.timeNs ?? 0n
  const base = first >= FIRST_DATE_NS ? first : 0n
  const problem = reading.problem()
  return {
    format: reading.format,
    began: base === 0n ? undefined : isoText(base),
    problem: problem && `Only what lies before is shown: ${problem.message}`,
    count: frames.length,
    rows: (from, to) =>
      frames.slice(Math.max(0, from), Math.max(0, to)).map((frame, place) => {
        const { name = '', linkType = 1 } = reading.interfaces[frame.interface] ?? {}
        return captured(frame, { number: Math.max(0, from) + place + 1, interfaceName: name, linkType, base })
      }),
    export: (which, file) =>
      writeAtomic(file, which === 'all' ? [bytes] : selectRecords(bytes, reading.format!, chosen(frames, which))),
  }
}

async function readInSlices(reading: CaptureReading): Promise<readonly CaptureFrame[]> {
  const frames: CaptureFrame[] = []
  let end = performance.now() + SLICE_MS
  for (const frame of reading) {
    frames.push(frame)
    if (frames.length % BATCH !== 0 || performance.now() < end) continue
    await new Promise((resolve) => setImmediate(resolve))
    end = performance.now() + SLICE_MS
  }
  return frames
}

function captured(
  { interface: nic, timeNs = 0n, direction, length, bytes, comment }: CaptureFrame,
  more: { number: number; interfaceName: string; linkType: number; base: bigint },
): CapturedFrame {
  const { number, interfaceName, linkType, base } = more
  const time = Number(timeNs - base)
  return {
    number,
    interface: nic,
    interfaceName,
    linkType,
    direction,
    timeNs: time,
    length,
    bytes,
    ...(comment && { comment }),
  }
}

const chosen = (frames: readonly CaptureFrame[], which: readonly number[]): ReadonlySet<number> =>
  new Set(which.flatMap((index) => frames[index]?.offset ?? []))

/** ISO 8601 with all nine digits of the nanoseconds. */
function isoText(ns: bigint): string {
  const milliseconds = Number(ns / 1_000_000n)
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, `.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`)
}
