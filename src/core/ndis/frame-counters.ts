/** Frames since the machine was built, for the run report. */
export interface FrameCounters {
  /** Sent by a miniport with success. */
  sent: number
  /** Indicated by a miniport. */
  received: number
  /** Refused, failed, or received and wanted by nobody. */
  dropped: number
}
export const createFrameCounters = (): FrameCounters => ({ sent: 0, received: 0, dropped: 0 })
