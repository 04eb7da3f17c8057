import path from 'node:path'
import type { CaptureFileView } from '../../../shared/packets'
import { fullPath } from '../../workbench/workspace'
import { openCaptureFile, readCaptureBytes, type OpenedCapture } from './opened-capture'
import { PacketViews } from './packet-views'

/** Files that are kept open; they are in memory. */
const MOST_FILES = 8

/** The capture files that people look at, by their absolute path; those that came as bytes by their name. */
export class CaptureFiles {
  readonly #startFolder: string
  /** The one that was used last comes last. */
  readonly #open = new Map<string, PacketViews>()

  /** @param startFolder absolute; what a path without a folder is relative to */
  constructor(startFolder: string) {
    this.#startFolder = startFolder
  }

  /** Reads a file, again if it is open: it may have changed. @throws Error with words for a person. */
  async open(given: string, data?: string): Promise<CaptureFileView> {
    const file = data === undefined ? fullPath(given, this.#startFolder) : given
    const capture = data === undefined ? await openCaptureFile(file) : await readCaptureBytes(fromBase64(data))
    this.#put(file, new PacketViews(capture))
    return viewOf(file, capture)
  }

  /** The views of a file; one that was put aside is read again. */
  async views(file: string): Promise<PacketViews> {
    const known = this.#open.get(file)
    if (known) this.#put(file, known)
    if (known) return known
    if (!path.isAbsolute(file)) throw new Error(`${file} is no longer open. Open it again.`)
    await this.open(file)
    return this.#open.get(file)!
  }

  #put(file: string, views: PacketViews): void {
    this.#open.delete(file)
    this.#open.set(file, views)
    const [oldest] = this.#open.keys()
    if (this.#open.size <= MOST_FILES || oldest === undefined) return
    this.#open.get(oldest)?.close()
    this.#open.delete(oldest)
  }
}

const fromBase64 = (data: string): Uint8Array => new Uint8Array(Buffer.from(data, 'base64'))

function viewOf(file: string, { count, began, problem }: OpenedCapture): CaptureFileView {
  return {
    file,
    name: path.basename(file),
    frames: count,
    ...(began !== undefined && { began }),
    ...(problem !== undefined && { note: problem }),
  }
}
