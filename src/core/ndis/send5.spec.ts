/** Sends through miniports of NDIS 3 to 5. */
import { describe, expect, test } from 'vitest'
import { cell } from '../test-guest'
import { createStack5Guest, type Handlers5, type Miniport5Options, type Stack5Guest } from '../test-stack5'
import { constant } from './constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

/** One miniport with these handlers, and one protocol that keeps in mind what ProtocolSendComplete is told. */
function setUp(handlers: (stack: Stack5Guest) => Handlers5, options: Miniport5Options = {}) {
  const stack = createStack5Guest()
  const ended: [number, number][] = []
  const miniport = stack.miniport(handlers(stack), options)
  const protocol = stack.protocol('tcp', {
    SendCompleteHandler: (_context: number, packet: number, status: number) => void ended.push([packet, status]),
  })
  stack.start()
  stack.log.length = 0
  return {
    stack,
    miniport,
    protocol,
    ended,
    send: () => {
      const packet = stack.packet([1, 2, 3])
      return { packet, status: stack.send(protocol, packet) }
    },
    sendAll(count: number) {
      const packets = Array.from({ length: count }, (_unused, i) => stack.packet([i]))
      stack.call('NdisSendPackets', protocol.handle, stack.array(...packets), count)
      return packets
    },
    complete: (packet: number, status = NDIS_STATUS_SUCCESS) =>
      stack.atDispatch(() => stack.call('NdisMSendComplete', miniport.handle, packet, status)),
  }
}

describe('NdisSend through MiniportSend (PV NdisSend, MiniportSend)', () => {
  test.each([NDIS_STATUS_SUCCESS, NDIS_STATUS_FAILURE, constant('NDIS_STATUS_INVALID_PACKET')])(
    'gives back the status %i of the miniport; ProtocolSendComplete is not called then',
    (status) => {
      const { stack, send, ended } = setUp(() => ({ SendHandler: () => status }))
      expect(send().status).toBe(status)
      expect(ended).toEqual([])
      expect(stack.broken()).toEqual([])
    },
  )
  test('is pending until NdisMSendComplete, which says how it ended', () => {
    const { stack, send, ended, complete } = setUp(() => ({ SendHandler: () => NDIS_STATUS_PENDING }))
    const { packet, status } = send()
    expect(status).toBe(NDIS_STATUS_PENDING)
    expect(ended).toEqual([])
    complete(packet, NDIS_STATUS_FAILURE)
    expect(ended).toEqual([[packet, NDIS_STATUS_FAILURE]])
    expect(stack.broken()).toEqual([])
  })
  test('may be complete before MiniportSend has returned: the protocol is told first, and it was pending', () => {
    const { stack, send, ended } = setUp((guest) => ({
      SendHandler(_context: number, packet: number) {
        guest.call('NdisMSendComplete', miniport(), packet, NDIS_STATUS_SUCCESS)
        return NDIS_STATUS_PENDING
      },
    }))
    const miniport = (): number => [...stack.machine.executive.network.units5.keys()][0]!
    const { packet, status } = send()
    expect([status, ended]).toEqual([NDIS_STATUS_PENDING, [[packet, NDIS_STATUS_SUCCESS]]])
    expect(stack.broken()).toEqual([])
  })
  test('calls it at DISPATCH_LEVEL with context, packet and flags', () => {
    const seen: unknown[] = []
    const { stack, send } = setUp((guest) => ({
      SendHandler: (...args: number[]) => void seen.push(...args, guest.machine.kernel.cpus.irql()),
    }))
    const { packet } = send()
    expect(seen).toEqual([7, packet, 0, 2])
    expect(stack.broken()).toEqual([])
  })
})

