/** Frames that miniports of NDIS 3 to 5 indicate, as protocols see them. */
import { describe, expect, test } from 'vitest'
import { SHADOW } from '../memory/map'
import { cell } from '../test-guest'
import {
  BROADCAST,
  createStack5Guest,
  HEADER_BYTES,
  OWN_ADDRESS,
  type Handlers5,
  type Miniport5Options,
} from '../test-stack5'
import { constant } from './constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const NOT_ACCEPTED = constant('NDIS_STATUS_NOT_ACCEPTED')
const OTHER = [2, 0, 0, 0, 0, 9]
const GROUP = [1, 0, 0x5e, 0, 0, 1]

/** A miniport, and protocols that listen to broadcast and directed frames. */
function setUp(
  protocols: readonly Handlers5[],
  handlers: Handlers5 = {},
  options: Miniport5Options & { rules?: boolean } = {},
) {
  const stack = createStack5Guest(options.rules === false ? { rules: false } : {})
  const miniport = stack.miniport(handlers, options)
  const parts = protocols.map((own, i) => stack.protocol(`p${i}`, own))
  stack.start()
  for (const part of parts) stack.listen(part, 'NDIS_PACKET_TYPE_DIRECTED', 'NDIS_PACKET_TYPE_BROADCAST')
  stack.log.length = 0
  const { space } = stack.machine.kernel
  return {
    stack,
    miniport,
    parts,
    space,
    /** Indicates packets; their statuses afterwards. */
    indicatePackets(...packets: readonly number[]) {
      const array = stack.array(...packets)
      stack.atDispatch(() => stack.call('NdisMIndicateReceivePacket', miniport.handle, array, packets.length))
      return packets.map((packet) => stack.call('NDIS_GET_PACKET_STATUS', packet))
    },
    framePacket: (to: readonly number[] = OWN_ADDRESS, bytes = 46) =>
      stack.packet([...to, ...OTHER, 8, 0, ...Array.from({ length: bytes }, (_unused, i) => i)]),
    giveBack: (...packets: readonly number[]) =>
      stack.call('NdisReturnPackets', stack.array(...packets), packets.length),
  }
}
/** A protocol's ProtocolReceive that keeps what it was given. */
function receiver() {
  const seen: number[][] = []
  const ReceiveHandler = (...args: number[]): number => {
    seen.push(args)
    return NDIS_STATUS_SUCCESS
  }
  return { seen, handlers: { ReceiveHandler } }
}

describe('NdisMEthIndicateReceive (PV ProtocolReceive)', () => {
  test('shows header and lookahead to each protocol whose filter lets the frame through', () => {
    const first = receiver()
    const { stack, miniport, space } = setUp([
      {
        ReceiveHandler(...args: number[]) {
          first.seen.push(args)
          const [, , header, , lookahead] = args as [number, number, number, number, number]
          expect([space.r8(header), space.r8(header + 5), space.r8(lookahead + 3)]).toEqual([2, 1, 3])
          return NDIS_STATUS_SUCCESS
        },
      },
    ])
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 40)
    const [context, mac, , headerBytes, , lookaheadBytes, bytes] = first.seen[0]!
    expect([context, mac, headerBytes, lookaheadBytes, bytes]).toEqual([9, 5, HEADER_BYTES, 40, 100])
    expect(stack.log).toEqual(['p0 receive', 'p0 receiveComplete'])
    expect(stack.broken()).toEqual([])
  })
  test.each([
    ['of its own address', OWN_ADDRESS, 1],
    ['of all', BROADCAST, 1],
    ['of somebody else', OTHER, 0],
    ['of a group that it did not ask for', GROUP, 0],
  ])('a frame to the address %s is received %#', (_name, to, times) => {
    const { seen, handlers } = receiver()
    const { stack, miniport } = setUp([handlers])
    stack.indicate(miniport, stack.frame(to, 50), 50)
    expect(seen.length).toBe(times)
  })
  test('nothing is received before a packet filter is set, all of it when promiscuous', () => {
    const { seen, handlers } = receiver()
    const { stack, miniport, parts } = setUp([handlers])
    stack.listen(parts[0]!)
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 50), 50)
    expect(seen).toEqual([])
    stack.listen(parts[0]!, 'NDIS_PACKET_TYPE_PROMISCUOUS')
    stack.indicate(miniport, stack.frame(OTHER, 50), 50)
    expect(seen.length).toBe(1)
  })
  test('with the rules off, protocols see the memory of the miniport itself', () => {
    const { seen, handlers } = receiver()
    const { stack, miniport } = setUp([handlers], {}, { rules: false })
    const frame = stack.frame(OWN_ADDRESS, 50)
    stack.indicate(miniport, frame, 50)
    expect([seen[0]![2], seen[0]![4]]).toEqual([frame, frame + HEADER_BYTES])
  })
  test('NDIS_STATUS_NOT_ACCEPTED is an answer, another one is told', () => {
    let answer = NOT_ACCEPTED
    const { stack, miniport } = setUp([{ ReceiveHandler: () => answer }])
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 50), 50)
    expect(stack.broken()).toEqual([])
    answer = NDIS_STATUS_PENDING
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 50), 50)
    expect(stack.broken()).toEqual(['ProtocolReceiveStatus'])
  })
})

