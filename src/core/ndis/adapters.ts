import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { PciFunction } from '../nic/pci'

export const ADAPTER_OBJECT = 'miniport adapter'
/** 'NDmb': the tag of NDIS_MINIPORT_BLOCK. */
const ADAPTER_TAG = 0x626d444e
const CONFIGURATION_TAG = 0x6663444e // 'NDcf'
export const CONFIGURATION_OBJECT = 'configuration context'

export type AdapterPhase = 'shutdown' | 'initializing' | 'paused' | 'restarting' | 'running' | 'pausing' | 'halting'

/** An adapter of the driver: what MiniportAdapterHandle stands for. The handle is the address of an NDIS_MINIPORT_BLOCK. */
export interface Adapter {
  readonly handle: number
  /** NET_IFINDEX, from 1 in the order of creation. */
  readonly ifIndex: number
  /** Name of its device, which protocols bind to. */
  readonly name: string
  /** Names the adapter for people: the driver that it belongs to and its number. */
  readonly friendlyName: string
  /** WrapperConfigurationContext of NDIS 5. */
  readonly configuration: number
  /** NDIS version that its driver registered with: major << 16 | minor, 0x50001 for 5.1. */
  readonly version: number
  /** Handler addresses by the names of the characteristics struct; 0 when there is none. */
  readonly handlers: Readonly<Record<string, number>>
  /** Its device; none when the machine has fewer devices than adapters. */
  readonly hardware?: PciFunction
  phase: AdapterPhase
  /** MiniportAdapterContext, once it is known. */
  context: number
  attributesSet: boolean
  attributeFlags: number
  /** Seconds between two calls of MiniportCheckForHang; 0: the default of two. */
  checkForHangSeconds: number
  /** Copies of the other attributes records that the miniport set, by their object type. */
  readonly attributes: Map<number, Uint8Array>
  /** OIDs that it says it supports: NDIS 6 states them in its general attributes. */
  supportedOids: readonly number[]
  /** What NdisMRegisterAdapterShutdownHandler registered. */
  shutdown?: { readonly handler: number; readonly context: number } | undefined
  /** Takes the adapter down; undefined once that is done. */
  remove?: (() => void) | undefined
  /** What NDIS can do with it, once it is initialized. */
  control: AdapterControl | undefined
  /** Handles, and addresses of NDIS_MINIPORT_INTERRUPT, of what is registered now. */
  readonly interrupts: Set<number>
  /** Timers that belong to this adapter, armed or not. */
  readonly timers: Set<number>
}

/** What an OID request of NDIS itself came to. */
export interface OidOutcome {
  readonly status: number
  /** What a query wrote. */
  readonly data: Uint8Array
  /** BytesNeeded. */
  readonly needed: number
}

/** What can be done with an adapter from above, whatever its generation. All of it runs at PASSIVE_LEVEL. */
export interface AdapterControl {
  /** Stops the flow of data. Adapters of NDIS 5 have no such state: theirs stops at the protocols. */
  pause(reason: number): void
  /** false when a driver refused. */
  restart(): boolean
  /** The status that the reset ended with; undefined when the driver has no reset handler. */
  reset(): number | undefined
  /** undefined when the driver has no such handler. */
  checkForHang(): boolean | undefined
  /** Asks, or tells, and waits for the end; undefined when it did not end in 12 seconds. Queries give a length in bytes. */
  query(oid: number, bytes: number): OidOutcome | undefined
  set(oid: number, data: Uint8Array): OidOutcome | undefined
  /** Surprise removal and power profile changes: one of NdisDevicePnPEvent... */
  pnpEvent(event: number, information?: number): void
  shutdown(): void
}

