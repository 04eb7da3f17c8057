/** Frames of a capture as front ends see them: the live one of a session, or a capture file. Indices count from 0 in the capture. */
import type { PacketColour } from '../core/wire/formats/dissect/colours.table'
import type { FieldNode } from '../core/wire/formats/dissect/field'
import type { FilterProblem } from '../core/wire/formats/display-filter/problem'

export type { FieldNode, FilterProblem, PacketColour }

export interface PacketRow {
  /** In the whole capture. */
  readonly index: number
  /** Nanoseconds: of virtual time, or in a file with dates since its first frame. */
  readonly timeNs: number
  /** Of the frame before it under the same filter; undefined for the first one. */
  readonly deltaNs?: number
  readonly interfaceName: string
  readonly direction?: 'in' | 'out' | undefined
  /** Bytes on the wire. */
  readonly length: number
  readonly source: string
  readonly destination: string
  readonly protocol: string
  readonly info: string
  readonly colour: PacketColour
  /** Name of the rule that gave the colour; empty for none. */
  readonly rule: string
  readonly comment?: string
}

/** Which capture: a file that was opened, by the path of CaptureFileView; left out: the live one. */
export interface CaptureChoice {
  readonly file?: string
}

export interface PacketsArguments extends CaptureChoice {
  /** Display filter; empty: all frames. */
  readonly filter?: string
  /** Window of rows [from, to) among the frames that pass. */
  readonly from: number
  readonly to: number
}
export interface PacketsView {
  /** false: nothing is captured, because the run has no NIC. */
  readonly captured: boolean
  /** Frames of the capture. */
  readonly total: number
  /** Frames that pass, of those that were looked at. */
  readonly matching: number
  /** Frames that the filter was tried on so far; ask again while it is less than `total`. */
  readonly scanned: number
  readonly rows: readonly PacketRow[]
  /** The filter is wrong: nothing passes. */
  readonly problem?: FilterProblem
  /** Why the capture is not complete. */
  readonly note?: string
}

export interface PacketView extends PacketRow {
  /** base64. */
  readonly data: string
  readonly fields: readonly FieldNode[]
  /** The driver's line that sent it, where its comment names one. */
  readonly site?: { readonly file: string; readonly line: number; readonly column: number }
  /** Number of the event of that call. */
  readonly event?: number
}

export interface CaptureFileView {
  /** Absolute path, or the name of one that was given as bytes: what CaptureChoice.file takes. */
  readonly file: string
  readonly name: string
  readonly frames: number
  /** When its times begin, where they are dates: ISO 8601 with nanoseconds. */
  readonly began?: string
  readonly note?: string
}

export interface ExportArguments extends CaptureChoice {
  readonly which: 'all' | 'filtered' | readonly number[]
  readonly filter?: string
  /** Absolute, or relative to the folder that the host was started in. */
  readonly path: string
  /** A person has agreed to replace what is there. */
  readonly replace?: boolean
}
export type ExportView =
  | { readonly status: 'written'; readonly path: string; readonly frames: number }
  /** Nothing was written. */
  | { readonly status: 'exists'; readonly path: string }

export interface InjectArguments extends CaptureChoice {
  readonly indices: readonly number[]
  /** Slot of the NIC that they arrive at. */
  readonly slot: number
}