describe('the lookahead', () => {
  test('ends where its size says, and is gone when ProtocolReceive has returned', () => {
    let kept = 0
    const { stack, miniport } = setUp([
      {
        ReceiveHandler(_c: number, _m: number, _h: number, _hs: number, lookahead: number, size: number) {
          kept = lookahead
          const { shadow } = stack.machine.kernel
          expect(shadow.firstBad(lookahead, size)).toBe(-1)
          expect(shadow.firstBad(lookahead + size, 1)).toBe(lookahead + size)
          return NDIS_STATUS_SUCCESS
        },
      },
    ])
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 40)
    expect(stack.machine.kernel.shadow.at(kept)).toBe(SHADOW.FREED)
  })
  test('a read past its size, and one of a lookahead that was kept, are told', () => {
    let kept = 0
    const { stack, miniport } = setUp([
      {
        ReceiveHandler(_c: number, _m: number, _h: number, _hs: number, lookahead: number, size: number) {
          kept = lookahead
          stack.machine.kernel.access.check(lookahead + size, 1, false)
          return NDIS_STATUS_SUCCESS
        },
        ReceiveCompleteHandler: () => void stack.machine.kernel.access.check(kept, 4, false),
      },
    ])
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 40)
    expect(stack.broken()).toEqual(['DV:SpecialPoolOverrun', 'DV:SpecialPoolUseAfterFree'])
  })
})

