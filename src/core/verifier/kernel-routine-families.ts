import type { Kernel } from '../kernel/kernel'
import type { KernelRoutines } from '../ndis/kernel-routines'
import { lookasideRules } from './lookaside'
import { poolMemoryRules } from './pool-memory'
import type { RuleFamily } from './rules'

/** The families about the small routines of the kernel. */
export const kernelRoutineFamilies = (k: Kernel, { lookaside }: KernelRoutines): RuleFamily[] => [
  poolMemoryRules(k),
  lookasideRules(k, lookaside),
]
