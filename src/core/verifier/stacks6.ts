import type { Kernel } from '../kernel/kernel'
import type { DescriptorPools } from '../ndis/descriptor-pool'
import type { DriverLife } from '../ndis/driver'
import type { Executive } from '../ndis/executive'
import { createDescriptorPointers } from './descriptor-pointer'
import { leftAtHaltRules } from './left-at-halt'
import type { RuleFamily } from './rules'
import { stackFlowRules } from './stacks6-flow'
import { createStationHandles, stackHandleRules } from './stacks6-handles'
import { stackListRules } from './stacks6-lists'
import { stackOidRules } from './stacks6-oids'
import { stackRegistrationRules } from './stacks6-registration'

/** The families about stacks of NDIS 6. Those about pointers come before them. */
export function stackFamilies6(
  k: Kernel,
  pools: DescriptorPools,
  driver: DriverLife,
  { adapters, network: { ndis6, stacks6 } }: Executive,
): RuleFamily[] {
  const handles = createStationHandles(k, ndis6)
  return [
    stackRegistrationRules(k, { driver, stacks6 }),
    stackHandleRules(handles),
    stackListRules(k, { pools, pointers: createDescriptorPointers(k, pools), ndis: ndis6, handles }),
    stackFlowRules(k, { pools, ndis: ndis6, driver, adapters }),
    stackOidRules(k, { ndis: ndis6, handles }),
    leftAtHaltRules(k, pools, adapters),
  ]
}
