import { describe, expect, test } from 'vitest'
import { TICKS_PER_MS } from '../clock/clock'
import { ACTIVATION } from '../kernel/cpus'
import type { MachineOptions } from '../machine'
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
import { constant } from '../ndis/constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_PENDING } from '../ndis/status'

const TO_US = [...OWN_ADDRESS, 2, 0, 0, 0, 0, 2, 8, 0]
const DISPATCH = constant('NDIS_SEND_FLAGS_DISPATCH_LEVEL')

interface Stack {
  readonly guest: StackGuest
  readonly miniport: Part
  readonly filter: Part
  readonly protocol: Part
  /** Lists that the miniport was sent and has not completed. */
  readonly queued: number[]
}
interface Parts {
  readonly miniport?: Handlers
  readonly filter?: Handlers
  readonly protocol?: Handlers
  readonly options?: MachineOptions
}

/** A protocol over a filter over a miniport that keeps what it is sent. */
function build({ miniport, filter, protocol, options }: Parts = {}): Stack {
  const guest = createStackGuest(options)
  const queued: number[] = []
  const keep = (_context: number, list: number): void => void queued.push(...guest.chain(list))
  const parts = {
    miniport: guest.miniport({ SendNetBufferListsHandler: keep, ...miniport }),
    filter: guest.filter('filter', filter),
    protocol: guest.protocol('protocol', protocol),
  }
  guest.start()
  guest.listen(parts.protocol, 'NDIS_PACKET_TYPE_DIRECTED')
  return { guest, queued, ...parts }
}
const send = ({ guest, protocol }: Stack, list: number, flags = 0): void =>
  void guest.call('NdisSendNetBufferLists', protocol.handle, list, 0, flags)
const indicate = ({ guest, miniport }: Stack, list: number, count = 1, flags = 0): void =>
  void guest.call('NdisMIndicateReceiveNetBufferLists', miniport.handle, list, 0, count, flags)
const pause = ({ guest, miniport }: Stack): void =>
  guest.machine.executive.adapters.find(miniport.handle)!.control!.pause(constant('NDIS_PAUSE_NDIS_INTERNAL'))

describe('handles', () => {
  const takers: readonly (readonly [string, (stack: Stack) => unknown[]])[] = [
    [
      'NdisSendNetBufferLists',
      ({ guest, filter, protocol }) => [filter.handle, guest.lists(protocol.handle, TO_US), 0, 0],
    ],
    ['NdisReturnNetBufferLists', ({ guest, protocol }) => [1, guest.lists(protocol.handle, TO_US), 0]],
    ['NdisMSendNetBufferListsComplete', ({ guest, filter }) => [filter.handle, guest.lists(1, TO_US), 0]],
    ['NdisFSendNetBufferLists', ({ guest, protocol }) => [protocol.handle, guest.lists(1, TO_US), 0, 0]],
    ['NdisFSendNetBufferListsComplete', ({ guest, miniport }) => [miniport.handle, guest.lists(1, TO_US), 0]],
    ['NdisFIndicateReceiveNetBufferLists', ({ guest }) => [0x5550, guest.lists(1, TO_US), 0, 1, 0]],
    ['NdisFReturnNetBufferLists', ({ guest }) => [0x5550, guest.lists(1, TO_US), 0]],
    ['NdisCancelSendNetBufferLists', () => [0x5550, 1]],
    ['NdisFCancelSendNetBufferLists', () => [0x5550, 1]],
    ['NdisCancelOidRequest', () => [0x5550, 1]],
    ['NdisFCancelOidRequest', () => [0x5550, 1]],
    ['NdisCancelDirectOidRequest', () => [0x5550, 1]],
    ['NdisFCancelDirectOidRequest', () => [0x5550, 1]],
    ['NdisCloseAdapterEx', ({ filter }) => [filter.handle]],
    ['NdisUnbindAdapter', ({ filter }) => [filter.handle]],
    ['NdisFRestartFilter', ({ protocol }) => [protocol.handle]],
    ['NdisCompleteUnbindAdapterEx', ({ protocol }) => [protocol.handle]],
    ['NdisReEnumerateProtocolBindings', ({ filter }) => [filter.driver]],
    ['NdisSetOptionalHandlers', ({ guest }) => [0x5550, guest.memory(28)]],
  ]
  test.each(takers)('%s names one that it does not take', (name, args) => {
    const stack = build()
    stack.guest.call(name, ...args(stack))
    expect(stack.guest.broken()).toEqual(['InvalidHandle'])
  })
  test('a binding whose close has begun is none any more', () => {
    const broken = [1, 2, 3, 4, 5, 6].map((seed) => {
      const stack: Stack = build({
        options: { seed },
        protocol: {
          UnbindAdapterHandlerEx() {
            const status = stack.guest.call('NdisCloseAdapterEx', stack.protocol.handle)
            stack.guest.call('NdisCancelSendNetBufferLists', stack.protocol.handle, 1)
            return status
          },
        },
      })
      stack.guest.unload()
      return stack.guest.broken()
    })
    expect(broken).toEqual(Array<string[]>(6).fill(['InvalidHandle']))
  })
  test('an adapter that was halted (SDV NdisMIndicateStatusEx)', () => {
    const { guest, miniport } = build()
    guest.unload()
    const indication = guest.object('NDIS_STATUS_INDICATION', 'STATUS_INDICATION', { SourceHandle: miniport.handle })
    guest.call('NdisMIndicateStatusEx', miniport.handle, indication)
    expect(guest.broken()).toEqual(['NdisMIndicateStatusEx'])
  })
})

