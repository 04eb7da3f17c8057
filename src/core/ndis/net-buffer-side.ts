import type { Kernel } from '../kernel/kernel'
import type { DescriptorPools } from './descriptor-pool'
import type { DriverLife } from './driver'
import { joinFunctions, type FunctionTable } from './function-table'
import type { Mdls } from './mdl'
import { createMediaSpecificInfo } from './media-specific-info'
import { createNetBufferAccess } from './net-buffer-access'
import { createNetBufferChain, type NetBufferChain } from './net-buffer-chain'
import { createNetBufferCopy } from './net-buffer-copy'
import { createGenericObjects } from './generic-object'
import { createNetBuffers } from './net-buffer'
import { createNetBufferBlocks, type NetBufferBlocks } from './net-buffer-blocks'
import { createNetBufferData } from './net-buffer-data'
import { createDerivedLists } from './net-buffer-derived'
import { createNetBufferLists } from './net-buffer-list'
import { createNetBufferPools } from './net-buffer-pool'
import { createPartMdls } from './part-mdl'
import { createNetBufferInfo } from './net-buffer-info'
import { createRetreatMdls, type RetreatMdls } from './retreat-mdl'
import { createTransferFlags } from './transfer-flags'

/** NET_BUFFERs and NET_BUFFER_LISTs: pools, allocation, data, members, out-of-band information. */
export interface NetBufferSide {
  readonly chain: NetBufferChain
  readonly retreatMdls: RetreatMdls
  readonly blocks: NetBufferBlocks
  readonly functions: FunctionTable
}

export function createNetBufferSide(k: Kernel, pools: DescriptorPools, mdls: Mdls, driver: DriverLife): NetBufferSide {
  const chain = createNetBufferChain(k, mdls)
  const retreatMdls = createRetreatMdls(k, pools, mdls)
  const data = createNetBufferData(k, mdls, chain, retreatMdls, driver)
  const { functions, internalPools } = createNetBufferPools(k, pools)
  const blocks = createNetBufferBlocks(k, pools, mdls, chain)
  const partMdls = createPartMdls(k, pools, mdls)
  return {
    chain,
    retreatMdls,
    blocks,
    functions: joinFunctions(
      functions,
      createNetBuffers(k, pools, blocks),
      createNetBufferLists(k, pools, blocks),
      createDerivedLists(k, { pools, mdls, chain, data, blocks, partMdls, internalPools }),
      createGenericObjects(k),
      data.functions,
      createNetBufferCopy(k, mdls, chain),
      createNetBufferAccess(k),
      createNetBufferInfo(k),
      createMediaSpecificInfo(k),
      createTransferFlags(k),
    ),
  }
}
