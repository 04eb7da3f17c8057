/** The level that code runs at. */
import type { Rule } from './types'

/** Documented rules about the IRQL of calls that the workbench has: name, and what these are for. */
const FAMILIES: readonly (readonly [name: string, calls: string])[] = [
  ['Irql_Filter_Driver_Function', 'filter drivers (NdisF)'],
  ['Irql_Gather_DMA_Function', 'scatter/gather DMA and shared memory'],
  ['Irql_Interrupt_Function', 'registering interrupts'],
  ['Irql_IrqlSetting_Function', 'raising the IRQL'],
  ['Irql_MCO_Function', 'ending a system DMA transfer'],
  ['Irql_Miniport_Driver_Function', 'miniports (NdisM)'],
  ['Irql_Miscellaneous_Function', 'memory, strings, configuration, files and work items'],
  ['Irql_NetBuffer_Function', 'NET_BUFFERs, their lists, MDLs and pools'],
  ['Irql_OID_Function', 'OID requests'],
  ['Irql_Protocol_Driver_Function', 'protocols'],
  ['Irql_SendRcv_Function', 'sends and receive indications'],
  ['Irql_StatusIndication_Function', 'status indications'],
  ['Irql_Synch_Function', 'locks and events'],
  ['Irql_Timer_Function', 'timers'],
  ['DV:AcquireTooHigh', 'taking a kernel spin lock'],
  ['IrqlDispatch', 'a lock at DISPATCH_LEVEL'],
  ['IrqlExAllocatePool', 'tagged pool'],
  ['IrqlKeDispatchLte', 'the kernel, up to DISPATCH_LEVEL,'],
  ['IrqlKeReleaseSpinLock', 'releasing a kernel spin lock'],
  ['IrqlKeSetEvent', 'setting a kernel event, with Wait or without,'],
]

const family = ([name, calls]: readonly [string, string]): Rule => ({
  name,
  meaning: `A call for ${calls} was made at an IRQL that its documentation does not allow.`,
  why: 'It may wait, touch pageable memory or take locks, none of which is possible there: a bug check or a hang, now or on a busy day.',
  mend: 'Make the call at the IRQL that the message names, from a work item or a DPC where the code runs at another.',
})

export const IRQL_RULES: readonly Rule[] = [
  {
    name: 'Irql',
    meaning: 'A function was called at an IRQL that its documentation does not allow.',
    why: 'It touches pageable memory, waits or takes locks that are not possible there: a bug check, now or on a busy day.',
    mend: 'Look up the IRQL of the function, and leave the call to a DPC or a work item where it fits.',
  },
  {
    name: 'IrqlReturn',
    meaning: 'A function of the driver returned at another IRQL than it was called at.',
    why: 'Everything that runs next runs at the wrong level: waits stop the machine, locks do not protect.',
    mend: 'Lower the IRQL to what it was before each return.',
  },
  {
    name: 'DV:IsrChangedIrql',
    meaning: 'An interrupt service routine returned at another IRQL than it was called at.',
    why: 'What it interrupted goes on at the wrong level: Windows stops with a bug check.',
    mend: 'Lower the IRQL to what it was before each return, and leave the rest to the DPC.',
  },
  {
    name: 'DV:CompletionChangedIrql',
    meaning: 'A completion routine of an IRP returned at another IRQL than it was called at.',
    why: 'The I/O manager and the drivers above go on at the wrong level, where they may not wait or touch pageable memory.',
    mend: 'Release what was acquired and lower what was raised before each return.',
  },
  {
    name: 'Flags_Irql',
    meaning: 'A callback with a DISPATCH_LEVEL flag asked the system for the IRQL.',
    why: 'NDIS passes the flag so that nobody need ask: asking costs time for each frame.',
    mend: 'Look at the flag in the SendFlags, ReceiveFlags, ReturnFlags or SendCompleteFlags of the callback.',
  },
  {
    name: 'DV:SetEventTooHigh',
    meaning: 'An event was set above DISPATCH_LEVEL.',
    why: 'Waking the waiting thread takes a lock of the scheduler that the interrupted code may hold: the CPU hangs.',
    mend: 'Set the event in the DPC.',
  },
  {
    name: 'DV:NonpagedAllocIrql',
    meaning: 'Pool memory was asked for above DISPATCH_LEVEL.',
    why: 'The code that was interrupted may hold the lock of the pool: the CPU hangs, or Windows stops with a bug check.',
    mend: 'Allocate beforehand, or in the DPC.',
  },
  {
    name: 'DV:NonpagedFreeIrql',
    meaning: 'Pool memory was freed above DISPATCH_LEVEL, where not even nonpaged pool may be freed.',
    why: 'The code that was interrupted may hold the lock of the pool: the CPU hangs, or Windows stops with a bug check.',
    mend: 'Put the block on a list and free it in the DPC.',
  },
  {
    name: 'DV:PageableAtRaisedIrql',
    meaning: 'Pageable code ran, or paged pool was touched, above APC_LEVEL.',
    why: 'When the page is out it cannot be brought in there: a bug check, but only when memory is short.',
    mend: 'Take nonpaged pool for what is used at DISPATCH_LEVEL, and do pageable work before the lock is taken or after it.',
  },
  {
    name: 'DV:RaiseIrqlBad',
    meaning: 'The IRQL was to be raised to a lower level, or to one that does not exist.',
    why: 'Windows stops with a bug check.',
    mend: 'Raise only when the present IRQL is below the wanted one: ask KeGetCurrentIrql.',
  },
  {
    name: 'DV:LowerIrqlBad',
    meaning:
      'The IRQL was lowered to a level above the present one, below that of the caller, or not to that before the raise.',
    why: 'Code that relies on its IRQL is preempted in the middle, or Windows stops with a bug check.',
    mend: 'Lower exactly to the value that the raise gave, in the function that raised.',
  },
  {
    name: 'DV:PagedAllocIrql',
    meaning: 'Paged pool was asked for above APC_LEVEL.',
    why: 'A page may have to be brought in, which is impossible there: bug check.',
    mend: 'Take nonpaged pool, or allocate at PASSIVE_LEVEL beforehand.',
  },
  {
    name: 'DV:PagedFreeIrql',
    meaning: 'Paged pool was freed above APC_LEVEL.',
    why: 'The headers of the pool may be paged out: bug check.',
    mend: 'Free it in a work item.',
  },
  {
    name: 'DispatchFlag',
    meaning: 'The flags of a call say that the IRQL is DISPATCH_LEVEL, and it is not.',
    why: 'Drivers that rely on the flag take their locks without raising the IRQL and can be preempted with them.',
    mend: "Set the flag only when KeGetCurrentIrql or one's own flag says so.",
  },
  {
    name: 'PeriodicTimer',
    meaning: 'A periodic timer was cancelled above PASSIVE_LEVEL.',
    why: 'Cancelling it waits for its DPCs, which cannot run meanwhile.',
    mend: 'Cancel it at PASSIVE_LEVEL, in halt or in a work item.',
  },
  ...FAMILIES.map(family),
]
