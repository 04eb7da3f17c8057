/** Spin locks and read/write locks. */
import { bool, bytes, inline, ptr, struct, u16, u32, u8, union } from './field'
import type { StructTable } from './types'

export const lockStructs: readonly StructTable[] = [
  struct('NDIS_SPIN_LOCK', 8, ['PNDIS_SPIN_LOCK'], 'ndis.h', [
    u32(0, 'SpinLock', 'KSPIN_LOCK', { doc: '0 free, 1 held' }),
    u8(4, 'OldIrql', 'KIRQL', { doc: 'IRQL before the acquire; NdisReleaseSpinLock restores it' }),
  ]),
  union('NDIS_RW_LOCK_REFCOUNT', 16, ['PNDIS_RW_LOCK_REFCOUNT'], 'ndis.h', [
    u32(0, 'RefCount', 'UINT', { union: 1 }),
    u8(0, 'cacheLine', 'UCHAR', { count: 16, union: 1 }),
  ]),
  struct('NDIS_RW_LOCK', 528, ['PNDIS_RW_LOCK'], 'ndis.h', [
    u32(0, 'SpinLock', 'KSPIN_LOCK', { union: 1 }),
    ptr(4, 'Context', 'PVOID', { union: 1 }),
    bytes(0, 'Reserved', 16, 'UCHAR', { union: 1, reserved: true }),
    inline(16, 'RefCount', 'NDIS_RW_LOCK_REFCOUNT', 16, { count: 32, union: 2 }),
    u32(16, 'RefCountEx', 'ULONG', { count: 128, union: 2 }),
    u32(16, 'RefCountLock', 'KSPIN_LOCK', { union: 2 }),
    u32(20, 'SharedRefCount', 'ULONG', { union: 2 }),
    bool(24, 'WriterWaiting', 'BOOLEAN', { union: 2 }),
  ]),
  struct('KSPIN_LOCK_QUEUE', 8, ['PKSPIN_LOCK_QUEUE'], 'wdm.h', [
    ptr(0, 'Next', 'PKSPIN_LOCK_QUEUE', { target: 'KSPIN_LOCK_QUEUE' }),
    ptr(4, 'Lock', 'PKSPIN_LOCK', { doc: 'the lock that the handle holds or waits for' }),
  ]),
  struct('KLOCK_QUEUE_HANDLE', 12, ['PKLOCK_QUEUE_HANDLE'], 'wdm.h', [
    inline(0, 'LockQueue', 'KSPIN_LOCK_QUEUE', 8),
    u8(8, 'OldIrql', 'KIRQL', { doc: 'IRQL before the acquire; the release restores it' }),
  ]),
  struct('LOCK_STATE', 4, ['PLOCK_STATE'], 'ndis.h', [
    u16(0, 'LockState', 'USHORT', { doc: 'how the lock was taken' }),
    u8(2, 'OldIrql', 'KIRQL', { doc: 'IRQL to restore' }),
  ]),
  struct('LOCK_STATE_EX', 3, ['PLOCK_STATE_EX'], 'ndis.h', [
    u8(0, 'OldIrql', 'KIRQL', { doc: 'IRQL to restore' }),
    u8(1, 'LockState', 'UCHAR', { doc: 'how the lock was taken' }),
    u8(2, 'Flags', 'UCHAR', { doc: 'NDIS_RWL_* flags of the acquire' }),
  ]),
]
