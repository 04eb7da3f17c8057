import { describe, expect, test } from 'vitest'
import { TICKS_PER_MS } from '../clock/clock'
import { ACTIVATION } from '../kernel/cpus'
import { layout } from '../memory/layout'
import { cell } from '../test-guest'
import { createStackGuest, OWN_ADDRESS, type Handlers, type Part, type StackGuest } from '../test-stack6'
import { constant } from './constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './status'

const TO_US = [...OWN_ADDRESS, 2, 0, 0, 0, 0, 2, 8, 0]
const ATTACH = layout(
  'NDIS_FILTER_ATTACH_PARAMETERS',
  'BaseMiniportName', 'MiniportMediaType', 'CurrentMacAddress', 'MacAddressLength', 'BaseMiniportIfIndex',
) // prettier-ignore

function build(handlers: Handlers = {}, cpus = 1): { guest: StackGuest; miniport: Part; filter: Part; protocol: Part } {
  const guest = createStackGuest({ cpus })
  const miniport = guest.miniport()
  const filter = guest.filter('filter', handlers)
  return { guest, miniport, filter, protocol: guest.protocol('protocol') }
}
/** Calls as a thread after so many milliseconds. */
function later(guest: StackGuest, ms: number, run: () => void): number {
  const { clock, scheduler } = guest.machine.kernel
  clock.setAlarm(clock.now() + ms * TICKS_PER_MS, () =>
    scheduler.queueThread(0, { name: 'later', kind: ACTIVATION.THREAD, irql: 0, run }),
  )
  return NDIS_STATUS_PENDING
}
const steps = (guest: StackGuest): string[] => guest.log.filter((entry) => !/protocol|options/.test(entry))
const moduleState = (guest: StackGuest): string => guest.machine.executive.network.ndis6.stacks[0]!.filters[0]!.state

describe('registration (DDI ndisfregisterfilterdriver)', () => {
  test.each([
    ['a wrong type', (at: number, guest: StackGuest) => guest.machine.kernel.space.w8(at, 0x01), 'BAD_CHARACTERISTICS'],
    ['NDIS 5', (at: number, guest: StackGuest) => guest.machine.kernel.space.w8(at + 4, 5), 'BAD_VERSION'],
    ['no handlers', () => undefined, 'BAD_CHARACTERISTICS'],
  ])('%s is refused, and the reason told', (_what, spoil, status) => {
    const guest = createStackGuest()
    const at = guest.characteristics('FILTER', {})
    spoil(at, guest)
    const { object } = guest.machine.driver
    const expected = constant(`NDIS_STATUS_${status}`)
    expect(guest.call('NdisFRegisterFilterDriver', object, 0, at, cell()) | 0).toBe(expected | 0)
    expect(guest.broken()).toEqual(['FilterCharacteristics'])
  })
  test('DDI filter_receive_net_buffer_lists: with a receive handler there is one for status', () => {
    const { guest } = build({ ReceiveNetBufferListsHandler: () => undefined })
    expect(guest.broken()).toEqual(['FilterCharacteristics'])
  })
  test('a failure of FilterSetOptions is one of the registration', () => {
    const { filter } = build({ SetOptionsHandler: () => NDIS_STATUS_FAILURE })
    expect(filter.driver).toBe(0)
  })
  test('a filter that comes while the stack runs: it pauses, attaches, and restarts', () => {
    const guest = createStackGuest()
    guest.miniport()
    guest.protocol('protocol')
    guest.start()
    guest.log.length = 0
    guest.filter('late')
    expect(steps(guest)).toEqual(['miniport pause', 'late attach', 'miniport restart', 'late restart'])
    expect(guest.log.filter((entry) => entry.startsWith('protocol event'))).toHaveLength(2)
    expect(guest.broken()).toEqual([])
  })
  test('NdisFDeregisterFilterDriver pauses, detaches and restarts', () => {
    const { guest, filter } = build()
    guest.start()
    guest.log.length = 0
    guest.call('NdisFDeregisterFilterDriver', filter.driver)
    expect(steps(guest)).toEqual(['filter pause', 'miniport pause', 'filter detach', 'miniport restart'])
    guest.call('NdisFDeregisterFilterDriver', filter.driver)
    expect(guest.broken()).toEqual(['InvalidHandle'])
  })
})

