import type { Kernel } from '../kernel/kernel'
import type { Adapters } from './adapters'
import { createDataCalls6 } from './data-calls6'
import type { DriverLife } from './driver'
import { createFilters6 } from './filter6'
import type { HandlerCalls } from './handler-calls'
import type { Ndis6 } from './ndis6'
import { createOidCalls6 } from './oid-calls6'
import { createProtocols6 } from './protocol6'

interface Parts {
  readonly adapters: Adapters
  readonly ndis: Ndis6
  readonly driver: DriverLife
  readonly calls: HandlerCalls
}

/** The drivers of NDIS 6 above miniports, and what all drivers of a stack call. */
export function createStacks6(k: Kernel, parts: Parts) {
  const filters = createFilters6(k, parts)
  const protocols = createProtocols6(k, parts)
  return {
    filters,
    protocols,
    functions: {
      ...filters.functions,
      ...protocols.functions,
      ...createDataCalls6(k, parts.ndis),
      ...createOidCalls6(k, parts.ndis),
    },
  }
}
export type Stacks6 = ReturnType<typeof createStacks6>
