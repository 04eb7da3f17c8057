import type { Kernel } from '../kernel/kernel'
import { irqlName } from '../kernel/irql'
import { ACQUIRE_FORM, LOCK_STATE } from '../kernel/locks'
import type { OutParam } from '../memory/cell'
import { SYS_LOCK } from '../memory/records'
import { LOCK_HANDLE } from '../ndis/kernel-spin-lock'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

const { PLAIN, DPR, KERNEL, KERNEL_DPC, IN_STACK } = ACQUIRE_FORM
/** The function that takes a lock in each form. */
const TAKERS: Readonly<Record<number, string>> = {
  [PLAIN]: 'NdisAcquireSpinLock',
  [DPR]: 'NdisDprAcquireSpinLock',
  [KERNEL]: 'KeAcquireSpinLock',
  [KERNEL_DPC]: 'KeAcquireSpinLockAtDpcLevel',
  [IN_STACK]: 'KeAcquireInStackQueuedSpinLock',
}
/** Where a form keeps the old IRQL: in the lock, with the caller, in a handle. */
const keeperOf = (form: number): string =>
  form === IN_STACK ? 'handle' : form === KERNEL || form === KERNEL_DPC ? 'caller' : 'lock'
/** Bytes of NDIS_SPIN_LOCK and of KSPIN_LOCK. */
const NDIS_BYTES = 8
const KERNEL_BYTES = 4