describe('chains', () => {
  test('a circle, a wild link, a freed list: the call is refused', () => {
    const stack = build()
    const { guest, protocol, queued } = stack
    const { space } = guest.machine.kernel
    const circle = guest.lists(protocol.handle, TO_US, TO_US)
    space.w32(guest.chain(circle)[1]! + LIST.Next, circle)
    send(stack, circle)
    const wild = guest.lists(protocol.handle, TO_US)
    space.w32(wild + LIST.Next, guest.memory(64))
    send(stack, wild)
    const freed = guest.lists(protocol.handle, TO_US, TO_US)
    const [, second] = guest.chain(freed)
    guest.call('NdisFreeNetBufferList', second)
    send(stack, freed)
    expect(guest.broken()).toEqual(['NetBufferListLoop', 'InvalidNetBufferList', 'InvalidNetBufferList'])
    expect(queued).toEqual([])
  })
  test('NET_BUFFERs that go in a circle, and MDLs', () => {
    const stack = build()
    const { guest, protocol } = stack
    const { space } = guest.machine.kernel
    const first = guest.lists(protocol.handle, TO_US)
    const netBuffer = space.r32(first + LIST.FirstNetBuffer)
    space.w32(netBuffer, netBuffer)
    send(stack, first)
    const second = guest.lists(protocol.handle, TO_US)
    const mdl = space.r32(space.r32(second + LIST.FirstNetBuffer) + 4)
    space.w32(mdl, mdl)
    send(stack, second)
    expect(guest.broken()).toEqual(['NetBufferLoop', 'MdlChainLoop'])
  })
})

