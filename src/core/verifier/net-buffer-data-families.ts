import type { Kernel } from '../kernel/kernel'
import { constant } from '../ndis/constants'
import type { DescriptorPools } from '../ndis/descriptor-pool'
import type { DriverLife } from '../ndis/driver'
import type { Mdls } from '../ndis/mdl'
import type { NetBufferSide } from '../ndis/net-buffer-side'
import { createDescriptorPointers } from './descriptor-pointer'
import { genericObjectRules } from './generic-objects'
import { mediaSpecificInfoRules } from './media-specific-info'
import { netBufferAccessRules } from './net-buffer-access'
import { netBufferCopyRules } from './net-buffer-copy'
import { netBufferDataRules } from './net-buffer-data'
import { netBufferRules } from './net-buffers'
import { createNetBufferLook } from './net-buffer-look'
import { pointerRules } from './pointers'
import type { RuleFamily } from './rules'

/** Functions whose own family tells what was freed before from what never was. */
const OWN_CHECKS = /^NdisFree/
/** Records of which the first revision is all that every driver gives. */
const FIRST_REVISIONS: Readonly<Record<string, number>> = {
  NET_BUFFER_LIST_POOL_PARAMETERS: constant('NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1'),
}

interface Parts {
  readonly pools: DescriptorPools
  readonly mdls: Mdls
  readonly driver: DriverLife
  readonly side: NetBufferSide
}

/** The families about NET_BUFFERs: pools and allocation, data, members and information. Pointers come first. */
export function netBufferDataFamilies(k: Kernel, { pools, mdls, driver, side }: Parts): RuleFamily[] {
  const { blocks, chain, retreatMdls } = side
  const pointers = createDescriptorPointers(k, pools)
  const look = createNetBufferLook(k, pools, mdls, chain, pointers)
  return [
    pointerRules(
      k,
      Object.keys(side.functions).filter((name) => !OWN_CHECKS.test(name)),
      FIRST_REVISIONS,
    ),
    genericObjectRules(k),
    netBufferRules(k, { pools, blocks, pointers }),
    netBufferDataRules(k, { mdls, chain, retreatMdls, driver, pointers, look }),
    netBufferCopyRules(k, { mdls, chain, look }),
    netBufferAccessRules(k),
    mediaSpecificInfoRules(k),
  ]
}
