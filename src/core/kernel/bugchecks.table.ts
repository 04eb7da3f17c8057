import { NDIS_BUGCHECK, type BugcheckName } from './bugcheck'

/** One of the cases of a code, told apart by its first parameter. */
export interface BugcheckCase {
  /** Symbolic name of the first parameter, or what it stands for in two or three words. */
  readonly name: string
  readonly meaning: string
  /** What the second, third and fourth parameter are here; 'not used' where nothing is passed. */
  readonly parameters: readonly [string, string, string]
}
/** What stands behind the code of a bugcheck. Sentences, but for the parameters. */
export interface BugcheckText {
  readonly meaning: string
  /** What each of the four parameters is. */
  readonly parameters: readonly [string, string, string, string]
  /** Where to look first. */
  readonly next: string
  readonly cases?: Readonly<Record<number, BugcheckCase>>
}

const NONE = 'not used'
const ACCESS = '0 for a read, 1 for a write, 8 for an instruction fetch'
const MINIPORT = 'handle of the miniport'

const ndisCase = (
  name: string,
  meaning: string,
  p2 = MINIPORT,
  p3: string = NONE,
  p4: string = NONE,
): BugcheckCase => ({ name, meaning, parameters: [p2, p3, p4] })
const interruptLeft = (name: string, when: string) =>
  ndisCase(name, `${when} left its interrupt registered.`, MINIPORT, 'the interrupt')
const timerLeft = (name: string, when: string) => ndisCase(name, `${when} left a timer armed.`, MINIPORT, 'the timer')

/** First parameter of BUGCODE_NDIS_DRIVER for a packet that is indicated while it is in use. */
const RECVD_PACKET_IN_USE = 0x05

/** Cases of BUGCODE_NDIS_DRIVER that this machine raises, and those that a driver may pass itself. */
const NDIS_CASES: Readonly<Record<number, BugcheckCase>> = {
  [NDIS_BUGCHECK.UNLOAD_DRIVER_INVALID_PARAMETER]: ndisCase(
    'UNLOAD_DRIVER_INVALID_PARAMETER',
    'A device was added for a driver that is not registered.',
    'the driver block',
    'the driver object',
  ),
  [RECVD_PACKET_IN_USE]: ndisCase(
    'RECVD_PACKET_IN_USE_BAD_STACK_LOCATION',
    'A miniport indicated a packet that a protocol still holds.',
    MINIPORT,
    'the packet',
    'the array of packets',
  ),
  [NDIS_BUGCHECK.HALT_WITHOUT_INTERRUPT_DEREGISTER]: interruptLeft('HALT_WITHOUT_INTERRUPT_DEREGISTER', 'MiniportHalt'),
  [NDIS_BUGCHECK.HALT_WITHOUT_CANCEL_TIMER]: timerLeft('HALT_WITHOUT_CANCEL_TIMER', 'MiniportHalt'),
  [NDIS_BUGCHECK.INIT_FAILED_WITHOUT_INTERRUPT_DEREGISTER]: interruptLeft(
    'INIT_FAILED_WITHOUT_INTERRUPT_DEREGISTER',
    'A failed MiniportInitialize',
  ),
  [NDIS_BUGCHECK.INIT_FAILED_WITHOUT_CANCEL_TIMER]: timerLeft(
    'INIT_FAILED_WITHOUT_CANCEL_TIMER',
    'A failed MiniportInitialize',
  ),
  [NDIS_BUGCHECK.HALT_INIT_WITHOUT_INTERRUPT_DEREGISTER]: interruptLeft(
    'HALT_INIT_WITHOUT_INTERRUPT_DEREGISTER',
    'The halt right after a successful MiniportInitialize',
  ),
  [NDIS_BUGCHECK.HALT_INIT_WITHOUT_CANCEL_TIMER]: timerLeft(
    'HALT_INIT_WITHOUT_CANCEL_TIMER',
    'The halt right after a successful MiniportInitialize',
  ),
  [NDIS_BUGCHECK.RESET_COMPLETE_UNEXPECTED]: ndisCase(
    'RESET_COMPLETE_UNEXPECTED',
    'A reset was completed while none was pending.',
    MINIPORT,
    'the status it was completed with',
    'AddressingReset',
  ),
  [NDIS_BUGCHECK.WAIT_EVENT_HIGH_IRQL]: ndisCase(
    'WAIT_EVENT_HIGH_IRQL',
    'NdisWaitEvent was called at an IRQL at which nothing may wait.',
    'the IRQL',
  ),
  [NDIS_BUGCHECK.INVALID_NDIS5_CALL]: ndisCase(
    'INVALID_NDIS5_CALL',
    'A miniport of NDIS 6 called a function of NDIS 5.',
  ),
  [NDIS_BUGCHECK.OID_REQUEST_INVALID_BUFFER]: ndisCase(
    'OID_REQUEST_INVALID_BUFFER',
    'A request was completed with more bytes than its buffer has.',
    MINIPORT,
    'the request',
  ),
  [NDIS_BUGCHECK.ILLEGAL_MINIPORT_STATE_TRANSITION]: ndisCase(
    'ILLEGAL_MINIPORT_STATE_TRANSITION',
    'A pause or restart was completed while none was pending.',
    'which of the two: 1 pause, 2 restart',
    MINIPORT,
  ),
  [NDIS_BUGCHECK.STATUS_INDICATION_INVALID_BUFFER]: ndisCase(
    'STATUS_INDICATION_INVALID_BUFFER',
    'A status indication says bytes that are not there.',
    'the status code',
    'the driver instance that indicated it',
    'the address of the payload',
  ),
  [NDIS_BUGCHECK.WATCHDOG]: ndisCase(
    'WATCHDOG',
    'A callback, or what it left pending, took so long that nothing could go on.',
    'what hangs: 1 pause of a protocol, 2 its PnP event, 4 unbind, 0x11 pause of a filter, 0x21 pause of a miniport',
    'the object that hangs',
  ),
  [NDIS_BUGCHECK.INVALID_OID_COMPLETION]: ndisCase(
    'INVALID_OID_COMPLETION',
    'A request was completed that is not pending: twice, or one that nobody made.',
    'the driver instance',
    'the request',
  ),
  [NDIS_BUGCHECK.LEAKED_NBL]: ndisCase(
    'LEAKED_NBL',
    'Lists of net buffers were still in the hands of a driver that went away.',
    '1: found by the tracker of lists',
    'the binding',
    'how many lists',
  ),
}