describe('NDIS_STATUS_RESOURCES of a serialized miniport (NT4 204trnsf_3, 204trnsf_7)', () => {
  function scarce(room: number) {
    const got: number[] = []
    const free = { slots: room }
    const set = setUp(() => ({
      SendHandler(_context: number, packet: number) {
        if (free.slots === 0) return NDIS_STATUS_RESOURCES
        free.slots--
        got.push(packet)
        return NDIS_STATUS_PENDING
      },
    }))
    return { ...set, got, free }
  }
  test('the packet waits in NDIS and is offered again when another is completed, the order kept', () => {
    const { send, got, free, complete, ended, stack } = scarce(1)
    const sent = [send(), send(), send()]
    expect(sent.map(({ status }) => status)).toEqual([NDIS_STATUS_PENDING, NDIS_STATUS_PENDING, NDIS_STATUS_PENDING])
    const packets = sent.map(({ packet }) => packet)
    expect(got).toEqual(packets.slice(0, 1))
    free.slots = 1
    complete(packets[0]!)
    expect(got).toEqual(packets.slice(0, 2))
    free.slots = 1
    complete(packets[1]!)
    expect(got).toEqual(packets)
    complete(packets[2]!)
    expect(ended.map(([packet]) => packet)).toEqual(packets)
    expect(stack.broken()).toEqual([])
  })
  test('or when it says NdisMSendResourcesAvailable', () => {
    const { send, got, free, miniport, stack } = scarce(0)
    const { packet } = send()
    expect(got).toEqual([])
    free.slots = 1
    stack.atDispatch(() => stack.call('NdisMSendResourcesAvailable', miniport.handle))
    expect(got).toEqual([packet])
  })
  test('asked again too early, it may refuse again', () => {
    const { send, got, miniport, stack, ended } = scarce(0)
    send()
    stack.atDispatch(() => stack.call('NdisMSendResourcesAvailable', miniport.handle))
    expect([got, ended]).toEqual([[], []])
    expect(stack.log).toEqual(['miniport send', 'miniport send'])
  })
})

describe('MiniportSendPackets of a serialized miniport (PV MiniportSendPackets, W2K 204trnsf_8)', () => {
  /** Sets these statuses, packet after packet. */
  const answering = (statuses: number[]) => {
    const calls: number[][] = []
    const set = setUp((guest) => ({
      SendPacketsHandler(_context: number, array: number, count: number) {
        const packets = Array.from({ length: count }, (_unused, i) => guest.machine.kernel.space.r32(array + 4 * i))
        calls.push(packets)
        for (const packet of packets) guest.call('NDIS_SET_PACKET_STATUS', packet, statuses.shift() ?? 0)
      },
    }))
    return { ...set, calls }
  }
  test('sets the status of each packet: done, pending, failed', () => {
    const { sendAll, ended, stack, calls, complete } = answering([0, NDIS_STATUS_PENDING, NDIS_STATUS_FAILURE])
    const packets = sendAll(3)
    expect(calls).toEqual([packets])
    expect(ended).toEqual([
      [packets[0], NDIS_STATUS_SUCCESS],
      [packets[2], NDIS_STATUS_FAILURE],
    ])
    complete(packets[1]!)
    expect(ended.at(-1)).toEqual([packets[1], NDIS_STATUS_SUCCESS])
    expect(stack.broken()).toEqual([])
  })
  test('a refused packet takes all behind it along, whatever their status says; they come again in order', () => {
    const { sendAll, ended, calls, complete } = answering([NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, 0])
    const packets = sendAll(3)
    expect(ended).toEqual([])
    complete(packets[0]!)
    expect(calls).toEqual([packets, packets.slice(1)])
    expect(ended.map(([packet]) => packet)).toEqual(packets)
  })
  test('NdisSend uses it, too, and gets its status', () => {
    const { send, calls, ended } = answering([NDIS_STATUS_FAILURE])
    const { packet, status } = send()
    expect([calls, status, ended]).toEqual([[[packet]], NDIS_STATUS_FAILURE, []])
  })
  test('is preferred to MiniportSend', () => {
    const { send, stack } = setUp(() => ({ SendHandler: () => 0, SendPacketsHandler: () => undefined }))
    send()
    expect(stack.log).toEqual(['miniport sendPackets'])
  })
  test('many packets come in several arrays', () => {
    const { sendAll, calls } = answering([])
    const packets = sendAll(20)
    expect(calls.map((call) => call.length)).toEqual([16, 4])
    expect(calls.flat()).toEqual(packets)
  })
})

describe('a deserialized miniport (PV MiniportSendPackets)', () => {
  test('completes each packet itself: NDIS does not look at their status', () => {
    const { sendAll, ended, complete, stack } = setUp(() => ({ SendPacketsHandler: () => undefined }), {
      deserialized: true,
    })
    const packets = sendAll(2)
    expect(ended).toEqual([])
    for (const packet of packets) complete(packet)
    expect(ended.map(([packet]) => packet)).toEqual(packets)
    expect(stack.broken()).toEqual([])
  })
  test('is called at the IRQL of the caller', () => {
    const seen: number[] = []
    const { send, stack } = setUp(
      (guest) => ({ SendPacketsHandler: () => void seen.push(guest.machine.kernel.cpus.irql()) }),
      { deserialized: true },
    )
    send()
    stack.atDispatch(send)
    expect(seen).toEqual([0, 2])
  })
  test('may be called again inside of its own send, from ProtocolSendComplete', () => {
    let more = 2
    const arrays: number[] = []
    const set = setUp(
      (guest) => ({
        SendPacketsHandler(_context: number, array: number) {
          arrays.push(array)
          const packet = guest.machine.kernel.space.r32(array)
          if (more-- > 0) guest.send(set.protocol, guest.packet([more]))
          expect(guest.machine.kernel.space.r32(array)).toBe(packet)
          set.complete(packet)
        },
      }),
      { deserialized: true },
    )
    set.send()
    expect(new Set(arrays).size).toBe(3)
    expect(set.ended.length).toBe(3)
  })
})

