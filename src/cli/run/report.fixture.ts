import type { RunReport, ViolationReport } from '../../shared/report'

export const cleanReport: RunReport = {
  driver: 'driver.ts',
  seed: 7,
  outcome: 'clean',
  violations: [],
  broken: 0,
  notes: [],
  bugcheck: null,
  leaks: [],
  locks: [],
  output: [],
  frames: { sent: 0, received: 0, dropped: 0 },
  calls: 12,
  events: 34,
  virtualTimeNs: 1_250_000,
  wallMs: 8.4,
  traceHash: '0123456789abcdef',
}

const at = (line: number) => ({ function: 'DriverEntry', file: 'driver.ts', line, column: 3 })

export const violation: ViolationReport = {
  rule: 'DV:DoubleFree',
  message: 'The packet was freed before.',
  cpu: 0,
  irql: 2,
  timeNs: 1_500,
  event: 9,
  stack: [at(3)],
  allocatedAt: at(1),
  freedAt: at(2),
  count: 3,
  ...at(3),
  function: 'NdisFreePacket',
}

export const faultyReport: RunReport = {
  ...cleanReport,
  outcome: 'violations',
  violations: [violation],
  broken: 3,
  leaks: [{ kind: 'NDIS_PACKET', tag: 'Pkt1', bytes: 96, count: 2, file: 'driver.ts', line: 1, stack: [at(1), at(5)] }],
  output: ['hello \u001b[31m<world>\n'],
}
