/** Timers, DPCs, work items and callbacks. */
import type { Rule } from './types'

export const KERNEL_RULES: readonly Rule[] = [
  {
    name: 'AsyncCallback',
    meaning: 'A function of the driver is asynchronous: it returned a promise.',
    why: 'A driver in C has no such thing; what comes after the first await runs outside of every rule.',
    mend: 'Make the function synchronous, and wait with events or timers.',
  },
  {
    name: 'CallbackFunction',
    meaning: 'A call that takes a function was given something else: NULL, data, or a function that is gone.',
    why: 'The system jumps to that address when it wants to call back, often much later: a bug check that names neither the call nor the line.',
    mend: 'Pass a function of this driver, by its name.',
  },
  {
    name: 'CancelTimerObject',
    meaning: 'A timer is still armed when its adapter is gone.',
    why: 'It fires into memory that is freed.',
    mend: 'Cancel every timer in halt, and wait when the cancellation came too late.',
  },
  {
    name: 'DV:FreeWithActiveTimer',
    level: 'break',
    meaning: 'Memory was freed that holds an armed timer.',
    why: 'The kernel runs what lies there when it fires.',
    mend: 'Cancel the timer first, and see that its function is not running.',
  },
  {
    name: 'DV:PageableSyncObject',
    meaning: 'A lock, event, timer, mutex or DPC was initialized in paged pool.',
    why: 'The kernel touches it at DISPATCH_LEVEL: a bug check when its page is out.',
    mend: 'Keep such objects in nonpaged pool, in an adapter context for instance.',
  },
  {
    name: 'TimerReinit',
    meaning: 'A timer was initialized while it is armed.',
    why: 'The kernel has it in its list of armed timers, and the links are wiped: other timers are lost, or a walk through the list leads into nothing.',
    mend: 'Cancel the timer before it is initialized again, or initialize it once, in initialize.',
  },
  {
    name: 'TimerUninitialized',
    meaning: 'A timer was used that was never initialized.',
    why: 'Its fields are garbage, and so is the function that it calls.',
    mend: 'Initialize it first.',
  },
  {
    name: 'DpcReinit',
    meaning: 'A DPC was initialized while it waits in the queue of a CPU.',
    why: 'The links of the queue are wiped: this DPC and those behind it never run, or the CPU walks into nothing.',
    mend: 'Initialize the DPC once, in initialize; to be sure that it is not queued call KeRemoveQueueDpc first.',
  },
  {
    name: 'DpcTargetProcessor',
    meaning: 'A DPC was sent to a processor that does not exist.',
    why: 'It never runs, or memory beside a table is used.',
    mend: 'Choose a number below the count of processors.',
  },
  {
    name: 'DpcUninitialized',
    meaning: 'A DPC was used that was never initialized.',
    why: 'The kernel calls a function that is garbage.',
    mend: 'Call KeInitializeDpc first.',
  },
  {
    name: 'FreeWithQueuedDpc',
    level: 'break',
    meaning: 'Memory was freed that holds a queued DPC.',
    why: 'The kernel runs what lies there.',
    mend: 'Call KeRemoveQueueDpc, or wait until the DPC has run.',
  },
  {
    name: 'WorkItemFreedWhileQueued',
    level: 'break',
    meaning: 'A work item was freed while it waits in the queue.',
    why: 'The system thread works on freed memory.',
    mend: 'Free it in its function, or when that has run.',
  },
  {
    name: 'WorkItemQueuedTwice',
    meaning: 'A work item was queued that waits already.',
    why: 'The queue breaks, and entries behind it are lost.',
    mend: 'Keep a flag that it is queued, or one item for each task.',
  },
  {
    name: 'Init_NdisAllocateIoWorkItem',
    meaning: 'A work item was not freed when its adapter was halted or failed to initialize.',
    why: 'It leaks each time the driver starts.',
    mend: 'Free it in halt, and in an initialize that fails.',
  },
  {
    name: 'NdisAllocateGenericObject',
    meaning:
      'Something was freed as a generic object that is none, or an object that MiniportInitialize allocated outlived its adapter.',
    why: 'NDIS frees memory of somebody else, or the object leaks each time the adapter starts.',
    mend: 'Free what NdisAllocateGenericObject gave, once: in halt, and in an initialize that fails.',
  },
]
