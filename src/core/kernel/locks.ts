import type { AddressSpace } from '../memory/address-space'
import { SYS_LOCK, SYS_MACHINE, type SystemArea } from '../memory/records'

export const LOCK_STATE = { FREED: 0, FREE: 1, HELD: 2 } as const
/**
 * KERNEL: KeAcquireSpinLock and its AtDpcLevel form; INTERLOCKED: inside of one of the interlocked calls; IN_STACK: with a
 * lock queue handle.
 */
export const ACQUIRE_FORM = { PLAIN: 1, DPR: 2, KERNEL: 3, KERNEL_DPC: 4, INTERLOCKED: 5, IN_STACK: 6 } as const

/** Told of what becomes of spin locks of any kind. */
export interface LockWatch {
  /** A lock was initialized, which is another one from now on. */
  initialized(record: number): void
  /** After it was taken. */
  taken(record: number, form: number): void
  /** Before it is free. */
  dropped(record: number): void
}

/** What NDIS Workbench knows of each spin lock beside the lock's own eight bytes; all of it in the system area. */
export interface LockRegistry {
  /** The record of the lock at an address, or 0 when nobody initialized one there. */
  find(address: number): number
  /** Notes an initialization; the record. */
  initialize(address: number, site: number): number
  get(record: number, field: number): number
  set(record: number, field: number, value: number): void
  /** Records of held locks, the most recently taken last. */
  readonly held: readonly number[]
  take(record: number, cpu: number, activation: number, site: number, form: number, time: number): void
  drop(record: number): void
  /** Locks that were ever initialized in [start, end), the freed ones included. */
  within(start: number, end: number, visit: (record: number) => void): void
  forEach(visit: (record: number) => void): void
  /** One watch a machine; without rules there is none. */
  watch(watch: LockWatch): void
}

export function createLockRegistry(space: AddressSpace, system: SystemArea, machine: number): LockRegistry {
  const { i32 } = space
  const records = new Map<number, number>()
  const held: number[] = []
  let watch: LockWatch | undefined
  const get = (record: number, field: number): number => i32[(record + field) >> 2]!
  const set = (record: number, field: number, value: number): void => {
    i32[(record + field) >> 2] = value
  }
  return {
    get,
    set,
    held,
    find: (address) => records.get(address) ?? 0,
    initialize(address, site) {
      let record = records.get(address)
      if (record === undefined) {
        record = system.allocate(SYS_LOCK.SIZE)
        records.set(address, record)
        set(record, SYS_LOCK.Address, address)
        set(record, SYS_LOCK.Next, i32[(machine + SYS_MACHINE.Locks) >> 2]!)
        i32[(machine + SYS_MACHINE.Locks) >> 2] = record
      }
      set(record, SYS_LOCK.State, LOCK_STATE.FREE)
      set(record, SYS_LOCK.InitSite, site)
      watch?.initialized(record)
      return record
    },
    take(record, cpu, activation, site, form, time) {
      set(record, SYS_LOCK.State, LOCK_STATE.HELD)
      set(record, SYS_LOCK.OwnerCpu, cpu)
      set(record, SYS_LOCK.OwnerActivation, activation)
      set(record, SYS_LOCK.AcquireSite, site)
      set(record, SYS_LOCK.AcquireForm, form)
      set(record, SYS_LOCK.AcquireLow, time | 0)
      set(record, SYS_LOCK.AcquireHigh, Math.floor(time / 0x1_0000_0000))
      set(record, SYS_LOCK.Acquires, get(record, SYS_LOCK.Acquires) + 1)
      held.push(record)
      watch?.taken(record, form)
    },
    drop(record) {
      watch?.dropped(record)
      set(record, SYS_LOCK.State, LOCK_STATE.FREE)
      set(record, SYS_LOCK.Releases, get(record, SYS_LOCK.Releases) + 1)
      const at = held.lastIndexOf(record)
      if (at >= 0) held.splice(at, 1)
    },
    within(start, end, visit) {
      if (records.size < (end - start) >> 2)
        return records.forEach((record, address) => (address >= start && address < end ? visit(record) : undefined))
      for (let address = start; address < end; address += 4) {
        const record = records.get(address)
        if (record !== undefined) visit(record)
      }
    },
    forEach: (visit) => records.forEach(visit),
    watch: (watcher) => void (watch = watcher),
  }
}