describe('NdisTransferData (PV NdisTransferData, MiniportTransferData)', () => {
  /** Copies the whole frame into a packet when the lookahead does not have it all. */
  function copying(handlers: Handlers5) {
    const results: number[][] = []
    let packet = 0
    const set = setUp(
      [
        {
          ReceiveHandler(_context: number, mac: number) {
            packet = set.stack.packet(new Array<number>(60).fill(0xee))
            const [status, bytes] = [cell(), cell()]
            set.stack.call('NdisTransferData', status, set.parts[0]!.handle, mac, 4, 20, packet, bytes)
            results.push([status.value, bytes.value])
            return NDIS_STATUS_SUCCESS
          },
          TransferDataCompleteHandler: (...args: number[]) => void results.push(args),
        },
      ],
      handlers,
    )
    return { ...set, results, packet: () => packet }
  }
  test('asks the miniport for more, with the context of the indication', () => {
    const asked: number[][] = []
    const { stack, miniport, results, packet } = copying({
      TransferDataHandler(into: number, bytes: { value: number }, ...rest: number[]) {
        asked.push([into, ...rest])
        bytes.value = 20
        return NDIS_STATUS_SUCCESS
      },
    })
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 4, 0x77)
    expect(asked).toEqual([[packet(), 7, 0x77, 4, 20]])
    expect(results).toEqual([[NDIS_STATUS_SUCCESS, 20]])
    expect(stack.broken()).toEqual([])
  })
  test('may be pending until NdisMTransferDataComplete; the packet is out that long', () => {
    const { stack, miniport, results, packet } = copying({ TransferDataHandler: () => NDIS_STATUS_PENDING })
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 4)
    expect(results[0]![0]).toBe(NDIS_STATUS_PENDING)
    stack.call('NdisFreePacket', packet())
    expect(stack.broken()).toEqual(['PacketInUse'])
    const complete = (): number =>
      stack.atDispatch(() => stack.call('NdisMTransferDataComplete', miniport.handle, packet(), 0, 20))
    complete()
    expect(results[1]).toEqual([9, packet(), NDIS_STATUS_SUCCESS, 20])
    complete()
    expect(stack.broken()).toEqual(['PacketInUse', 'TransferCompleteTwice'])
  })
  test('the miniport copies into the packet meanwhile', () => {
    const { stack, miniport, packet, space } = copying({
      TransferDataHandler(into: number, bytes: { value: number }) {
        const from = stack.packet([1, 2, 3])
        stack.call('NdisCopyFromPacketToPacket', into, 0, 3, from, 0, bytes)
        return NDIS_STATUS_SUCCESS
      },
    })
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 4)
    const first = cell()
    stack.call('NdisQueryPacket', packet(), 0, 0, first, 0)
    expect(space.r8(stack.machine.mdls.systemAddress(first.value) + 2)).toBe(3)
    expect(stack.broken()).toEqual([])
  })
  test('more bytes than were asked for are told', () => {
    const { stack, miniport } = copying({
      TransferDataHandler(_into: number, bytes: { value: number }) {
        bytes.value = 21
        return NDIS_STATUS_SUCCESS
      },
    })
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 4)
    expect(stack.broken()).toEqual(['TransferBytes'])
  })
  test('fails without a MiniportTransferData', () => {
    const { stack, miniport, results } = copying({})
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 4)
    expect(results).toEqual([[NDIS_STATUS_FAILURE, 0]])
  })
  test('outside of ProtocolReceive is refused', () => {
    const { stack, miniport, parts } = copying({ TransferDataHandler: () => NDIS_STATUS_SUCCESS })
    const packet = stack.packet([1])
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 4)
    stack.atDispatch(() => stack.call('NdisTransferData', cell(), parts[0]!.handle, 5, 0, 1, packet, cell()))
    expect(stack.broken()).toEqual(['TransferOutsideReceive'])
    expect(stack.log.filter((line) => line === 'miniport transferData').length).toBe(1)
  })
  test('into what is no packet, or is one without buffers', () => {
    const { stack, miniport } = setUp([
      {
        ReceiveHandler(_context: number, mac: number) {
          const empty = stack.packet([1])
          stack.call('NdisUnchainBufferAtFront', empty, cell())
          const [protocol] = parts()
          stack.call('NdisTransferData', cell(), protocol, mac, 0, 4, stack.zeroed(64), cell())
          stack.call('NdisTransferData', cell(), protocol, mac, 0, 4, empty, cell())
          return NDIS_STATUS_SUCCESS
        },
      },
    ])
    const parts = (): number[] => stack.machine.executive.network.stacks5.all[0]!.bindings.map(({ handle }) => handle)
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 100), 100, 4)
    expect(stack.broken()).toEqual(['InvalidPacket', 'TransferEmptyPacket'])
  })
})