describe('ownership', () => {
  test('a list that is out is not freed, whatever the function; afterwards it is', () => {
    const stack = build()
    const { guest, miniport, protocol } = stack
    const list = guest.lists(protocol.handle, TO_US)
    send(stack, list)
    guest.call('NdisFreeNetBufferList', list)
    guest.call('NdisFreeCloneNetBufferList', list, 0)
    expect(guest.broken().filter((rule) => rule === 'NetBufferListInUse')).toHaveLength(2)
    guest.call('NdisMSendNetBufferListsComplete', miniport.handle, list, 0)
    const before = guest.broken().length
    guest.call('NdisFreeNetBufferList', list)
    expect(guest.broken()).toHaveLength(before)
    expect(guest.machine.pools.poolOf(list, 4)).toBe(0)
  })
  test('the violation says where it was sent', () => {
    const stack = build({
      options: { environment: { locator: { stack: () => [], site, definition: () => undefined } } },
    })
    function site(number: number) {
      return { function: '', file: 'driver.ts', line: number, column: 1 }
    }
    const list = stack.guest.lists(stack.protocol.handle, TO_US)
    send(stack, list)
    const line = stack.guest.machine.kernel.site.s
    stack.guest.call('NdisFreeNetBufferList', list)
    expect(stack.guest.machine.kernel.verifier.violations[0]!.acquiredAt!.line).toBe(line)
  })
  test('sent twice, completed twice, returned twice, completed by who does not have it', () => {
    const stack = build({ protocol: { ReceiveNetBufferListsHandler: () => undefined } })
    const { guest, miniport, protocol, filter } = stack
    const list = guest.lists(protocol.handle, TO_US)
    send(stack, list)
    send(stack, list)
    guest.call('NdisFSendNetBufferListsComplete', filter.handle, list, 0)
    guest.call('NdisMSendNetBufferListsComplete', miniport.handle, list, 0)
    guest.call('NdisMSendNetBufferListsComplete', miniport.handle, list, 0)
    const received = guest.lists(miniport.handle, TO_US)
    indicate(stack, received)
    guest.call('NdisReturnNetBufferLists', protocol.handle, received, 0)
    guest.call('NdisReturnNetBufferLists', protocol.handle, received, 0)
    expect(guest.broken()).toEqual(Array<string>(4).fill('NetBufferListOwnership'))
  })
  test('what came with NDIS_RECEIVE_FLAGS_RESOURCES is not returned', () => {
    const stack: Stack = build({
      protocol: {
        ReceiveNetBufferListsHandler: (_context: number, list: number) =>
          void stack.guest.call('NdisReturnNetBufferLists', stack.protocol.handle, list, 0),
      },
    })
    indicate(stack, stack.guest.lists(stack.miniport.handle, TO_US), 1, RESOURCES)
    expect(stack.guest.broken()).toEqual(['NetBufferListOwnership'])
    expect(stack.guest.machine.kernel.verifier.violations[0]!.message).toContain('NDIS_RECEIVE_FLAGS_RESOURCES')
  })
  test('a filter that clears the flag: NDIS sets it again', () => {
    const flags: number[] = []
    const stack: Stack = build({
      filter: {
        StatusHandler: () => undefined,
        ReceiveNetBufferListsHandler: (_context: number, list: number, port: number, count: number) =>
          stack.guest.call('NdisFIndicateReceiveNetBufferLists', stack.filter.handle, list, port, count, 0),
      },
      protocol: { ReceiveNetBufferListsHandler: (...args: readonly number[]) => void flags.push(args[4]!) },
    })
    indicate(stack, stack.guest.lists(stack.miniport.handle, TO_US), 1, RESOURCES)
    expect(flags).toEqual([RESOURCES])
    expect(stack.guest.broken()).toEqual(['ReceiveResourcesFlag'])
  })
})