describe('NdisCancelSendPackets (PV ff550865)', () => {
  test('hands the identifier to MiniportCancelSendPackets; a miniport without one is left alone', () => {
    const seen: number[] = []
    const { stack, protocol } = setUp(() => ({
      CancelSendPacketsHandler: (context: number, id: number) => void seen.push(context, id),
    }))
    stack.call('NdisCancelSendPackets', protocol.handle, 0x1234)
    expect(seen).toEqual([7, 0x1234])
    const plain = setUp(() => ({}))
    plain.stack.call('NdisCancelSendPackets', plain.protocol.handle, 1)
    expect(plain.stack.broken()).toEqual([])
  })
})

describe('what goes wrong with sends', () => {
  test('a send completed twice', () => {
    const { stack, send, complete } = setUp(() => ({ SendHandler: () => NDIS_STATUS_PENDING }))
    const { packet } = send()
    complete(packet)
    complete(packet)
    expect(stack.broken()).toEqual(['SendCompleteTwice'])
  })
  test('a send completed and then returned with an end', () => {
    const set = setUp(() => ({
      SendHandler(_context: number, packet: number) {
        set.complete(packet)
        return NDIS_STATUS_SUCCESS
      },
    }))
    set.send()
    expect(set.stack.broken()).toEqual(['SendCompleteTwice'])
    expect(set.ended.length).toBe(1)
  })
  test('a send completed with NDIS_STATUS_PENDING', () => {
    const { stack, send, complete } = setUp(() => ({ SendHandler: () => NDIS_STATUS_PENDING }))
    complete(send().packet, NDIS_STATUS_PENDING)
    expect(stack.broken()).toEqual(['SendCompletePending'])
  })
  test('the same packet sent again while it is out: it fails, the first send goes on', () => {
    const { stack, send, complete, ended, protocol } = setUp(() => ({ SendHandler: () => NDIS_STATUS_PENDING }))
    const { packet } = send()
    expect(stack.send(protocol, packet)).toBe(NDIS_STATUS_FAILURE)
    complete(packet)
    expect(ended.length).toBe(1)
    expect(stack.broken()).toEqual(['PacketInUse'])
  })
  test('a packet freed, changed or reinitialized while it is out', () => {
    const { stack, send } = setUp(() => ({ SendHandler: () => NDIS_STATUS_PENDING }))
    const { packet } = send()
    stack.call('NdisFreePacket', packet)
    stack.call('NdisUnchainBufferAtFront', packet, cell())
    stack.call('NdisReinitializePacket', packet)
    expect(stack.broken()).toEqual(['PacketInUse', 'PacketInUse', 'PacketInUse'])
  })
  test('its status set when MiniportSendPackets has returned', () => {
    const { stack, sendAll } = setUp((guest) => ({
      SendPacketsHandler: (_context: number, array: number) =>
        guest.call('NDIS_SET_PACKET_STATUS', guest.machine.kernel.space.r32(array), NDIS_STATUS_PENDING),
    }))
    const [packet] = sendAll(1)
    stack.call('NDIS_SET_PACKET_TIME_SENT', packet, 5n)
    expect(stack.broken()).toEqual([])
    stack.call('NDIS_SET_PACKET_STATUS', packet, NDIS_STATUS_SUCCESS)
    expect(stack.broken()).toEqual(['PacketInUse'])
  })
  test('a status that MiniportSendPackets did not set: the packet stays pending', () => {
    const { stack, sendAll, ended, complete } = setUp(() => ({ SendPacketsHandler: () => undefined }))
    const [packet] = sendAll(1)
    expect(stack.broken()).toEqual(['SendStatusNotSet'])
    expect(ended).toEqual([])
    complete(packet!)
    expect(ended.length).toBe(1)
  })
  test('NDIS_STATUS_RESOURCES of a deserialized miniport: the send ends with it', () => {
    const { stack, send, miniport } = setUp(() => ({ SendHandler: () => NDIS_STATUS_RESOURCES }), {
      deserialized: true,
    })
    expect(send().status).toBe(NDIS_STATUS_RESOURCES)
    stack.call('NdisMSendResourcesAvailable', miniport.handle)
    expect(stack.broken()).toEqual(['SendResourcesDeserialized', 'SendResourcesDeserialized'])
  })
  test('a packet without buffers', () => {
    const { stack, protocol } = setUp(() => ({}))
    const packet = stack.packet([1])
    stack.call('NdisUnchainBufferAtFront', packet, cell())
    stack.send(protocol, packet)
    expect(stack.broken()).toEqual(['SendEmptyPacket'])
  })
  test('what is no packet, and an array that is not there', () => {
    const { stack, protocol } = setUp(() => ({}))
    const packet = stack.packet([1])
    stack.send(protocol, stack.zeroed(64))
    stack.call('NdisSendPackets', protocol.handle, stack.array(packet), 100)
    stack.call('NdisSendPackets', protocol.handle, stack.array(stack.zeroed(64)), 1)
    expect(stack.broken()).toEqual(['InvalidPacket', 'DV:SpecialPoolOverrun', 'InvalidPacket'])
    expect(stack.log).toEqual([])
  })
  test('handles of nothing, and of a binding that is being closed (PV NdisCloseAdapter)', () => {
    const { stack, protocol, miniport, send } = setUp(() => ({ SendHandler: () => NDIS_STATUS_PENDING }))
    expect(stack.send({ handle: 0x1234, driver: 0 }, stack.packet([1]))).toBe(NDIS_STATUS_FAILURE)
    stack.call('NdisMSendComplete', protocol.handle, stack.packet([1]), 0)
    send()
    stack.call('NdisCloseAdapter', cell(), protocol.handle)
    expect(send().status).toBe(constant('NDIS_STATUS_CLOSING'))
    stack.call('NdisMSendResourcesAvailable', miniport.handle + 8)
    expect(stack.broken()).toEqual(['InvalidHandle', 'InvalidHandle', 'InvalidHandle', 'InvalidHandle'])
  })
  test('a send that is not completed in 30 seconds (Driver Verifier NdisTimedDataSend)', () => {
    const { stack, send, complete } = setUp(() => ({ SendHandler: () => NDIS_STATUS_PENDING }))
    complete(send().packet)
    stack.idle(20_000)
    const { packet } = send()
    stack.idle(20_000)
    complete(send().packet)
    stack.idle(9_000)
    expect(stack.broken()).toEqual([])
    stack.idle(2_000)
    expect(stack.broken()).toEqual(['NdisTimedDataSend'])
    complete(packet)
  })
  test('none completed in 22 seconds though one is pending (Driver Verifier NdisTimedDataHang)', () => {
    const { stack, send, complete } = setUp(() => ({ SendHandler: () => NDIS_STATUS_PENDING }))
    send()
    stack.idle(20_000)
    complete(send().packet)
    stack.idle(8_000)
    expect(stack.broken()).toEqual([])
    stack.idle(15_000)
    expect(stack.broken()).toEqual(['NdisTimedDataSend', 'NdisTimedDataHang'])
  })
  test('and one that was refused and never asked for again', () => {
    const { stack, send } = setUp(() => ({ SendHandler: () => NDIS_STATUS_RESOURCES }))
    send()
    stack.idle(31_000)
    expect(stack.broken()).toEqual(['NdisTimedDataSend'])
  })
})

