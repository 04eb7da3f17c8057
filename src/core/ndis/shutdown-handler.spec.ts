import { describe, expect, test } from 'vitest'
import { createGuest } from '../test-guest'
import { CONTEXT, createStack5Guest, type Miniport5Options } from '../test-stack5'

const setUp = () => {
  const guest = createGuest()
  const { adapters } = guest.machine.executive
  const adapter = adapters.create(0x50001, {})!
  const handler = (): void => undefined
  return {
    guest,
    adapters,
    adapter,
    handler,
    register: (handle = adapter.handle, target: unknown = handler) =>
      guest.call('NdisMRegisterAdapterShutdownHandler', handle, 99, target),
    deregister: (handle = adapter.handle) => guest.call('NdisMDeregisterAdapterShutdownHandler', handle),
  }
}

describe('shutdown handlers (PV NdisMRegisterAdapterShutdownHandler, NdisMDeregisterAdapterShutdownHandler)', () => {
  test('are stored with their context on the adapter, and taken back', () => {
    const { guest, adapters, adapter, handler, register, deregister } = setUp()
    register()
    expect(adapter.shutdown?.context).toBe(99)
    expect(guest.machine.driver.handler(adapter.shutdown?.handler)).toBe(handler)
    deregister()
    expect(adapter.shutdown).toBeUndefined()
    adapters.ended(adapter)
    expect(guest.broken()).toEqual([])
  })
  test('left registered at halt', () => {
    const { guest, adapters, adapter, register } = setUp()
    register()
    adapters.ended(adapter)
    expect(guest.broken()).toEqual(['ShutdownHandlerLeft'])
  })
  test('registered without a function, too late, for nobody; taken back twice', () => {
    const { guest, adapter, register, deregister } = setUp()
    register(adapter.handle, 0)
    adapter.phase = 'running'
    register()
    register(5)
    deregister(5)
    deregister()
    deregister()
    expect(guest.broken()).toEqual([
      'ShutdownHandler',
      'ShutdownHandler',
      'InvalidHandle',
      'InvalidHandle',
      'ShutdownHandler',
    ])
  })
})

describe('AdapterShutdownHandler of the characteristics (PV NDIS_MINIPORT_CHARACTERISTICS, NDIS 5.1)', () => {
  /** What the miniport hears when the system shuts down. */
  function shutDown(options?: Miniport5Options): number[] {
    const stack = createStack5Guest()
    const contexts: number[] = []
    const miniport = stack.miniport(
      { AdapterShutdownHandler: (context: number) => void contexts.push(context) },
      options,
    )
    stack.start()
    stack.machine.executive.adapters.find(miniport.handle)!.control!.shutdown()
    return contexts
  }
  test('is called with the context of the adapter', () => expect(shutDown()).toEqual([CONTEXT.MINIPORT]))
  test('does not exist for a driver of NDIS 5.0', () => expect(shutDown({ version: 0x5_0000 })).toEqual([]))
})
