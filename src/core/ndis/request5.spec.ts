/** OID requests of protocols of NDIS 3 to 5. */
import { describe, expect, test } from 'vitest'
import type { Cell } from '../memory/cell'
import { createStack5Guest, REQUEST5, type Handlers5 } from '../test-stack5'
import { constant } from './constants'
import { createRequester5 } from './request5'
import { createSerial } from './serial'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

const BYTES_WRITTEN = REQUEST5['DATA.QUERY_INFORMATION.BytesWritten']
const BYTES_NEEDED = REQUEST5['DATA.QUERY_INFORMATION.BytesNeeded']
const TOO_SHORT = constant('NDIS_STATUS_INVALID_LENGTH')
const FILTER = constant('OID_GEN_CURRENT_PACKET_FILTER')
const MULTICAST = constant('OID_802_3_MULTICAST_LIST')

type Answer = (oid: number, buffer: number, length: number, done: Cell, needed: Cell) => number

/** A miniport that answers like this, and protocols. */
function setUp({ query, set, protocols = 1 }: { query?: Answer; set?: Answer; protocols?: number }) {
  const stack = createStack5Guest()
  const ended: number[][] = []
  const handlers: Handlers5 = {
    ...(query && { QueryInformationHandler: (_c: number, ...rest: Parameters<Answer>) => query(...rest) }),
    ...(set && { SetInformationHandler: (_c: number, ...rest: Parameters<Answer>) => set(...rest) }),
  }
  const miniport = stack.miniport(handlers)
  const parts = Array.from({ length: protocols }, (_unused, i) =>
    stack.protocol(`p${i}`, { RequestCompleteHandler: (...args: number[]) => void ended.push(args) }),
  )
  stack.start()
  stack.log.length = 0
  const { r32, u8 } = stack.machine.kernel.space
  return {
    stack,
    miniport,
    parts,
    ended,
    written: (request: number) => [r32(request + BYTES_WRITTEN), r32(request + BYTES_NEEDED)],
    bytesAt: (buffer: number, length: number) => [...u8.slice(buffer, buffer + length)],
    query: (bytes: number) =>
      stack.request('NdisRequestQueryInformation', 'OID_GEN_LINK_SPEED', new Array<number>(bytes).fill(0)),
    set: (oid: string, ...data: number[]) => stack.request('NdisRequestSetInformation', oid, data),
    complete: (kind: 'Query' | 'Set', status = NDIS_STATUS_SUCCESS) =>
      stack.atDispatch(() => stack.call(`NdisM${kind}InformationComplete`, miniport.handle, status)),
  }
}

describe('NdisRequest (PV NdisRequest, MiniportQueryInformation)', () => {
  test('asks at DISPATCH_LEVEL, in the buffer of the protocol, and says how many bytes there are', () => {
    const seen: number[] = []
    const { stack, parts, query, written } = setUp({
      query(oid, buffer, length, done) {
        seen.push(oid, buffer, length, stack.machine.kernel.cpus.irql())
        done.value = 4
        return NDIS_STATUS_SUCCESS
      },
    })
    const request = query(8)
    expect(stack.ask(parts[0]!, request)).toBe(NDIS_STATUS_SUCCESS)
    const buffer = stack.machine.kernel.space.r32(request + REQUEST5['DATA.QUERY_INFORMATION.InformationBuffer'])
    expect(seen).toEqual([constant('OID_GEN_LINK_SPEED'), buffer, 8, 2])
    expect(written(request)).toEqual([4, 0])
    expect(stack.log).toEqual(['miniport queryInformation'])
    expect(stack.broken()).toEqual([])
  })
  test('a buffer that is too short: the status and BytesNeeded come back', () => {
    const { stack, parts, query, written } = setUp({
      query(_oid, _buffer, _length, _done, needed) {
        needed.value = 4
        return TOO_SHORT
      },
    })
    const request = query(1)
    expect(stack.ask(parts[0]!, request)).toBe(TOO_SHORT)
    expect(written(request)).toEqual([0, 4])
  })
  test('is pending until the miniport completes it; ProtocolRequestComplete says how it ended', () => {
    let cells: [Cell, Cell]
    const { stack, parts, query, written, ended, complete } = setUp({
      query(_oid, _buffer, _length, done, needed) {
        cells = [done, needed]
        return NDIS_STATUS_PENDING
      },
    })
    const request = query(8)
    expect(stack.ask(parts[0]!, request)).toBe(NDIS_STATUS_PENDING)
    cells![0].value = 8
    complete('Query')
    expect(ended).toEqual([[9, request, NDIS_STATUS_SUCCESS]])
    expect(written(request)).toEqual([8, 0])
    expect(stack.broken()).toEqual([])
  })
  test('may be complete before the handler returns; then it was pending', () => {
    const set = setUp({
      query(_oid, _buffer, _length, done) {
        done.value = 2
        set.complete('Query', NDIS_STATUS_FAILURE)
        return NDIS_STATUS_PENDING
      },
    })
    const request = set.query(8)
    // The protocol learns it from the call or from ProtocolRequestComplete, never from both.
    const status = set.stack.ask(set.parts[0]!, request)
    expect([status, set.ended.length]).toEqual([NDIS_STATUS_FAILURE, 0])
    expect(set.stack.broken()).toEqual([])
  })
  test('requests come one at a time, in their order, whoever asks', () => {
    const asked: number[] = []
    const { stack, parts, complete, ended, set, query } = setUp({
      query: () => NDIS_STATUS_PENDING,
      set(oid) {
        asked.push(oid)
        return NDIS_STATUS_SUCCESS
      },
      protocols: 2,
    })
    const [first, second] = [query(4), set('OID_GEN_CURRENT_LOOKAHEAD', 1, 0, 0, 0)]
    stack.ask(parts[0]!, first)
    expect(stack.ask(parts[1]!, second)).toBe(NDIS_STATUS_PENDING)
    expect(asked).toEqual([])
    complete('Query')
    expect(asked).toEqual([constant('OID_GEN_CURRENT_LOOKAHEAD')])
    expect(ended.map(([, request]) => request)).toEqual([first, second])
  })
  test('a kind that there is not', () => {
    const { stack, parts } = setUp({})
    const request = stack.request('NdisRequestGeneric1', 'OID_GEN_LINK_SPEED', [0, 0, 0, 0])
    expect(stack.ask(parts[0]!, request)).toBe(NDIS_STATUS_NOT_SUPPORTED)
    expect(stack.log).toEqual([])
  })
  test('of a binding that is none', () => {
    const { stack, query } = setUp({})
    expect(stack.ask({ handle: 5, driver: 0 }, query(4))).toBe(NDIS_STATUS_FAILURE)
    expect(stack.broken()).toEqual(['InvalidHandle'])
  })
})