describe('what lists and flags say', () => {
  test('SourceHandle is that of who originates a list, and stays', () => {
    const stack: Stack = build({
      filter: {
        SendNetBufferListsHandler(_context: number, list: number, port: number, flags: number) {
          stack.guest.machine.kernel.space.w32(list + LIST.SourceHandle, stack.filter.handle)
          stack.guest.call('NdisFSendNetBufferLists', stack.filter.handle, list, port, flags)
        },
      },
    })
    const { guest, miniport, protocol } = stack
    send(stack, guest.lists(protocol.handle, TO_US))
    expect(guest.broken()).toEqual(['SourceHandle'])
    send(stack, guest.lists(0, TO_US))
    indicate(stack, guest.lists(protocol.handle, TO_US))
    const indication = guest.object('NDIS_STATUS_INDICATION', 'STATUS_INDICATION')
    guest.call('NdisMIndicateStatusEx', miniport.handle, indication)
    expect(new Set(guest.broken())).toEqual(new Set(['SourceHandle']))
    expect(guest.broken()).toHaveLength(5)
  })
  test('the dispatch flag is true only at DISPATCH_LEVEL', () => {
    const stack = build()
    const { guest, miniport, protocol, queued } = stack
    guest.atDispatch(() => send(stack, guest.lists(protocol.handle, TO_US), DISPATCH))
    guest.atDispatch(() => guest.call('NdisMSendNetBufferListsComplete', miniport.handle, queued[0], DISPATCH))
    expect(guest.broken()).toEqual([])
    send(stack, guest.lists(protocol.handle, TO_US), DISPATCH)
    guest.call('NdisMSendNetBufferListsComplete', miniport.handle, queued[1], DISPATCH)
    indicate(stack, guest.lists(miniport.handle, TO_US), 1, constant('NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL'))
    expect(guest.broken()).toEqual(['DispatchFlag', 'DispatchFlag', 'DispatchFlag'])
  })
  test('NumberOfNetBufferLists, and one NET_BUFFER a received list', () => {
    const stack = build()
    const { guest, miniport } = stack
    indicate(stack, guest.lists(miniport.handle, TO_US, TO_US), 1)
    expect(guest.broken()).toEqual(['NumberOfNetBufferLists'])
    const empty = guest.lists(miniport.handle, TO_US)
    guest.machine.kernel.space.w32(empty + LIST.FirstNetBuffer, 0)
    indicate(stack, empty)
    expect(guest.broken()).toEqual(['NumberOfNetBufferLists', 'ReceiveNetBuffers'])
  })
})

describe('states', () => {
  test('who is paused neither sends nor originates receives; what a paused miniport sends up is dropped', () => {
    const stack = build()
    const { guest, miniport, filter, protocol } = stack
    pause(stack)
    send(stack, guest.lists(protocol.handle, TO_US))
    guest.call('NdisFSendNetBufferLists', filter.handle, guest.lists(filter.handle, TO_US), 0, 0)
    guest.call('NdisFIndicateReceiveNetBufferLists', filter.handle, guest.lists(filter.handle, TO_US), 0, 1, 0)
    indicate(stack, guest.lists(miniport.handle, TO_US))
    expect(guest.broken()).toEqual([
      'SendOutsideRunning',
      'SendOutsideRunning',
      'ReceiveOutsideRunning',
      'ReceiveOutsideRunning',
    ])
    expect(stack.queued).toEqual([])
  })
  test('a pause is complete when nothing is out: miniports', () => {
    const stack: Stack = build({
      protocol: { ReceiveNetBufferListsHandler: () => undefined },
    })
    const { guest, miniport, protocol } = stack
    const received = guest.lists(miniport.handle, TO_US)
    indicate(stack, received)
    pause(stack)
    expect(guest.broken()).toEqual(['PauseWithListsOut'])
    guest.call('NdisReturnNetBufferLists', protocol.handle, received, 0)
    guest.unload()
    expect(guest.broken()).toEqual(['PauseWithListsOut'])
  })
  test('and filter modules', () => {
    const stack: Stack = build({
      filter: { SendNetBufferListsHandler: () => undefined, StatusHandler: () => undefined },
    })
    const { guest, filter } = stack
    guest.call('NdisFSendNetBufferLists', filter.handle, guest.lists(filter.handle, TO_US), 0, 0)
    pause(stack)
    expect(guest.broken()).toEqual(['PauseWithListsOut', 'PauseWithListsOut'])
  })
  test('a halt with lists out', () => {
    const stack = build({
      protocol: { ReceiveNetBufferListsHandler: () => undefined },
      miniport: { PauseHandler: () => NDIS_STATUS_PENDING },
    })
    const { guest, miniport } = stack
    const received = guest.lists(miniport.handle, TO_US)
    indicate(stack, received)
    const { adapters } = guest.machine.executive
    adapters.ended(adapters.find(miniport.handle)!)
    expect(guest.broken()).toEqual(['HaltWithListsOut'])
  })
  test('a close with sends out', () => {
    const other = build()
    send(other, other.guest.lists(other.protocol.handle, TO_US))
    other.guest.call('NdisCloseAdapterEx', other.protocol.handle)
    expect(other.guest.broken()).toEqual(['CloseOutsideUnbind', 'CloseWithRequestsOut'])
  })
  test('SDV NdisReEnumerateProtocolBindings: not inside of a bind', () => {
    const guest = createStackGuest()
    guest.miniport()
    const protocol: Part = guest.protocol('protocol', {
      BindAdapterHandlerEx() {
        guest.call('NdisReEnumerateProtocolBindings', protocol.driver)
        return NDIS_STATUS_FAILURE
      },
    })
    guest.start()
    expect(guest.broken()).toEqual(['NdisReEnumerateProtocolBindings'])
  })
  test('SDV NdisFDeregisterFilterDriver: a filter driver deregisters before it is gone', () => {
    const { guest } = build()
    guest.machine.driver.setUnload(0)
    for (const { object } of guest.machine.driver.drivers) guest.machine.kernel.space.w32(object + 52, 0)
    guest.unload()
    expect(guest.broken()).toContain('NdisFDeregisterFilterDriver')
  })
})

