/** Resets of miniports of NDIS 3 to 5. */
import { describe, expect, test } from 'vitest'
import type { Cell } from '../memory/cell'
import { cell } from '../test-guest'
import { createStack5Guest, type Handlers5 } from '../test-stack5'
import { constant } from './constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const START = constant('NDIS_STATUS_RESET_START')
const END = constant('NDIS_STATUS_RESET_END')
const IN_PROGRESS = constant('NDIS_STATUS_RESET_IN_PROGRESS')

function setUp(reset: (addressing: Cell, context: number) => number, handlers: Handlers5 = {}) {
  const stack = createStack5Guest()
  const told: number[] = []
  const sets: [number, number[]][] = []
  const { space } = stack.machine.kernel
  const miniport = stack.miniport({
    ResetHandler: reset,
    SetInformationHandler(_context: number, oid: number, buffer: number, length: number) {
      sets.push([oid, [...space.u8.slice(buffer, buffer + length)]])
      return NDIS_STATUS_SUCCESS
    },
    ...handlers,
  })
  const [tcp, ipx] = ['tcp', 'ipx'].map((name) =>
    stack.protocol(name, {
      StatusHandler: (_context: number, code: number) => void told.push(code),
      ResetCompleteHandler: (_context: number, status: number) => void told.push(status),
    }),
  )
  stack.start()
  stack.log.length = 0
  return {
    stack,
    miniport,
    tcp: tcp!,
    ipx: ipx!,
    told,
    sets,
    reset(protocol = tcp!) {
      const status = cell()
      stack.call('NdisReset', status, protocol.handle)
      return status.value
    },
    complete: (status = NDIS_STATUS_SUCCESS, addressing = 0) =>
      stack.atDispatch(() => stack.call('NdisMResetComplete', miniport.handle, status, addressing)),
  }
}

describe('NdisReset (PV NdisReset, MiniportReset)', () => {
  test('gives the status of MiniportReset; all protocols learn that it began and ended (PV ProtocolStatus)', () => {
    const { reset, told, stack } = setUp(() => NDIS_STATUS_SUCCESS)
    expect(reset()).toBe(NDIS_STATUS_SUCCESS)
    expect(told).toEqual([START, START, END, END])
    expect(stack.log).toEqual([
      'tcp status', 'tcp statusComplete', 'ipx status', 'ipx statusComplete', 'miniport reset',
      'tcp status', 'tcp statusComplete', 'ipx status', 'ipx statusComplete',
    ]) // prettier-ignore
    expect(stack.broken()).toEqual([])
  })
  test('is pending until NdisMResetComplete; only who asked for it gets ProtocolResetComplete', () => {
    const { reset, complete, told, stack } = setUp(() => NDIS_STATUS_PENDING)
    expect(reset()).toBe(NDIS_STATUS_PENDING)
    expect(told).toEqual([START, START])
    complete(NDIS_STATUS_FAILURE)
    expect(told.slice(2)).toEqual([END, END, NDIS_STATUS_FAILURE])
    expect(stack.log.filter((line) => line.endsWith('resetComplete'))).toEqual(['tcp resetComplete'])
    expect(stack.broken()).toEqual([])
  })
  test('without memory for AddressingReset ends with NDIS_STATUS_RESOURCES, and the protocols hear that it is over', () => {
    const { reset, told, stack } = setUp(() => NDIS_STATUS_SUCCESS)
    stack.starving(4, () => expect(reset()).toBe(NDIS_STATUS_RESOURCES))
    expect(told).toEqual([START, START, END, END])
    expect(stack.log).not.toContain('miniport reset')
    expect(stack.broken()).toEqual([])
  })
  test('may be complete before MiniportReset returns', () => {
    const set = setUp(() => {
      set.complete()
      return NDIS_STATUS_PENDING
    })
    expect(set.reset()).toBe(NDIS_STATUS_SUCCESS)
    expect(set.stack.broken()).toEqual([])
  })
  test('another one meanwhile is superfluous, and requests and transfers wait for the end', () => {
    const { reset, complete, ipx, stack } = setUp(() => NDIS_STATUS_PENDING)
    reset()
    expect(reset(ipx)).toBe(IN_PROGRESS)
    const request = stack.request('NdisRequestSetInformation', 'OID_GEN_CURRENT_LOOKAHEAD', [1, 0, 0, 0])
    expect(stack.ask(ipx, request)).toBe(IN_PROGRESS)
    complete()
    expect(stack.ask(ipx, request)).toBe(NDIS_STATUS_SUCCESS)
    expect(reset(ipx)).toBe(NDIS_STATUS_PENDING)
  })
  test('packets that are sent meanwhile are held and sent afterwards, the order kept', () => {
    const got: number[] = []
    const { reset, complete, tcp, stack } = setUp(() => NDIS_STATUS_PENDING, {
      SendHandler(_context: number, packet: number) {
        got.push(packet)
        return NDIS_STATUS_SUCCESS
      },
    })
    reset()
    const packets = [stack.packet([1]), stack.packet([2])]
    expect(packets.map((packet) => stack.send(tcp, packet))).toEqual([NDIS_STATUS_PENDING, NDIS_STATUS_PENDING])
    expect(got).toEqual([])
    complete()
    expect(got).toEqual(packets)
    expect(stack.log.filter((line) => line === 'tcp sendComplete').length).toBe(2)
  })
})

