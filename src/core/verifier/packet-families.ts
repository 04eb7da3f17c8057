import type { Kernel } from '../kernel/kernel'
import type { DescriptorPools } from '../ndis/descriptor-pool'
import type { DriverLife } from '../ndis/driver'
import type { Mdls } from '../ndis/mdl'
import type { Network } from '../ndis/network'
import { bufferRules } from './buffers'
import { createChainedBuffers } from './chained'
import { createDescriptorPointers } from './descriptor-pointer'
import { createLentPackets } from './lent-packets'
import { mdlRules } from './mdls'
import { createPacketChainChecks, packetChainRules } from './packet-chains'
import { receive5Rules } from './receive5'
import type { RuleFamily } from './rules'

/** The families about buffers, chains and receive indications, which share what they know of descriptors. */
export function packetFamilies(
  k: Kernel,
  pools: DescriptorPools,
  driver: DriverLife,
  mdls: Mdls,
  network: Network,
): RuleFamily[] {
  const pointers = createDescriptorPointers(k, pools, createLentPackets(network))
  const chained = createChainedBuffers(k, pools, mdls)
  const chains = createPacketChainChecks(k, pointers, mdls)
  return [
    bufferRules(k, pools, mdls, pointers, chained),
    mdlRules(k, pools, mdls, pointers),
    packetChainRules(k, mdls, pointers, chained, chains),
    receive5Rules(k, pools, driver, network.receive5, mdls, pointers, chains),
  ]
}