describe('attach (DDI filter_attach, ndisfsetattributes)', () => {
  test.each([1, 4])('attach, restart, pause, detach, in the order of the stack, on %i CPUs', (cpus) => {
    const { guest } = build({}, cpus)
    guest.start()
    guest.unload()
    expect(steps(guest)).toEqual([
      'miniport initialize',
      'filter attach',
      'miniport restart',
      'filter restart',
      'filter pause',
      'miniport pause',
      'filter detach',
      'miniport halt',
      'miniport unload',
    ])
    expect(guest.broken()).toEqual([])
  })
  test('the parameters say what the adapter is', () => {
    const facts: unknown[] = []
    const { guest } = build({
      AttachHandler(_handle: number, _context: number, at: number) {
        const { r16, r32 } = guest.machine.kernel.space
        facts.push(r32(at + ATTACH.MiniportMediaType), guest.bytes(at + ATTACH.CurrentMacAddress, 6))
        facts.push(r16(at + ATTACH.MacAddressLength), r16(r32(at + ATTACH.BaseMiniportName)) > 20)
        return NDIS_STATUS_FAILURE
      },
    })
    guest.start()
    expect(facts).toEqual([constant('NdisMedium802_3'), OWN_ADDRESS, 6, true])
  })
  test('a module that fails to attach is left out, and the stack runs without it', () => {
    const { guest, protocol } = build({ AttachHandler: () => NDIS_STATUS_FAILURE })
    guest.start()
    guest.log.length = 0
    guest.call('NdisSendNetBufferLists', protocol.handle, guest.lists(protocol.handle, TO_US), 0, 0)
    expect(guest.log).toEqual(['miniport send 1', 'protocol sendComplete 1'])
    guest.unload()
    expect(guest.log).not.toContain('filter detach')
    expect(guest.broken()).toEqual([])
  })
  test('a module that succeeds without NdisFSetAttributes is reported and left out', () => {
    const { guest } = build({ AttachHandler: () => NDIS_STATUS_SUCCESS })
    guest.start()
    expect(guest.broken()).toEqual(['FilterAttributesNotSet'])
  })
  test('attributes are set once, and with the right header', () => {
    const { guest, filter } = build()
    guest.start()
    const attributes = guest.object('NDIS_FILTER_ATTRIBUTES', 'FILTER_ATTRIBUTES')
    expect(guest.call('NdisFSetAttributes', filter.handle, 1, attributes) | 0).toBe(NDIS_STATUS_FAILURE)
    const wrong = guest.object('NDIS_FILTER_ATTRIBUTES', 'DEFAULT')
    expect(guest.call('NdisFSetAttributes', filter.handle, 1, wrong) | 0).toBe(
      constant('NDIS_STATUS_INVALID_PARAMETER') | 0,
    )
    expect(guest.broken()).toEqual(['FilterAttributes', 'FilterAttributes'])
  })
})

describe('pause and restart (DDI filter_pause, filter_restart)', () => {
  test('both may be completed later', () => {
    const { guest, filter } = build({
      PauseHandler: () => later(guest, 5, () => void guest.call('NdisFPauseComplete', filter.handle)),
      RestartHandler: () => later(guest, 5, () => void guest.call('NdisFRestartComplete', filter.handle, 0)),
    })
    guest.start()
    expect(moduleState(guest)).toBe('running')
    guest.unload()
    expect(steps(guest).slice(-5)).toEqual([
      'filter pause',
      'miniport pause',
      'filter detach',
      'miniport halt',
      'miniport unload',
    ])
    expect(guest.broken()).toEqual([])
  })
  test('a restart that fails leaves the module paused: nothing passes it', () => {
    const { guest, filter, protocol } = build({ RestartHandler: () => NDIS_STATUS_FAILURE })
    guest.start()
    expect(guest.machine.executive.network.ndis6.stacks).toEqual([])
    expect(steps(guest)).toEqual([
      'miniport initialize',
      'filter attach',
      'miniport restart',
      'filter restart',
      'miniport pause',
      'filter detach',
      'miniport halt',
    ])
    expect([filter.handle !== 0, protocol.handle]).toEqual([true, 0])
  })
  test('NdisFRestartFilter pauses and restarts the whole stack', () => {
    const { guest, filter } = build()
    guest.start()
    guest.log.length = 0
    expect(guest.call('NdisFRestartFilter', filter.handle)).toBe(NDIS_STATUS_SUCCESS)
    guest.idle(1)
    expect(steps(guest)).toEqual(['filter pause', 'miniport pause', 'miniport restart', 'filter restart'])
    expect(guest.broken()).toEqual([])
  })
  test('completions of nothing are reported (Driver Verifier NdisFilterTimedPauseComplete)', () => {
    const { guest, filter } = build()
    guest.start()
    guest.call('NdisFPauseComplete', filter.handle)
    guest.call('NdisFRestartComplete', filter.handle, 0)
    expect(guest.broken()).toEqual(['NdisFilterTimedPauseComplete', 'FilterTransition'])
  })
  test('a pause may not fail', () => {
    const { guest } = build({ PauseHandler: () => NDIS_STATUS_FAILURE })
    guest.start()
    guest.unload()
    expect(guest.broken()).toEqual(['NdisFilterTimedPauseComplete'])
  })
  test('a pause of more than ten seconds is reported; of more than ten minutes it stops the machine', () => {
    const slow = build({
      PauseHandler: () =>
        later(slow.guest, 11_000, () => void slow.guest.call('NdisFPauseComplete', slow.filter.handle)),
    })
    slow.guest.start()
    slow.guest.unload()
    expect(slow.guest.broken()).toEqual(['NdisFilterTimedPauseComplete'])

    const fast = build({
      PauseHandler: () =>
        later(fast.guest, 9_000, () => void fast.guest.call('NdisFPauseComplete', fast.filter.handle)),
    })
    fast.guest.start()
    fast.guest.unload()
    expect(fast.guest.broken()).toEqual([])

    const never = build({ PauseHandler: () => NDIS_STATUS_PENDING })
    never.guest.start()
    expect(never.guest.crash(() => never.guest.unload()).parameters.slice(0, 2)).toEqual([0x25, 0x11])
  })
})

