/** What capture files hold, whichever format they have. */

/** An interface that was captured on. */
export interface CaptureInterface {
  readonly name: string
  readonly description: string
  /** LINKTYPE_ number of tcpdump.org: ETHERNET is 1. */
  readonly linkType: number
  /** Longest frame that was kept whole, bytes; 0: any. */
  readonly snapLength: number
  /** Bytes of check sequence at the end of each frame. */
  readonly fcsBytes: number
}

export interface CaptureFrame {
  /** Index of its interface, counted over the whole file. */
  readonly interface: number
  /** Nanoseconds since 1970, or of virtual time in a capture of the workbench; undefined where the format has no room for it. */
  readonly timeNs: bigint | undefined
  readonly direction: 'in' | 'out' | undefined
  /** Bytes on the wire. */
  readonly length: number
  /** What was kept of them: a view of the file's bytes. */
  readonly bytes: Uint8Array
  /** Several comments are lines of one. */
  readonly comment: string
  /** Where its block or record begins in the file. */
  readonly offset: number
}

/** Why reading ended early. */
export interface CaptureProblem {
  /** Bytes from the start of the file. */
  readonly offset: number
  /** What is wrong there and what to do about it, in a sentence or two. */
  readonly message: string
}

/** A file, or the text of one, as far as it is needed. */
export interface ByteSource {
  /** Bytes. */
  readonly length: number
  /** Bytes `from` to `to`, 0 <= from <= to <= length. They stay as they are when more is read. */
  read(from: number, to: number): Uint8Array
}

/** Longest block or record that is believed, bytes: longer ones are damage, whatever follows. */
export const MOST_BLOCK_BYTES = 16 * 1024 * 1024

/** LINKTYPE_ETHERNET. */
export const ETHERNET = 1

/** A place where a capture cannot be read on; never leaves this folder. */
export class Damage extends Error {
  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(message)
  }
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return { length: bytes.length, read: (from, to) => bytes.subarray(from, to) }
}

/** `offset` for people, as editors of bytes show it. */
export const at = (offset: number): string => `byte ${offset} (0x${offset.toString(16)})`
