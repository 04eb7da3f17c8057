import type { Kernel } from '../kernel/kernel'
import { SYSTEM_END } from '../memory/map'
import { SYS_BLOCK } from '../memory/records'
import { hex } from './hex'

/** MINIPORT: what keeps NDIS from calling a serialized miniport twice at a time; nobody waits for it. */
export const LOCK_KIND = { SPIN: 0, RW: 1, MUTEX: 2, INTERRUPT: 3, MINIPORT: 4 } as const
export type LockKind = (typeof LOCK_KIND)[keyof typeof LOCK_KIND]
const NAMES: Readonly<Record<LockKind, string>> = {
  [LOCK_KIND.SPIN]: 'spin lock',
  [LOCK_KIND.RW]: 'read/write lock',
  [LOCK_KIND.MUTEX]: 'mutex',
  [LOCK_KIND.INTERRUPT]: 'lock of the interrupt',
  [LOCK_KIND.MINIPORT]: 'serialization of the miniport',
}

/**
 * Locks that do the same job. As in lockdep of Linux: one in memory of the image is a class of its own; those in pool blocks are
 * one class when they are initialized at one place and lie at the same offset of their block, however many adapters there are.
 */
export interface LockClass {
  readonly number: number
  readonly kind: LockKind
  /** Call site of the initialization, or of the allocation of what was never initialized; 0: none. */
  readonly site: number
  /** For people: 'spin lock initialized at driver.ts:12'. */
  readonly name: string
}

/** One lock. Initialized again it is another one: what was seen of the old one says nothing of it. */
export interface Lock {
  readonly number: number
  readonly address: number
  readonly lockClass: LockClass
}

export interface LockClasses {
  /** The lock of a kind at an address. `site`: where it was initialized, 0 when that is not known. */
  lockAt(kind: LockKind, address: number, site: number): Lock
  /** What lies at the address is initialized again or gone. */
  forget(kind: LockKind, address: number): void
}

export function createLockClasses(k: Kernel): LockClasses {
  const { pool, space, verifier } = k
  const classes = new Map<string, LockClass>()
  const locks: readonly Map<number, Lock>[] = Object.values(LOCK_KIND).map(() => new Map<number, Lock>())
  let newest = 0

  function nameOf(kind: LockKind, address: number, site: number): string {
    const place = verifier.locator.site(site)
    if (kind === LOCK_KIND.SPIN && address < SYSTEM_END) return 'cancel spin lock'
    const where = place ? `${place.file}:${place.line}` : ''
    if (kind === LOCK_KIND.INTERRUPT) return `${NAMES[kind]}${where && ` registered at ${where}`}`
    if (kind === LOCK_KIND.MINIPORT) return NAMES[kind]
    return `${NAMES[kind]}${where ? ` initialized at ${where}` : ` at ${hex(address)}`}`
  }
  function classOf(kind: LockKind, address: number, initialized: number): LockClass {
    const block = kind === LOCK_KIND.INTERRUPT || kind === LOCK_KIND.MINIPORT ? 0 : pool.blockOf(address)
    const site = initialized || (block === 0 ? 0 : space.r32(block + SYS_BLOCK.AllocSite))
    const key = `${kind} ${block === 0 ? address : `${site} ${address - pool.dataOf(block)}`}`
    let known = classes.get(key)
    if (!known) classes.set(key, (known = { number: classes.size, kind, site, name: nameOf(kind, address, site) }))
    return known
  }
  return {
    lockAt(kind, address, site) {
      const known = locks[kind]!.get(address)
      if (known) return known
      const lock = { number: ++newest, address, lockClass: classOf(kind, address, site) }
      locks[kind]!.set(address, lock)
      return lock
    },
    forget: (kind, address) => void locks[kind]!.delete(address),
  }
}