describe('time limits', () => {
  test('Driver Verifier NdisTimedDataSend: a send is completed in 30 seconds', () => {
    const stack = build()
    const { guest, protocol, miniport, queued } = stack
    send(stack, guest.lists(protocol.handle, TO_US))
    guest.idle(20_000)
    send(stack, guest.lists(protocol.handle, TO_US))
    guest.call('NdisMSendNetBufferListsComplete', miniport.handle, queued[1], 0)
    guest.idle(9_000)
    expect(guest.broken()).toEqual([])
    guest.idle(2_000)
    expect(guest.broken()).toEqual(['NdisTimedDataSend'])
    guest.call('NdisMSendNetBufferListsComplete', miniport.handle, queued[0], 0)
    guest.idle(60_000)
    expect(guest.broken()).toEqual(['NdisTimedDataSend'])
  })
  test('Driver Verifier NdisTimedDataHang: of pending sends one is completed in 22 seconds', () => {
    const stack = build()
    const { guest, protocol, miniport, queued } = stack
    send(stack, guest.lists(protocol.handle, TO_US))
    guest.idle(20_000)
    send(stack, guest.lists(protocol.handle, TO_US))
    guest.call('NdisMSendNetBufferListsComplete', miniport.handle, queued[0], 0)
    guest.idle(21_000)
    expect(guest.broken()).toEqual([])
    guest.idle(2_000)
    expect(guest.broken()).toEqual(['NdisTimedDataHang'])
  })
  test('Driver Verifier NdisFilterTimedDataSend, NdisFilterTimedDataReceive: filters, too', () => {
    const stack = build({
      filter: {
        StatusHandler: () => undefined,
        SendNetBufferListsHandler: () => undefined,
        ReceiveNetBufferListsHandler: () => undefined,
      },
    })
    const { guest, protocol, miniport } = stack
    send(stack, guest.lists(protocol.handle, TO_US))
    indicate(stack, guest.lists(miniport.handle, TO_US))
    guest.idle(31_000)
    expect(guest.broken().sort()).toEqual(['NdisFilterTimedDataReceive', 'NdisFilterTimedDataSend'])
  })
  test('Driver Verifier NdisTimedOidComplete: a request is completed in 12 seconds', () => {
    let slow = 0
    const stack: Stack = build({
      miniport: {
        OidRequestHandler(_context: number, request: number) {
          if (slow === 0) return 0
          const { clock, scheduler } = stack.guest.machine.kernel
          const run = (): void => void stack.guest.call('NdisMOidRequestComplete', stack.miniport.handle, request, 0)
          clock.setAlarm(clock.now() + slow * TICKS_PER_MS, () =>
            scheduler.queueThread(0, { name: 'NIC', kind: ACTIVATION.THREAD, irql: 0, run }),
          )
          return NDIS_STATUS_PENDING
        },
      },
    })
    const ask = (): void => {
      const request = stack.guest.request('NdisRequestQueryInformation', 'OID_GEN_VENDOR_ID', [0, 0, 0, 0])
      stack.guest.call('NdisOidRequest', stack.protocol.handle, request)
      stack.guest.idle(30_000)
    }
    slow = 11_000
    ask()
    expect(stack.guest.broken()).toEqual([])
    slow = 13_000
    ask()
    expect(stack.guest.broken()).toEqual(['NdisTimedOidComplete'])
  })
})