describe('AddressingReset (PV MiniportReset)', () => {
  const address = [1, 0, 0x5e, 0, 0, 1]
  const want = ({ stack, tcp, ipx, sets }: ReturnType<typeof setUp>): void => {
    stack.listen(tcp, 'NDIS_PACKET_TYPE_DIRECTED')
    stack.listen(ipx, 'NDIS_PACKET_TYPE_MULTICAST')
    for (const part of [tcp, ipx])
      stack.ask(part, stack.request('NdisRequestSetInformation', 'OID_802_3_MULTICAST_LIST', address))
    sets.length = 0
  }
  const restored = [
    [constant('OID_802_3_MULTICAST_LIST'), address],
    [constant('OID_GEN_CURRENT_PACKET_FILTER'), [3, 0, 0, 0]],
  ]
  test('TRUE: NDIS sets multicast list and packet filter again, merged, before the reset is over', () => {
    const set = setUp((addressing) => {
      addressing.value = 1
      return NDIS_STATUS_SUCCESS
    })
    want(set)
    expect(set.reset()).toBe(NDIS_STATUS_SUCCESS)
    expect(set.sets).toEqual(restored)
  })
  test('the same from NdisMResetComplete', () => {
    const set = setUp(() => NDIS_STATUS_PENDING)
    want(set)
    set.reset()
    set.complete(NDIS_STATUS_SUCCESS, 1)
    expect(set.sets).toEqual(restored)
  })
  test('FALSE, or a reset that failed: NDIS sets nothing', () => {
    const set = setUp(() => NDIS_STATUS_PENDING)
    want(set)
    set.reset()
    set.complete(NDIS_STATUS_SUCCESS, 0)
    set.reset()
    set.complete(NDIS_STATUS_FAILURE, 1)
    expect(set.sets).toEqual([])
  })
})

describe('what goes wrong with resets', () => {
  test('NdisMResetComplete with none pending stops the machine (bug check 0x7C, 0F)', () => {
    const { stack, complete, miniport } = setUp(() => NDIS_STATUS_SUCCESS)
    expect(stack.crash(() => complete(NDIS_STATUS_SUCCESS, 1))).toMatchObject({
      code: 0x7c,
      parameters: [0x0f, miniport.handle, 0, 1],
    })
  })
  test('completed with NDIS_STATUS_PENDING', () => {
    const { stack, reset, complete } = setUp(() => NDIS_STATUS_PENDING)
    reset()
    complete(NDIS_STATUS_PENDING)
    expect(stack.broken()).toEqual(['ResetCompletePending'])
  })
  test('completed and then returned with an end', () => {
    const set = setUp(() => {
      set.complete()
      return NDIS_STATUS_SUCCESS
    })
    set.reset()
    expect(set.stack.broken()).toEqual(['ResetCompleteTwice'])
    expect(set.told).toEqual([START, START, END, END])
  })
  test('a binding that is none', () => {
    const { stack, reset } = setUp(() => NDIS_STATUS_SUCCESS)
    expect(reset({ handle: 4, driver: 0 })).toBe(NDIS_STATUS_FAILURE)
    expect(stack.broken()).toEqual(['InvalidHandle'])
  })
})

describe('NDIS itself', () => {
  test('looks for a hang and resets (PV MiniportCheckForHang)', () => {
    let hangs = 0
    const { stack, miniport, told } = setUp(() => NDIS_STATUS_SUCCESS, { CheckForHangHandler: () => hangs })
    const { control } = stack.machine.executive.adapters.find(miniport.handle)!
    expect(control!.checkForHang()).toBe(false)
    hangs = 1
    expect(control!.checkForHang()).toBe(true)
    expect(control!.reset()).toBe(NDIS_STATUS_SUCCESS)
    expect(told).toEqual([START, START, END, END])
  })
})
