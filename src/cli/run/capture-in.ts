import path from 'node:path'
import { ETHERNET, type CaptureFrame, type CaptureInterface } from '../../core/wire/formats/capture'
import { openCapture, type CaptureReading } from '../../core/wire/formats/capture-read'
import { createInjectedFrames, MOST_INJECTED_BYTES } from '../../core/wire/formats/injected-frames'
import { linkTypeName } from '../../core/wire/formats/link-types.table'
import { openBytes, type FileBytes } from '../../host/files/file-bytes'
import { readTrouble } from '../../host/files/file-trouble'
import { UsageError, type CliIo } from '../io'
import { counted } from './counted'

/** Bytes of frames that a run takes: they are in memory for as long as it lasts. */
const MOST_BYTES = 256 * 1024 * 1024

/** Frames that are not used, or not as they were, by the reason. */
type Remarks = Map<string, number>

function open(name: string, io: CliIo): FileBytes {
  try {
    return openBytes(path.resolve(io.cwd, name))
  } catch (error) {
    throw new UsageError(`--in: ${name} cannot be read: ${readTrouble(error)}`)
  }
}

/** The frame as it was on the wire, without its check sequence. */
function withoutCheck({ bytes, length }: CaptureFrame, { fcsBytes }: CaptureInterface): Uint8Array {
  return bytes.subarray(0, Math.max(0, length - fcsBytes))
}

function collect(reading: CaptureReading, name: string) {
  const remarks: Remarks = new Map()
  const remark = (reason: string): void => void remarks.set(reason, (remarks.get(reason) ?? 0) + 1)
  const frames = createInjectedFrames(MOST_BYTES)
  for (const frame of reading) {
    const on = reading.interfaces[frame.interface]!
    const bytes = withoutCheck(frame, on)
    if (on.linkType !== ETHERNET) remark(`left out: of ${linkTypeName(on.linkType)}, not Ethernet`)
    else if (bytes.length > MOST_INJECTED_BYTES)
      remark(`left out: longer than a link carries (${MOST_INJECTED_BYTES} bytes)`)
    else {
      if (frame.bytes.length < frame.length) remark('shorter than they were: the capture kept only their beginning')
      if (!frames.add(frame.timeNs, bytes))
        throw new UsageError(
          `--in: ${name} has more frames than a run takes (${MOST_BYTES / 1024 / 1024} MiB); take a part of it: editcap -r ${name} PART 1-100000`,
        )
    }
  }
  return { frames, remarks }
}

/**
 * The Ethernet frames of a capture file for EngineWorkerData.inject. What cannot be used is said; a damaged file is used up to its damage.
 *
 * @throws UsageError when there is no frame to be had from it.
 */
export function readInjected(name: string, io: CliIo): Uint8Array {
  const file = open(name, io)
  try {
    const reading = openCapture(file)
    if (!reading.format) throw new UsageError(`--in: ${name} is no capture. ${reading.problem()?.message}`)
    const { frames, remarks } = collect(reading, name)
    const problem = reading.problem()
    const reasons = [...remarks].map(([reason, count]) => `${counted(count, 'frame')} ${reason}`)
    if (frames.count === 0)
      throw new UsageError(
        `--in: ${name} has no Ethernet frame to use. ${[...reasons, ...(problem ? [problem.message] : [])].join('. ')}`.trimEnd(),
      )
    if (problem)
      io.err(
        `ndis-workbench: --in: ${name} is read as far as it goes, ${counted(frames.count, 'frame')}. ${problem.message}\n`,
      )
    for (const reason of reasons) io.err(`ndis-workbench: --in: ${name}: ${reason}\n`)
    return frames.finish()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`--in: ${name} cannot be read: ${readTrouble(error)}`)
  } finally {
    file.close()
  }
}
