import { describe, expect, test } from 'vitest'
import type { MachineOptions } from '../machine'
import {
  BROADCAST,
  createStackGuest,
  LIST,
  OWN_ADDRESS,
  RESOURCES,
  type Handlers,
  type Part,
  type StackGuest,
} from '../test-stack6'
import { constant } from './constants'

const FROM = [2, 0, 0, 0, 0, 2, 8, 0]
const TO_US = [...OWN_ADDRESS, ...FROM]
const TO_ALL = [...BROADCAST, ...FROM]
const TO_OTHERS = [2, 0, 0, 0, 0, 9, ...FROM]
const PAUSED = constant('NDIS_STATUS_PAUSED')

interface Stack {
  readonly guest: StackGuest
  readonly miniport: Part
  readonly modules: Part[]
  readonly protocol: Part
}
interface Parts {
  readonly filters?: number
  readonly miniport?: Handlers
  readonly filter?: Handlers
  readonly protocol?: Handlers
  readonly options?: MachineOptions
}

/** A protocol over filters over a miniport, started and listening; the log begins after that. */
function build({ filters = 0, miniport, filter, protocol, options }: Parts = {}): Stack {
  const guest = createStackGuest(options)
  const stack = { guest, miniport: guest.miniport(miniport), modules: [] as Part[], protocol: { handle: 0, driver: 0 } }
  for (let i = 0; i < filters; i++) {
    const passing = guest.passing(() => stack.modules[i]!)
    stack.modules.push(guest.filter(`filter${i}`, { ...passing, ...filter }))
  }
  stack.protocol = guest.protocol('protocol', protocol)
  guest.start()
  guest.listen(stack.protocol, 'NDIS_PACKET_TYPE_DIRECTED', 'NDIS_PACKET_TYPE_BROADCAST')
  guest.log.length = 0
  return stack
}
const statusOf = ({ guest }: Stack, list: number): number => guest.machine.kernel.space.r32(list + LIST.Status) | 0
const send = ({ guest, protocol }: Stack, list: number, flags = 0): void =>
  void guest.call('NdisSendNetBufferLists', protocol.handle, list, 0, flags)
const indicate = ({ guest, miniport }: Stack, list: number, flags = 0): void =>
  void guest.call('NdisMIndicateReceiveNetBufferLists', miniport.handle, list, 0, guest.chain(list).length, flags)

