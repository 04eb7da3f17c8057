import type { TaggedPool } from './tagged-pool'

/** What may refuse memory to a driver, and keeps account of what it has. */
export interface PoolGate {
  /** true: this allocation fails. */
  refuses(bytes: number): boolean
  taken(address: number, bytes: number): void
  freed(address: number): void
}

/** A pool behind a gate. Only runs that inject faults have one. */
export const gatedPool = (pool: TaggedPool, gate: PoolGate): TaggedPool => ({
  ...pool,
  allocate(size, tag, owner, site, event) {
    if (gate.refuses(size)) return 0
    const address = pool.allocate(size, tag, owner, site, event)
    if (address !== 0) gate.taken(address, size)
    return address
  },
  free(address, site) {
    gate.freed(address)
    pool.free(address, site)
  },
})