describe('optional handlers of a module (DDI filter_set_module_options, ndissetoptionalhandlers)', () => {
  test('are set before each restart, and count from then on', () => {
    let wanted = true
    const seen: string[] = []
    const { guest, filter, protocol } = build({
      SetFilterModuleOptionsHandler() {
        const send = (_context: number, list: number, port: number, flags: number): number => {
          seen.push('send')
          return guest.call('NdisFSendNetBufferLists', filter.handle, list, port, flags)
        }
        const partial = guest.object('NDIS_FILTER_PARTIAL_CHARACTERISTICS', 'FILTER_PARTIAL_CHARACTERISTICS', {
          SendNetBufferListsHandler: wanted ? guest.machine.kernel.text.addressOf(send) : 0,
        })
        expect(guest.call('NdisSetOptionalHandlers', filter.handle, partial)).toBe(NDIS_STATUS_SUCCESS)
        return NDIS_STATUS_SUCCESS
      },
    })
    guest.start()
    guest.call('NdisSendNetBufferLists', protocol.handle, guest.lists(protocol.handle, TO_US), 0, 0)
    expect(seen).toEqual(['send'])
    wanted = false
    guest.call('NdisFRestartFilter', filter.handle)
    guest.idle(1)
    guest.call('NdisSendNetBufferLists', protocol.handle, guest.lists(protocol.handle, TO_US), 0, 0)
    expect(seen).toEqual(['send'])
    expect(guest.broken()).toEqual([])
  })
  test('not at other times, and not with another record', () => {
    const { guest, filter } = build()
    guest.start()
    const partial = guest.object('NDIS_FILTER_PARTIAL_CHARACTERISTICS', 'FILTER_PARTIAL_CHARACTERISTICS')
    expect(guest.call('NdisSetOptionalHandlers', filter.handle, partial) | 0).toBe(NDIS_STATUS_FAILURE)
    const other = guest.object('NDIS_FILTER_PARTIAL_CHARACTERISTICS', 'DEFAULT')
    expect(guest.call('NdisSetOptionalHandlers', filter.handle, other) | 0).toBe(
      constant('NDIS_STATUS_INVALID_PARAMETER') | 0,
    )
    expect(guest.broken()).toEqual(['OptionalHandlersOutsideOptions'])
  })
})

test('NdisMResetMiniport: NDIS resets the adapter, also when it completes later (NdisMResetComplete)', () => {
  const guest = createStackGuest()
  const miniport: Part = guest.miniport({
    ResetHandlerEx: () => later(guest, 5, () => void guest.call('NdisMResetComplete', miniport.handle, 0, 0)),
  })
  guest.start()
  guest.call('NdisMResetMiniport', miniport.handle)
  guest.idle(20)
  expect(guest.log).toContain('miniport reset')
  expect(guest.broken()).toEqual([])
  const { parameters } = guest.crash(() => guest.call('NdisMResetComplete', miniport.handle, 0, 0))
  expect(parameters[0]).toBe(0x0f)
})
test('NdisMPauseComplete and NdisMRestartComplete end what a miniport left pending', () => {
  const guest = createStackGuest()
  const miniport: Part = guest.miniport({
    PauseHandler: () => later(guest, 5, () => void guest.call('NdisMPauseComplete', miniport.handle)),
    RestartHandler: () => later(guest, 5, () => void guest.call('NdisMRestartComplete', miniport.handle, 0)),
  })
  guest.start()
  guest.unload()
  expect(steps(guest)).toEqual([
    'miniport initialize',
    'miniport restart',
    'miniport pause',
    'miniport halt',
    'miniport unload',
  ])
  expect(guest.broken()).toEqual([])
})
