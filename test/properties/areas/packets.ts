import { same } from '../same'
import { layout } from '../../../src/core/memory/layout'
import { cell } from '../bench'
import { createDescriptors, type Descriptors } from '../descriptors'
import {
  atDispatch,
  atMostDispatch,
  DISPATCH,
  pick,
  remove,
  type Area,
  type Draw,
  type Step,
  type World,
} from '../world'
import { createBufferSide, type Buffer } from './buffers'

const SUCCESS = 0
const RESOURCES = 0xc000_009a | 0
const UNTOUCHED = -1
const MOST_POOLS = 3
const PACKET = layout('NDIS_PACKET', 'Private', 'MiniportReserved', 'ProtocolReserved')
const PRIVATE = layout('NDIS_PACKET_PRIVATE', 'Head', 'Tail', 'Pool')
const MINIPORT_RESERVED_BYTES = PACKET.ProtocolReserved - PACKET.MiniportReserved

interface PacketPool {
  readonly handle: number
  readonly reserved: number
  /** Whether it is for the calls whose callers the driver keeps apart. */
  readonly nonInterlocked: boolean
  readonly descriptors: Descriptors
}
interface Packet {
  readonly at: number
  readonly pool: PacketPool
  readonly buffers: Buffer[]
  /** The reserved areas. */
  readonly bytes: Uint8Array
  /** What was counted last, until the chain changes. */
  counted?: { readonly pages: number; readonly buffers: number; readonly bytes: number } | undefined
}

