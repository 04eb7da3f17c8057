import { conform } from './conformance'

const TIMER = `const Timer = out()
NdisAllocateTimerObject(0, {
  Header: { Type: NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS, Revision: NDIS_TIMER_CHARACTERISTICS_REVISION_1, Size: NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1 },
  AllocationTag: 0x666e6f43, TimerFunction: (a, context) => say('timer', context, KeGetCurrentIrql()), FunctionContext: 4,
}, Timer)`

conform([
  {
    page: 'DDI ndissettimerobject, ndiscanceltimerobject',
    cases: [
      {
        says: 'it fires once, at DISPATCH_LEVEL, with the context of Set where there is one',
        script: `${TIMER}
say(NdisSetTimerObject(Timer.value, -100000n, 0, 0)); NdisMSleep(20000)
say(NdisSetTimerObject(Timer.value, -100000n, 0, 9)); NdisMSleep(20000)
NdisFreeTimerObject(Timer.value)`,
        output: ['0', 'timer 4 2', '0', 'timer 9 2'],
      },
      {
        says: 'set again it is queued anew, and Set says that it was',
        script: `${TIMER}
NdisSetTimerObject(Timer.value, -100000n, 0, 0)
say(NdisSetTimerObject(Timer.value, -400000n, 0, 0))
NdisMSleep(20000); say('not yet')
say(NdisCancelTimerObject(Timer.value), NdisCancelTimerObject(Timer.value))
NdisMSleep(50000)
NdisFreeTimerObject(Timer.value)`,
        output: ['1', 'not yet', '1 0'],
      },
      {
        says: 'a period brings it again until it is cancelled',
        script: `${TIMER}
NdisSetTimerObject(Timer.value, -100000n, 10, 0)
NdisMSleep(35000)
say(NdisCancelTimerObject(Timer.value))
NdisMSleep(35000)
NdisFreeTimerObject(Timer.value)`,
        output: ['timer 4 2', 'timer 4 2', 'timer 4 2', '1'],
      },
      {
        says: 'a timer object is freed once',
        script: `${TIMER}
NdisFreeTimerObject(Timer.value)
NdisFreeTimerObject(Timer.value)`,
        violations: ['InvalidHandle'],
      },
    ],
  },
  {
    page: 'PV ff550828 NdisCancelTimer, PV ff552321 NdisInitializeTimer',
    cases: [
      {
        says: 'TimerCancelled is FALSE when it was not set, or fired already',
        script: `const Timer = storage(NDIS_TIMER), Cancelled = out()
NdisInitializeTimer(Timer, (a, context) => say('timer', context), 5)
NdisCancelTimer(Timer, Cancelled); say(Cancelled.value)
NdisSetTimer(Timer, 10); NdisCancelTimer(Timer, Cancelled); say(Cancelled.value)
NdisSetTimer(Timer, 10); NdisMSleep(20000); NdisCancelTimer(Timer, Cancelled); say(Cancelled.value)`,
        output: ['0', '1', 'timer 5', '0'],
      },
      {
        says: 'memory with a timer that is set in it is not freed',
        script: `const Timer = memory(sizeof(NDIS_TIMER))
NdisInitializeTimer(Timer, () => undefined, 0)
NdisSetTimer(Timer, 1000)
NdisFreeMemory(Timer, sizeof(NDIS_TIMER), 0)`,
        violations: ['DV:FreeWithActiveTimer'],
        bugcheck: 'TIMER_OR_DPC_INVALID',
      },
    ],
  },
  {
    page: 'DDI ndismsleep, ndisstallexecution',
    cases: [
      {
        says: 'both let time pass',
        script: `const Before = storage(LARGE_INTEGER), After = storage(LARGE_INTEGER)
NdisGetCurrentSystemTime(Before)
NdisMSleep(1000)
NdisStallExecution(50)
NdisGetCurrentSystemTime(After)
say(LARGE_INTEGER.at(After).QuadPart - LARGE_INTEGER.at(Before).QuadPart >= 10500n)`,
        output: ['true'],
      },
      {
        says: 'a stall is at most 50 microseconds',
        script: `NdisStallExecution(100)`,
        violations: ['NdisStallExecution_Delay'],
      },
      {
        says: 'nobody sleeps at DISPATCH_LEVEL',
        script: `const Old = out(); NDIS_RAISE_IRQL_TO_DISPATCH(Old)
NdisMSleep(1000)
NDIS_LOWER_IRQL(Old.value, DISPATCH_LEVEL)`,
        violations: ['Irql_Miniport_Driver_Function'],
        bugcheck: 'ATTEMPTED_SWITCH_FROM_DPC',
      },
    ],
  },
  {
    page: 'DDI ndisallocateioworkitem, ndisqueueioworkitem; PV NdisScheduleWorkItem',
    cases: [
      {
        says: 'an item of NDIS 5 runs later, at PASSIVE_LEVEL, with its context',
        script: `const Item = storage(NDIS_WORK_ITEM)
NdisInitializeWorkItem(Item, (item, context) => say('work', item === Item, context, KeGetCurrentIrql()), 7)
say(nameOf(NdisScheduleWorkItem(Item)))
NdisMSleep(1000)`,
        output: ['SUCCESS', 'work true 7 0'],
      },
      {
        says: 'it is queued once at a time',
        script: `const Item = storage(NDIS_WORK_ITEM)
NdisInitializeWorkItem(Item, () => say('work'), 0)
NdisScheduleWorkItem(Item)
NdisScheduleWorkItem(Item)
NdisMSleep(1000)`,
        output: ['work'],
        violations: ['WorkItemQueuedTwice'],
      },
    ],
  },
  {
    page: 'DDI ndisinitializeevent, ndissetevent, ndiswaitevent',
    cases: [
      {
        says: 'an event begins not signaled; a wait of some milliseconds ends with FALSE',
        script: `const Event = storage(NDIS_EVENT)
NdisInitializeEvent(Event)
say(NdisWaitEvent(Event, 5))
NdisSetEvent(Event)
say(NdisWaitEvent(Event, 5), NdisWaitEvent(Event, 0))
NdisResetEvent(Event)
say(NdisWaitEvent(Event, 5))`,
        output: ['0', '1 1', '0'],
      },
      {
        says: 'a DPC signals it; 0 milliseconds are forever',
        script: `const Event = storage(NDIS_EVENT), Timer = storage(NDIS_TIMER)
NdisInitializeEvent(Event)
NdisInitializeTimer(Timer, () => { say('signal'); NdisSetEvent(Event) }, 0)
NdisSetTimer(Timer, 30)
say(NdisWaitEvent(Event, 0))`,
        output: ['signal', '1'],
      },
    ],
  },
])