describe('what NDIS merges over the bindings (DDI oid-gen-current-packet-filter, oid-802-3-multicast-list)', () => {
  function merging() {
    const sets: [number, number[]][] = []
    let status = NDIS_STATUS_SUCCESS
    const all = setUp({
      set(oid, buffer, length, done) {
        sets.push([oid, all.bytesAt(buffer, length)])
        done.value = length
        return status
      },
      protocols: 2,
    })
    return { ...all, sets, answer: (value: number) => (status = value) }
  }
  test('packet filters: the NIC gets all bits that any of them wants', () => {
    const { stack, parts, sets, set } = merging()
    stack.ask(parts[0]!, set('OID_GEN_CURRENT_PACKET_FILTER', 1, 0, 0, 0))
    stack.ask(parts[1]!, set('OID_GEN_CURRENT_PACKET_FILTER', 4, 0, 0, 0))
    stack.ask(parts[0]!, set('OID_GEN_CURRENT_PACKET_FILTER', 0, 0, 0, 0))
    expect(sets).toEqual([
      [FILTER, [1, 0, 0, 0]],
      [FILTER, [5, 0, 0, 0]],
      [FILTER, [4, 0, 0, 0]],
    ])
  })
  test('multicast lists: each address once', () => {
    const { stack, parts, sets, set } = merging()
    const [a, b] = [
      [1, 0, 0x5e, 0, 0, 1],
      [1, 0, 0x5e, 0, 0, 2],
    ] as const
    stack.ask(parts[0]!, set('OID_802_3_MULTICAST_LIST', ...a))
    stack.ask(parts[1]!, set('OID_802_3_MULTICAST_LIST', ...a, ...b))
    expect(sets).toEqual([
      [MULTICAST, [...a]],
      [MULTICAST, [...a, ...b]],
    ])
  })
  test('BytesRead is the length of what the protocol gave, not of what was merged', () => {
    const { stack, parts, set, written } = merging()
    stack.ask(parts[0]!, set('OID_802_3_MULTICAST_LIST', 1, 0, 0x5e, 0, 0, 1))
    const request = set('OID_802_3_MULTICAST_LIST', 1, 0, 0x5e, 0, 0, 2)
    stack.ask(parts[1]!, request)
    expect(written(request)).toEqual([6, 0])
  })
  test('a set that fails changes nothing for the others', () => {
    const { stack, parts, sets, set, answer } = merging()
    answer(NDIS_STATUS_FAILURE)
    expect(stack.ask(parts[0]!, set('OID_GEN_CURRENT_PACKET_FILTER', 2, 0, 0, 0))).toBe(NDIS_STATUS_FAILURE)
    answer(NDIS_STATUS_SUCCESS)
    stack.ask(parts[1]!, set('OID_GEN_CURRENT_PACKET_FILTER', 1, 0, 0, 0))
    expect(sets.at(-1)).toEqual([FILTER, [1, 0, 0, 0]])
  })
  test('what was asked for while another set is pending is merged, too', () => {
    const sets: number[] = []
    let pending = true
    const all = setUp({
      set(_oid, buffer) {
        sets.push(all.bytesAt(buffer, 1)[0]!)
        return pending ? NDIS_STATUS_PENDING : NDIS_STATUS_SUCCESS
      },
      protocols: 2,
    })
    all.stack.ask(all.parts[0]!, all.set('OID_GEN_CURRENT_PACKET_FILTER', 1, 0, 0, 0))
    all.stack.ask(all.parts[1]!, all.set('OID_GEN_CURRENT_PACKET_FILTER', 4, 0, 0, 0))
    pending = false
    all.complete('Set')
    expect(sets).toEqual([1, 5])
    expect(all.ended.length).toBe(2)
  })
})

