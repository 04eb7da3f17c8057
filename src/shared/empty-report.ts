import type { RunError, RunReport } from './report'

/** The report of a run in which nothing happened, because of `error`. */
export const emptyReport = (driver: string, seed: number, error: RunError): RunReport => ({
  driver,
  seed,
  outcome: 'error',
  violations: [],
  broken: 0,
  notes: [],
  bugcheck: null,
  leaks: [],
  locks: [],
  output: [],
  frames: { sent: 0, received: 0, dropped: 0 },
  calls: 0,
  events: 0,
  virtualTimeNs: 0,
  wallMs: 0,
  traceHash: '',
  error,
})
