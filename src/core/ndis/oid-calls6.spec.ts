import { describe, expect, test } from 'vitest'
import { cell } from '../test-guest'
import { createStackGuest, OID, OWN_ADDRESS, type Handlers, type Part, type StackGuest } from '../test-stack6'
import { constant } from './constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './status'

const ABORTED = constant('NDIS_STATUS_REQUEST_ABORTED')
const TOO_SHORT = constant('NDIS_STATUS_BUFFER_TOO_SHORT')

interface Stack {
  readonly guest: StackGuest
  readonly miniport: Part
  readonly filter: Part
  readonly protocol: Part
  /** Requests that the miniport was given. */
  readonly asked: number[]
  /** Completions that the protocol was told of: request and status. */
  readonly done: (readonly [number, number])[]
}

/** A protocol over a filter with these handlers, over a miniport that answers with `oid`. */
function build(oid: (request: number) => number, filter?: Handlers, cpus = 1, miniport?: Handlers): Stack {
  const guest = createStackGuest({ cpus })
  const asked: number[] = []
  const done: (readonly [number, number])[] = []
  const completed = (_context: number, request: number, status: number): void => void done.push([request, status | 0])
  const parts = {
    miniport: guest.miniport({
      OidRequestHandler(_context: number, request: number) {
        asked.push(request)
        return oid(request)
      },
      ...miniport,
    }),
    filter: filter ? guest.filter('filter', filter) : { handle: 0, driver: 0 },
    protocol: guest.protocol('protocol', {
      OidRequestCompleteHandler: completed,
      DirectOidRequestCompleteHandler: completed,
    }),
  }
  guest.start()
  guest.log.length = 0
  return { guest, ...parts, asked, done }
}
const query = (guest: StackGuest, oid: string, bytes = 4): number =>
  guest.request('NdisRequestQueryInformation', oid, Array<number>(bytes).fill(0))
const set = (guest: StackGuest, oid: string, ...data: readonly number[]): number =>
  guest.request('NdisRequestSetInformation', oid, data)
const answer = (guest: StackGuest, request: number): number[] => {
  const { r32 } = guest.machine.kernel.space
  const buffer = r32(request + OID['DATA.QUERY_INFORMATION.InformationBuffer'])
  return guest.bytes(buffer, r32(request + OID['DATA.QUERY_INFORMATION.BytesWritten']))
}
const ask = ({ guest, protocol }: Stack, request: number): number =>
  guest.call('NdisOidRequest', protocol.handle, request) | 0
const pending = (): number => NDIS_STATUS_PENDING

