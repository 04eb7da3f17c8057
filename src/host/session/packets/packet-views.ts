import { stat } from 'node:fs/promises'
import path from 'node:path'
import { ETHERNET } from '../../../core/wire/formats/capture'
import type { CapturedFrame } from '../../../core/wire/formats/captured-frame'
import { summarize } from '../../../core/wire/formats/dissect/dissect'
import { fieldTree } from '../../../core/wire/formats/dissect/tree'
import { createColouring } from '../../../core/wire/formats/display-filter/colouring'
import { compileFilter } from '../../../core/wire/formats/display-filter/compile'
import { createInjectedFrames, MOST_INJECTED_BYTES } from '../../../core/wire/formats/injected-frames'
import type {
  ExportArguments,
  ExportView,
  PacketRow,
  PacketsArguments,
  PacketsView,
  PacketView,
} from '../../../shared/packets'
import { writeTrouble } from '../../files/file-trouble'
import type { FrameSource } from './frame-source'
import { MatchIndex } from './match-index'

const MOST_ROWS = 500
const MEBIBYTE = 1024 * 1024
/** Bytes that travel to the engine at once. */
const MOST_INJECTED = 8 * MEBIBYTE
/** Filters whose matches are kept, for going back and forth between them. */
const MOST_INDEXES = 4
/** Rows that are kept: what a screen shows of a filter that is still at work is asked for again and again. */
const MOST_KEPT_ROWS = 2000
/** As createCapture words them: 'NdisMSendPackets in Send at driver.ts:40:7, CPU 0, DISPATCH_LEVEL, event 1234'. */
const PLACE = / in .* at (\S.*?):(\d+):(\d+)(?:, |$)/
const EVENT = /, event (\d+)$/

/** What panels show of one capture. */
export class PacketViews {
  readonly source: FrameSource
  readonly #colourOf = createColouring()
  /** By the text of the filter; the one that was used last comes last. */
  readonly #indexes = new Map<string, MatchIndex>()

  /** By the index of their frame, without the time since the one before. */
  readonly #rows = new Map<number, PacketRow>()

  constructor(source: FrameSource) {
    this.source = source
  }