/** Packet pools in their three forms, packets, and the buffers that are chained to them. */
export function createPackets(world: World): Area {
  const { bench } = world
  const { platform } = bench.machine.kernel
  const { r32, u8 } = bench.machine.kernel.space
  const buffers = createBufferSide(world)
  const pools: PacketPool[] = []
  const packets: Packet[] = []
  const [low, high] = [atMostDispatch(world), atDispatch(world)]
  /** CE: no spin lock may be held where pools and packets come and go; on NT frees of packets alone say so. */
  const noLock = (): boolean => world.locks === 0

  function create(draw: Draw, name: string): void {
    const [count, overflow] = [1 + draw(4), name.endsWith('Ex') ? draw(3) : 0]
    const reserved = pick(draw, [16, 0, 4, 20, 64])
    const [status, handle] = [cell(), cell()]
    bench.call(name, status, handle, count, ...(name.endsWith('Ex') ? [overflow] : []), reserved)
    same(status.value, SUCCESS)
    same(
      pools.every((pool) => pool.handle !== handle.value),
      true,
    )
    const descriptors = createDescriptors(count + overflow, overflow)
    pools.push({ handle: handle.value, reserved, nonInterlocked: draw(2) === 1, descriptors })
  }
  const poolsFor = (nonInterlocked: boolean): PacketPool[] =>
    platform === 'ce' ? pools : pools.filter((pool) => pool.nonInterlocked === nonInterlocked)

  function take(draw: Draw, name: string, nonInterlocked: boolean): void {
    const pool = pick(draw, poolsFor(nonInterlocked))
    const [status, packet] = [cell(), cell()]
    bench.call(name, status, packet, pool.handle)
    if (pool.descriptors.isFull()) {
      const left = name === 'NdisAllocatePacket' ? UNTOUCHED : 0
      same([status.value, packet.value], [RESOURCES, left])
      return
    }
    same(status.value, SUCCESS)
    pool.descriptors.taken(packet.value)
    const bytes = new Uint8Array(MINIPORT_RESERVED_BYTES + pool.reserved)
    packets.push({ at: packet.value, pool, buffers: [], bytes })
    expectPacket(packets.at(-1)!)
  }
  const empties = (nonInterlocked?: boolean): Packet[] =>
    packets.filter(
      (packet) =>
        packet.buffers.length === 0 &&
        (nonInterlocked === undefined || platform === 'ce' || packet.pool.nonInterlocked === nonInterlocked),
    )
  function give(packet: Packet, name: string): void {
    remove(packets, packet)
    packet.pool.descriptors.givenBack(packet.at)
    bench.call(name, packet.at)
  }
  const taking = (name: string, may: () => boolean, nonInterlocked = false): Step => ({
    name,
    may: () => may() && poolsFor(nonInterlocked).length > 0,
    run: (draw) => take(draw, name, nonInterlocked),
  })
  const giving = (name: string, may: () => boolean, nonInterlocked = false): Step => ({
    name,
    may: () => may() && empties(nonInterlocked).length > 0,
    run: (draw) => give(pick(draw, empties(nonInterlocked)), name),
  })
  const creating = (name: string): Step => ({
    name,
    may: () => low() && noLock() && pools.length < MOST_POOLS,
    run: (draw) => create(draw, name),
  })

  const chaining = (name: string, add: (packet: Packet, buffer: Buffer) => void): Step => ({
    name,
    may: () => packets.length > 0 && buffers.loose().length > 0,
    run(draw) {
      const [packet, buffer] = [pick(draw, packets), pick(draw, buffers.loose())]
      buffer.chained = true
      packet.counted = undefined
      add(packet, buffer)
      bench.call(name, packet.at, buffer.at)
    },
  })
  const unchaining = (name: string, take: (packet: Packet) => Buffer | undefined): Step => ({
    name,
    may: () => packets.length > 0,
    run(draw) {
      const [packet, first] = [pick(draw, packets), cell()]
      const buffer = take(packet)
      if (buffer) {
        buffer.chained = false
        packet.counted = undefined
      }
      bench.call(name, packet.at, first)
      same(first.value, buffer?.at ?? 0)
    },
  })
  function count(packet: Packet) {
    // The counts stay what they were when a buffer of the chain is shortened later.
    packet.counted ??= {
      pages: packet.buffers.reduce((sum, buffer) => sum + buffers.pages(buffer), 0),
      buffers: packet.buffers.length,
      bytes: packet.buffers.reduce((sum, buffer) => sum + buffer.length, 0),
    }
    return packet.counted
  }
  const query: Step = {
    name: 'NdisQueryPacket',
    may: () => packets.length > 0,
    run(draw) {
      const packet = pick(draw, packets)
      const [pages, chained, first, bytes] = [cell(), cell(), cell(), cell()]
      bench.call('NdisQueryPacket', packet.at, pages, chained, first, bytes)
      const counted = count(packet)
      same([pages.value, chained.value, bytes.value], [counted.pages, counted.buffers, counted.bytes])
      same(first.value, packet.buffers[0]?.at ?? 0)
    },
  }
  const writing: Step = {
    name: 'the driver writes to the reserved areas',
    may: () => packets.length > 0,
    run(draw) {
      const packet = pick(draw, packets)
      const index = draw(packet.bytes.length)
      packet.bytes[index] = draw(256)
      u8[packet.at + PACKET.MiniportReserved + index] = packet.bytes[index]!
    },
  }
  const reinitializing: Step = {
    name: 'NdisReinitializePacket',
    may: () => empties().length > 0,
    run(draw) {
      const packet = pick(draw, empties())
      packet.counted = undefined
      if (platform === 'ce') packet.bytes.fill(0)
      bench.call('NdisReinitializePacket', packet.at)
    },
  }
  const usage: Step = {
    name: 'NdisPacketPoolUsage',
    may: () => low() && pools.length > 0,
    run(draw) {
      const pool = pick(draw, pools)
      same(bench.call('NdisPacketPoolUsage', pool.handle), pool.descriptors.out)
    },
  }
  const idle = (): PacketPool[] => pools.filter((pool) => pool.descriptors.out === 0)
  function destroy(pool: PacketPool): void {
    remove(pools, pool)
    bench.call('NdisFreePacketPool', pool.handle)
  }
  const destroying: Step = {
    name: 'NdisFreePacketPool',
    may: () => low() && noLock() && idle().length > 0,
    run: (draw) => destroy(pick(draw, idle())),
  }

  function expectPacket({ at, pool, buffers: chain, bytes }: Packet): void {
    same(r32(at + PRIVATE.Pool), pool.handle)
    same(r32(at + PRIVATE.Head), chain[0]?.at ?? 0)
    if (chain.length > 0) same(r32(at + PRIVATE.Tail), chain.at(-1)!.at)
    const start = at + PACKET.MiniportReserved
    for (let i = 0; i < bytes.length; i++) if (u8[start + i] !== bytes[i]) same([i, u8[start + i]], [i, bytes[i]])
    chain.forEach((buffer, i) => same(buffers.next(buffer), chain[i + 1]?.at ?? 0))
  }
  function giveAtDispatch(packet: Packet): void {
    const irql = bench.call('KeRaiseIrqlToDpcLevel')
    give(packet, 'NdisDprFreePacketNonInterlocked')
    bench.call('KeLowerIrql', irql)
  }
  const nonInterlocked = true
  return {
    steps: [
      creating('NdisAllocatePacketPool'),
      creating('NdisAllocatePacketPoolEx'),
      taking('NdisAllocatePacket', () => low() && noLock()),
      taking('NdisDprAllocatePacket', high),
      taking('NdisDprAllocatePacketNonInterlocked', high, nonInterlocked),
      giving('NdisFreePacket', () => low() && noLock()),
      giving('NdisDprFreePacket', high),
      giving('NdisDprFreePacketNonInterlocked', high, nonInterlocked),
      destroying,
      chaining('NdisChainBufferAtFront', (packet, buffer) => void packet.buffers.unshift(buffer)),
      chaining('NdisChainBufferAtBack', (packet, buffer) => void packet.buffers.push(buffer)),
      unchaining('NdisUnchainBufferAtFront', (packet) => packet.buffers.shift()),
      unchaining('NdisUnchainBufferAtBack', (packet) => packet.buffers.pop()),
      query,
      writing,
      reinitializing,
      usage,
      ...buffers.steps,
    ],
    check() {
      packets.forEach(expectPacket)
      for (const pool of pools) same(bench.machine.pools.inUse(pool.handle), pool.descriptors.out)
      buffers.check()
    },
    drain() {
      if (world.irql > DISPATCH) throw new Error('drained at a device IRQL')
      for (const packet of [...packets]) {
        for (; packet.buffers.length > 0; packet.buffers.pop()!.chained = false)
          bench.call('NdisUnchainBufferAtBack', packet.at, cell())
        if (packet.pool.nonInterlocked) giveAtDispatch(packet)
        else give(packet, 'NdisFreePacket')
      }
      for (const pool of [...pools]) destroy(pool)
      buffers.drain()
    },
  }
}
