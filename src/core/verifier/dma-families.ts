import type { Kernel } from '../kernel/kernel'
import type { Adapters } from '../ndis/adapters'
import { constant } from '../ndis/constants'
import type { DescriptorPools } from '../ndis/descriptor-pool'
import type { Dma } from '../ndis/dma'
import type { DriverLife } from '../ndis/driver'
import type { Mdls } from '../ndis/mdl'
import type { NetBufferChain } from '../ndis/net-buffer-chain'
import { createDescriptorPointers } from './descriptor-pointer'
import { createDmaAdapterChecks } from './dma-adapter'
import { dmaChannelRules } from './dma-channels'
import { mapRegisterRules } from './map-registers'
import { createNetBufferLook } from './net-buffer-look'
import { pointerRules } from './pointers'
import type { RuleFamily } from './rules'
import { scatterGatherRules } from './scatter-gather'
import { sharedMemoryRules } from './shared-memory'
import { sharedMemoryRequestRules } from './shared-memory-requests'

/** Functions whose own family tells what was freed before from what never was. */
const OWN_CHECKS = /^(NdisMFreeNetBufferSGList|NdisFreeScatterGatherList)$/
/** Records of which the first revision is all that every driver gives. */
const FIRST_REVISIONS: Readonly<Record<string, number>> = {
  NDIS_SHARED_MEMORY_PARAMETERS: constant('NDIS_SIZEOF_SHARED_MEMORY_PARAMETERS_REVISION_1'),
}

interface Parts {
  readonly pools: DescriptorPools
  readonly driver: DriverLife
  readonly mdls: Mdls
  readonly adapters: Adapters
  readonly dma: Dma
  readonly chain: NetBufferChain
}

/** The families about DMA. Pointers come first. */
export function dmaFamilies(k: Kernel, parts: Parts): RuleFamily[] {
  const { pools, driver, mdls, adapters, dma, chain } = parts
  const checks = createDmaAdapterChecks(k, adapters, dma.adapterBehind)
  const pointers = createDescriptorPointers(k, pools)
  const look = createNetBufferLook(k, pools, mdls, chain, pointers)
  return [
    pointerRules(
      k,
      Object.keys(dma.functions).filter((name) => !OWN_CHECKS.test(name)),
      FIRST_REVISIONS,
    ),
    scatterGatherRules(k, { adapters, driver, mdls, dma, checks, pointers, look }),
    mapRegisterRules(k, { adapters, mdls, dma, checks, pointers }),
    dmaChannelRules(k, { adapters, mdls, dma, checks, pointers }),
    sharedMemoryRules(k, adapters, dma, checks),
    sharedMemoryRequestRules(k, driver, dma, checks),
  ]
}
