import type { CapturedFrame } from '../../../core/wire/formats/captured-frame'

/** A capture that may still grow: the store of a run, or a file. */
export interface FrameSource {
  readonly count: number
  /** Frames [from, to), as many as there are, all in memory at once. */
  rows(from: number, to: number): readonly CapturedFrame[]
  /** Why it is not complete, for a person. */
  readonly problem: string | undefined
  /** Writes frames as a capture file. The file has its old content or the new one, whole. Throws the system's error. */
  export(which: 'all' | readonly number[], file: string): Promise<void>
}
