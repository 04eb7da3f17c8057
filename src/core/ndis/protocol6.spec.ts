import { describe, expect, test } from 'vitest'
import { TICKS_PER_MS } from '../clock/clock'
import { ACTIVATION } from '../kernel/cpus'
import { layout } from '../memory/layout'
import { cell } from '../test-guest'
import {
  createStackGuest,
  LIST,
  OWN_ADDRESS,
  RESOURCES,
  type Handlers,
  type Part,
  type StackGuest,
} from '../test-stack6'
import { constant } from './constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './status'

const TO_US = [...OWN_ADDRESS, 2, 0, 0, 0, 0, 2, 8, 0]
const BIND = layout('NDIS_BIND_PARAMETERS', 'AdapterName', 'MediaType', 'MtuSize', 'CurrentMacAddress', 'BoundIfIndex')
const RESTART = constant('NetEventRestart')
const PAUSE = constant('NetEventPause')
/** An open or a close is pending for one seed in three. */
const SEEDS = [1, 2, 3, 4, 5, 6]

function build(handlers: Handlers = {}, seed = 1, cpus = 1): { guest: StackGuest; miniport: Part; protocol: Part } {
  const guest = createStackGuest({ seed, cpus })
  const miniport = guest.miniport()
  return { guest, miniport, protocol: guest.protocol('protocol', handlers) }
}

describe('registration (DDI ndisregisterprotocoldriver)', () => {
  test('gives a handle; NdisDeregisterProtocolDriver ends it', () => {
    const guest = createStackGuest()
    const part = guest.protocol('protocol')
    expect(part.driver).not.toBe(0)
    guest.call('NdisDeregisterProtocolDriver', part.driver)
    guest.call('NdisDeregisterProtocolDriver', part.driver)
    expect(guest.broken()).toEqual(['InvalidHandle'])
  })
  test.each([
    ['a wrong type', (at: number, guest: StackGuest) => guest.machine.kernel.space.w8(at, 0x01), 'BAD_CHARACTERISTICS'],
    ['NDIS 5', (at: number, guest: StackGuest) => guest.machine.kernel.space.w8(at + 4, 5), 'BAD_VERSION'],
    ['no handlers', () => undefined, 'BAD_CHARACTERISTICS'],
  ])('%s is refused, and the reason told', (_what, spoil, status) => {
    const guest = createStackGuest()
    const handle = cell()
    const at = guest.characteristics('PROTOCOL', {})
    spoil(at, guest)
    const expected = constant(`NDIS_STATUS_${status}`)
    expect(guest.call('NdisRegisterProtocolDriver', 0, at, handle) | 0).toBe(expected | 0)
    expect(handle.value).toBe(0)
    expect(guest.broken()).toEqual(['ProtocolCharacteristics'])
  })
  test('a failure of ProtocolSetOptions is one of the registration', () => {
    const guest = createStackGuest()
    const part = guest.protocol('protocol', { SetOptionsHandler: () => NDIS_STATUS_FAILURE })
    guest.miniport()
    guest.start()
    expect(part.driver).toBe(0)
    expect(guest.log).toEqual(['protocol options', 'miniport initialize', 'miniport restart'])
  })
  test('a protocol that comes when adapters run already is bound to them', () => {
    const guest = createStackGuest()
    guest.miniport()
    guest.start()
    const late = guest.protocol('late')
    guest.idle(1)
    expect(late.handle).not.toBe(0)
    expect(guest.log).toContain(`late event ${RESTART}`)
  })
})