describe('sends (DDI ndissendnetbufferlists, filter_send_net_buffer_lists)', () => {
  test.each([1, 4])('pass all filters downwards and come back upwards, on %i CPUs', (cpus) => {
    const stack = build({ filters: 2, options: { cpus } })
    send(stack, stack.guest.lists(stack.protocol.handle, TO_US, TO_ALL))
    expect(stack.guest.log).toEqual([
      'filter1 send 2',
      'filter0 send 2',
      'miniport send 2',
      'filter0 sendComplete 2',
      'filter1 sendComplete 2',
      'protocol sendComplete 2',
    ])
    expect(stack.guest.broken()).toEqual([])
  })
  test('a filter without handlers of the data path is passed by', () => {
    const guest = createStackGuest()
    guest.miniport()
    guest.filter('monitor')
    const protocol = guest.protocol('protocol')
    guest.start()
    guest.log.length = 0
    guest.call('NdisSendNetBufferLists', protocol.handle, guest.lists(protocol.handle, TO_US), 0, 0)
    expect(guest.log).toEqual(['miniport send 1', 'protocol sendComplete 1'])
  })
  test('a filter with FilterSendNetBufferLists alone sees no completion', () => {
    const stack = build({ filters: 1, filter: { SendNetBufferListsCompleteHandler: undefined } })
    send(stack, stack.guest.lists(stack.protocol.handle, TO_US))
    expect(stack.guest.log).toEqual(['filter0 send 1', 'miniport send 1', 'protocol sendComplete 1'])
  })
  test('a filter that completes what it does not let through (NdisFSendNetBufferListsComplete)', () => {
    const stack: Stack = build({
      filters: 1,
      filter: {
        SendNetBufferListsHandler: (_context: number, list: number) =>
          stack.guest.call('NdisFSendNetBufferListsComplete', stack.modules[0]!.handle, list, 0),
      },
    })
    send(stack, stack.guest.lists(stack.protocol.handle, TO_US, TO_US))
    expect(stack.guest.log).toEqual(['filter0 send 2', 'protocol sendComplete 2'])
    expect(stack.guest.broken()).toEqual([])
  })
  test('what a filter originates comes back to it and to nobody else, mixed with what it passes on', () => {
    let own = 0
    const stack: Stack = build({
      filters: 2,
      filter: {
        SendNetBufferListsHandler(_context: number, list: number, port: number, flags: number) {
          const { guest, modules } = stack
          const lowest = guest.log.at(-1)!.startsWith('filter0')
          if (lowest) {
            own = guest.lists(modules[0]!.handle, TO_ALL)
            guest.machine.kernel.space.w32(own + LIST.Next, list)
          }
          guest.call('NdisFSendNetBufferLists', modules[lowest ? 0 : 1]!.handle, lowest ? own : list, port, flags)
        },
        SendNetBufferListsCompleteHandler(_context: number, list: number, flags: number) {
          const { guest, modules } = stack
          const index = guest.log.at(-1)!.startsWith('filter0') ? 0 : 1
          if (list !== own) guest.call('NdisFSendNetBufferListsComplete', modules[index]!.handle, list, flags)
        },
      },
    })
    send(stack, stack.guest.lists(stack.protocol.handle, TO_US))
    expect(stack.guest.log).toEqual([
      'filter1 send 1',
      'filter0 send 1',
      'miniport send 2',
      'filter0 sendComplete 1',
      'filter0 sendComplete 1',
      'filter1 sendComplete 1',
      'protocol sendComplete 1',
    ])
    expect(stack.guest.broken()).toEqual([])
  })
  test('a miniport may complete one by one, later and in another order', () => {
    const queued: number[] = []
    const stack: Stack = build({
      miniport: {
        SendNetBufferListsHandler: (_context: number, list: number) => void queued.push(...stack.guest.chain(list)),
      },
    })
    const { guest, miniport } = stack
    send(stack, guest.lists(stack.protocol.handle, TO_US, TO_US, TO_US))
    for (const list of queued) guest.machine.kernel.space.w32(list + LIST.Next, 0)
    for (const list of [queued[2]!, queued[0]!, queued[1]!])
      guest.call('NdisMSendNetBufferListsComplete', miniport.handle, list, 0)
    expect(guest.log).toEqual(['miniport send 3', ...Array<string>(3).fill('protocol sendComplete 1')])
    expect(guest.machine.executive.network.frames.sent).toBe(3)
    expect(guest.broken()).toEqual([])
  })
  test('a miniport completes lists of two protocols in one chain: each gets its own', () => {
    const queued: number[] = []
    const guest = createStackGuest()
    const { space } = guest.machine.kernel
    const miniport = guest.miniport({
      SendNetBufferListsHandler: (_context: number, list: number) => void queued.push(...guest.chain(list)),
    })
    const [first, second] = [guest.protocol('first'), guest.protocol('second')]
    guest.start()
    guest.log.length = 0
    for (const part of [first, second])
      guest.call('NdisSendNetBufferLists', part.handle, guest.lists(part.handle, TO_ALL), 0, 0)
    space.w32(queued[0]! + LIST.Next, queued[1]!)
    guest.call('NdisMSendNetBufferListsComplete', miniport.handle, queued[0], 0)
    expect(guest.log.slice(2)).toEqual(['first sendComplete 1', 'second sendComplete 1'])
    expect(guest.broken()).toEqual([])
  })
  test('a cancel reaches the highest filter that takes one, and the miniport when it passes it on', () => {
    const ids: unknown[] = []
    const stack: Stack = build({
      filters: 1,
      filter: {
        CancelSendNetBufferListsHandler(_context: number, id: number) {
          ids.push(id)
          stack.guest.call('NdisFCancelSendNetBufferLists', stack.modules[0]!.handle, id)
        },
      },
      miniport: { CancelSendHandler: (_context: number, id: number) => void ids.push(id) },
    })
    stack.guest.call('NdisCancelSendNetBufferLists', stack.protocol.handle, 0x77)
    expect(stack.guest.log).toEqual(['filter0 cancelSend', 'miniport cancelSend'])
    expect(ids).toEqual([0x77, 0x77])
  })
  test('NDIS completes with NDIS_STATUS_PAUSED what is sent while the stack is paused', () => {
    const stack = build({ filters: 1 })
    const { guest } = stack
    const { control } = guest.machine.executive.adapters.find(stack.miniport.handle)!
    control!.pause(constant('NDIS_PAUSE_NDIS_INTERNAL'))
    guest.log.length = 0
    const list = guest.lists(stack.protocol.handle, TO_US)
    send(stack, list)
    expect(guest.log).toEqual(['protocol sendComplete 1'])
    expect(statusOf(stack, list)).toBe(PAUSED)
    expect(guest.broken()).toEqual(['SendOutsideRunning'])
  })
})

