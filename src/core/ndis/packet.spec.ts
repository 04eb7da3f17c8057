import { describe, expect, test } from 'vitest'
import { cell, createGuest, type Guest } from '../test-guest'
import { DESCRIPTOR_HEADER, FORM, formOf } from './descriptor-pool'
import { OOB, oobOffset, PACKET } from './packet-layout'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const UNTOUCHED = -1

function poolOf(guest: Guest, count: number, reserved = 16): number {
  const status = cell()
  const pool = cell()
  guest.call('NdisAllocatePacketPool', status, pool, count, reserved)
  expect(status.value).toBe(NDIS_STATUS_SUCCESS)
  return pool.value
}
function exPool(guest: Guest, count: number, overflow: number): { status: number; pool: number } {
  const status = cell()
  const pool = cell()
  guest.call('NdisAllocatePacketPoolEx', status, pool, count, overflow, 16)
  return { status: status.value, pool: pool.value }
}
function take(guest: Guest, pool: number, form = 'NdisAllocatePacket'): { status: number; packet: number } {
  const status = cell()
  const packet = cell()
  guest.call(form, status, packet, pool)
  return { status: status.value, packet: packet.value }
}
const takeAll = (guest: Guest, pool: number): number[] => {
  const packets: number[] = []
  for (let got = take(guest, pool); got.status === NDIS_STATUS_SUCCESS; got = take(guest, pool))
    packets.push(got.packet)
  return packets
}

describe('NdisAllocatePacketPool (PV ff550780, NT4 103ndisx_12)', () => {
  test('NumberOfDescriptors is the limit of packets that are out at one time', () => {
    const guest = createGuest()
    const pool = poolOf(guest, 3)
    const packets = takeAll(guest, pool)
    expect(new Set(packets).size).toBe(3)
    expect(take(guest, pool).status).toBe(NDIS_STATUS_RESOURCES)
    guest.call('NdisFreePacket', packets[1])
    expect(take(guest, pool)).toEqual({ status: NDIS_STATUS_SUCCESS, packet: packets[1] })
  })

  test('more than memory can hold is NDIS_STATUS_RESOURCES, and fewer may work then', () => {
    const guest = createGuest()
    const status = cell()
    const pool = cell()
    guest.call('NdisAllocatePacketPool', status, pool, 0xffff, 0x8000)
    expect([status.value, pool.value]).toEqual([NDIS_STATUS_RESOURCES, 0])
    guest.call('NdisAllocatePacketPool', status, pool, 4, 0x8000)
    expect(status.value).toBe(NDIS_STATUS_SUCCESS)
  })
})

describe('NdisAllocatePacketPoolEx (PV ff550787, DDI ndisallocatepacketpoolex)', () => {
  test('a base part above 0xFFFF is refused', () => {
    expect(exPool(createGuest(), 0x10000, 0)).toEqual({ status: NDIS_STATUS_RESOURCES, pool: 0 })
  })

  test('the overflow part is cut so that the sum is 0xFFFF', () => {
    const guest = createGuest()
    const { status, pool } = exPool(guest, 0xfffe, 1000)
    expect(status).toBe(NDIS_STATUS_SUCCESS)
    expect(takeAll(guest, pool).length).toBe(0xffff)
    expect(guest.call('NdisPacketPoolUsage', pool)).toBe(0xffff)
  })

  test('overflow packets come from tagged pool when the base part is out, and go back there', () => {
    const guest = createGuest()
    const { pool } = exPool(guest, 1, 1)
    const [base, overflow] = takeAll(guest, pool) as [number, number]
    const { kernel, pools } = guest.machine
    expect(kernel.pool.dataOf(kernel.pool.blockOf(base))).toBe(pool)
    expect(kernel.pool.dataOf(kernel.pool.blockOf(overflow))).toBe(overflow - DESCRIPTOR_HEADER)
    guest.call('NdisFreePacket', overflow)
    expect(kernel.pool.problem(overflow - DESCRIPTOR_HEADER)?.kind).toBe('already freed')
    expect(pools.poolOf(overflow, 1)).toBe(0)
    expect(guest.call('NdisPacketPoolUsage', pool)).toBe(1)
    expect(guest.broken()).toEqual([])
  })
})

