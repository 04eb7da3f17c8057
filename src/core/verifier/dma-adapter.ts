import type { Kernel } from '../kernel/kernel'
import { ADAPTER_OBJECT, type Adapter, type Adapters } from '../ndis/adapters'
import { isBusMaster, isNdis6 } from '../ndis/bus-master'
import { badHandle } from './handles'

/** What every call that sets up DMA demands of its adapter; each reports what is wrong. */
export interface DmaAdapterChecks {
  find(handle: number): Adapter | undefined
  /** The adapter behind a handle; undefined, and a report, when there is none. */
  adapterOf(fn: string, handle: number): Adapter | undefined
  /** The same for functions that a protocol may call with the handle of its binding. */
  adapterBehind(fn: string, handle: number): Adapter | undefined
  /** DMA is set up inside of MiniportInitialize, after the miniport said that its NIC is a bus master. */
  setsUp(fn: string, adapter: Adapter): void
}

export function createDmaAdapterChecks(
  k: Kernel,
  adapters: Adapters,
  behind: (handle: number) => Adapter | undefined,
): DmaAdapterChecks {
  const { violation } = k.verifier
  function found(fn: string, handle: number, adapter: Adapter | undefined): Adapter | undefined {
    if (!adapter) badHandle(k, fn, Number(handle) >>> 0, ADAPTER_OBJECT)
    return adapter
  }
  return {
    find: adapters.find,
    adapterOf: (fn, handle) => found(fn, handle, adapters.find(handle)),
    adapterBehind: (fn, handle) => found(fn, handle, behind(handle)),
    setsUp(fn, adapter) {
      if (adapter.phase !== 'initializing')
        violation('DmaOutsideInitialize', fn, `${fn} is called outside of MiniportInitialize, where DMA is set up.`)
      if (isBusMaster(adapter)) return
      const how = isNdis6(adapter)
        ? 'NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER in NdisMSetMiniportAttributes'
        : 'NDIS_ATTRIBUTE_BUS_MASTER in NdisMSetAttributesEx'
      violation(
        'BusMasterNotDeclared',
        fn,
        `${fn} fails: the miniport did not say before that its NIC is a bus master (${how}).`,
      )
    },
  }
}
