/** Locks, mutexes, events and waits. */
import type { Rule } from './types'

export const LOCK_RULES: readonly Rule[] = [
  {
    name: 'SpinLock',
    level: 'break',
    meaning: 'A spin lock is taken that its holder, this very path or a CPU that cannot run on, holds already.',
    why: 'The CPU spins for ever with the scheduler off: the machine hangs without a word.',
    mend: 'Release the lock before it is taken again; let inner functions expect the lock to be held instead of taking it.',
  },
  {
    name: 'SpinLockDpr',
    level: 'break',
    meaning:
      'NdisDprAcquireSpinLock is called for a spin lock that its holder, this very path or a CPU that cannot run on, holds already.',
    why: 'The CPU spins for ever at DISPATCH_LEVEL: the machine hangs without a word.',
    mend: 'Release the lock before it is taken again; let inner functions expect the lock to be held instead of taking it.',
  },
  {
    name: 'SpinLockBalanced',
    meaning: 'A function of the driver returned while it still held a spin lock or a read/write lock.',
    why: 'The system goes on at DISPATCH_LEVEL, and the next one to want the lock hangs.',
    mend: 'Release the lock on every way out, the error paths included.',
  },
  {
    name: 'SpinLockDprRelease',
    meaning: 'A lock was released with another form of call than it was taken with.',
    why: 'The IRQL is restored although it was not raised, or stays raised although it should come down.',
    mend: 'Pair NdisAcquireSpinLock with NdisReleaseSpinLock, and NdisDprAcquireSpinLock with NdisDprReleaseSpinLock.',
  },
  {
    name: 'SpinLockOldIrql',
    meaning: 'A kernel spin lock was released with another IRQL than its acquire gave.',
    why: 'The CPU goes on at the wrong IRQL: it can be taken away in the middle of what the lock protects, or never again.',
    mend: 'Keep the OldIrql of each KeAcquireSpinLock in a variable of its own and hand that to KeReleaseSpinLock.',
  },
  {
    name: 'SpinLockRelease',
    meaning: 'A spin lock was released that nobody holds.',
    why: 'The IRQL is set from a value that means nothing, and a lock taken meanwhile by another CPU would be opened under it.',
    mend: 'Release a lock once for each time it is taken; look for a way through the function that does it twice.',
  },
  {
    name: 'DV:LockApiMismatch',
    meaning: 'A lock was taken by one family of calls and released by another.',
    why: 'NDIS and the kernel keep the old IRQL in different places, so that the wrong one is restored.',
    mend: 'Use the Ndis calls or the Ke calls for a lock, never both.',
  },
  {
    name: 'DV:LockHierarchy',
    meaning:
      'Locks were taken in orders that close a circle: one path holds the first and takes the second, another the other way round.',
    why: 'When two CPUs are there at once, each spins for what the other holds, for ever. It need not happen in a test, and does in the field.',
    mend: 'Fix one order for all locks and keep to it everywhere; or release the one lock before the other is taken.',
  },
  {
    name: 'DV:LockOwnerGone',
    level: 'break',
    meaning: 'A lock, or the memory that it lies in, was freed while somebody held it.',
    why: 'The holder releases memory that belongs to somebody else by then, and the IRQL stays raised.',
    mend: 'Release the lock first, and free it when nothing can want it any more: after timers, work items and interrupts are gone.',
  },
  {
    name: 'DV:LockReinit',
    level: 'break',
    meaning: 'A lock was initialized a second time: while it is held, or without having been freed in between.',
    why: 'Who holds it at that moment, or waits for it, loses it without knowing, and two paths run where one should.',
    mend: 'Initialize a lock once, before anything can use it; call NdisFreeSpinLock in halt when initialize runs again later.',
  },
  {
    name: 'DV:LockReleaseOrder',
    meaning: 'A lock was released while one that was taken after it is still held.',
    why: 'The IRQL is restored too early, and later to a value that is no longer right.',
    mend: 'Release locks in the opposite order of taking them.',
  },
  {
    name: 'DV:LockUninitialized',
    level: 'break',
    meaning: 'A lock was taken that was never initialized.',
    why: 'What lies in its memory decides: it may look taken and hang the machine.',
    mend: 'Call NdisAllocateSpinLock (KeInitializeSpinLock) before the first use.',
  },
  {
    name: 'DV:LockWrongThread',
    meaning: 'A lock was released on another CPU than the one that holds it.',
    why: 'The owner believes itself protected and is not.',
    mend: 'Take and release a lock on the same path of the same processor.',
  },
  {
    name: 'CancelSpinlock',
    level: 'break',
    meaning: 'The cancel spin lock was acquired while it is held, or released while it is not.',
    why: 'The whole I/O system shares this lock: the machine hangs, or two requests are cancelled over each other.',
    mend: 'Pair IoAcquireCancelSpinLock and IoReleaseCancelSpinLock; a cancel routine is entered with the lock held and releases it.',
  },
  {
    name: 'InterlockedAboveDispatch',
    meaning:
      'An interlocked call of NDIS that takes a spin lock (NdisInterlockedInsertHeadList, NdisInterlockedAddUlong and the like) was made above DISPATCH_LEVEL.',
    why: 'The code it interrupted may hold the lock, and never gets to release it: the CPU hangs.',
    mend: 'Leave the work to the DPC, or guard the list with the interrupt: NdisMSynchronizeWithInterrupt.',
  },
  {
    name: 'RwLockDispatchFlag',
    meaning: 'A read/write lock call was told that it runs at DISPATCH_LEVEL, and it does not.',
    why: 'The IRQL is not raised, the thread can be preempted while it holds the lock, and others spin on it.',
    mend: 'Pass the flag that is true at this place, or none; a DispatchLevel flag of a callback can be passed on.',
  },
  {
    name: 'RwLockPromotion',
    meaning: 'A reader of a read/write lock wants to write.',
    why: 'The writer waits until all readers are gone, and it is one of them.',
    mend: 'Release the lock and take it for writing, or take it for writing from the start; look again at what was read.',
  },
  {
    name: 'RwLockRelease',
    meaning: 'A read/write lock was released with a LOCK_STATE of which no acquire is in force.',
    why: 'The count of readers becomes wrong, and the lock never free or never safe.',
    mend: 'Hand over the same LOCK_STATE that the acquire was given, once.',
  },
  {
    name: 'RwLockStateReused',
    meaning: 'One LOCK_STATE was given to two acquires that are in force together.',
    why: 'The second overwrites what the first needs to be released.',
    mend: 'Give each acquire a LOCK_STATE of its own, on the stack.',
  },
  {
    name: 'RwLockWrongCpu',
    meaning: 'A read/write lock was released on another CPU than it was acquired on.',
    why: 'The counts of readers are kept by CPU: one is left too high, the other too low.',
    mend: 'Release the lock in the same run of the same function.',
  },
  {
    name: 'MutexHeldAtReturn',
    meaning: 'A function of the driver returned while its thread owned a mutex.',
    why: 'Only the thread that owns a mutex may release it: everybody else waits for ever.',
    mend: 'Release the mutex before returning, on every way out.',
  },
  {
    name: 'MutexNotInitialized',
    meaning: 'A mutex was used that was never initialized.',
    why: 'The wait reads garbage for its state and its list of waiters.',
    mend: 'Call NDIS_INIT_MUTEX or KeInitializeMutex first.',
  },
  {
    name: 'CriticalRegion',
    meaning: 'A critical region was left that the thread did not enter, or a function returned and left one behind.',
    why: 'The count that keeps APCs away becomes wrong: APCs are never delivered, or in the worst place.',
    mend: 'Pair KeEnterCriticalRegion and KeLeaveCriticalRegion on the same thread.',
  },
  {
    name: 'WaitWithSpinLock',
    level: 'break',
    meaning:
      'The driver waits below DISPATCH_LEVEL while it still holds a spin lock or a read/write lock: the IRQL was lowered, or another lock released, in between.',
    why: 'The thread is taken from its CPU with the lock: whoever needs the lock spins as long as the wait lasts, and for ever when that one is to end the wait.',
    mend: 'Release the lock before the wait.',
  },
  {
    name: 'DV:WaitAtDispatch',
    level: 'break',
    meaning: 'The driver waits at DISPATCH_LEVEL or above, because it runs in a DPC or holds a spin lock for instance.',
    why: 'The scheduler cannot run another thread there, not even the one that would end the wait: the machine stops with a bug check or hangs.',
    mend: 'Release the spin lock before the wait; from a DPC leave the wait to a work item, or go on in the callback that tells of the end.',
  },
  {
    name: 'WaitForever',
    level: 'break',
    meaning:
      'A thread of the driver waits without a time limit, and no thread, timer, DPC or device is left that could end the wait.',
    why: 'On Windows the thread hangs for ever, and with it the halt, the unbind or the unload that waits for it. Here the call returns as if its time had run out, so that the run can go on.',
    mend: 'Look for the path on which nobody sets the event, an error path or a completion that never comes, and give a limit to waits for somebody who may fail.',
  },
  {
    name: 'NestedWait',
    meaning:
      'A thread waits without a time limit for something that only a thread below it on the same virtual CPU could still do: that one was interrupted, and goes on when this one returns.',
    why: 'Here the wait can never end, and the call returns as if its time had run out. On Windows both threads run, so that it may work: as long as nothing else holds the other one up.',
    mend: 'Set the event before waiting for the other side, or do not wait: go on in the callback that tells of the end.',
  },
  {
    name: 'WaitObject',
    meaning: 'A wait was given an address where no event, timer or mutex was initialized.',
    why: 'The kernel takes what lies there for the state of the object and its list of waiters: the wait returns at once, never, or with a bug check.',
    mend: 'Initialize the object once before anything can wait for it (KeInitializeEvent, KeInitializeTimer, KeInitializeMutex), and pass its own address, not that of a pointer to it.',
  },
  {
    name: 'EventUninitialized',
    meaning: 'An event was used that was never initialized.',
    why: 'Its list of waiters is garbage: setting it walks into nothing.',
    mend: 'Call NdisInitializeEvent or KeInitializeEvent before anything can use it.',
  },
  {
    name: 'NdisMSleepLimit',
    meaning: 'NdisMSleep was asked for more than 30 seconds.',
    why: 'The thread of the system that called the driver is kept from everything else.',
    mend: 'Use a timer for long waits.',
  },
  {
    name: 'NdisStallExecution_Delay',
    meaning: 'A CPU was kept busy for more than 50 microseconds in one call.',
    why: 'Nothing else runs on that CPU meanwhile: sound stutters, frames are lost.',
    mend: 'Stall briefly, several times with a check between; use NdisMSleep or a timer for longer waits.',
  },
  {
    name: 'LockHeldTooLong',
    // Each call of the interface takes a tenth of a microsecond of virtual time, on no machine: this is advice for who asks.
    level: 'off',
    meaning: 'A spin lock, or a read/write lock for writing, was held for more than 25 microseconds of virtual time.',
    why: 'Every other CPU that wants the lock spins as long, and nothing but interrupts runs on this one.',
    mend: 'Take what needs the lock out of what takes long: copy under the lock, work after it; never stall while it is held.',
  },
  {
    name: 'LockSharedWithIsr',
    meaning: 'A lock is taken in an ISR, and elsewhere held at a level at which that ISR can come in on the same CPU.',
    why: 'When it does, it spins for a lock whose holder it has interrupted: the CPU hangs.',
    mend: 'Share data with an ISR under the lock of the interrupt, in NdisMSynchronizeWithInterrupt; leave the rest of the work to the DPC.',
  },
  {
    name: 'LockSharedWithDpc',
    meaning:
      'A lock is taken in a DPC, and elsewhere held below DISPATCH_LEVEL, where that DPC can come in on the same CPU.',
    why: 'When it does, it spins for a lock whose holder it has interrupted: the CPU hangs.',
    mend: 'Take the lock with the plain form wherever the IRQL can be below DISPATCH_LEVEL, and do not lower the IRQL while it is held.',
  },
  {
    name: 'DataRace',
    // It looks at each access to memory, which takes twice as long then, and tells of what drivers have lived with for years.
    level: 'off',
    meaning:
      'Two functions of the driver use the same bytes of memory, one of them writes, and neither a lock nor a handover keeps the two apart, whether or not they met in this run.',
    why: 'On two CPUs one sees half of what the other does, or undoes it: counters drift, lists break, rarely and never under a debugger.',
    mend: 'Take one and the same lock around both, use an interlocked call, or hand the data over by a timer, a work item or a queue.',
  },
  {
    name: 'ListLockMissing',
    meaning:
      'A linked list that two functions of the driver change under one lock is changed by a third one without that lock, and the third can run at the same time as they, whether or not it did in this run.',
    why: 'Two CPUs change the links at once: entries vanish, or a walk goes on into memory that is freed. It happens rarely, and only with several processors.',
    mend: 'Hold the lock of the list wherever the list is walked or changed, in cancel functions and error paths too.',
  },
  {
    name: 'NonInterlockedNotSerialized',
    meaning:
      'Two uses of a packet pool through the NonInterlocked calls can come together and have no lock in common, whether or not they did in this run.',
    why: 'NDIS does not guard the pool then: two CPUs take the same packet from its list, or the list breaks.',
    mend: 'Hold one and the same spin lock around every NonInterlocked call on the pool, or use the plain or the Dpr calls for all of them.',
  },
  {
    name: 'SpinLockHeldAtCall',
    meaning:
      'A function that must be called without a spin lock was called while the caller holds one: a send, an indication, a completion, a request, or freeing a packet or its pool.',
    why: 'It hands control to NDIS and to other drivers, which can call this driver back in the same breath: the callback wants the lock that its own caller holds, and the CPU spins for ever. With two drivers the same happens over two locks.',
    mend: 'Under the lock only decide what is to be done and take it out of the queues; release the lock, then make the call. What the lock protects may have changed when it is taken again.',
  },
]