describe('a packet', () => {
  test('is zeroed and has an empty chain (NT4 103ndisx_11), reserved areas included', () => {
    const guest = createGuest()
    const pool = poolOf(guest, 1, 20)
    const { packet } = take(guest, pool)
    const { space } = guest.machine.kernel
    space.fill(packet + PACKET.MiniportReserved, 24 + 20, 0xee)
    space.w32(packet + PACKET.Flags, 0xffff)
    guest.call('NdisFreePacket', packet)
    expect(take(guest, pool).packet).toBe(packet)
    expect(guest.bytes(packet, PACKET.Pool)).toEqual(new Array(PACKET.Pool).fill(0))
    expect(guest.bytes(packet + PACKET.Count, 9)).toEqual(new Array(9).fill(0))
    expect(guest.bytes(packet + PACKET.MiniportReserved, 24 + 20)).toEqual(new Array(44).fill(0))
    expect(space.r32(packet + PACKET.Pool)).toBe(pool)
  })

  test('says where its out-of-band data lies, zeroed behind the protocol area', () => {
    const guest = createGuest()
    const { packet } = take(guest, poolOf(guest, 1, 20))
    const { space } = guest.machine.kernel
    expect(space.r16(packet + PACKET.NdisPacketOobOffset)).toBe(oobOffset(20))
    expect(oobOffset(20)).toBe(80)
    expect(guest.bytes(packet + 80, OOB.SIZE + 48)).toEqual(new Array(OOB.SIZE + 48).fill(0))
  })

  test.each([
    ['NdisAllocatePacket', FORM.PLAIN],
    ['NdisDprAllocatePacket', FORM.DPR],
    ['NdisDprAllocatePacketNonInterlocked', FORM.NON_INTERLOCKED],
  ])('of %s remembers its form', (name, form) => {
    const guest = createGuest()
    const { packet } = take(guest, poolOf(guest, 1), name)
    expect(formOf(guest.machine.kernel.space.r32(packet - DESCRIPTOR_HEADER))).toBe(form)
  })

  test.each([
    ['NdisAllocatePacket', UNTOUCHED],
    ['NdisDprAllocatePacket', 0],
    ['NdisDprAllocatePacketNonInterlocked', 0],
  ])('that %s cannot give leaves *Packet at %i (PV ff550774, ff551932, ff551937)', (name, left) => {
    const guest = createGuest()
    const pool = poolOf(guest, 1)
    take(guest, pool, name)
    expect(take(guest, pool, name)).toEqual({ status: NDIS_STATUS_RESOURCES, packet: left })
  })
})

describe('NdisPacketPoolUsage (PV ff553685)', () => {
  test('counts what is out', () => {
    const guest = createGuest()
    const pool = poolOf(guest, 4)
    const usage = (): number => guest.call('NdisPacketPoolUsage', pool)
    expect(usage()).toBe(0)
    const packets = takeAll(guest, pool)
    expect(usage()).toBe(4)
    for (const packet of packets) guest.call('NdisFreePacket', packet)
    expect(usage()).toBe(0)
  })
})

describe('NdisReinitializePacket', () => {
  const reinitialized = (platform: 'nt' | 'ce') => {
    const guest = createGuest({ platform })
    const { packet } = take(guest, poolOf(guest, 1))
    const { space } = guest.machine.kernel
    space.fill(packet + PACKET.MiniportReserved, 24 + 16, 0xee)
    space.w32(packet + oobOffset(16) + OOB.HeaderSize, 14)
    space.w8(packet + PACKET.ValidCounts, 1)
    guest.call('NdisReinitializePacket', packet)
    expect(space.r32(packet + PACKET.Head)).toBe(0)
    expect(space.r8(packet + PACKET.ValidCounts)).toBe(0)
    // Neither platform touches the out-of-band data.
    expect(space.r32(packet + oobOffset(16) + OOB.HeaderSize)).toBe(14)
    return guest.bytes(packet + PACKET.MiniportReserved, 24 + 16)
  }

  test('leaves the reserved areas alone on nt (PV ff554658)', () => {
    expect(reinitialized('nt')).toEqual(new Array(40).fill(0xee))
  })
  test('zeroes the reserved areas on ce (CE ee486983)', () => {
    expect(reinitialized('ce')).toEqual(new Array(40).fill(0))
  })
})
