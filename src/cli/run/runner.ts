import type { RunConfig } from '../../shared/engine'
import type { RunReport } from '../../shared/report'
import type { CaptureStore } from '../../host/session/capture-store'
import type { DriverFiles } from '../../host/files/driver-files'

/** Runs a driver in a fresh engine worker to its end. Everything that goes wrong with the driver is in the report. */
export type DriverRunner = (request: {
  /** As the person gave it. */
  readonly driver: string
  readonly source: DriverFiles
  readonly config: RunConfig
  /** Takes the frames of the NICs. */
  readonly capture?: CaptureStore
  /** EngineWorkerData.inject. */
  readonly inject?: Uint8Array
  /** Each line of debug output as it comes. */
  readonly onOutput?: (line: string) => void
  /** Real time, milliseconds. */
  readonly timeoutMs?: number
}) => Promise<RunReport>