describe('NdisMIndicateReceivePacket with protocols (PV ProtocolReceivePacket, NdisReturnPackets)', () => {
  const keeping = (times: number): Handlers5 => ({ ReceivePacketHandler: () => times })
  test("who returns 0 has copied it: the packet is the miniport's at once", () => {
    const { indicatePackets, framePacket, stack } = setUp([keeping(0)])
    expect(indicatePackets(framePacket())).toEqual([NDIS_STATUS_SUCCESS])
    expect(stack.log).toEqual(['p0 receivePacket'])
  })
  test('who returns a number gives it back as often; then the miniport gets it', () => {
    const { indicatePackets, framePacket, giveBack, stack } = setUp([keeping(2)])
    const packet = framePacket()
    expect(indicatePackets(packet)).toEqual([NDIS_STATUS_PENDING])
    giveBack(packet)
    expect(stack.log).toEqual(['p0 receivePacket'])
    giveBack(packet)
    expect(stack.log).toEqual(['p0 receivePacket', 'miniport returnPacket'])
    expect(stack.broken()).toEqual([])
  })
  test('two protocols: their numbers add up', () => {
    const { indicatePackets, framePacket, giveBack, stack } = setUp([keeping(1), keeping(2)])
    const packet = framePacket(BROADCAST)
    indicatePackets(packet)
    giveBack(packet, packet)
    expect(stack.log).not.toContain('miniport returnPacket')
    giveBack(packet)
    expect(stack.log.at(-1)).toBe('miniport returnPacket')
  })
  test('given back inside of ProtocolReceivePacket, it is not held when the call returns', () => {
    const { indicatePackets, framePacket, stack, giveBack } = setUp([
      {
        ReceivePacketHandler(_context: number, packet: number) {
          giveBack(packet)
          return 1
        },
      },
    ])
    expect(indicatePackets(framePacket())).toEqual([NDIS_STATUS_SUCCESS])
    expect(stack.broken()).toEqual([])
  })
  test('a packet with NDIS_STATUS_RESOURCES may not be kept', () => {
    const { indicatePackets, framePacket, stack } = setUp([keeping(1)])
    const packet = framePacket()
    stack.call('NDIS_SET_PACKET_STATUS', packet, NDIS_STATUS_RESOURCES)
    expect(indicatePackets(packet)).toEqual([NDIS_STATUS_RESOURCES])
    expect(stack.broken()).toEqual(['ReceiveResources'])
  })
  test('a negative number is no number of returns', () => {
    const { indicatePackets, framePacket, stack } = setUp([keeping(-1)])
    expect(indicatePackets(framePacket())).toEqual([NDIS_STATUS_SUCCESS])
    expect(stack.broken()).toEqual(['ReceivePacketReferences'])
  })
  test('a protocol without the handler sees it as a frame, and finds the packet behind it', () => {
    const found: number[] = []
    const { indicatePackets, framePacket, stack, parts } = setUp([
      {
        ReceiveHandler(_context: number, mac: number, ...rest: number[]) {
          found.push(stack.call('NdisGetReceivedPacket', parts[0]!.handle, mac), ...rest.slice(3))
          return NDIS_STATUS_SUCCESS
        },
      },
    ])
    const packet = framePacket(OWN_ADDRESS, 46)
    expect(indicatePackets(packet)).toEqual([NDIS_STATUS_SUCCESS])
    expect(found).toEqual([packet, 46, 46])
    expect(stack.broken()).toEqual([])
  })
  test('NDIS copies such a packet itself when more is asked for', () => {
    const copied: number[] = []
    const { indicatePackets, framePacket, stack, parts, space } = setUp([
      {
        ReceiveHandler(_context: number, mac: number) {
          const into = stack.packet(new Array<number>(10).fill(0xee))
          const [status, bytes, first] = [cell(), cell(), cell()]
          stack.call('NdisTransferData', status, parts[0]!.handle, mac, 2, 8, into, bytes)
          stack.call('NdisQueryPacket', into, 0, 0, first, 0)
          const data = stack.machine.mdls.systemAddress(first.value)
          copied.push(status.value, bytes.value, space.r8(data), space.r8(data + 7), space.r8(data + 8))
          return NDIS_STATUS_SUCCESS
        },
      },
    ])
    indicatePackets(framePacket(OWN_ADDRESS, 46))
    expect(copied).toEqual([NDIS_STATUS_SUCCESS, 8, 2, 9, 0xee])
  })
  test('NdisGetReceivedPacket gives NULL for a frame without a packet, and is for ProtocolReceive only', () => {
    const found: number[] = []
    const { stack, miniport, parts } = setUp([
      {
        ReceiveHandler(_context: number, mac: number) {
          found.push(stack.call('NdisGetReceivedPacket', parts[0]!.handle, mac))
          return NDIS_STATUS_SUCCESS
        },
      },
    ])
    stack.indicate(miniport, stack.frame(OWN_ADDRESS, 50), 50)
    expect(found).toEqual([0])
    expect(stack.broken()).toEqual([])
    stack.call('NdisGetReceivedPacket', parts[0]!.handle, 5)
    expect(stack.broken()).toEqual(['ReceivedPacketOutsideReceive'])
  })
})

describe('packets that do not come back right', () => {
  test('given back once too often, or by somebody who never had it', () => {
    const { indicatePackets, framePacket, giveBack, stack } = setUp([{ ReceivePacketHandler: () => 1 }])
    const packet = framePacket()
    indicatePackets(packet)
    giveBack(packet)
    giveBack(packet)
    giveBack(stack.zeroed(64))
    expect(stack.broken()).toEqual(['ReturnPacketNotHeld', 'InvalidPacket', 'ReturnPacketNotHeld'])
    stack.call('NdisReturnPackets', stack.array(packet), 50)
    expect(stack.broken().at(-1)).toBe('DV:SpecialPoolOverrun')
  })
  test('kept past NdisCloseAdapter, and past the halt: the miniport gets it then', () => {
    const { indicatePackets, framePacket, stack } = setUp([{ ReceivePacketHandler: () => 1 }])
    indicatePackets(framePacket())
    stack.unload()
    expect(stack.broken()).toEqual(['CloseWithPacketsHeld', 'PacketsNotReturned'])
    expect(stack.log.at(-1)).toBe('miniport returnPacket')
  })
  test('changed by a driver while a protocol holds it', () => {
    const { indicatePackets, framePacket, stack } = setUp([{ ReceivePacketHandler: () => 1 }])
    const packet = framePacket()
    indicatePackets(packet)
    stack.call('NDIS_SET_PACKET_STATUS', packet, 0)
    expect(stack.broken()).toEqual(['PacketInUse'])
  })
})

