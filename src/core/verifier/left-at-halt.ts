import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { SYS_DESCRIPTOR } from '../memory/records'
import type { Adapter, Adapters } from '../ndis/adapters'
import { CONFIGURATION_HANDLE } from '../ndis/configuration'
import { DESCRIPTOR_HEADER, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { GENERIC_OBJECT } from '../ndis/generic-object'
import { hex } from './hex'
import { lastCallback } from './last-callback'
import type { RuleFamily } from './rules'

const CONFIGURATION_OBJECT = layout('NDIS_CONFIGURATION_OBJECT', 'NdisHandle')

/** What was taken in the name of an adapter, or by its initialization, and must be given back when it ends (SDV). */
export function leftAtHaltRules(k: Kernel, pools: DescriptorPools, adapters: Adapters): RuleFamily {
  const { space, objects } = k
  /** Configuration handles, MDLs, pools of NET_BUFFERs and generic objects, with the handle of their adapter. */
  const configurations = new Map<number, number>()
  const mdls = new Map<number, number>()
  const netBufferPools = new Map<number, number>()
  const genericObjects = new Map<number, number>()

  function left(
    adapter: Adapter,
    rule: 'NdisOpenConfigurationEx' | 'NdisAllocateMdl' | 'NdisAllocateNetBuffer' | 'NdisAllocateGenericObject',
    what: string,
    address: number,
    allocated: number,
  ): void {
    k.verifier.violation(
      rule,
      lastCallback(adapter),
      `The ${what} at ${hex(address)} that ${rule} gave for this adapter is still there when the adapter is gone.`,
      { at: allocated, allocated },
    )
  }
  const siteOf = (descriptor: number): number => pools.get(descriptor - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.AllocSite)
  function each(taken: Map<number, number>, { handle }: Adapter, visit: (address: number) => void): void {
    for (const [address, owner] of taken) {
      if (owner !== handle) continue
      taken.delete(address)
      visit(address)
    }
  }
  adapters.watch({
    ended(adapter) {
      each(configurations, adapter, (handle) => {
        const open = objects.find(handle, CONFIGURATION_HANDLE)
        if (open) left(adapter, 'NdisOpenConfigurationEx', 'configuration handle', handle, open.allocated)
      })
      each(genericObjects, adapter, (address) => {
        const object = objects.find(address, GENERIC_OBJECT)
        if (object) left(adapter, 'NdisAllocateGenericObject', 'generic object', address, object.allocated)
      })
      each(mdls, adapter, (mdl) => {
        if (pools.poolOf(mdl, POOL_KIND.BUFFER) !== 0) left(adapter, 'NdisAllocateMdl', 'MDL', mdl, siteOf(mdl))
      })
      each(netBufferPools, adapter, (pool) => {
        if (pools.isPool(pool, POOL_KIND.NET_BUFFER))
          pools.forEachOut(pool, (netBuffer) =>
            left(adapter, 'NdisAllocateNetBuffer', 'NET_BUFFER', netBuffer, siteOf(netBuffer)),
          )
      })
    },
  })
  /** The adapter whose MiniportInitialize runs. */
  function initializing(): number {
    let handle = 0
    adapters.forEach((adapter) => {
      if (adapter.phase === 'initializing') handle = adapter.handle
    })
    return handle
  }
  return {
    after: {
      NdisOpenConfigurationEx(_status: number, ConfigObject: number, Handle: OutParam) {
        const handle = typeof Handle === 'number' ? space.r32(Handle) : Handle.value >>> 0
        configurations.set(handle, space.r32(ConfigObject + CONFIGURATION_OBJECT.NdisHandle))
      },
      NdisCloseConfiguration: (_result: void, handle: number) => void configurations.delete(handle),
      NdisAllocateMdl: (mdl: number, NdisHandle: number) => void (mdl !== 0 && mdls.set(mdl, NdisHandle)),
      NdisFreeMdl: (_result: void, mdl: number) => void mdls.delete(mdl),
      NdisAllocateNetBufferPool: (pool: number, NdisHandle: number) =>
        void (pool !== 0 && netBufferPools.set(pool, NdisHandle)),
      NdisFreeNetBufferPool: (_result: void, pool: number) => void netBufferPools.delete(pool),
      NdisAllocateGenericObject(address: number) {
        const handle = initializing()
        if (address !== 0 && handle !== 0) genericObjects.set(address, handle)
      },
      NdisFreeGenericObject: (_result: void, address: number) => void genericObjects.delete(address),
    },
  }
}