describe('with no memory for the array of MiniportSendPackets', () => {
  const ARRAY_BYTES = 64
  test('the packets come back with NDIS_STATUS_RESOURCES, and the miniport hears of them when there is some again', () => {
    const stack = createStack5Guest()
    const seen: number[] = []
    const ended: number[] = []
    stack.miniport({
      SendPacketsHandler(_context: number, array: number, count: number) {
        for (let i = 0; i < count; i++) {
          const packet = stack.machine.kernel.space.r32(array + 4 * i)
          seen.push(packet)
          stack.call('NDIS_SET_PACKET_STATUS', packet, NDIS_STATUS_SUCCESS)
        }
      },
    })
    const protocol = stack.protocol('tcp', {
      SendCompleteHandler: (_context: number, _packet: number, status: number) => void ended.push(status),
    })
    stack.starving(ARRAY_BYTES, () => stack.start())
    const packets = [stack.packet([1]), stack.packet([2])]
    stack.starving(4, () => expect(stack.send(protocol, packets[0]!)).toBe(NDIS_STATUS_RESOURCES))
    expect([seen, ended]).toEqual([[], []])
    expect(stack.send(protocol, packets[1]!)).toBe(NDIS_STATUS_SUCCESS)
    expect(seen).toEqual([packets[1]])
    stack.unload()
    expect(stack.broken()).toEqual([])
  })
})