/** Learns of adapters that begin and cease to work: the data path, a NIC. */
export interface AdapterWatcher {
  /** MiniportInitialize succeeded; nothing flows yet. */
  initialized?(adapter: Adapter): void
  /** Initialized, and restarted if it is one of NDIS 6. */
  started?(adapter: Adapter): void
  /** About to be paused and halted. */
  stopping?(adapter: Adapter): void
  /** Paused, about to be halted. */
  halting?(adapter: Adapter): void
  /** MiniportHalt returned, or MiniportInitialize with a failure; what is still registered was left behind. */
  ended?(adapter: Adapter): void
  /** Its handle is dead: what was left behind goes away. */
  destroyed?(adapter: Adapter): void
  /** MiniportInitialize of NDIS 5 succeeded and chose no medium. */
  mediumMissed?(adapter: Adapter): void
}

export interface Adapters {
  /** undefined when memory is short. */
  create(version: number, handlers: Readonly<Record<string, number>>, driver?: string): Adapter | undefined
  destroy(adapter: Adapter): void
  find(handle: number): Adapter | undefined
  ofConfiguration(handle: number): Adapter | undefined
  forEach(visit: (adapter: Adapter) => void): void
  watch(watcher: AdapterWatcher): void
  initialized(adapter: Adapter): void
  started(adapter: Adapter): void
  stopping(adapter: Adapter): void
  halting(adapter: Adapter): void
  ended(adapter: Adapter): void
  mediumMissed(adapter: Adapter): void
}

/** The adapters of the machine. Each new one gets the first of the devices that no other has. */
export function createAdapters(k: Kernel, devices: readonly PciFunction[]): Adapters {
  const { objects } = k
  const adapters = new Map<number, Adapter>()
  const watchers: AdapterWatcher[] = []
  const isFree = (device: PciFunction): boolean =>
    [...adapters.values()].every((adapter) => adapter.hardware !== device)
  let nextIndex = 1
  return {
    create(version, handlers, driver = 'Driver') {
      const handle = objects.create(ADAPTER_OBJECT, ADAPTER_TAG, layout('NDIS_MINIPORT_BLOCK').SIZE, false)
      const configuration = objects.create(CONFIGURATION_OBJECT, CONFIGURATION_TAG, 8, false)
      if (handle === 0 || configuration === 0) return undefined
      const hardware = devices.find(isFree)
      const ifIndex = nextIndex++
      const adapter: Adapter = {
        ...(hardware && { hardware }),
        handle,
        ifIndex,
        name: `\\DEVICE\\{4D36E972-E325-11CE-BFC1-${ifIndex.toString(16).toUpperCase().padStart(12, '0')}}`,
        friendlyName: `${driver} #${ifIndex}`,
        configuration,
        version,
        handlers,
        phase: 'initializing',
        context: 0,
        attributesSet: false,
        attributeFlags: 0,
        checkForHangSeconds: 0,
        attributes: new Map(),
        supportedOids: [],
        control: undefined,
        interrupts: new Set(),
        timers: new Set(),
      }
      adapters.set(handle, adapter)
      return adapter
    },
    destroy(adapter) {
      adapters.delete(adapter.handle)
      objects.destroy(adapter.handle)
      objects.destroy(adapter.configuration)
      for (const watcher of watchers) watcher.destroyed?.(adapter)
    },
    find: (handle) => adapters.get(handle),
    ofConfiguration: (handle) => [...adapters.values()].find((adapter) => adapter.configuration === handle),
    forEach: (visit) => adapters.forEach((adapter) => visit(adapter)),
    watch: (watcher) => void watchers.push(watcher),
    initialized(adapter) {
      for (const watcher of watchers) watcher.initialized?.(adapter)
    },
    started(adapter) {
      for (const watcher of watchers) watcher.started?.(adapter)
    },
    stopping(adapter) {
      for (const watcher of [...watchers].reverse()) watcher.stopping?.(adapter)
    },
    halting(adapter) {
      for (const watcher of [...watchers].reverse()) watcher.halting?.(adapter)
    },
    ended(adapter) {
      for (const watcher of watchers) watcher.ended?.(adapter)
    },
    mediumMissed(adapter) {
      for (const watcher of watchers) watcher.mediumMissed?.(adapter)
    },
  }
}