/** What each code means. Codes that a driver passes to KeBugCheckEx itself need not be here. */
export const BUGCHECK_TEXTS: Readonly<Record<BugcheckName, BugcheckText>> = {
  IRQL_NOT_GREATER_OR_EQUAL: {
    meaning: 'KeRaiseIrql was asked for an IRQL below the current one.',
    parameters: ['the IRQL that was asked for', 'the IRQL at that time', NONE, NONE],
    next: 'Look for a lock or a KeRaiseIrql before this call whose release or KeLowerIrql is missing.',
  },
  IRQL_NOT_LESS_OR_EQUAL: {
    meaning:
      'Something was done at an IRQL that is too high for it: an address was touched, a lock taken, the IRQL lowered.',
    parameters: [
      'the address concerned: what was touched, the lock, the interrupt; for KeLowerIrql the IRQL that was asked for',
      'the IRQL at that time',
      ACCESS,
      'address of the instruction, 0 when it is a line of a script',
    ],
    next: 'See at which IRQL the callback on the stack runs, and what raised it on the way.',
  },
  SPIN_LOCK_ALREADY_OWNED: {
    meaning: 'A CPU waits for a spin lock whose owner cannot run before the wait ends. A free build would hang here.',
    parameters: ['the lock', 'CPU that holds it', 'CPU that waits', NONE],
    next: 'Compare the place where the lock was acquired with this one: one of them must not take it, or must release it first.',
  },
  SPIN_LOCK_NOT_OWNED: {
    meaning: 'A spin lock was released that nobody holds.',
    parameters: ['the lock', NONE, NONE, NONE],
    next: 'Look for a path that releases twice, or that releases without having acquired.',
  },
  REFERENCE_BY_POINTER: {
    meaning: 'A reference was given to, or taken from, what is no object with references.',
    parameters: ['type of the object, 0 when it has none', 'address of the object', NONE, NONE],
    next: 'Follow the pointer back to the call that gave it; the object may have been dereferenced once too often.',
  },
  BAD_POOL_HEADER: {
    meaning: 'The header of a block of pool was overwritten.',
    parameters: ['what is wrong with it', 'the pool entry', NONE, NONE],
    next: 'Look at who writes to the block before this one: the write ran past its end.',
  },
  KMODE_EXCEPTION_NOT_HANDLED: {
    meaning: 'The driver raised an exception and nobody handled it.',
    parameters: [
      'the exception code; 0 for an exception of the script, the depth where callbacks nest without end',
      'address of the instruction, 0 when it is a line of a script',
      'first parameter of the exception',
      'second parameter of the exception',
    ],
    next: 'The message names the exception; the first line of the stack is where it was raised.',
  },
  INCONSISTENT_IRP: {
    meaning: 'The members of an IRP contradict each other.',
    parameters: ['the IRP', NONE, NONE, NONE],
    next: 'Look for a write through a pointer to a stack location that the driver no longer owns.',
  },
  NO_MORE_IRP_STACK_LOCATIONS: {
    meaning: 'An IRP was handed to more drivers than it has stack locations.',
    parameters: ['the IRP', NONE, NONE, NONE],
    next: 'Compare the StackSize that the IRP was made with with the number of devices below.',
  },
  MULTIPLE_IRP_COMPLETE_REQUESTS: {
    meaning: 'An IRP was completed that was completed before.',
    parameters: ['the IRP', NONE, NONE, NONE],
    next: 'Look for two owners of the IRP: a dispatch routine and a cancel routine, or a queue it stayed in.',
  },
  PAGE_FAULT_IN_NONPAGED_AREA: {
    meaning: 'An address was touched where nothing is mapped.',
    parameters: [
      'the address',
      '0 for a read, 2 for a write, 0x10 for an instruction fetch',
      'address of the instruction, 0 when it is a line of a script',
      NONE,
    ],
    next: 'See where the pointer comes from: a failed allocation, a member never set, freed memory.',
  },
  BUGCODE_NDIS_DRIVER: {
    meaning: 'NDIS found a driver doing what it cannot go on after.',
    parameters: ['which case it is', 'depends on the case', 'depends on the case', 'depends on the case'],
    next: 'Look at the callback on the stack, or the last one that returned, and at what it had to do before.',
    cases: NDIS_CASES,
  },
  ATTEMPTED_SWITCH_FROM_DPC: {
    meaning: 'Something waits, or lets other threads run, at DISPATCH_LEVEL or above.',
    parameters: ['the thread that waits', 'the thread to run', 'its stack', NONE],
    next: 'Move the wait to a thread or a work item, or release the spin lock that raised the IRQL before it.',
  },
  BAD_POOL_CALLER: {
    meaning: 'A request about pool memory or a handle makes no sense.',
    parameters: ['which case it is', 'depends on the case', 'depends on the case', 'depends on the case'],
    next: 'See what the address was, and who freed it before.',
    cases: {
      0x99: {
        name: 'free of an invalid address',
        meaning: 'What is freed is not allocated, or the bytes around it were overwritten.',
        parameters: ['the address or handle', NONE, NONE],
      },
    },
  },
  DRIVER_VERIFIER_DETECTED_VIOLATION: {
    meaning: 'A rule of Driver Verifier was broken.',
    parameters: ['the rule', 'depends on the rule', 'depends on the rule', 'depends on the rule'],
    next: 'The violations of the run name the rule in words.',
  },
  TIMER_OR_DPC_INVALID: {
    meaning: 'A timer fired, or a DPC ran, whose memory no longer holds it.',
    parameters: ['0 for a timer, 1 for a DPC', 'the object', 'what it holds as its function', NONE],
    next: 'Find who frees the memory, and cancel the timer or remove the DPC before.',
    cases: {
      0: {
        name: 'timer',
        meaning: 'The timer was freed or overwritten while it was armed.',
        parameters: ['the timer', 'what it holds as its function', NONE],
      },
      1: {
        name: 'DPC',
        meaning: 'The DPC was freed or overwritten while it was queued.',
        parameters: ['the DPC, or the timer it belongs to', 'what it holds as its function', NONE],
      },
    },
  },
  IRQL_UNEXPECTED_VALUE: {
    meaning: 'The IRQL after a callback is not what it was before.',
    parameters: ['current << 16 | expected << 8 | id', 'depends on the id', NONE, NONE],
    next: 'Look for a lock that the callback took and did not release on one of its paths.',
  },
  DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS: {
    meaning: 'The driver is unloaded while something that will call into it is still pending.',
    parameters: ['the object that is pending', ACCESS, 'address of the instruction, 0 when it was not reached', NONE],
    next: 'Cancel timers, remove DPCs, and wait for work items in halt or unload before returning.',
  },
  DRIVER_IRQL_NOT_LESS_OR_EQUAL: {
    meaning: 'The driver touched an address, at DISPATCH_LEVEL or above, where nothing is mapped.',
    parameters: [
      'the address',
      'the IRQL at that time',
      ACCESS,
      'address of the instruction, 0 when it is a line of a script',
    ],
    next: 'See where the pointer comes from: a failed allocation, a member never set, freed memory.',
  },
  MANUALLY_INITIATED_CRASH: {
    meaning: 'Somebody stopped the machine on purpose.',
    parameters: [NONE, NONE, NONE, NONE],
    next: 'There is nothing to mend; look at what the machine was to be stopped for.',
  },
  KERNEL_SECURITY_CHECK_FAILURE: {
    meaning: 'A structure that the kernel relies on is damaged.',
    parameters: ['which check failed', 'the object', NONE, NONE],
    next: 'Look for an entry that is inserted or removed twice, or whose memory was freed while it was in the list.',
    cases: {
      3: {
        name: 'corrupt list entry',
        meaning: 'A LIST_ENTRY and its neighbours do not point at each other.',
        parameters: ['the entry', NONE, NONE],
      },
    },
  },
}

/** The text of a code by its name; undefined for one that is not in the table. */
export const bugcheckText = (name: string): BugcheckText | undefined =>
  (BUGCHECK_TEXTS as Readonly<Record<string, BugcheckText>>)[name]