describe('queries and sets (DDI ndisoidrequest, miniport_oid_request)', () => {
  test('NDIS answers from the general attributes; the miniport is not asked', () => {
    const stack = build(() => NDIS_STATUS_NOT_SUPPORTED)
    const address = query(stack.guest, 'OID_802_3_CURRENT_ADDRESS', 6)
    expect(ask(stack, address)).toBe(NDIS_STATUS_SUCCESS)
    expect(answer(stack.guest, address)).toEqual(OWN_ADDRESS)
    const size = query(stack.guest, 'OID_GEN_MAXIMUM_TOTAL_SIZE')
    ask(stack, size)
    expect(answer(stack.guest, size)).toEqual([0xea, 5, 0, 0])
    expect(stack.asked).toEqual([])
  })
  test('with a buffer that is too short NDIS says what it needs', () => {
    const stack = build(() => NDIS_STATUS_NOT_SUPPORTED)
    const request = query(stack.guest, 'OID_802_3_CURRENT_ADDRESS', 5)
    expect(ask(stack, request)).toBe(TOO_SHORT | 0)
    const { r32 } = stack.guest.machine.kernel.space
    expect(r32(request + OID['DATA.QUERY_INFORMATION.BytesNeeded'])).toBe(6)
  })
  test('the miniport answers the rest, at once', () => {
    const stack: Stack = build((request) => {
      const { space } = stack.guest.machine.kernel
      space.w32(space.r32(request + OID['DATA.QUERY_INFORMATION.InformationBuffer']), 0x1234)
      space.w32(request + OID['DATA.QUERY_INFORMATION.BytesWritten'], 4)
      return NDIS_STATUS_SUCCESS
    })
    const request = query(stack.guest, 'OID_GEN_VENDOR_ID')
    expect(ask(stack, request)).toBe(NDIS_STATUS_SUCCESS)
    expect(answer(stack.guest, request)).toEqual([0x34, 0x12, 0, 0])
    expect(stack.done).toEqual([])
    expect(stack.guest.broken()).toEqual([])
  })
  test.each([1, 4])('or later (NdisMOidRequestComplete): the next request waits for it, on %i CPUs', (cpus) => {
    const stack = build(pending, undefined, cpus)
    const { guest, miniport, asked, done } = stack
    const [first, second] = [query(guest, 'OID_GEN_VENDOR_ID'), query(guest, 'OID_GEN_STATISTICS')]
    expect([ask(stack, first), ask(stack, second)]).toEqual([NDIS_STATUS_PENDING, NDIS_STATUS_PENDING])
    guest.idle(1)
    expect(asked).toEqual([first])
    guest.call('NdisMOidRequestComplete', miniport.handle, first, NDIS_STATUS_FAILURE)
    guest.idle(1)
    expect(asked).toEqual([first, second])
    guest.call('NdisMOidRequestComplete', miniport.handle, second, NDIS_STATUS_SUCCESS)
    expect(done).toEqual([
      [first, NDIS_STATUS_FAILURE],
      [second, NDIS_STATUS_SUCCESS],
    ])
    expect(guest.broken()).toEqual([])
  })
  test('it may complete it before it returns NDIS_STATUS_PENDING', () => {
    const stack: Stack = build((request) => {
      stack.guest.call('NdisMOidRequestComplete', stack.miniport.handle, request, NDIS_STATUS_SUCCESS)
      return NDIS_STATUS_PENDING
    })
    const request = query(stack.guest, 'OID_GEN_VENDOR_ID')
    expect(ask(stack, request)).toBe(NDIS_STATUS_PENDING)
    expect(stack.done).toEqual([[request, NDIS_STATUS_SUCCESS]])
    expect(stack.guest.broken()).toEqual([])
  })
  test('SDV DoubleComplete: completed and returned as done', () => {
    const stack: Stack = build((request) => {
      stack.guest.call('NdisMOidRequestComplete', stack.miniport.handle, request, NDIS_STATUS_SUCCESS)
      return NDIS_STATUS_SUCCESS
    })
    const request = query(stack.guest, 'OID_GEN_VENDOR_ID')
    expect(ask(stack, request)).toBe(NDIS_STATUS_PENDING)
    expect(stack.done).toEqual([[request, NDIS_STATUS_SUCCESS]])
    expect(stack.guest.broken()).toEqual(['DoubleComplete'])
  })
  test('BC 0x7C/26: completed twice', () => {
    const stack = build(pending)
    const { guest, miniport } = stack
    const request = query(guest, 'OID_GEN_VENDOR_ID')
    ask(stack, request)
    guest.call('NdisMOidRequestComplete', miniport.handle, request, NDIS_STATUS_SUCCESS)
    const { parameters } = guest.crash(() =>
      guest.call('NdisMOidRequestComplete', miniport.handle, request, NDIS_STATUS_SUCCESS),
    )
    expect(parameters.slice(0, 3)).toEqual([0x26, miniport.handle, request])
    expect(guest.broken()).toEqual(['NdisOidDoubleComplete'])
  })
  test('BC 0x7C/1D: more written than there is room for', () => {
    const stack = build(pending)
    const { guest, miniport } = stack
    const request = query(guest, 'OID_GEN_VENDOR_ID')
    ask(stack, request)
    guest.machine.kernel.space.w32(request + OID['DATA.QUERY_INFORMATION.BytesWritten'], 5)
    const { parameters } = guest.crash(() =>
      guest.call('NdisMOidRequestComplete', miniport.handle, request, NDIS_STATUS_SUCCESS),
    )
    expect(parameters.slice(0, 3)).toEqual([0x1d, miniport.handle, request])
  })
  test('a request that is pending is not sent again, and one without its header not at all', () => {
    const stack = build(pending)
    const { guest } = stack
    const request = query(guest, 'OID_GEN_VENDOR_ID')
    ask(stack, request)
    expect(ask(stack, request)).toBe(NDIS_STATUS_FAILURE)
    const bad = query(guest, 'OID_GEN_VENDOR_ID')
    guest.machine.kernel.space.w8(bad, 0)
    expect(ask(stack, bad)).toBe(constant('NDIS_STATUS_INVALID_PARAMETER') | 0)
    expect(guest.broken()).toEqual(['OidRequestInUse', 'OidRequestHeader'])
  })
  test('sent at DISPATCH_LEVEL it reaches the miniport at PASSIVE_LEVEL', () => {
    const levels: number[] = []
    const stack: Stack = build(() => {
      levels.push(stack.guest.machine.kernel.cpus.irql())
      return NDIS_STATUS_SUCCESS
    })
    const request = query(stack.guest, 'OID_GEN_VENDOR_ID')
    expect(stack.guest.atDispatch(() => ask(stack, request))).toBe(NDIS_STATUS_PENDING)
    stack.guest.idle(1)
    expect(levels).toEqual([0])
    expect(stack.done).toEqual([[request, NDIS_STATUS_SUCCESS]])
  })
})

