import type { Kernel } from '../kernel/kernel'
import { SYS_LOCK } from '../memory/records'
import { hex } from './hex'

/** An acquire of a read/write lock that is in force. */
export interface RwHold {
  readonly lock: number
  readonly state: number
  readonly write: boolean
  readonly dpr: boolean
  readonly cpu: number
  /** Index of the activation that took it; -1 when that returned. */
  activation: number
  /** Call site of the acquire. */
  readonly site: number
}

/** A lock for which others spin as long as it is held. */
export interface HeldLock {
  /** 'a spin lock is held', and who has to wait for it. */
  readonly what: string
  readonly who: string
  /** Call site of the acquire. */
  readonly acquired: number
}

/** The spin lock that the current CPU took last and holds, else such a read/write lock. */
export function heldLock({ cpus, locks, verifier }: Pick<Kernel, 'cpus' | 'locks' | 'verifier'>): HeldLock | undefined {
  const here = cpus.current()
  const newest = locks.held.findLast((record) => locks.get(record, SYS_LOCK.OwnerCpu) === here)
  if (newest !== undefined)
    return {
      what: 'a spin lock is held',
      who: 'whoever needs the lock',
      acquired: locks.get(newest, SYS_LOCK.AcquireSite),
    }
  const hold = verifier.rwHolds.findLast(({ cpu }) => cpu === here)
  return (
    hold && {
      what: `the read/write lock at ${hex(hold.lock)} is held for ${hold.write ? 'writing' : 'reading'}`,
      who: hold.write ? 'whoever needs the lock' : 'whoever wants to write',
      acquired: hold.site,
    }
  )
}
