import type { Kernel } from '../kernel/kernel'
import { irqlName } from '../kernel/irql'
import { ACQUIRE_FORM, LOCK_STATE } from '../kernel/locks'
import type { OutParam } from '../memory/cell'
import { IMAGE_END } from '../memory/map'
import { SYS_BLOCK, SYS_LOCK } from '../memory/records'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { LOCK_HANDLE } from '../ndis/kernel-spin-lock'
import { beforeFree, type FreedBlock } from './freed-memory'
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
/** In place of the activation that took a lock: it returned. */
const NOBODY = -1
/** Bytes of NDIS_SPIN_LOCK and of KSPIN_LOCK. */
const NDIS_BYTES = 8
const KERNEL_BYTES = 4

/** Spin locks: SpinLock, SpinLockBalanced, SpinLockRelease, SpinLockDpr, SpinLockDprRelease and the deadlock rules of Driver Verifier. */
export function lockRules(k: Kernel): RuleFamily {
  const { locks, verifier, cpus } = k
  const { violation } = verifier
  const { get, set } = locks
  const lockObject = (SpinLock: number) => ({ kind: 'NDIS_SPIN_LOCK', address: SpinLock, offset: 0, size: 8 })
  /** IRQL that KeAcquireSpinLock gave to its caller, by record. */
  const given = new Map<number, number>()
  /** true when there is no memory of the driver: the word cannot be a lock. */
  const noMemory = (fn: string, SpinLock: number, bytes: number): boolean =>
    !k.access.range(fn, Number(SpinLock) >>> 0, bytes, true)

  function acquire(fn: string, SpinLock: number, bytes = NDIS_BYTES): boolean {
    const before = verifier.count()
    if (noMemory(fn, SpinLock, bytes)) return true
    const record = locks.find(SpinLock)
    // What is wrong with its memory says it all.
    if (verifier.count() !== before) return false
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
        `${fn} takes the spin lock at ${hex(SpinLock)} after it was freed; it must be initialized again first.`,
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
    else {
      verifier.irqlBlame.blame()
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
    if (newest !== undefined && newest !== record && get(newest, SYS_LOCK.OwnerCpu) === cpus.current()) {
      violation(
        'DV:LockReleaseOrder',
        fn,
        `${fn} releases the lock at ${hex(SpinLock)} while the lock at ${hex(get(newest, SYS_LOCK.Address))}, taken after it, is still held: the IRQL is restored too early, and to the wrong value later.`,
        { acquired: get(newest, SYS_LOCK.AcquireSite), object },
      )
      verifier.irqlBlame.blame()
    }
    return false
  }

  function initialize(fn: string, SpinLock: number, bytes: number): boolean {
    if (noMemory(fn, SpinLock, bytes)) return true
    const record = locks.find(SpinLock)
    const state = record === 0 ? LOCK_STATE.FREED : get(record, SYS_LOCK.State)
    if (state === LOCK_STATE.HELD)
      violation('DV:LockReinit', fn, `The spin lock at ${hex(SpinLock)} is initialized again while it is held.`, {
        acquired: get(record, SYS_LOCK.AcquireSite),
      })
    else if (state === LOCK_STATE.FREE && staysItself(SpinLock)) {
      const place = verifier.locator.site(get(record, SYS_LOCK.InitSite))
      violation(
        'DV:LockReinit',
        fn,
        `The spin lock at ${hex(SpinLock)} is initialized a second time, without NdisFreeSpinLock in between: whoever holds or wants it by then loses it.`,
        place ? { related: [{ text: 'first initialized', place }] } : {},
      )
    }
    return false
  }
  /** Memory of which is known when it becomes other memory: the driver's image and its blocks of pool. */
  const staysItself = (address: number): boolean => {
    const block = k.pool.blockOf(address)
    return block === 0 ? address < IMAGE_END : k.space.r32(block + SYS_BLOCK.Owner) === OWNER_DRIVER
  }
  /** With a block of pool the locks in it are gone. */
  function goneWith(fn: string, { start, end }: FreedBlock): void {
    locks.within(start, end, (record) => {
      if (get(record, SYS_LOCK.State) === LOCK_STATE.HELD) {
        violation(
          'DV:LockOwnerGone',
          fn,
          `${fn} frees the memory of the spin lock at ${hex(get(record, SYS_LOCK.Address))} while the lock is held: nobody can release it any more.`,
          { acquired: get(record, SYS_LOCK.AcquireSite) },
        )
        verifier.irqlBlame.blame()
        cpus.addLocksHeld(-1)
        locks.drop(record)
      }
      set(record, SYS_LOCK.State, LOCK_STATE.FREED)
    })
  }
  /** The forms of the kernel: the caller keeps the old IRQL. */
  const kernelForms: Readonly<Record<string, Before>> = {
    KeInitializeSpinLock: (SpinLock: number) => initialize('KeInitializeSpinLock', SpinLock, KERNEL_BYTES),
    KeAcquireSpinLock: (SpinLock: number) => acquire('KeAcquireSpinLock', SpinLock, KERNEL_BYTES),
    KeReleaseSpinLock(SpinLock: number, NewIrql: number) {
      if (release('KeReleaseSpinLock', SpinLock, KERNEL, KERNEL_BYTES)) return true
      const old = given.get(SpinLock)
      if (old !== undefined && old !== NewIrql) {
        violation(
          'SpinLockOldIrql',
          'KeReleaseSpinLock',
          `KeReleaseSpinLock is given ${irqlName(NewIrql)}; KeAcquireSpinLock of this lock gave ${irqlName(old)}.`,
          { acquired: get(locks.find(SpinLock), SYS_LOCK.AcquireSite), object: lockObject(SpinLock) },
        )
        verifier.irqlBlame.blame()
      }
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
      ...beforeFree(k, goneWith),
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
      for (const record of locks.held) {
        if (get(record, SYS_LOCK.OwnerActivation) !== index) continue
        verifier.irqlBlame.blame(index)
        const acquired = get(record, SYS_LOCK.AcquireSite)
        const message = `${name} returned while it still holds the spin lock at ${hex(get(record, SYS_LOCK.Address))}.`
        violation('SpinLockBalanced', name, message, { acquired, at: acquired })
        // The next function with this index did not take it.
        locks.set(record, SYS_LOCK.OwnerActivation, NOBODY)
      }
    },
  }
}
