import type { AddressSpace } from '../memory/address-space'
import { SHADOW } from '../memory/map'
import type { Shadow } from '../memory/shadow'
import { OWNER_NDIS, type TaggedPool } from '../memory/tagged-pool'
import type { EventLog } from '../trace/log'

/** An object behind a handle: a timer object, a work item, a read/write lock, an adapter. */
export interface KernelObject {
  /** As messages and the leak list name it: 'timer object', 'work item' ... */
  readonly kind: string
  readonly address: number
  readonly tag: number
  readonly bytes: number
  /** Call site that made it. */
  readonly allocated: number
  /** false: NDIS's own, such as an adapter; a driver cannot leak it. */
  readonly driverFrees: boolean
}

/** The memory of objects that drivers hold by handle; a handle is the address. Drivers do not touch what lies there. */
export interface ObjectRegistry {
  /** The handle, or 0 when memory is short. The memory is zeroed. */
  create(kind: string, tag: number, bytes: number, driverFrees?: boolean): number
  destroy(address: number): void
  /** The driver did its part; what is left is for NDIS to free. */
  disown(address: number): void
  /** The live object of that kind, or undefined. */
  find(address: number, kind: string): KernelObject | undefined
  /** The live object at the address, whatever its kind. */
  at(address: number): KernelObject | undefined
  /** Who made and who destroyed the last object of that kind here; undefined when there was none. */
  buried(address: number, kind: string): { readonly allocated: number; readonly freed: number } | undefined
  forEach(visit: (object: KernelObject) => void): void
}

interface Parts {
  readonly pool: TaggedPool
  readonly shadow: Shadow
  readonly site: { readonly s: number }
  readonly log: EventLog
  readonly space: AddressSpace
}

export function createObjectRegistry({ space, pool, shadow, site, log }: Parts): ObjectRegistry {
  const live = new Map<number, KernelObject>()
  const dead = new Map<number, { readonly kind: string; readonly allocated: number; readonly freed: number }>()
  return {
    create(kind, tag, bytes, driverFrees = true) {
      const address = pool.allocate(bytes, tag, OWNER_NDIS, site.s, log.count())
      if (address === 0) return 0
      space.fill(address, bytes, 0)
      shadow.mark(address, bytes, SHADOW.HEADER)
      live.set(address, { kind, address, tag, bytes, allocated: site.s, driverFrees })
      dead.delete(address)
      return address
    },
    destroy(address) {
      const object = live.get(address)
      if (!object) return
      live.delete(address)
      dead.set(address, { kind: object.kind, allocated: object.allocated, freed: site.s })
      pool.free(address, site.s)
    },
    disown(address) {
      const object = live.get(address)
      if (object) live.set(address, { ...object, driverFrees: false })
    },
    find(address, kind) {
      const object = live.get(address)
      return object?.kind === kind ? object : undefined
    },
    at: (address) => live.get(address),
    buried(address, kind) {
      const grave = dead.get(address)
      return grave?.kind === kind ? grave : undefined
    },
    forEach: (visit) => live.forEach(visit),
  }
}
