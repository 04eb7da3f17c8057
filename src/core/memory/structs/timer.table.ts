/** Events, timers and work items. */
import { fn, inline, ptr, struct, u32, u8 } from './field'
import type { StructTable } from './types'

export const timerStructs: readonly StructTable[] = [
  struct('NDIS_EVENT', 16, ['PNDIS_EVENT'], 'ndis.h', [
    inline(0, 'Event', 'KEVENT', 16),
  ]),
  struct('NDIS_TIMER', 72, ['PNDIS_TIMER'], 'ndis.h', [
    inline(0, 'Timer', 'KTIMER', 40),
    inline(40, 'Dpc', 'KDPC', 32),
  ]),
  struct('NDIS_MINIPORT_TIMER', 88, ['PNDIS_MINIPORT_TIMER'], 'ndis.h', [
    inline(0, 'Timer', 'KTIMER', 40),
    inline(40, 'Dpc', 'KDPC', 32),
    fn(72, 'MiniportTimerFunction', 'PNDIS_TIMER_FUNCTION', { target: 'MiniportTimer' }),
    ptr(76, 'MiniportTimerContext'),
    ptr(80, 'Miniport', 'PNDIS_MINIPORT_BLOCK', { target: 'NDIS_MINIPORT_BLOCK' }),
    ptr(84, 'NextDeferredTimer', 'PNDIS_MINIPORT_TIMER', { target: 'NDIS_MINIPORT_TIMER' }),
  ]),
  struct('NDIS_WORK_ITEM', 40, ['PNDIS_WORK_ITEM'], 'ndis.h', [
    ptr(0, 'Context'),
    fn(4, 'Routine', 'NDIS_PROC', { target: 'NdisWorkItemRoutine' }),
    u8(8, 'WrapperReserved', 'UCHAR', { count: 32, reserved: true }),
  ]),
  struct('NDIS_TIMER_CHARACTERISTICS', 16, ['PNDIS_TIMER_CHARACTERISTICS'], 'ndis.h', [
    inline(0, 'Header', 'NDIS_OBJECT_HEADER', 4),
    u32(4, 'AllocationTag', 'ULONG', { doc: 'tag of the timer object' }),
    fn(8, 'TimerFunction', 'PNDIS_TIMER_FUNCTION6', { target: 'NDIS_TIMER_FUNCTION' }),
    ptr(12, 'FunctionContext', 'PVOID', { doc: 'argument of TimerFunction unless NdisSetTimerObject gives another' }),
  ]),
]