describe('binds (DDI protocol_bind_adapter_ex, ndisopenadapterex)', () => {
  test.each(SEEDS)('open, restart, then at the end pause, close: seed %i', (seed) => {
    const { guest } = build({}, seed)
    guest.start()
    guest.unload()
    const log = guest.log.filter((entry) => entry.startsWith('protocol') && !/netPnPEvent/.test(entry))
    const opens = log.includes('protocol openAdapterComplete') ? ['protocol openAdapterComplete'] : []
    const closes = log.includes('protocol closeAdapterComplete') ? ['protocol closeAdapterComplete'] : []
    expect(log).toEqual([
      'protocol bindAdapter',
      ...opens,
      `protocol event ${RESTART}`,
      `protocol event ${PAUSE}`,
      'protocol unbindAdapter',
      ...closes,
    ])
    expect(guest.broken()).toEqual([])
  })
  test('both ways of opening and closing occur', () => {
    const logs = SEEDS.map((seed) => {
      const { guest } = build({}, seed)
      guest.start()
      guest.unload()
      return guest.log.join()
    })
    for (const what of ['openAdapterComplete', 'closeAdapterComplete']) {
      expect(logs.some((log) => log.includes(what))).toBe(true)
      expect(logs.some((log) => !log.includes(what))).toBe(true)
    }
  })
  test('the parameters say what the adapter is', () => {
    const facts: unknown[] = []
    const { guest, miniport } = build({
      BindAdapterHandlerEx(_context: number, _bind: number, at: number) {
        const { space } = guest.machine.kernel
        const name = space.r32(at + BIND.AdapterName)
        facts.push(space.r32(at + BIND.MediaType), space.r32(at + BIND.MtuSize), space.r16(name) > 20)
        facts.push(guest.bytes(at + BIND.CurrentMacAddress, 6), space.r32(at + BIND.BoundIfIndex))
        return NDIS_STATUS_FAILURE
      },
    })
    guest.start()
    const { ifIndex } = guest.machine.executive.adapters.find(miniport.handle)!
    expect(facts).toEqual([constant('NdisMedium802_3'), 1500, true, OWN_ADDRESS, ifIndex])
    expect(guest.broken()).toEqual([])
  })
  test('a bind may be completed later (NdisCompleteBindAdapterEx)', () => {
    let context = 0
    const { guest } = build({
      BindAdapterHandlerEx(_context: number, bindContext: number) {
        context = bindContext
        guest.machine.kernel.scheduler.queueThread(0, {
          name: 'later',
          kind: ACTIVATION.THREAD,
          irql: 0,
          run: () => void guest.call('NdisCompleteBindAdapterEx', context, NDIS_STATUS_FAILURE),
        })
        return NDIS_STATUS_PENDING
      },
    })
    guest.start()
    expect(guest.log.filter((entry) => entry.startsWith('protocol'))).toEqual(['protocol bindAdapter'])
    guest.call('NdisCompleteBindAdapterEx', context, NDIS_STATUS_SUCCESS)
    expect(guest.broken()).toEqual(['InvalidHandle'])
  })
  test('an open outside of the bind fails, and one without the medium', () => {
    const { guest, protocol } = build()
    guest.start()
    const handle = cell()
    const medium = guest.memory(8)
    guest.machine.kernel.space.w32(medium, constant('NdisMedium802_3'))
    const parameters = guest.object('NDIS_OPEN_PARAMETERS', 'OPEN_PARAMETERS', {
      MediumArray: medium,
      MediumArraySize: 1,
      SelectedMediumIndex: medium + 4,
    })
    expect(guest.call('NdisOpenAdapterEx', protocol.driver, 1, parameters, 0x1230, handle) | 0).toBe(
      NDIS_STATUS_FAILURE,
    )
    expect(guest.broken()).toEqual(['InvalidHandle'])

    let status = 0
    const other = build({
      BindAdapterHandlerEx(_context: number, bindContext: number) {
        const at = other.guest.memory(8)
        other.guest.machine.kernel.space.w32(at, constant('NdisMediumFddi'))
        const wrong = other.guest.object('NDIS_OPEN_PARAMETERS', 'OPEN_PARAMETERS', {
          MediumArray: at,
          MediumArraySize: 1,
          SelectedMediumIndex: at + 4,
        })
        status = other.guest.call('NdisOpenAdapterEx', other.protocol.driver, 1, wrong, bindContext, cell())
        return status
      },
    })
    other.guest.start()
    expect(status | 0).toBe(constant('NDIS_STATUS_UNSUPPORTED_MEDIA') | 0)
    expect(other.guest.broken()).toEqual([])
  })
  test('NdisReEnumerateProtocolBindings asks a protocol that failed again', () => {
    let tries = 0
    const { guest, protocol } = build({ BindAdapterHandlerEx: () => (tries++, NDIS_STATUS_FAILURE) })
    guest.start()
    guest.call('NdisReEnumerateProtocolBindings', protocol.driver)
    expect(tries).toBe(2)
    expect(guest.broken()).toEqual([])
  })
})