describe('cancel (DDI ndiscanceloidrequest)', () => {
  test('what waits in NDIS is aborted, what the miniport has is its own business', () => {
    const cancelled: number[] = []
    const stack = build(pending, undefined, 1, {
      CancelOidRequestHandler: (_context: number, id: number) => void cancelled.push(id),
    })
    const { guest, protocol, done, asked } = stack
    const requests = [1, 2, 1].map((id) =>
      guest.request('NdisRequestQueryInformation', 'OID_GEN_VENDOR_ID', [0, 0, 0, 0], id),
    )
    for (const request of requests) ask(stack, request)
    guest.call('NdisCancelOidRequest', protocol.handle, 1)
    expect(done).toEqual([[requests[2], ABORTED | 0]])
    expect(cancelled).toEqual([1])
    expect(asked).toEqual([requests[0]])
    expect(guest.broken()).toEqual([])
  })
})

describe('filters (DDI filter_oid_request, ndisallocatecloneoidrequest)', () => {
  /** Hands a clone down and completes the request when the clone is done. */
  function cloning(of: () => Stack): Handlers {
    const originals = new Map<number, number>()
    const finish = (clone: number): number => {
      const { guest, filter } = of()
      const original = originals.get(clone)!
      const { space } = guest.machine.kernel
      const written = OID['DATA.QUERY_INFORMATION.BytesWritten']
      space.w32(original + written, space.r32(clone + written))
      guest.call('NdisFreeCloneOidRequest', filter.handle, clone)
      return original
    }
    return {
      OidRequestHandler(_context: number, request: number) {
        const { guest, filter } = of()
        const clone = cell()
        guest.call('NdisAllocateCloneOidRequest', filter.handle, request, 0x4f6d6c43, clone)
        originals.set(clone.value, request)
        const status = guest.call('NdisFOidRequest', filter.handle, clone.value)
        if (status !== NDIS_STATUS_PENDING) finish(clone.value)
        return status
      },
      OidRequestCompleteHandler(_context: number, clone: number, status: number) {
        const { guest, filter } = of()
        guest.call('NdisFOidRequestComplete', filter.handle, finish(clone), status)
      },
    }
  }
  test('a clone goes down and the answer comes up, at once', () => {
    const stack: Stack = build(
      () => NDIS_STATUS_SUCCESS,
      cloning(() => stack),
    )
    expect(ask(stack, set(stack.guest, 'OID_GEN_CURRENT_LOOKAHEAD', 0, 1, 0, 0))).toBe(NDIS_STATUS_SUCCESS)
    expect(stack.guest.log).toEqual(['filter oidRequest', 'miniport oidRequest'])
    expect(stack.guest.broken()).toEqual([])
  })
  test.each([1, 4])('or later; the filter, too, gets one request at a time, on %i CPUs', (cpus) => {
    const stack: Stack = build(
      pending,
      cloning(() => stack),
      cpus,
    )
    const { guest, miniport, asked, done } = stack
    const requests = [query(guest, 'OID_GEN_VENDOR_ID'), query(guest, 'OID_GEN_STATISTICS')]
    for (const request of requests) expect(ask(stack, request)).toBe(NDIS_STATUS_PENDING)
    guest.idle(1)
    expect(guest.log).toEqual(['filter oidRequest', 'miniport oidRequest'])
    guest.call('NdisMOidRequestComplete', miniport.handle, asked[0], NDIS_STATUS_SUCCESS)
    guest.idle(1)
    guest.call('NdisMOidRequestComplete', miniport.handle, asked[1], NDIS_STATUS_FAILURE)
    expect(done).toEqual([
      [requests[0], NDIS_STATUS_SUCCESS],
      [requests[1], NDIS_STATUS_FAILURE],
    ])
    expect(guest.broken()).toEqual([])
  })
  test('a filter answers by itself', () => {
    const stack = build(() => NDIS_STATUS_FAILURE, { OidRequestHandler: () => NDIS_STATUS_SUCCESS })
    expect(ask(stack, query(stack.guest, 'OID_GEN_VENDOR_ID'))).toBe(NDIS_STATUS_SUCCESS)
    expect(stack.asked).toEqual([])
  })
  test('a filter originates one of its own, and cancels it', () => {
    const results: number[] = []
    const stack: Stack = build(pending, {
      OidRequestHandler: () => NDIS_STATUS_NOT_SUPPORTED,
      OidRequestCompleteHandler: (_context: number, _request: number, status: number) => void results.push(status | 0),
      CancelOidRequestHandler: () => undefined,
    })
    const { guest, filter, miniport } = stack
    const request = guest.request('NdisRequestQueryInformation', 'OID_GEN_STATISTICS', [0, 0, 0, 0], 5)
    expect(guest.call('NdisFOidRequest', filter.handle, request)).toBe(NDIS_STATUS_PENDING)
    guest.call('NdisFCancelOidRequest', filter.handle, 5)
    expect(guest.log).toEqual(['miniport oidRequest', 'miniport cancelOidRequest'])
    guest.call('NdisMOidRequestComplete', miniport.handle, request, ABORTED)
    expect(results).toEqual([ABORTED | 0])
    expect(guest.broken()).toEqual([])
  })
  test('a clone that is pending is not freed, and what is no clone neither', () => {
    const stack: Stack = build(pending, { OidRequestHandler: () => NDIS_STATUS_NOT_SUPPORTED })
    const { guest, filter, miniport } = stack
    const source = query(guest, 'OID_GEN_STATISTICS')
    const clone = cell()
    expect(guest.call('NdisAllocateCloneOidRequest', filter.handle, source, 0x4f6d6c43, clone)).toBe(0)
    guest.call('NdisFOidRequest', filter.handle, clone.value)
    guest.call('NdisFreeCloneOidRequest', filter.handle, clone.value)
    expect(guest.broken()).toEqual(['OidRequestInUse'])
    guest.call('NdisMOidRequestComplete', miniport.handle, clone.value, NDIS_STATUS_SUCCESS)
    guest.call('NdisFreeCloneOidRequest', filter.handle, clone.value)
    guest.call('NdisFreeCloneOidRequest', filter.handle, clone.value)
    expect(guest.broken().slice(1)).toContain('InvalidHandle')
  })
})

