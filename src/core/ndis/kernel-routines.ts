import type { Kernel } from '../kernel/kernel'
import type { DriverLife } from './driver'
import type { Links } from './links'
import { createLookaheadBuffers } from './lookahead-buffer'
import { createLookasideLists, type LookasideLists } from './lookaside'
import { createPoolMemory } from './pool-memory'

/** What the routines need of the rest of the machine. */
export interface KernelRoutineParts {
  readonly driver: DriverLife
  readonly links: Links
}

/** The small routines of the kernel and of NDIS that drivers call beside the data path, and what the rules ask of them. */
export interface KernelRoutines {
  readonly lookaside: LookasideLists
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
}

export function createKernelRoutines(k: Kernel, { driver, links }: KernelRoutineParts): KernelRoutines {
  const lookaside = createLookasideLists(k, driver, links)
  return {
    lookaside,
    functions: {
      ...createPoolMemory(k),
      ...lookaside.functions,
      ...createLookaheadBuffers(k),
    },
  }
}
