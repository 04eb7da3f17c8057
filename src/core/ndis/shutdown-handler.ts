import type { Kernel } from '../kernel/kernel'
import type { Adapters } from './adapters'
import type { DriverLife } from './driver'

/** MiniportShutdown of NDIS 5, which an adapter registers for itself (PV NdisMRegisterAdapterShutdownHandler). */
export function createShutdownHandlers(k: Kernel, adapters: Adapters, driver: DriverLife) {
  return {
    NdisMRegisterAdapterShutdownHandler(
      MiniportHandle: number,
      ShutdownContext: number,
      ShutdownHandler: unknown,
    ): void {
      const adapter = adapters.find(MiniportHandle)
      if (adapter) adapter.shutdown = { handler: driver.address(ShutdownHandler), context: ShutdownContext }
      k.preempt()
    },
    NdisMDeregisterAdapterShutdownHandler(MiniportHandle: number): void {
      const adapter = adapters.find(MiniportHandle)
      if (adapter) delete adapter.shutdown
      k.preempt()
    },
  }
}