  /** A window of rows. Answers at once with what is known; the filter goes on by itself. */
  packets({ filter: text = '', from, to }: PacketsArguments): PacketsView {
    const { source } = this
    const total = source.count
    const end = Math.min(to, from + MOST_ROWS)
    const about = { captured: true, total, ...(source.problem !== undefined && { note: source.problem }) }
    if (text.trim() === '') return { ...about, matching: total, scanned: total, rows: this.#plainRows(from, end) }
    const found = this.#index(text)
    if (!(found instanceof MatchIndex)) return { ...about, matching: 0, scanned: total, rows: [], problem: found }
    void found.advance()
    return { ...about, matching: found.count, scanned: found.scanned, rows: this.#matchingRows(found, from, end) }
  }

  /** @throws Error when there is no such frame. */
  packet(index: number): PacketView {
    const [frame] = this.source.rows(index, index + 1)
    if (!frame) throw new Error(`The capture has no frame ${index + 1}; it has ${this.source.count}.`)
    const [, file = '', line, column] = PLACE.exec(frame.comment ?? '') ?? []
    const event = EVENT.exec(frame.comment ?? '')?.[1]
    return {
      ...this.#row(frame, undefined),
      data: Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset, frame.bytes.length).toString('base64'),
      fields: fieldTree(frame),
      ...(line !== undefined && { site: { file, line: Number(line), column: Number(column) } }),
      ...(event !== undefined && { event: Number(event) }),
    }
  }

  /**
   * Writes frames to a file; waits for the filter when it has not come to its end.
   *
   * @throws Error with words for a person when the filter is wrong, nothing is chosen or the disk refuses.
   */
  async export({ which, filter = '', path: given, replace = false }: ExportArguments): Promise<ExportView> {
    const file = path.resolve(given)
    const chosen = which === 'filtered' ? await this.#passing(filter) : which
    const frames = chosen === 'all' ? this.source.count : chosen.length
    if (frames === 0) throw new Error('There is no frame to export.')
    if (!replace && (await exists(file))) return { status: 'exists', path: file }
    try {
      await this.source.export(chosen, file)
    } catch (error) {
      throw new Error(`${file} cannot be written: ${writeTrouble(error)}.`)
    }
    return { status: 'written', path: file, frames }
  }

  /** @throws Error when there is nothing to send, or too much of it. */
  injectable(indices: readonly number[]): { data: string; count: number } {
    const frames = createInjectedFrames(MOST_INJECTED)
    for (const index of [...indices].sort((left, right) => left - right)) {
      const frame = this.#frame(index)
      if (!frame || frame.bytes.length > MOST_INJECTED_BYTES || (frame.linkType ?? ETHERNET) !== ETHERNET) continue
      if (!frames.add(BigInt(frame.timeNs), frame.bytes))
        throw new Error(`At most ${MOST_INJECTED / MEBIBYTE} MiB can be sent at once. Choose fewer frames.`)
    }
    if (frames.count === 0) throw new Error('None of these frames can be sent: a NIC takes Ethernet frames.')
    return { data: Buffer.from(frames.finish()).toString('base64'), count: frames.count }
  }

  close(): void {
    for (const index of this.#indexes.values()) index.close()
  }

  async #passing(text: string): Promise<'all' | readonly number[]> {
    if (text.trim() === '') return 'all'
    const found = this.#index(text)
    if (!(found instanceof MatchIndex)) throw new Error(found.message)
    await found.advance()
    return found.all()
  }

  #index(text: string) {
    const known = this.#indexes.get(text)
    this.#indexes.delete(text)
    const compiled = known ? undefined : compileFilter(text)
    if (compiled?.problem) return compiled.problem
    const index = known ?? new MatchIndex(this.source, compiled!.filter!)
    this.#indexes.set(text, index)
    const [oldest] = this.#indexes.keys()
    if (this.#indexes.size > MOST_INDEXES && oldest !== undefined) {
      this.#indexes.get(oldest)?.close()
      this.#indexes.delete(oldest)
    }
    return index
  }

  #plainRows(from: number, to: number): PacketRow[] {
    // The frame before the window gives the first difference of times.
    const start = Math.max(0, from - 1)
    const frames = this.source.rows(start, to)
    return frames.map((frame, place) => this.#row(frame, frames[place - 1])).slice(from - start)
  }
  #matchingRows(index: MatchIndex, from: number, to: number): PacketRow[] {
    const rows: PacketRow[] = []
    let before = this.#kept(index.at(from - 1))
    for (let place = from; place < to; place++) {
      const row = this.#kept(index.at(place))
      if (!row) break
      rows.push(before ? { ...row, deltaNs: row.timeNs - before.timeNs } : row)
      before = row
    }
    return rows
  }
  #kept(index: number | undefined): PacketRow | undefined {
    const known = index === undefined ? undefined : this.#rows.get(index)
    if (known || index === undefined) return known
    const frame = this.#frame(index)
    if (!frame) return undefined
    const row = this.#row(frame, undefined)
    if (this.#rows.size === MOST_KEPT_ROWS) this.#rows.clear()
    this.#rows.set(index, row)
    return row
  }
  #frame(index: number | undefined): CapturedFrame | undefined {
    return index === undefined ? undefined : this.source.rows(index, index + 1)[0]
  }
  #row(frame: CapturedFrame, before: CapturedFrame | undefined): PacketRow {
    const { number, timeNs, interfaceName, direction, length, comment } = frame
    return {
      index: number - 1,
      timeNs,
      ...(before && { deltaNs: timeNs - before.timeNs }),
      interfaceName,
      ...(direction && { direction }),
      length,
      ...summarize(frame),
      ...this.#colourOf(frame),
      ...(comment && { comment }),
    }
  }
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )
