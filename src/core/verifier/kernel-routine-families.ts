import type { Kernel } from '../kernel/kernel'
import type { DriverLife } from '../ndis/driver'
import type { Executive } from '../ndis/executive'
import { bitmapRules } from './bitmaps'
import { callbackObjectRules } from './callback-objects'
import { criticalRegionRules } from './critical-regions'
import { dispatcherRules } from './dispatcher'
import { dpcRules } from './dpcs'
import { fileRules } from './files'
import { instanceNameRules } from './instance-names'
import { logRules } from './logs'
import { lookasideRules } from './lookaside'
import { pageableObjectRules } from './pageable-objects'
import { poolMemoryRules } from './pool-memory'
import { registryRules } from './registry'
import type { RuleFamily } from './rules'
import { shutdownHandlerRules } from './shutdown-handlers'
import { stringRules } from './strings'

/** The families about the small routines of the kernel. */
export function kernelRoutineFamilies(k: Kernel, driver: DriverLife, executive: Executive): RuleFamily[] {
  const { routines, adapters, threads } = executive
  return [
    poolMemoryRules(k, driver),
    pageableObjectRules(k),
    lookasideRules(k, routines.lookaside),
    dpcRules(k, routines.dpcs),
    dispatcherRules(k),
    criticalRegionRules(k, threads, routines.regions),
    logRules(k),
    fileRules(k, routines.files),
    callbackObjectRules(k, driver),
    stringRules(k),
    registryRules(k),
    bitmapRules(k),
    instanceNameRules(k, driver),
    shutdownHandlerRules(k, driver, adapters),
  ]
}