describe('direct requests (DDI ndisdirectoidrequest, filter_direct_oid_request)', () => {
  test('are not serialized, and run at the IRQL of the caller', () => {
    const held: number[] = []
    const stack = build(pending, undefined, 1, {
      DirectOidRequestHandler: (_context: number, request: number) => {
        held.push(request)
        return NDIS_STATUS_PENDING
      },
      CancelDirectOidRequestHandler: () => undefined,
    })
    const { guest, miniport, protocol, done } = stack
    ask(stack, query(guest, 'OID_GEN_VENDOR_ID'))
    const requests = [query(guest, 'OID_GEN_STATISTICS'), query(guest, 'OID_GEN_STATISTICS')]
    for (const request of requests)
      expect(guest.atDispatch(() => guest.call('NdisDirectOidRequest', protocol.handle, request))).toBe(
        NDIS_STATUS_PENDING,
      )
    expect(held).toEqual(requests)
    guest.call('NdisCancelDirectOidRequest', protocol.handle, 1)
    for (const request of [...held].reverse())
      guest.call('NdisMDirectOidRequestComplete', miniport.handle, request, NDIS_STATUS_SUCCESS)
    expect(done).toEqual([
      [requests[1], NDIS_STATUS_SUCCESS],
      [requests[0], NDIS_STATUS_SUCCESS],
    ])
    expect(guest.log).toContain('miniport cancelDirectOidRequest')
    expect(guest.broken()).toEqual([])
  })
  test('a miniport without the handlers does not support them', () => {
    const { guest, protocol } = build(pending)
    const request = query(guest, 'OID_GEN_STATISTICS')
    expect(guest.call('NdisDirectOidRequest', protocol.handle, request) | 0).toBe(NDIS_STATUS_NOT_SUPPORTED | 0)
  })
  test('filters see them, pass them on as their own, and complete them', () => {
    const originals = new Map<number, number>()
    const stack: Stack = build(
      pending,
      {
        DirectOidRequestHandler(_context: number, request: number) {
          const { guest, filter } = stack
          const clone = cell()
          guest.call('NdisAllocateCloneOidRequest', filter.handle, request, 0x4f6d6c43, clone)
          originals.set(clone.value, request)
          return guest.call('NdisFDirectOidRequest', filter.handle, clone.value)
        },
        DirectOidRequestCompleteHandler(_context: number, clone: number, status: number) {
          const { guest, filter } = stack
          guest.call('NdisFreeCloneOidRequest', filter.handle, clone)
          guest.call('NdisFDirectOidRequestComplete', filter.handle, originals.get(clone), status)
        },
        CancelDirectOidRequestHandler: (_context: number, id: number) =>
          stack.guest.call('NdisFCancelDirectOidRequest', stack.filter.handle, id),
      },
      1,
      { DirectOidRequestHandler: pending, CancelDirectOidRequestHandler: () => undefined },
    )
    const { guest, miniport, protocol, done } = stack
    const request = query(guest, 'OID_GEN_STATISTICS')
    expect(guest.call('NdisDirectOidRequest', protocol.handle, request)).toBe(NDIS_STATUS_PENDING)
    guest.call('NdisCancelDirectOidRequest', protocol.handle, 3)
    guest.call('NdisMDirectOidRequestComplete', miniport.handle, [...originals.keys()][0], NDIS_STATUS_SUCCESS)
    expect(guest.log.filter((entry) => /irect/.test(entry))).toEqual([
      'filter directOidRequest',
      'miniport directOidRequest',
      'filter cancelDirectOidRequest',
      'miniport cancelDirectOidRequest',
      'filter directOidRequestComplete',
      'protocol directOidRequestComplete',
    ])
    expect(done).toEqual([[request, NDIS_STATUS_SUCCESS]])
    expect(guest.broken()).toEqual([])
  })
})

