import { conform } from './conformance'

const LOCK = 'const Lock = storage(NDIS_SPIN_LOCK); NdisAllocateSpinLock(Lock)'
const irql = 'KeGetCurrentIrql()'

conform([
  {
    page: 'DDI ndisacquirespinlock, ndisreleasespinlock',
    cases: [
      {
        says: 'the lock raises to DISPATCH_LEVEL and brings the old IRQL back',
        script: `${LOCK}
NdisAcquireSpinLock(Lock); say(${irql})
NdisReleaseSpinLock(Lock); say(${irql})
NdisFreeSpinLock(Lock)`,
        output: ['2', '0'],
      },
      {
        says: 'released in another order, the IRQL is that of the lock that is released (NET synchronization-and-notification)',
        script: `const A = storage(NDIS_SPIN_LOCK), B = storage(NDIS_SPIN_LOCK)
NdisAllocateSpinLock(A); NdisAllocateSpinLock(B)
NdisAcquireSpinLock(A); NdisAcquireSpinLock(B)
NdisReleaseSpinLock(A); say(${irql})
NdisReleaseSpinLock(B); say(${irql})
NDIS_LOWER_IRQL(0, 2)
NdisFreeSpinLock(A); NdisFreeSpinLock(B)`,
        output: ['0', '2'],
        violations: ['DV:LockReleaseOrder'],
      },
      {
        says: 'acquired twice by the same processor it never comes free: the machine stops',
        script: `${LOCK}
NdisAcquireSpinLock(Lock)
NdisAcquireSpinLock(Lock)`,
        violations: ['SpinLock'],
        bugcheck: 'SPIN_LOCK_ALREADY_OWNED',
      },
      {
        says: 'a lock that nobody holds is not released',
        script: `${LOCK}
NdisReleaseSpinLock(Lock)
NdisFreeSpinLock(Lock)`,
        violations: ['SpinLockRelease'],
      },
      {
        says: 'a lock is initialized before it is used',
        script: `const Lock = storage(NDIS_SPIN_LOCK)
NdisAcquireSpinLock(Lock)
NdisReleaseSpinLock(Lock)`,
        violations: ['DV:LockUninitialized'],
      },
    ],
  },
  {
    page: 'DDI ndisdpracquirespinlock',
    cases: [
      {
        says: 'at DISPATCH_LEVEL it leaves the IRQL alone',
        script: `${LOCK}
const Old = out(); NDIS_RAISE_IRQL_TO_DISPATCH(Old)
NdisDprAcquireSpinLock(Lock); say(${irql}); NdisDprReleaseSpinLock(Lock); say(${irql})
NDIS_LOWER_IRQL(Old.value, DISPATCH_LEVEL); say(${irql})
NdisFreeSpinLock(Lock)`,
        output: ['2', '2', '0'],
      },
      {
        says: 'plain with plain, Dpr with Dpr: else the IRQL stays up',
        script: `${LOCK}
NdisAcquireSpinLock(Lock)
NdisDprReleaseSpinLock(Lock); say(${irql})
NDIS_LOWER_IRQL(0, 2)
NdisFreeSpinLock(Lock)`,
        output: ['2'],
        violations: ['SpinLockDprRelease'],
      },
    ],
  },
  {
    page: 'DDI ndisallocaterwlock, ndisacquirerwlockread, ndisacquirerwlockwrite',
    cases: [
      {
        says: 'read is recursive; the last release brings the IRQL back',
        script: `const Lock = NdisAllocateRWLock(0), a = storage(LOCK_STATE_EX), b = storage(LOCK_STATE_EX)
NdisAcquireRWLockRead(Lock, a, 0); NdisAcquireRWLockRead(Lock, b, 0); say(${irql})
NdisReleaseRWLock(Lock, b); say(${irql}); NdisReleaseRWLock(Lock, a); say(${irql})
NdisAcquireRWLockWrite(Lock, a, 0); say(${irql}); NdisReleaseRWLock(Lock, a)
NdisFreeRWLock(Lock)`,
        output: ['2', '2', '0', '2'],
      },
      {
        says: 'each acquire has a LOCK_STATE_EX of its own',
        script: `const Lock = NdisAllocateRWLock(0), a = storage(LOCK_STATE_EX)
NdisAcquireRWLockRead(Lock, a, 0)
NdisAcquireRWLockRead(Lock, a, 0)
NdisReleaseRWLock(Lock, a); NdisReleaseRWLock(Lock, a)
NDIS_LOWER_IRQL(0, 2)
NdisFreeRWLock(Lock)`,
        violations: ['RwLockStateReused'],
      },
    ],
  },
  {
    page: 'NET irql: NDIS_RAISE_IRQL_TO_DISPATCH, KeRaiseIrql, KeLowerIrql',
    cases: [
      {
        says: 'raise gives the old level, lower goes back to it',
        script: `const Old = out(9)
NDIS_RAISE_IRQL_TO_DISPATCH(Old); say(Old.value, ${irql})
NDIS_LOWER_IRQL(Old.value, DISPATCH_LEVEL); say(${irql})
KeRaiseIrql(APC_LEVEL, Old); say(Old.value, ${irql}); KeLowerIrql(Old.value); say(${irql})`,
        output: ['0 2', '0', '0 1', '0'],
      },
      {
        says: 'lowering to a level above the current one stops the machine',
        script: `KeLowerIrql(DISPATCH_LEVEL)`,
        violations: ['DV:LowerIrqlBad'],
        bugcheck: 'IRQL_NOT_LESS_OR_EQUAL',
      },
      {
        says: 'a callback ends at the IRQL at which it began',
        script: `const Old = out()
NDIS_RAISE_IRQL_TO_DISPATCH(Old)`,
        violations: ['IrqlReturn'],
      },
      {
        says: 'waiting is for PASSIVE_LEVEL: above, the machine stops (DDI ndiswaitevent)',
        script: `const Event = storage(NDIS_EVENT), Old = out()
NdisInitializeEvent(Event)
NDIS_RAISE_IRQL_TO_DISPATCH(Old)
NdisWaitEvent(Event, 10)
NDIS_LOWER_IRQL(Old.value, DISPATCH_LEVEL)`,
        violations: ['DV:WaitAtDispatch'],
        bugcheck: 'BUGCODE_NDIS_DRIVER',
      },
    ],
  },
  {
    page: 'DDI ndisinterlockedincrement, ndisinterlockedinsertheadlist, ndisinterlockedaddulong',
    cases: [
      {
        says: 'counters change by one and give their new value',
        script: `const Counter = storage(LONG)
say(NdisInterlockedIncrement(Counter), NdisInterlockedIncrement(Counter), NdisInterlockedDecrement(Counter), LONG.at(Counter).value)`,
        output: ['1 2 1 1'],
      },
      {
        says: 'a list takes at both ends under its lock; an empty one gives NULL',
        script: `${LOCK}
const Head = storage(LIST_ENTRY), a = storage(LIST_ENTRY), b = storage(LIST_ENTRY), c = storage(LIST_ENTRY)
NdisInitializeListHead(Head)
NdisInterlockedInsertHeadList(Head, b, Lock); NdisInterlockedInsertHeadList(Head, a, Lock); NdisInterlockedInsertTailList(Head, c, Lock)
say([a, b, c, 0].map((entry) => NdisInterlockedRemoveHeadList(Head, Lock) === entry))
NdisFreeSpinLock(Lock)`,
        output: ['true,true,true,true'],
      },
      {
        says: 'NdisInterlockedAddUlong gives the value before',
        script: `${LOCK}
const Value = storage(ULONG); ULONG.at(Value).value = 40
say(NdisInterlockedAddUlong(Value, 2, Lock), ULONG.at(Value).value)
NdisFreeSpinLock(Lock)`,
        output: ['40 42'],
      },
      {
        says: 'the lock of a list must not be held by the caller',
        script: `${LOCK}
const Head = storage(LIST_ENTRY), a = storage(LIST_ENTRY)
NdisInitializeListHead(Head)
NdisAcquireSpinLock(Lock)
NdisInterlockedInsertHeadList(Head, a, Lock)`,
        violations: ['SpinLock'],
        bugcheck: 'SPIN_LOCK_ALREADY_OWNED',
      },
      {
        says: 'an SLIST pops what was pushed last, and knows its depth',
        script: `${LOCK}
const Head = storage(SLIST_HEADER), a = storage(SINGLE_LIST_ENTRY), b = storage(SINGLE_LIST_ENTRY)
NdisInitializeSListHead(Head)
NdisInterlockedPushEntrySList(Head, a, Lock); NdisInterlockedPushEntrySList(Head, b, Lock)
say(NdisQueryDepthSList(Head))
say(NdisInterlockedPopEntrySList(Head, Lock) === b, NdisInterlockedPopEntrySList(Head, Lock) === a, NdisInterlockedPopEntrySList(Head, Lock))
NdisFreeSpinLock(Lock)`,
        output: ['2', 'true true 0'],
      },
    ],
  },
])
