/** Codes and names of the stops that a network driver can cause (debugger documentation, bug check reference). */
export const BUGCHECKS = {
  IRQL_NOT_GREATER_OR_EQUAL: 0x09,
  IRQL_NOT_LESS_OR_EQUAL: 0x0a,
  SPIN_LOCK_ALREADY_OWNED: 0x0f,
  SPIN_LOCK_NOT_OWNED: 0x10,
  REFERENCE_BY_POINTER: 0x18,
  BAD_POOL_HEADER: 0x19,
  KMODE_EXCEPTION_NOT_HANDLED: 0x1e,
  INCONSISTENT_IRP: 0x2a,
  NO_MORE_IRP_STACK_LOCATIONS: 0x35,
  MULTIPLE_IRP_COMPLETE_REQUESTS: 0x44,
  PAGE_FAULT_IN_NONPAGED_AREA: 0x50,
  BUGCODE_NDIS_DRIVER: 0x7c,
  ATTEMPTED_SWITCH_FROM_DPC: 0xb8,
  BAD_POOL_CALLER: 0xc2,
  DRIVER_VERIFIER_DETECTED_VIOLATION: 0xc4,
  TIMER_OR_DPC_INVALID: 0xc7,
  IRQL_UNEXPECTED_VALUE: 0xc8,
  DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS: 0xce,
  DRIVER_IRQL_NOT_LESS_OR_EQUAL: 0xd1,
  MANUALLY_INITIATED_CRASH: 0xe2,
  KERNEL_SECURITY_CHECK_FAILURE: 0x139,
} as const
export type BugcheckName = keyof typeof BUGCHECKS
export const bugcheckName = (code: number): string =>
  Object.entries(BUGCHECKS).find(([, known]) => known === code)?.[0] ?? `0x${code.toString(16).toUpperCase()}`

/** First parameters of BUGCODE_NDIS_DRIVER. */
export const NDIS_BUGCHECK = {
  UNLOAD_DRIVER_INVALID_PARAMETER: 0x04,
  HALT_WITHOUT_INTERRUPT_DEREGISTER: 0x08,
  HALT_WITHOUT_CANCEL_TIMER: 0x09,
  INIT_FAILED_WITHOUT_INTERRUPT_DEREGISTER: 0x0b,
  INIT_FAILED_WITHOUT_CANCEL_TIMER: 0x0c,
  HALT_INIT_WITHOUT_INTERRUPT_DEREGISTER: 0x0d,
  HALT_INIT_WITHOUT_CANCEL_TIMER: 0x0e,
  WAIT_EVENT_HIGH_IRQL: 0x14,
  INVALID_NDIS5_CALL: 0x15,
  RESET_COMPLETE_UNEXPECTED: 0x0f,
  OID_REQUEST_INVALID_BUFFER: 0x1d,
  ILLEGAL_MINIPORT_STATE_TRANSITION: 0x1f,
  STATUS_INDICATION_INVALID_BUFFER: 0x20,
  WATCHDOG: 0x25,
  INVALID_OID_COMPLETION: 0x26,
  LEAKED_NBL: 0x27,
} as const

export interface Bugcheck {
  readonly code: number
  /** Of BUGCHECKS, or the code in hexadecimal digits for one that is not there. */
  readonly name: string
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