describe('status indications (PV NdisMIndicateStatus, ProtocolStatus)', () => {
  test('go to every protocol with code, buffer and size, and then it is complete', () => {
    const seen: number[][] = []
    const StatusHandler = (...args: number[]): void => void seen.push(args)
    const { stack, miniport } = setUp([{ StatusHandler }, { StatusHandler }])
    const buffer = stack.zeroed(8)
    const code = constant('NDIS_STATUS_MEDIA_CONNECT')
    stack.atDispatch(() => {
      stack.call('NdisMIndicateStatus', miniport.handle, code, buffer, 8)
      stack.call('NdisMIndicateStatusComplete', miniport.handle)
    })
    expect(seen).toEqual([
      [9, code, buffer, 8],
      [9, code, buffer, 8],
    ])
    expect(stack.log).toEqual(['p0 status', 'p1 status', 'p0 statusComplete', 'p1 statusComplete'])
    expect(stack.broken()).toEqual([])
  })
  test('of a buffer that is not there, or an adapter that is none', () => {
    const { stack, miniport } = setUp([{}])
    stack.atDispatch(() => {
      stack.call('NdisMIndicateStatus', miniport.handle, 1, stack.zeroed(4), 5)
      stack.call('NdisMIndicateStatus', 77, 1, 0, 0)
      stack.call('NdisMIndicateStatusComplete', 78)
    })
    expect(stack.log).toEqual([])
    expect(stack.broken()).toEqual(['DV:SpecialPoolOverrun', 'InvalidHandle', 'InvalidHandle'])
  })
})

describe('what a miniport can get wrong', () => {
  test('a header that is none of Ethernet, a lookahead longer than the frame, bytes that are not there', () => {
    const { stack, miniport } = setUp([{}])
    const frame = stack.frame(OWN_ADDRESS, 50)
    const indicate = (header: number, headerBytes: number, lookahead: number, bytes: number): void =>
      stack.atDispatch(() => {
        stack.call('NdisMEthIndicateReceive', miniport.handle, 1, header, headerBytes, frame + 14, lookahead, bytes)
      })
    indicate(frame, 13, 10, 10)
    indicate(frame, 14, 11, 10)
    expect(stack.broken()).toEqual(['EthernetHeaderSize', 'LookaheadSize'])
    indicate(frame, 14, 51, 60)
    indicate(stack.zeroed(8), 14, 4, 4)
    expect(stack.broken().slice(2)).toEqual(['DV:SpecialPoolOverrun', 'DV:SpecialPoolOverrun'])
    expect(stack.log).toEqual(['p0 receive', 'p0 receive'])
  })
  test('indicates before MiniportInitialize has returned', () => {
    const stack = createStack5Guest()
    const adapter = stack.machine.executive.adapters.create(0x5_0001, {})!
    stack.atDispatch(() => stack.call('NdisMEthIndicateReceiveComplete', adapter.handle))
    expect(stack.broken()).toEqual(['AdapterNotInitialized'])
  })
  test('of NDIS 6: the machine stops (bug check 0x7C, 15)', () => {
    const calls: (readonly [string, ...number[]])[] = [
      ['NdisMEthIndicateReceiveComplete'],
      ['NdisMIndicateStatus', 1, 0, 0],
      ['NdisMSendResourcesAvailable'],
      ['NdisMQueryInformationComplete', 0],
    ]
    for (const [name, ...rest] of calls) {
      const bugcheck = createStop(name, rest)
      expect([bugcheck.code, bugcheck.parameters[0]]).toEqual([0x7c, 0x15])
    }
    function createStop(name: string, rest: readonly number[]) {
      const own = createStack5Guest()
      const { handle } = own.machine.executive.adapters.create(0x6_0014, {})!
      return own.crash(() => own.atDispatch(() => own.call(name, handle, ...rest)))
    }
  })
})
