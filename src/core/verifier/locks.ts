import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL, irqlName } from '../kernel/irql'
import { ACQUIRE_FORM, LOCK_STATE } from '../kernel/locks'
import { SYS_ACTIVATION, SYS_LOCK } from '../memory/records'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** Spin locks: SpinLock, SpinLockBalanced, SpinLockRelease, SpinLockDpr, SpinLockDprRelease and the deadlock rules of Driver Verifier. */
export function lockRules(k: Kernel): RuleFamily {
  const { locks, verifier, cpus } = k
  const { violation } = verifier
  const get = (record: number, field: number): number => locks.get(record, field)
  const lockObject = (SpinLock: number) => ({ kind: 'NDIS_SPIN_LOCK', address: SpinLock, offset: 0, size: 8 })

  function acquire(fn: string, SpinLock: number): boolean {
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
        'SpinLock',
        fn,
        `${fn} waits for the spin lock at ${hex(SpinLock)}, which CPU ${get(record, SYS_LOCK.OwnerCpu)} holds: nothing can release it while it waits.`,
        { acquired: get(record, SYS_LOCK.AcquireSite), object: lockObject(SpinLock) },
      )
    return false
  }

  function release(fn: string, SpinLock: number, form: number): boolean {
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
    if (get(record, SYS_LOCK.AcquireForm) !== form) {
      const taken =
        get(record, SYS_LOCK.AcquireForm) === ACQUIRE_FORM.DPR ? 'NdisDprAcquireSpinLock' : 'NdisAcquireSpinLock'
      const effect =
        form === ACQUIRE_FORM.DPR
          ? 'the IRQL stays at DISPATCH_LEVEL'
          : 'the IRQL is set from a value that this acquire never saved'
      violation('SpinLockDprRelease', fn, `${fn} releases a lock that ${taken} took: ${effect}.`, { acquired, object })
    }
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

  return {
    before: {
      NdisAllocateSpinLock(SpinLock: number) {
        const record = locks.find(SpinLock)
        if (record !== 0 && get(record, SYS_LOCK.State) === LOCK_STATE.HELD)
          violation(
            'DV:LockReinit',
            'NdisAllocateSpinLock',
            `The spin lock at ${hex(SpinLock)} is initialized again while it is held.`,
            { acquired: get(record, SYS_LOCK.AcquireSite) },
          )
        return false
      },
      NdisFreeSpinLock(SpinLock: number) {
        const record = locks.find(SpinLock)
        if (record !== 0 && get(record, SYS_LOCK.State) === LOCK_STATE.HELD)
          violation(
            'SpinLock',
            'NdisFreeSpinLock',
            `The spin lock at ${hex(SpinLock)} is freed while it is held; freeing is not releasing.`,
            { acquired: get(record, SYS_LOCK.AcquireSite) },
          )
        return false
      },
      NdisAcquireSpinLock: (SpinLock: number) => acquire('NdisAcquireSpinLock', SpinLock),
      NdisDprAcquireSpinLock: (SpinLock: number) => acquire('NdisDprAcquireSpinLock', SpinLock),
      NdisReleaseSpinLock: (SpinLock: number) => release('NdisReleaseSpinLock', SpinLock, ACQUIRE_FORM.PLAIN),
      NdisDprReleaseSpinLock: (SpinLock: number) => release('NdisDprReleaseSpinLock', SpinLock, ACQUIRE_FORM.DPR),
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
      const before = cpus.activation(index, SYS_ACTIVATION.Irql)
      if (cpus.irql() !== before)
        violation(
          'IrqlReturn',
          name,
          `${name} was called at ${irqlName(before)} and returned at ${irqlName(cpus.irql())}${cpus.irql() === DISPATCH_LEVEL ? ': an IRQL that was raised was never restored' : ''}.`,
        )
    },
  }
}
