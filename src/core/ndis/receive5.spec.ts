import { describe, expect, test } from 'vitest'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { MachineOptions } from '../machine'
import { SYS_DESCRIPTOR } from '../memory/records'
import { cell, createGuest } from '../test-guest'
import { DESCRIPTOR_HEADER, LOANED } from './descriptor-pool'
import { PACKET } from './packet-layout'
import { NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const ADAPTER = 0x1234
const CONTEXT = 0x5678
const FRAME = 60
/** Longer than any receiver holds a packet. */
const LONG = 10_000

interface Setting {
  readonly packets: number
  readonly deserialized?: boolean
  readonly handler?: boolean
  readonly machine?: MachineOptions
}

/** A miniport with packets that are ready to be indicated. */
function setUp({ packets, deserialized = false, handler = true, machine = {} }: Setting) {
  const guest = createGuest(machine)
  const { kernel, receive5 } = guest.machine
  const returned: { context: unknown; packet: unknown; irql: number }[] = []
  const MiniportReturnPacket = (context: unknown, packet: unknown): void =>
    void returned.push({ context, packet, irql: kernel.cpus.irql() })
  receive5.attach(ADAPTER, { context: CONTEXT, returnPacket: handler ? MiniportReturnPacket : 0, deserialized })
  const status = cell()
  const pool = cell()
  guest.call('NdisAllocatePacketPool', status, pool, packets, 16)
  const array = guest.memory(4 * packets)
  const all = Array.from({ length: packets }, (_unused, i) => {
    const packet = cell()
    guest.call('NdisAllocatePacket', status, packet, pool.value)
    guest.call('NdisChainBufferAtBack', packet.value, guest.call('NdisAllocateMdl', 0, guest.memory(FRAME), FRAME))
    guest.call('NDIS_SET_PACKET_HEADER_SIZE', packet.value, 14)
    kernel.space.w32(array + 4 * i, packet.value)
    return packet.value
  })
  kernel.scheduler.raise(DISPATCH_LEVEL)
  const statusOf = (packet: number): number => guest.call('NDIS_GET_PACKET_STATUS', packet)
  return {
    guest,
    kernel,
    receive5,
    array,
    all,
    returned,
    statusOf,
    setStatus: (packet: number, value: number) => guest.call('NDIS_SET_PACKET_STATUS', packet, value),
    indicate: (count = packets) => guest.call('NdisMIndicateReceivePacket', ADAPTER, array, count),
    loaned: (packet: number) => (kernel.space.r32(packet - DESCRIPTOR_HEADER + SYS_DESCRIPTOR.State) & LOANED) !== 0,
    held: () => all.filter((packet) => statusOf(packet) === NDIS_STATUS_PENDING),
    later: () => kernel.scheduler.runUntil(() => false, LONG),
  }
}

describe('NdisMIndicateReceivePacket (PV ff556997, ff546718)', () => {
  test('on return a packet is back (SUCCESS) or held (PENDING), and both happen', () => {
    const { all, indicate, statusOf, loaned, held, receive5, guest } = setUp({ packets: 32 })
    indicate()
    for (const packet of all) {
      expect([NDIS_STATUS_SUCCESS, NDIS_STATUS_PENDING]).toContain(statusOf(packet))
      expect(loaned(packet)).toBe(statusOf(packet) === NDIS_STATUS_PENDING)
    }
    expect(held().length).toBeGreaterThan(0)
    expect(held().length).toBeLessThan(32)
    expect(receive5.out(ADAPTER)).toBe(held().length)
    expect(guest.broken()).toEqual([])
  })

  test('held packets come back later through MiniportReturnPacket at DISPATCH_LEVEL, each once', () => {
    const { indicate, held, later, returned, loaned, receive5, guest } = setUp({ packets: 32 })
    indicate()
    const out = held()
    expect(returned).toEqual([])
    later()
    expect(returned.map(({ packet }) => packet).sort()).toEqual([...out].sort())
    for (const { context, irql } of returned) expect([context, irql]).toEqual([CONTEXT, DISPATCH_LEVEL])
    expect(out.filter(loaned)).toEqual([])
    expect(receive5.out(ADAPTER)).toBe(0)
    expect(guest.broken()).toEqual([])
  })

  test('with NDIS_STATUS_RESOURCES nothing is held, neither that packet nor those after it (PV ff558916)', () => {
    const { all, indicate, setStatus, statusOf, held, later, returned } = setUp({ packets: 32 })
    setStatus(all[4]!, NDIS_STATUS_RESOURCES)
    indicate()
    expect(statusOf(all[4]!)).toBe(NDIS_STATUS_RESOURCES)
    for (const packet of held()) expect(all.indexOf(packet)).toBeLessThan(4)
    const before = held().length
    later()
    expect(returned.length).toBe(before)
  })

  test('which packets are held is the choice of the seed', () => {
    const heldWith = (seed: number): number[] => {
      const { all, indicate, held } = setUp({ packets: 32, machine: { seed } })
      indicate()
      return held().map((packet) => all.indexOf(packet))
    }
    expect(heldWith(7)).toEqual(heldWith(7))
    expect(heldWith(7)).not.toEqual(heldWith(8))
  })

  test('a receiver uses ProtocolReserved of the packets it holds, 16 bytes and no more', () => {
    const { all, indicate, held, guest } = setUp({ packets: 32 })
    const reserved = (packet: number): number[] => guest.bytes(packet + PACKET.ProtocolReserved, 17)
    indicate()
    for (const packet of all) {
      const used = held().includes(packet) ? 0x50 : 0
      expect(reserved(packet)).toEqual([...new Array<number>(16).fill(used), 0])
    }
  })

  test('returned packets can be indicated again', () => {
    const { indicate, later, all, setStatus, guest } = setUp({ packets: 4 })
    for (let round = 0; round < 8; round++) {
      for (const packet of all) setStatus(packet, NDIS_STATUS_SUCCESS)
      indicate()
      later()
    }
    expect(guest.broken()).toEqual([])
  })

  test('of no packets is nothing', () => {
    const { indicate, guest } = setUp({ packets: 1 })
    indicate(0)
    expect(guest.broken()).toEqual([])
  })
})

describe('a deserialized miniport (PV ff550510)', () => {
  test('gets every packet back through MiniportReturnPacket, those not held before the call returns', () => {
    const { all, indicate, held, later, returned } = setUp({ packets: 32, deserialized: true })
    indicate()
    const out = held()
    expect(returned.length).toBe(32 - out.length)
    later()
    expect(returned.map(({ packet }) => packet).sort()).toEqual([...all].sort())
  })

  test('but not those with NDIS_STATUS_RESOURCES', () => {
    const { all, indicate, setStatus, later, returned } = setUp({ packets: 3, deserialized: true })
    setStatus(all[0]!, NDIS_STATUS_RESOURCES)
    indicate()
    later()
    expect(returned).toEqual([])
  })
})

describe('the end of an adapter', () => {
  test('brings back what is out before the miniport is halted, and nothing after', () => {
    const { indicate, held, later, returned, receive5 } = setUp({ packets: 32 })
    indicate()
    const out = held()
    receive5.detach(ADAPTER)
    expect(returned.length).toBe(out.length)
    later()
    expect(returned.length).toBe(out.length)
    expect(receive5.adapterOf(ADAPTER)).toBeUndefined()
  })
})

describe('adapters that start and stop', () => {
  test('are attached with their handler and their kind, those of NDIS 6 not', () => {
    const guest = createGuest()
    const { kernel, receive5 } = guest.machine
    const ReturnPacketHandler = kernel.text.addressOf(() => undefined)
    const adapter = {
      handle: 5,
      version: 0x5_0001,
      context: 9,
      attributeFlags: 0x20,
      handlers: { ReturnPacketHandler },
    }
    receive5.watcher.started(adapter)
    expect(receive5.adapterOf(5)).toEqual({ context: 9, returnPacket: ReturnPacketHandler, deserialized: true })
    receive5.watcher.stopping(adapter)
    expect(receive5.adapterOf(5)).toBeUndefined()
    receive5.watcher.started({ ...adapter, version: 0x6_0000 })
    expect(receive5.adapterOf(5)).toBeUndefined()
  })
})

describe('what a miniport can get wrong', () => {
  test('without rules, a packet that is out is bug check 0x7C, 5 with adapter, packet and array', () => {
    const { indicate, held, guest, kernel, array } = setUp({ packets: 32, machine: { rules: false } })
    indicate()
    const packet = held()[0]!
    kernel.space.w32(array, packet)
    expect(guest.crash(() => indicate(1))).toMatchObject({
      name: 'BUGCODE_NDIS_DRIVER',
      code: 0x7c,
      parameters: [5, ADAPTER, packet, array],
    })
  })

  test('with rules that is PacketInUse and the call is not made', () => {
    const { indicate, held, guest, kernel, array } = setUp({ packets: 32 })
    indicate()
    kernel.space.w32(array, held()[0]!)
    indicate(1)
    expect(guest.broken()).toEqual(['PacketInUse'])
  })

  test('without a ReturnPacketHandler nothing can be held', () => {
    const { indicate, held, guest } = setUp({ packets: 32, handler: false })
    indicate()
    expect(held()).toEqual([])
    expect(guest.broken()).toEqual(['ReturnPacketHandlerMissing'])
  })
})