describe('what goes wrong with requests', () => {
  test('more bytes than the buffer has', () => {
    const { stack, parts, query } = setUp({
      query(_oid, _buffer, _length, done) {
        done.value = 9
        return NDIS_STATUS_SUCCESS
      },
    })
    stack.ask(parts[0]!, query(8))
    expect(stack.broken()).toEqual(['OidBytesWritten'])
  })
  test('the same, completed later', () => {
    let cell: Cell
    const { stack, parts, query, complete } = setUp({
      query(_oid, _buffer, _length, done) {
        cell = done
        return NDIS_STATUS_PENDING
      },
    })
    stack.ask(parts[0]!, query(8))
    cell!.value = 100
    complete('Query')
    expect(stack.broken()).toEqual(['OidBytesWritten'])
  })
  test('completed and then returned with an end', () => {
    const set = setUp({
      query() {
        set.complete('Query')
        return NDIS_STATUS_SUCCESS
      },
    })
    set.stack.ask(set.parts[0]!, set.query(4))
    expect(set.stack.broken()).toEqual(['NdisOidDoubleComplete'])
  })
  test.each(['Query', 'Set'] as const)('NdisM%sInformationComplete with nothing pending stops the machine', (kind) => {
    const { stack, complete, miniport } = setUp({})
    expect(stack.crash(() => complete(kind))).toMatchObject({ code: 0x7c, parameters: [0x26, miniport.handle, 0, 0] })
    expect(stack.broken()).toEqual(['NdisOidDoubleComplete'])
  })
  test('a set completed as a query stops the machine, too', () => {
    const { stack, parts, complete, set } = setUp({ set: () => NDIS_STATUS_PENDING })
    stack.ask(parts[0]!, set('OID_GEN_CURRENT_LOOKAHEAD', 1, 0, 0, 0))
    expect(stack.crash(() => complete('Query')).parameters[0]).toBe(0x26)
  })
  test('completed with NDIS_STATUS_PENDING (Driver Verifier NdisOidComplete)', () => {
    const { stack, parts, query, complete } = setUp({ query: () => NDIS_STATUS_PENDING })
    stack.ask(parts[0]!, query(4))
    complete('Query', NDIS_STATUS_PENDING)
    expect(stack.broken()).toEqual(['NdisOidComplete'])
  })
  test('the same NDIS_REQUEST again while it is pending', () => {
    const { stack, parts, query } = setUp({ query: () => NDIS_STATUS_PENDING })
    const request = query(4)
    stack.ask(parts[0]!, request)
    expect(stack.ask(parts[0]!, request)).toBe(NDIS_STATUS_FAILURE)
    expect(stack.broken()).toEqual(['OidRequestInUse'])
  })
  test('a buffer that is not there', () => {
    const { stack, parts, query } = setUp({})
    const request = query(4)
    stack.machine.kernel.space.w32(request + REQUEST5['DATA.QUERY_INFORMATION.InformationBufferLength'], 400)
    stack.ask(parts[0]!, request)
    expect(stack.broken()).toEqual(['DV:SpecialPoolOverrun'])
    expect(stack.log).toEqual([])
  })
  test('not completed in 12 seconds (Driver Verifier NdisTimedOidComplete)', () => {
    const { stack, parts, query } = setUp({ query: () => NDIS_STATUS_PENDING })
    stack.ask(parts[0]!, query(4))
    stack.idle(11_000)
    expect(stack.broken()).toEqual([])
    stack.idle(2_000)
    expect(stack.broken()).toEqual(['NdisTimedOidComplete'])
  })
})

test('without memory for what the miniport writes to, a request ends with NDIS_STATUS_RESOURCES', () => {
  const { machine } = createStack5Guest()
  const { network, adapters } = machine.executive
  const { records } = network.ndis6
  const asked: number[] = []
  const query = (_context: number, oid: number): number => (asked.push(oid), NDIS_STATUS_SUCCESS)
  const adapter = adapters.create(0x5_0001, { QueryInformationHandler: machine.driver.address(query) })!
  let short = true
  const requester = createRequester5(machine.kernel, {
    serial: createSerial(),
    calls: network.calls,
    records: { ...records, allocate: (bytes) => (short ? 0 : records.allocate(bytes)) },
    adapter,
  })
  const ended: number[] = []
  const ask = (): void => requester.ask(false, FILTER, 0, 0, (status) => ended.push(status))
  ask()
  expect([asked, ended]).toEqual([[], [NDIS_STATUS_RESOURCES]])
  short = false
  ask()
  expect([asked, ended]).toEqual([[FILTER], [NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS]])
})
