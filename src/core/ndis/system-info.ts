import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'

/** Units in which processor time is counted: clock interrupts, 64 a second, in ticks of 100 ns. */
const CLOCK_INTERRUPT_TICKS = 156_250

/** What NDIS tells about the system and its processors (DDI ndisgetversion, ndissystemprocessorcount ...). */
export function createSystemInfo(k: Kernel) {
  const { cpus, clock, scheduler, preempt } = k
  const { put32 } = k.cells
  const told = (value: number): number => {
    preempt()
    return value
  }
  return {
    NdisGetVersion: (): number => told(k.traits.version),
    NdisSystemProcessorCount: (): number => told(cpus.count),
    NdisSystemActiveProcessorCount(ActiveProcessors?: OutParam): number {
      if (ActiveProcessors) put32(ActiveProcessors, (1 << cpus.count) - 1)
      return told(cpus.count)
    },
    NdisGetCurrentProcessorCounts(pIdleCount: OutParam, pKernelAndUser: OutParam, pIndex: OutParam): void {
      preempt()
      const idle = scheduler.idleTicks()
      put32(pIdleCount, Math.floor(idle / CLOCK_INTERRUPT_TICKS))
      put32(pKernelAndUser, Math.floor((clock.now() - idle) / CLOCK_INTERRUPT_TICKS))
      put32(pIndex, cpus.current())
    },
    NdisGetCurrentProcessorCpuUsage(pCpuUsage: OutParam): void {
      preempt()
      const now = clock.now()
      put32(pCpuUsage, now === 0 ? 0 : Math.round((100 * (now - scheduler.idleTicks())) / now))
    },
    NdisCurrentProcessorIndex: (): number => told(cpus.current()),
    KeGetCurrentProcessorNumber: (): number => told(cpus.current()),
    KeMemoryBarrier: (): void => preempt(),
    /** Only the IRQL matters, and the table knows it. */
    PAGED_CODE: (): void => preempt(),
  }
}