describe('unbinds (DDI protocol_unbind_adapter_ex, ndisunbindadapter, ndiscloseadapterex)', () => {
  test.each(SEEDS)('NdisUnbindAdapter asks NDIS for one: seed %i', (seed) => {
    const { guest, protocol } = build({}, seed, 4)
    guest.start()
    const { handle } = protocol
    guest.log.length = 0
    expect(guest.call('NdisUnbindAdapter', handle)).toBe(NDIS_STATUS_SUCCESS)
    guest.call('NdisUnbindAdapter', handle)
    guest.idle(1)
    expect(guest.log.filter((entry) => /unbind|event/.test(entry))).toEqual([
      `protocol event ${PAUSE}`,
      'protocol unbindAdapter',
    ])
    expect(guest.broken()).toEqual([])
    guest.call('NdisUnbindAdapter', handle)
    expect(guest.broken()).toEqual(['InvalidHandle'])
  })
  test('NdisDeregisterProtocolDriver unbinds first', () => {
    const { guest, protocol } = build()
    guest.start()
    guest.log.length = 0
    guest.call('NdisDeregisterProtocolDriver', protocol.driver)
    expect(guest.log).toContain('protocol unbindAdapter')
    expect(guest.broken()).toEqual([])
  })
  test('the pause waits until all that the binding sent is back', () => {
    const queued: number[] = []
    const guest = createStackGuest()
    const miniport = guest.miniport({
      SendNetBufferListsHandler: (_context: number, list: number) => void queued.push(list),
    })
    const protocol = guest.protocol('protocol')
    guest.start()
    guest.call('NdisSendNetBufferLists', protocol.handle, guest.lists(protocol.handle, TO_US), 0, 0)
    guest.log.length = 0
    guest.call('NdisUnbindAdapter', protocol.handle)
    const { clock, scheduler } = guest.machine.kernel
    const complete = (): void => {
      expect(guest.log).not.toContain('protocol unbindAdapter')
      guest.call('NdisMSendNetBufferListsComplete', miniport.handle, queued[0], 0)
    }
    clock.setAlarm(clock.now() + 50 * TICKS_PER_MS, () =>
      scheduler.queueThread(0, { name: 'NIC', kind: ACTIVATION.THREAD, irql: 0, run: complete }),
    )
    guest.idle(100)
    expect(guest.log).toContain('protocol unbindAdapter')
    expect(guest.log).toContain('protocol sendComplete 1')
    expect(guest.broken()).toEqual([])
  })
  test('an unbind without a close is reported, and NDIS closes', () => {
    const { guest, protocol } = build({ UnbindAdapterHandlerEx: () => NDIS_STATUS_SUCCESS })
    guest.start()
    guest.call('NdisDeregisterProtocolDriver', protocol.driver)
    expect(guest.broken()).toEqual(['UnbindWithoutClose'])
    expect(guest.machine.executive.network.ndis6.stacks[0]!.bindings).toEqual([])
  })
  test('BC 0x7C/27: an unbind with received lists still held stops the machine', () => {
    const { guest, miniport, protocol } = build({ ReceiveNetBufferListsHandler: () => undefined })
    guest.start()
    guest.listen(protocol, 'NDIS_PACKET_TYPE_DIRECTED')
    const chain = guest.lists(miniport.handle, TO_US)
    guest.call('NdisMIndicateReceiveNetBufferLists', miniport.handle, chain, 0, 1, 0)
    const { name, parameters } = guest.crash(() => guest.call('NdisDeregisterProtocolDriver', protocol.driver))
    expect([name, parameters[0], parameters[1]]).toEqual(['BUGCODE_NDIS_DRIVER', 0x27, 1])
  })
  test('what was indicated with RESOURCES is not held', () => {
    const { guest, miniport, protocol } = build({ ReceiveNetBufferListsHandler: () => undefined })
    guest.start()
    guest.listen(protocol, 'NDIS_PACKET_TYPE_DIRECTED')
    const chain = guest.lists(miniport.handle, TO_US)
    guest.call('NdisMIndicateReceiveNetBufferLists', miniport.handle, chain, 0, 1, RESOURCES)
    guest.call('NdisDeregisterProtocolDriver', protocol.driver)
    expect(guest.broken()).toEqual([])
  })
  test('an unbind that is never completed stops the machine after ten minutes', () => {
    const { guest } = build({ UnbindAdapterHandlerEx: () => NDIS_STATUS_PENDING })
    guest.start()
    const { parameters } = guest.crash(() => guest.unload())
    expect(parameters.slice(0, 2)).toEqual([0x25, 0x04])
  })
})

