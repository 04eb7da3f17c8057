import type { Kernel } from '../kernel/kernel'
import type { DescriptorPools } from '../ndis/descriptor-pool'
import type { DriverLife } from '../ndis/driver'
import type { Mdls } from '../ndis/mdl'
import type { NetBufferSide } from '../ndis/net-buffer-side'
import { createDescriptorPointers } from './descriptor-pointer'
import { mediaSpecificInfoRules } from './media-specific-info'
import { netBufferAccessRules } from './net-buffer-access'
import { netBufferCopyRules } from './net-buffer-copy'
import { netBufferDataRules } from './net-buffer-data'
import { createNetBufferLook } from './net-buffer-look'
import { pointerRules } from './pointers'
import type { RuleFamily } from './rules'

interface Parts {
  readonly pools: DescriptorPools
  readonly mdls: Mdls
  readonly driver: DriverLife
  readonly side: NetBufferSide
}

/** The families about the data, members and information of NET_BUFFERs. Pointers come first. */
export function netBufferDataFamilies(k: Kernel, { pools, mdls, driver, side }: Parts): RuleFamily[] {
  const { chain, retreatMdls } = side
  const pointers = createDescriptorPointers(k, pools)
  const look = createNetBufferLook(k, pools, mdls, chain, pointers)
  return [
    pointerRules(k, Object.keys(side.functions), {}),
    netBufferDataRules(k, { mdls, chain, retreatMdls, driver, pointers, look }),
    netBufferCopyRules(k, { mdls, chain, look }),
    netBufferAccessRules(k),
    mediaSpecificInfoRules(k),
  ]
}
