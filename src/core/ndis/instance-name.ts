import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import type { Adapter, Adapters } from './adapters'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const STRING = layout('UNICODE_STRING', 'Length', 'MaximumLength', 'Buffer')
/** 'NDin': the names that drivers are given. */
const NAME_TAG = 0x6e69444e

/** Friendly names of adapters, and an adapter that gives itself up (DDI ndisqueryadapterinstancename, ndismremoveminiport). */
export function createInstanceNames(k: Kernel, adapters: Adapters, behind: (handle: number) => Adapter | undefined) {
  const { space, pool, site, log, preempt, scheduler } = k

  /** The buffer is the caller's to free with NdisFreeMemory. */
  function give(string: number, adapter: Adapter | undefined): number {
    if (!adapter) return NDIS_STATUS_FAILURE
    const text = adapter.friendlyName
    const buffer = pool.allocate(2 * text.length + 2, NAME_TAG, OWNER_DRIVER, site.s, log.index())
    if (buffer === 0) return NDIS_STATUS_RESOURCES
    for (let i = 0; i <= text.length; i++) space.w16(buffer + 2 * i, text.charCodeAt(i) || 0)
    space.w16(string + STRING.Length, 2 * text.length)
    space.w16(string + STRING.MaximumLength, 2 * text.length + 2)
    space.w32(string + STRING.Buffer, buffer)
    return NDIS_STATUS_SUCCESS
  }
  const ofBinding = (pAdapterInstanceName: number, handle: number): number => {
    preempt()
    return give(pAdapterInstanceName, behind(handle))
  }
  return {
    NdisMQueryAdapterInstanceName(pAdapterInstanceName: number, MiniportHandle: number): number {
      preempt()
      return give(pAdapterInstanceName, adapters.find(MiniportHandle))
    },
    NdisQueryAdapterInstanceName: ofBinding,
    NdisQueryBindInstanceName: ofBinding,
    /** The adapter is halted when the call, and whatever it came from, has returned. */
    NdisMRemoveMiniport(MiniportHandle: number): number {
      preempt()
      const adapter = adapters.find(MiniportHandle)
      if (!adapter?.remove) return NDIS_STATUS_FAILURE
      scheduler.queuePassive('removal of an adapter', () => adapter.remove?.())
      return NDIS_STATUS_SUCCESS
    },
  }
}