describe('receive indications (DDI ndismindicatereceivenetbufferlists, filter_receive_net_buffer_lists)', () => {
  test.each([1, 4])('pass all filters upwards and are returned downwards, on %i CPUs', (cpus) => {
    const stack = build({ filters: 2, options: { cpus } })
    indicate(stack, stack.guest.lists(stack.miniport.handle, TO_US, TO_ALL))
    expect(stack.guest.log).toEqual([
      'filter0 receive 2',
      'filter1 receive 2',
      'protocol receive 2',
      'filter1 return 2',
      'filter0 return 2',
      'miniport return 2',
    ])
    expect(stack.guest.broken()).toEqual([])
  })
  test('with NDIS_RECEIVE_FLAGS_RESOURCES the miniport has the lists again when the call returns', () => {
    const flags: number[] = []
    const stack = build({
      filters: 1,
      protocol: {
        ReceiveNetBufferListsHandler: (...args: readonly number[]) => void flags.push(args[4]!),
      },
    })
    const chain = stack.guest.lists(stack.miniport.handle, TO_US, TO_US)
    const lists = stack.guest.chain(chain)
    indicate(stack, chain, RESOURCES)
    expect(stack.guest.log).toEqual(['filter0 receive 2', 'protocol receive 2'])
    expect(flags).toEqual([RESOURCES])
    expect(stack.guest.chain(chain)).toEqual(lists)
    for (const list of lists) stack.guest.call('NdisFreeNetBufferList', list)
    expect(stack.guest.broken()).toEqual([])
  })
  test('a filter may demand the lists back at once although it was not asked to', () => {
    const stack: Stack = build({
      filters: 1,
      filter: {
        ReceiveNetBufferListsHandler(_context: number, list: number, port: number, count: number) {
          const { guest, modules } = stack
          guest.call('NdisFIndicateReceiveNetBufferLists', modules[0]!.handle, list, port, count, RESOURCES)
          guest.call('NdisFReturnNetBufferLists', modules[0]!.handle, list, 0)
        },
      },
    })
    indicate(stack, stack.guest.lists(stack.miniport.handle, TO_US))
    expect(stack.guest.log).toEqual(['filter0 receive 1', 'protocol receive 1', 'miniport return 1'])
    expect(stack.guest.broken()).toEqual([])
  })
  test('what a filter originates is returned to it', () => {
    const returned: number[] = []
    const stack = build({
      filters: 1,
      filter: { ReturnNetBufferListsHandler: (_context: number, list: number) => void returned.push(list) },
    })
    const { guest, modules } = stack
    const own = guest.lists(modules[0]!.handle, TO_ALL)
    guest.call('NdisFIndicateReceiveNetBufferLists', modules[0]!.handle, own, 0, 1, 0)
    expect(guest.log).toEqual(['protocol receive 1', 'filter0 return 1'])
    expect(returned).toEqual([own])
    guest.call('NdisFreeNetBufferList', own)
    expect(guest.broken()).toEqual([])
  })
  test('two protocols get what their packet filters let through; nobody gets the rest', () => {
    const guest = createStackGuest()
    const miniport = guest.miniport()
    const [first, second, deaf] = [guest.protocol('first'), guest.protocol('second'), guest.protocol('deaf')]
    guest.start()
    guest.listen(first, 'NDIS_PACKET_TYPE_DIRECTED')
    guest.listen(second, 'NDIS_PACKET_TYPE_BROADCAST')
    guest.log.length = 0
    const chain = guest.lists(miniport.handle, TO_US, TO_ALL, TO_OTHERS)
    guest.call('NdisMIndicateReceiveNetBufferLists', miniport.handle, chain, 0, 3, 0)
    expect(guest.log).toEqual([
      'first receive 1',
      'miniport return 1',
      'second receive 1',
      'miniport return 1',
      'miniport return 1',
    ])
    expect(deaf.handle).not.toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('when two want the same frame only the last may keep it', () => {
    const flags: number[] = []
    const guest = createStackGuest()
    const miniport = guest.miniport()
    const keep: Handlers = {
      ReceiveNetBufferListsHandler: (...args: readonly number[]) => void flags.push(args[4]!),
    }
    const [first, second] = [guest.protocol('first', keep), guest.protocol('second', keep)]
    guest.start()
    guest.listen(first, 'NDIS_PACKET_TYPE_PROMISCUOUS')
    guest.listen(second, 'NDIS_PACKET_TYPE_PROMISCUOUS')
    const chain = guest.lists(miniport.handle, TO_US)
    guest.call('NdisMIndicateReceiveNetBufferLists', miniport.handle, chain, 0, 1, 0)
    expect(flags).toEqual([RESOURCES, 0])
    guest.log.length = 0
    guest.call('NdisReturnNetBufferLists', second.handle, chain, 0)
    expect(guest.log).toEqual(['miniport return 1'])
    expect(guest.broken()).toEqual([])
  })
  test('multicast frames go to who listed their address (OID_802_3_MULTICAST_LIST)', () => {
    const stack = build()
    const { guest, miniport, protocol } = stack
    const group = [1, 0, 94, 0, 0, 5]
    guest.listen(protocol, 'NDIS_PACKET_TYPE_MULTICAST')
    const set = guest.request('NdisRequestSetInformation', 'OID_802_3_MULTICAST_LIST', group)
    expect(guest.call('NdisOidRequest', protocol.handle, set)).toBe(0)
    guest.log.length = 0
    indicate(stack, guest.lists(miniport.handle, [...group, ...FROM]))
    indicate(stack, guest.lists(miniport.handle, [1, 0, 94, 0, 0, 6, ...FROM]))
    expect(guest.log).toEqual(['protocol receive 1', 'miniport return 1', 'miniport return 1'])
  })
  test('frames are dropped and returned while no protocol listens', () => {
    const guest = createStackGuest()
    const miniport = guest.miniport()
    guest.start()
    guest.log.length = 0
    const chain = guest.lists(miniport.handle, TO_US, TO_US)
    guest.call('NdisMIndicateReceiveNetBufferLists', miniport.handle, chain, 0, 2, 0)
    expect(guest.log).toEqual(['miniport return 2'])
    expect(guest.machine.executive.network.frames).toMatchObject({ received: 2, dropped: 2 })
  })
})

describe('status and PnP events (DDI ndismindicatestatusex, ndisfnetpnpevent)', () => {
  const indication = (guest: StackGuest, handle: number): number =>
    guest.object('NDIS_STATUS_INDICATION', 'STATUS_INDICATION', {
      SourceHandle: handle,
      StatusCode: constant('NDIS_STATUS_LINK_STATE'),
    })
  test('a status goes up through the filters to all bindings, also while they are paused', () => {
    const stack = build({ filters: 2 })
    const { guest, miniport } = stack
    guest.call('NdisMIndicateStatusEx', miniport.handle, indication(guest, miniport.handle))
    expect(guest.log).toEqual(['filter0 status', 'filter1 status', 'protocol status'])
    guest.machine.executive.adapters.find(miniport.handle)!.control!.pause(constant('NDIS_PAUSE_NDIS_INTERNAL'))
    guest.log.length = 0
    guest.call('NdisMIndicateStatusEx', miniport.handle, indication(guest, miniport.handle))
    expect(guest.log).toEqual(['filter0 status', 'filter1 status', 'protocol status'])
    expect(guest.broken()).toEqual([])
  })
  test('a filter originates one (NdisFIndicateStatus)', () => {
    const { guest, modules } = build({ filters: 2 })
    guest.call('NdisFIndicateStatus', modules[0]!.handle, indication(guest, modules[0]!.handle))
    expect(guest.log).toEqual(['filter1 status', 'protocol status'])
  })
  test('BC 0x7C/20: a size without a buffer stops the machine', () => {
    const { guest, miniport } = build()
    const bad = indication(guest, miniport.handle)
    guest.machine.kernel.space.w32(bad + 32, 8)
    const { name, parameters } = guest.crash(() => guest.call('NdisMIndicateStatusEx', miniport.handle, bad))
    expect([name, parameters[0]]).toEqual(['BUGCODE_NDIS_DRIVER', 0x20])
  })
  test('device events go down, network events go up, each past who has no handler', () => {
    const stack: Stack = build({
      filters: 2,
      filter: {
        DevicePnPEventNotifyHandler(_context: number, event: number) {
          const index = stack.guest.log.at(-1)!.startsWith('filter0') ? 0 : 1
          stack.guest.call('NdisFDevicePnPEventNotify', stack.modules[index]!.handle, event)
        },
        NetPnPEventHandler(_context: number, event: number) {
          const index = stack.guest.log.at(-1)!.startsWith('filter0') ? 0 : 1
          return stack.guest.call('NdisFNetPnPEvent', stack.modules[index]!.handle, event)
        },
      },
    })
    const { guest, miniport } = stack
    const { control } = guest.machine.executive.adapters.find(miniport.handle)!
    control!.pnpEvent(constant('NdisDevicePnPEventPowerProfileChanged'), 1)
    expect(guest.log).toEqual([
      'filter1 devicePnPEventNotify',
      'filter0 devicePnPEventNotify',
      'miniport devicePnPEventNotify',
    ])
    guest.log.length = 0
    const event = guest.object('NET_PNP_EVENT_NOTIFICATION', 'DEFAULT')
    expect(guest.call('NdisMNetPnPEvent', miniport.handle, event)).toBe(0)
    expect(guest.log).toEqual([
      'filter0 netPnPEvent',
      'filter1 netPnPEvent',
      'protocol netPnPEvent',
      'protocol event 0',
    ])
    expect(guest.broken()).toEqual([])
  })
})
