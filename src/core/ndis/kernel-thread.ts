import type { Kernel } from '../kernel/kernel'
import type { Threads } from './thread'

export interface CriticalRegions {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  /** How often the thread entered a critical region that it has not left. */
  depthOf(thread: number): number
  forget(thread: number): void
}

/** The thread that runs, and the regions in which normal APCs are kept from it (WDM keentercriticalregion). */
export function createCriticalRegions(k: Kernel, threads: Threads): CriticalRegions {
  const depths = new Map<number, number>()
  const depthOf = (thread: number): number => depths.get(thread) ?? 0
  function change(by: number): void {
    const thread = threads.current()
    const depth = depthOf(thread) + by
    if (depth === 0) depths.delete(thread)
    else depths.set(thread, depth)
    k.preempt()
  }
  return {
    depthOf,
    forget: (thread) => void depths.delete(thread),
    functions: {
      /** As a KMUTEX names its owner: a number of the thread, behind which drivers find no memory. */
      KeGetCurrentThread(): number {
        k.preempt()
        return threads.current()
      },
      KeEnterCriticalRegion: (): void => change(1),
      KeLeaveCriticalRegion: (): void => change(-1),
    },
  }
}
