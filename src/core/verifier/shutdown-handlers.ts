import type { Kernel } from '../kernel/kernel'
import { ADAPTER_OBJECT, type Adapters } from '../ndis/adapters'
import type { DriverLife } from '../ndis/driver'
import { badHandle } from './handles'
import { hex } from './hex'
import type { RuleFamily } from './rules'

const REGISTER = 'NdisMRegisterAdapterShutdownHandler'
const DEREGISTER = 'NdisMDeregisterAdapterShutdownHandler'

/** MiniportShutdown of NDIS 5: registered while the adapter initializes, taken back before it is gone. */
export function shutdownHandlerRules(k: Kernel, driver: DriverLife, adapters: Adapters): RuleFamily {
  const { violation } = k.verifier
  adapters.watch({
    ended({ handle, shutdown }) {
      if (shutdown)
        violation(
          'ShutdownHandlerLeft',
          'MiniportHalt',
          `The adapter at ${hex(handle)} is gone and its shutdown handler is still registered: ${DEREGISTER} comes first, or the system calls it at shutdown with a context that is freed.`,
        )
    },
  })
  return {
    before: {
      [REGISTER](handle: number, _context: number, handler: unknown) {
        const adapter = adapters.find(handle)
        if (!adapter) return badHandle(k, REGISTER, handle, ADAPTER_OBJECT)
        if (adapter.phase !== 'initializing')
          violation('ShutdownHandler', REGISTER, `${REGISTER} is called outside of MiniportInitialize.`)
        if (!driver.handler(handler))
          violation('ShutdownHandler', REGISTER, `${REGISTER} was given no function to call at shutdown.`)
        return false
      },
      [DEREGISTER](handle: number) {
        const adapter = adapters.find(handle)
        if (!adapter) return badHandle(k, DEREGISTER, handle, ADAPTER_OBJECT)
        if (!adapter.shutdown)
          violation(
            'ShutdownHandler',
            DEREGISTER,
            `${DEREGISTER} is called for an adapter that has no shutdown handler.`,
          )
        return false
      },
    },
  }
}