describe('events (DDI protocol_net_pnp_event, ndiscompletenetpnpevent)', () => {
  test('may be completed later', () => {
    const { guest, protocol } = build({
      NetPnPEventHandler(_context: number, event: number) {
        guest.machine.kernel.scheduler.queueThread(0, {
          name: 'later',
          kind: ACTIVATION.THREAD,
          irql: 0,
          run: () => void guest.call('NdisCompleteNetPnPEvent', protocol.handle, event, NDIS_STATUS_SUCCESS),
        })
        return NDIS_STATUS_PENDING
      },
    })
    guest.start()
    const [binding] = guest.machine.executive.network.ndis6.stacks[0]!.bindings
    expect(binding!.state).toBe('running')
    guest.unload()
    expect(guest.broken()).toEqual([])
  })
  test('a restart that a protocol fails is reported', () => {
    const { guest } = build({ NetPnPEventHandler: () => NDIS_STATUS_FAILURE })
    guest.start()
    expect(guest.broken()).toEqual(['NetPnPEventFailed'])
  })
  test('a completion of nothing is reported', () => {
    const { guest, protocol } = build()
    guest.start()
    guest.call('NdisCompleteNetPnPEvent', protocol.handle, guest.object('NET_PNP_EVENT_NOTIFICATION', 'DEFAULT'), 0)
    expect(guest.broken()).toEqual(['NothingPending'])
  })
})

test('NdisReturnNetBufferLists gives lists back later, in pieces', () => {
  const kept: number[] = []
  const { guest, miniport, protocol } = build({
    ReceiveNetBufferListsHandler: (_context: number, list: number) => void kept.push(...guest.chain(list)),
  })
  guest.start()
  guest.listen(protocol, 'NDIS_PACKET_TYPE_DIRECTED')
  const chain = guest.lists(miniport.handle, TO_US, TO_US, TO_US)
  guest.call('NdisMIndicateReceiveNetBufferLists', miniport.handle, chain, 0, 3, 0)
  guest.log.length = 0
  for (const list of kept) {
    guest.machine.kernel.space.w32(list + LIST.Next, 0)
    guest.call('NdisReturnNetBufferLists', protocol.handle, list, 0)
  }
  expect(guest.log).toEqual(Array<string>(3).fill('miniport return 1'))
  expect(guest.machine.executive.network.ndis6.stacks[0]!.bindings[0]!.held).toBe(0)
  expect(guest.broken()).toEqual([])
})