describe('OID requests', () => {
  test('a final status is not NDIS_STATUS_PENDING (Driver Verifier NdisOidComplete)', () => {
    let status = 0
    const stack = build({ filter: { OidRequestHandler: () => status } })
    status = NDIS_STATUS_PENDING
    const { guest, protocol, filter } = stack
    const request = guest.request('NdisRequestQueryInformation', 'OID_GEN_VENDOR_ID', [0, 0, 0, 0])
    guest.call('NdisOidRequest', protocol.handle, request)
    guest.call('NdisFOidRequestComplete', filter.handle, request, NDIS_STATUS_PENDING)
    expect(guest.broken()).toContain('NdisOidComplete')
  })
  test('SDV NdisMNetPnPEventInOIDRequest', () => {
    const broken: string[] = []
    const guest = createStackGuest()
    const miniport: Part = guest.miniport({
      OidRequestHandler() {
        guest.call('NdisMNetPnPEvent', miniport.handle, guest.object('NET_PNP_EVENT_NOTIFICATION', 'DEFAULT'))
        broken.push(...guest.broken())
        return 0
      },
    })
    const protocol = guest.protocol('protocol')
    guest.start()
    guest.listen(protocol, 'NDIS_PACKET_TYPE_DIRECTED')
    expect(broken).toEqual(['NdisMNetPnPEventInOIDRequest'])
  })
  test('buffers are memory of the driver', () => {
    const { guest, protocol } = build()
    const request = guest.request('NdisRequestSetInformation', 'OID_GEN_CURRENT_LOOKAHEAD', [1, 2])
    guest.machine.kernel.space.w32(request + 32, 64)
    guest.call('NdisOidRequest', protocol.handle, request)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
  test('a status indication has its header', () => {
    const { guest, miniport } = build()
    const indication = guest.object('NDIS_STATUS_INDICATION', 'DEFAULT', { SourceHandle: miniport.handle })
    guest.call('NdisMIndicateStatusEx', miniport.handle, indication)
    expect(guest.broken()).toEqual(['StatusIndicationHeader'])
  })
})

test('an open with wrong parameters says what is wrong with them', () => {
  const guest = createStackGuest()
  guest.miniport()
  const protocol: Part = guest.protocol('protocol', {
    BindAdapterHandlerEx: (_context: number, bindContext: number) =>
      guest.call(
        'NdisOpenAdapterEx',
        protocol.driver,
        1,
        guest.object('NDIS_OPEN_PARAMETERS', 'DEFAULT'),
        bindContext,
        cell(),
      ),
  })
  guest.start()
  expect(guest.broken()).toEqual(['OpenParameters'])
})
test('with the rules off the same calls do what they can, and nothing is reported', () => {
  const stack = build({ options: { rules: false } })
  const { guest, protocol, miniport, queued } = stack
  send(stack, guest.lists(0, TO_US), DISPATCH)
  guest.call('NdisMSendNetBufferListsComplete', miniport.handle, queued[0], 0)
  guest.call('NdisCancelSendNetBufferLists', 0x5550, 1)
  expect(guest.log).toContain('protocol sendComplete 1')
  expect([guest.broken(), guest.machine.rules, protocol.handle !== 0]).toEqual([[], [], true])
})
