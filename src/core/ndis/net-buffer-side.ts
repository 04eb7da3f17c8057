import type { Kernel } from '../kernel/kernel'
import type { DescriptorPools } from './descriptor-pool'
import type { DriverLife } from './driver'
import type { Mdls } from './mdl'
import { createMediaSpecificInfo } from './media-specific-info'
import { createNetBufferAccess } from './net-buffer-access'
import { createNetBufferChain, type NetBufferChain } from './net-buffer-chain'
import { createNetBufferCopy } from './net-buffer-copy'
import { createNetBufferData } from './net-buffer-data'
import { createNetBufferInfo } from './net-buffer-info'
import { createRetreatMdls, type RetreatMdls } from './retreat-mdl'
import { createTransferFlags } from './transfer-flags'

/** All that works on NET_BUFFERs and NET_BUFFER_LISTs that are there already: data, members, out-of-band information. */
export interface NetBufferSide {
  readonly chain: NetBufferChain
  readonly retreatMdls: RetreatMdls
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
}

export function createNetBufferSide(k: Kernel, pools: DescriptorPools, mdls: Mdls, driver: DriverLife): NetBufferSide {
  const chain = createNetBufferChain(k, mdls)
  const retreatMdls = createRetreatMdls(k, pools, mdls)
  return {
    chain,
    retreatMdls,
    functions: {
      ...createNetBufferData(k, mdls, chain, retreatMdls, driver),
      ...createNetBufferCopy(k, mdls, chain),
      ...createNetBufferAccess(k),
      ...createNetBufferInfo(k),
      ...createMediaSpecificInfo(k),
      ...createTransferFlags(k),
    },
  }
}