/** Spin locks: SpinLock, SpinLockBalanced, SpinLockRelease, SpinLockDpr, SpinLockDprRelease and the deadlock rules of Driver Verifier. */
export function lockRules(k: Kernel): RuleFamily {
  const { locks, verifier, cpus } = k
  const { violation } = verifier
  const get = (record: number, field: number): number => locks.get(record, field)
  const lockObject = (SpinLock: number) => ({ kind: 'NDIS_SPIN_LOCK', address: SpinLock, offset: 0, size: 8 })
  /** IRQL that KeAcquireSpinLock gave to its caller, by record. */
  const given = new Map<number, number>()
  /** true when there is no memory of the driver: the word cannot be a lock. */
  const noMemory = (fn: string, SpinLock: number, bytes: number): boolean =>
    !k.access.range(fn, Number(SpinLock) >>> 0, bytes, true)

  function acquire(fn: string, SpinLock: number, bytes = NDIS_BYTES): boolean {
    if (noMemory(fn, SpinLock, bytes)) return true
    const record = locks.find(SpinLock)
    if (record === 0)
      violation(
        'DV:LockUninitialized',
        fn,
        `${fn} takes the spin lock at ${hex(SpinLock)}, which NdisAllocateSpinLock never initialized.`,
        { object: lockObject(SpinLock) },
      )
    else if (get(record, SYS_LOCK.State) === LOCK_STATE.FREED)
      violation(
        'DV:LockUninitialized',
        fn,
        `${fn} takes the spin lock at ${hex(SpinLock)} after NdisFreeSpinLock; it must be initialized again first.`,
        { object: lockObject(SpinLock) },
      )
    else if (get(record, SYS_LOCK.State) === LOCK_STATE.HELD)
      violation(
        fn === 'NdisDprAcquireSpinLock' ? 'SpinLockDpr' : 'SpinLock',
        fn,
        `${fn} waits for the spin lock at ${hex(SpinLock)}, which CPU ${get(record, SYS_LOCK.OwnerCpu)} holds: nothing can release it while it waits.`,
        { acquired: get(record, SYS_LOCK.AcquireSite), object: lockObject(SpinLock) },
      )
    return false
  }

  function wrongForm(fn: string, record: number, form: number): void {
    const taken = get(record, SYS_LOCK.AcquireForm)
    if (taken === form) return
    const object = lockObject(get(record, SYS_LOCK.Address))
    const acquired = get(record, SYS_LOCK.AcquireSite)
    const by = TAKERS[taken] ?? 'an interlocked call'
    if (keeperOf(taken) !== keeperOf(form))
      violation(
        'DV:LockApiMismatch',
        fn,
        `${fn} releases a lock that ${by} took: the two keep the old IRQL in different places.`,
        { acquired, object },
      )
    else
      violation(
        'SpinLockDprRelease',
        fn,
        `${fn} releases a lock that ${by} took: ${
          form === DPR || form === KERNEL_DPC
            ? 'the IRQL stays at DISPATCH_LEVEL'
            : 'the IRQL is set from a value that this acquire never saved'
        }.`,
        { acquired, object },
      )
  }

  function release(fn: string, SpinLock: number, form: number, bytes = NDIS_BYTES): boolean {
    if (noMemory(fn, SpinLock, bytes)) return true
    const record = locks.find(SpinLock)
    if (record === 0 || get(record, SYS_LOCK.State) !== LOCK_STATE.HELD) {
      violation('SpinLockRelease', fn, `${fn} releases the spin lock at ${hex(SpinLock)}, which nobody holds.`, {
        object: lockObject(SpinLock),
      })
      return true
    }
    const acquired = get(record, SYS_LOCK.AcquireSite)
    const object = lockObject(SpinLock)
    if (get(record, SYS_LOCK.OwnerCpu) !== cpus.current())
      violation(
        'DV:LockWrongThread',
        fn,
        `CPU ${cpus.current()} releases the spin lock at ${hex(SpinLock)}, which CPU ${get(record, SYS_LOCK.OwnerCpu)} holds.`,
        { acquired, object },
      )
    wrongForm(fn, record, form)
    const newest = locks.held.at(-1)
    if (newest !== undefined && newest !== record && get(newest, SYS_LOCK.OwnerCpu) === cpus.current())
      violation(
        'DV:LockReleaseOrder',
        fn,
        `${fn} releases the lock at ${hex(SpinLock)} while the lock at ${hex(get(newest, SYS_LOCK.Address))}, taken after it, is still held: the IRQL is restored too early, and to the wrong value later.`,
        { acquired: get(newest, SYS_LOCK.AcquireSite), object },
      )
    return false
  }

  function initialize(fn: string, SpinLock: number, bytes: number): boolean {
    if (noMemory(fn, SpinLock, bytes)) return true
    const record = locks.find(SpinLock)
    if (record !== 0 && get(record, SYS_LOCK.State) === LOCK_STATE.HELD)
      violation('DV:LockReinit', fn, `The spin lock at ${hex(SpinLock)} is initialized again while it is held.`, {
        acquired: get(record, SYS_LOCK.AcquireSite),
      })
    return false
  }
  /** The forms of the kernel: the caller keeps the old IRQL. */
  const kernelForms: Readonly<Record<string, Before>> = {
    KeInitializeSpinLock: (SpinLock: number) => initialize('KeInitializeSpinLock', SpinLock, KERNEL_BYTES),
    KeAcquireSpinLock: (SpinLock: number) => acquire('KeAcquireSpinLock', SpinLock, KERNEL_BYTES),
    KeReleaseSpinLock(SpinLock: number, NewIrql: number) {
      if (release('KeReleaseSpinLock', SpinLock, KERNEL, KERNEL_BYTES)) return true
      const old = given.get(SpinLock)
      if (old !== undefined && old !== NewIrql)
        violation(
          'SpinLockOldIrql',
          'KeReleaseSpinLock',
          `KeReleaseSpinLock is given the IRQL ${NewIrql}; KeAcquireSpinLock of this lock gave ${irqlName(old)}.`,
          { acquired: get(locks.find(SpinLock), SYS_LOCK.AcquireSite), object: lockObject(SpinLock) },
        )
      return false
    },
    KeAcquireSpinLockAtDpcLevel: (SpinLock: number) => acquire('KeAcquireSpinLockAtDpcLevel', SpinLock, KERNEL_BYTES),
    KeReleaseSpinLockFromDpcLevel: (SpinLock: number) =>
      release('KeReleaseSpinLockFromDpcLevel', SpinLock, KERNEL_DPC, KERNEL_BYTES),
    KeAcquireInStackQueuedSpinLock: (SpinLock: number) =>
      acquire('KeAcquireInStackQueuedSpinLock', SpinLock, KERNEL_BYTES),
    KeReleaseInStackQueuedSpinLock: (LockHandle: number) =>
      release(
        'KeReleaseInStackQueuedSpinLock',
        k.space.r32(LockHandle + LOCK_HANDLE['LockQueue.Lock']),
        IN_STACK,
        KERNEL_BYTES,
      ),
    KeTryToAcquireSpinLockAtDpcLevel: (SpinLock: number) =>
      noMemory('KeTryToAcquireSpinLockAtDpcLevel', SpinLock, KERNEL_BYTES),
  }

  return {
    before: {
      ...kernelForms,
      NdisAllocateSpinLock: (SpinLock: number) => initialize('NdisAllocateSpinLock', SpinLock, NDIS_BYTES),
      NdisFreeSpinLock(SpinLock: number) {
        if (noMemory('NdisFreeSpinLock', SpinLock, NDIS_BYTES)) return true
        const record = locks.find(SpinLock)
        if (record !== 0 && get(record, SYS_LOCK.State) === LOCK_STATE.HELD)
          violation(
            'DV:LockOwnerGone',
            'NdisFreeSpinLock',
            `The spin lock at ${hex(SpinLock)} is freed while it is held; freeing is not releasing.`,
            { acquired: get(record, SYS_LOCK.AcquireSite) },
          )
        return false
      },
      NdisAcquireSpinLock: (SpinLock: number) => acquire('NdisAcquireSpinLock', SpinLock),
      NdisDprAcquireSpinLock: (SpinLock: number) => acquire('NdisDprAcquireSpinLock', SpinLock),
      NdisReleaseSpinLock: (SpinLock: number) => release('NdisReleaseSpinLock', SpinLock, PLAIN),
      NdisDprReleaseSpinLock: (SpinLock: number) => release('NdisDprReleaseSpinLock', SpinLock, DPR),
    },
    after: {
      // Not before the call: another CPU may take the lock and release it until this one gets it.
      KeAcquireSpinLock(_result: void, SpinLock: number, OldIrql: OutParam) {
        given.set(SpinLock, typeof OldIrql === 'number' ? k.space.r8(OldIrql) : OldIrql.value)
      },
    },
    activationEnded(index) {
      const name = cpus.nameOf(index)
      for (const record of locks.held)
        if (get(record, SYS_LOCK.OwnerActivation) === index)
          violation(
            'SpinLockBalanced',
            name,
            `${name} returned while it still holds the spin lock at ${hex(get(record, SYS_LOCK.Address))}.`,
            { acquired: get(record, SYS_LOCK.AcquireSite), at: get(record, SYS_LOCK.AcquireSite) },
          )
    },
  }
}