describe('sets that NDIS merges over the bindings of an adapter', () => {
  test('packet filters and multicast lists are the sum of all', () => {
    const given: number[][] = []
    const guest = createStackGuest()
    guest.miniport({
      OidRequestHandler(_context: number, request: number) {
        const { r32 } = guest.machine.kernel.space
        const buffer = r32(request + OID['DATA.QUERY_INFORMATION.InformationBuffer'])
        given.push(guest.bytes(buffer, r32(request + OID['DATA.QUERY_INFORMATION.InformationBufferLength'])))
        return NDIS_STATUS_SUCCESS
      },
    })
    const [first, second] = [guest.protocol('first'), guest.protocol('second')]
    guest.start()
    guest.listen(first, 'NDIS_PACKET_TYPE_DIRECTED', 'NDIS_PACKET_TYPE_MULTICAST')
    guest.listen(second, 'NDIS_PACKET_TYPE_BROADCAST')
    const group = (last: number): number[] => [1, 0, 94, 0, 0, last]
    const list = (part: Part, ...addresses: number[][]): number =>
      guest.call('NdisOidRequest', part.handle, set(guest, 'OID_802_3_MULTICAST_LIST', ...addresses.flat()))
    list(first, group(1), group(2))
    list(second, group(2), group(3))
    expect(given).toEqual([
      [3, 0, 0, 0],
      [11, 0, 0, 0],
      [...group(1), ...group(2)],
      [...group(2), ...group(3), ...group(1)],
    ])
    expect(guest.broken()).toEqual([])
  })
  test('a set that fails changes nothing', () => {
    const stack = build(() => NDIS_STATUS_FAILURE)
    stack.guest.listen(stack.protocol, 'NDIS_PACKET_TYPE_DIRECTED')
    expect(stack.guest.machine.executive.network.ndis6.stacks[0]!.bindings[0]!.packetFilter).toBe(0)
  })
})
