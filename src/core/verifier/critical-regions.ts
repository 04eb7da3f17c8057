import type { Kernel } from '../kernel/kernel'
import type { CriticalRegions } from '../ndis/kernel-thread'
import type { Threads } from '../ndis/thread'
import type { RuleFamily } from './rules'

/** Critical regions: left without being entered, and not left when the thread ends. */
export function criticalRegionRules(k: Kernel, threads: Threads, regions: CriticalRegions): RuleFamily {
  const { violation } = k.verifier
  const fn = 'KeLeaveCriticalRegion'
  return {
    before: {
      KeLeaveCriticalRegion() {
        if (regions.depthOf(threads.current()) > 0) return false
        violation('CriticalRegion', fn, `${fn} leaves a critical region that this thread did not enter.`)
        return true
      },
    },
    activationEnded(index) {
      const thread = threads.endedWith(index)
      if (thread === 0 || regions.depthOf(thread) === 0) return
      regions.forget(thread)
      const name = k.cpus.nameOf(index)
      violation('CriticalRegion', name, `${name} returned and has not left a critical region that it entered.`)
    },
  }
}
