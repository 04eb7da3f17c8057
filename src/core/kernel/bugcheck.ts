/** Codes and names of the stops that a network driver can cause (debugger documentation, bug check reference). */
export const BUGCHECKS = {
  IRQL_NOT_LESS_OR_EQUAL: 0x0a,
  SPIN_LOCK_ALREADY_OWNED: 0x0f,
  SPIN_LOCK_NOT_OWNED: 0x10,
  BAD_POOL_HEADER: 0x19,
  KMODE_EXCEPTION_NOT_HANDLED: 0x1e,
  PAGE_FAULT_IN_NONPAGED_AREA: 0x50,
  BUGCODE_NDIS_DRIVER: 0x7c,
  ATTEMPTED_SWITCH_FROM_DPC: 0xb8,
  BAD_POOL_CALLER: 0xc2,
  DRIVER_VERIFIER_DETECTED_VIOLATION: 0xc4,
  IRQL_UNEXPECTED_VALUE: 0xc8,
  DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS: 0xce,
  DRIVER_IRQL_NOT_LESS_OR_EQUAL: 0xd1,
  MANUALLY_INITIATED_CRASH: 0xe2,
} as const
export type BugcheckName = keyof typeof BUGCHECKS

export interface Bugcheck {
  readonly code: number
  readonly name: BugcheckName
  readonly parameters: readonly [number, number, number, number]
  /** What happened, in one or two sentences. */
  readonly message: string
}

/** Unwinds the driver after a bugcheck: the machine stands still. Never leaves the machine's entry points. */
export class MachineStopped extends Error {
  constructor(readonly bugcheck: Bugcheck) {
    super(`bugcheck ${bugcheck.name}`)
  }
}
