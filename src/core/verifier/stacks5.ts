import type { Kernel } from '../kernel/kernel'
import type { DescriptorPools } from '../ndis/descriptor-pool'
import type { DriverLife } from '../ndis/driver'
import type { Executive } from '../ndis/executive'
import type { Mdls } from '../ndis/mdl'
import { createDescriptorPointers } from './descriptor-pointer'
import { createPacketChainChecks } from './packet-chains'
import type { RuleFamily } from './rules'
import { bindingRules5 } from './stacks5-bindings'
import { createHandles5 } from './stacks5-handles'
import { receiveRules5 } from './stacks5-receives'
import { requestRules5 } from './stacks5-requests'
import { sendRules5 } from './stacks5-sends'

/** The families about stacks of NDIS 3 to 5. Those about pointers come before them. */
export function stackFamilies5(
  k: Kernel,
  pools: DescriptorPools,
  mdls: Mdls,
  driver: DriverLife,
  { network, adapters }: Executive,
): RuleFamily[] {
  const handles = createHandles5(k, network, adapters)
  const pointers = createDescriptorPointers(k, pools)
  const parts = { driver, network, adapters, handles, pointers, chains: createPacketChainChecks(k, pointers, mdls) }
  return [
    bindingRules5(k, network, handles),
    sendRules5(k, parts),
    receiveRules5(k, parts),
    requestRules5(k, network, handles),
  ]
}
