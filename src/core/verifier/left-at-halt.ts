import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { SYS_DESCRIPTOR } from '../memory/records'
import type { Adapter, Adapters } from '../ndis/adapters'
import { CONFIGURATION_HANDLE } from '../ndis/configuration'
import { DESCRIPTOR_HEADER, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { GENERIC_OBJECT } from '../ndis/generic-object'
import { lastCallback } from './last-callback'
import { reportLeft, type LeftObject } from './left-objects'
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

  type RuleName = 'NdisOpenConfigurationEx' | 'NdisAllocateMdl' | 'NdisAllocateNetBuffer' | 'NdisAllocateGenericObject'
  const left = (adapter: Adapter, rule: RuleName, what: string, objects: readonly LeftObject[]): void =>
    reportLeft(k, rule, lastCallback(adapter), objects, (count, first) =>
      count === 1
        ? `The ${what} at ${first} that ${rule} gave for this adapter is still there when the adapter is gone.`
        : `${count} ${what}s that ${rule} gave for this adapter are still there when the adapter is gone; the first one is at ${first}.`,
    )
  const siteOf = (descriptor: number): number => pools.get(descriptor - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.AllocSite)
  /** What was taken for the adapter; it is forgotten. */
  function takenFor(taken: Map<number, number>, { handle }: Adapter): number[] {
    const addresses = [...taken].flatMap(([address, owner]) => (owner === handle ? [address] : []))
    for (const address of addresses) taken.delete(address)
    return addresses
  }
  const found = (taken: Map<number, number>, adapter: Adapter, kind: string): LeftObject[] =>
    takenFor(taken, adapter).flatMap((address) => objects.find(address, kind) ?? [])
  const described = (address: number): LeftObject => ({ address, allocated: siteOf(address) })
  adapters.watch({
    ended(adapter) {
      const handles = found(configurations, adapter, CONFIGURATION_HANDLE)
      left(adapter, 'NdisOpenConfigurationEx', 'configuration handle', handles)
      left(adapter, 'NdisAllocateGenericObject', 'generic object', found(genericObjects, adapter, GENERIC_OBJECT))
      const live = takenFor(mdls, adapter).filter((mdl) => pools.poolOf(mdl, POOL_KIND.BUFFER) !== 0)
      left(adapter, 'NdisAllocateMdl', 'MDL', live.map(described))
      const netBuffers: LeftObject[] = []
      for (const pool of takenFor(netBufferPools, adapter))
        if (pools.isPool(pool, POOL_KIND.NET_BUFFER))
          pools.forEachOut(pool, (netBuffer) => netBuffers.push(described(netBuffer)))
      left(adapter, 'NdisAllocateNetBuffer', 'NET_BUFFER', netBuffers)
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
