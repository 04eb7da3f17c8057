import { describe, expect, test } from 'vitest'
import { driverOf, runScript } from '../../script/test-driver'
import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { MachineOptions } from '../machine'
import { PACKET } from '../ndis/packet-layout'
import { cell, createGuest } from '../test-guest'

const FORMS = [
  ['NdisAllocatePacket', 'NdisFreePacket'],
  ['NdisDprAllocatePacket', 'NdisDprFreePacket'],
  ['NdisDprAllocatePacketNonInterlocked', 'NdisDprFreePacketNonInterlocked'],
] as const

function setUp(options: MachineOptions = {}) {
  const guest = createGuest(options)
  const [status, pool] = [cell(), cell()]
  guest.call('NdisAllocatePacketPool', status, pool, 4, 16)
  const take = (form = 'NdisAllocatePacket', from = pool.value): number => {
    const packet = cell()
    guest.call(form, status, packet, from)
    return packet.value
  }
  return { guest, pool: pool.value, take, space: guest.machine.kernel.space }
}

describe('the forms of a packet (NT4 103ndisx_31, 103ndisx_32, PV ff551932)', () => {
  const pairs = FORMS.flatMap(([allocate], i) => FORMS.map(([, free], j) => [allocate, free, (i === 2) === (j === 2)]))

  test.each(pairs as [string, string, boolean][])('%s then %s: right is %s on nt', (allocate, free, right) => {
    const { guest, take } = setUp()
    guest.call(free, take(allocate))
    expect(guest.broken()).toEqual(right ? [] : ['NonInterlockedPairing'])
  })

  test.each(pairs as [string, string, boolean][])('%s then %s is right on ce (CE ms921048)', (allocate, free) => {
    const { guest, take } = setUp({ platform: 'ce' })
    guest.call(free, take(allocate))
    expect(guest.broken()).toEqual([])
  })

  test('interlocked and NonInterlocked takes from one pool are PacketPoolMixedForms on nt, nothing on ce', () => {
    for (const platform of ['nt', 'ce'] as const) {
      const { guest, take } = setUp({ platform })
      take('NdisAllocatePacket')
      take('NdisDprAllocatePacketNonInterlocked')
      expect(guest.broken()).toEqual(platform === 'nt' ? ['PacketPoolMixedForms'] : [])
    }
  })
})

describe('freeing a packet', () => {
  test.each(FORMS)('%s, %s twice is DV:DoubleFree, and the free list stays whole', (allocate, free) => {
    const { guest, take } = setUp()
    const packet = take(allocate)
    guest.call(free, packet)
    guest.call(free, packet)
    expect(guest.broken()).toEqual(['DV:DoubleFree'])
    expect(take(allocate)).not.toBe(take(allocate))
  })

  test('twice is found for overflow packets, whose memory is gone', () => {
    const guest = createGuest()
    const [status, pool, packet] = [cell(), cell(), cell()]
    guest.call('NdisAllocatePacketPoolEx', status, pool, 1, 1, 16)
    guest.call('NdisAllocatePacket', status, packet, pool.value)
    guest.call('NdisAllocatePacket', status, packet, pool.value)
    guest.call('NdisFreePacket', packet.value)
    guest.call('NdisFreePacket', packet.value)
    expect(guest.broken()).toEqual(['DV:DoubleFree'])
  })

  test('that is no packet is DV:FreeUnallocated', () => {
    const { guest, take } = setUp()
    guest.call('NdisFreePacket', 0)
    guest.call('NdisFreePacket', take() + 8)
    expect(guest.broken()).toEqual(['DV:FreeUnallocated', 'DV:FreeUnallocated'])
  })

  test('with its pool overwritten is found, and the packet still goes back', () => {
    const { guest, take, pool, space } = setUp()
    const packet = take()
    space.w32(packet + PACKET.Pool, 0x1111_1110)
    guest.call('NdisFreePacket', packet)
    expect(guest.broken()).toEqual(['DV:SpecialPoolPatternBroken'])
    expect(guest.call('NdisPacketPoolUsage', pool)).toBe(0)
  })

  test('with buffers chained loses them (PV ff551993); so does reinitializing (PV ff554658)', () => {
    for (const name of ['NdisFreePacket', 'NdisReinitializePacket']) {
      const { guest, take } = setUp()
      const packet = take()
      guest.call('NdisChainBufferAtBack', packet, guest.call('NdisAllocateMdl', 0, guest.memory(8), 8))
      guest.call(name, packet)
      expect(guest.broken()).toEqual(['ChainedBuffersLost'])
    }
  })
})

describe('a freed packet', () => {
  test.each([0, PACKET.Head, PACKET.Flags, PACKET.MiniportReserved + 3, PACKET.ProtocolReserved - 1])(
    'that is written to at byte %i is found when it is handed out again',
    (offset) => {
      const { guest, take, space } = setUp()
      const packet = take()
      guest.call('NdisFreePacket', packet)
      space.w8(packet + offset, 0)
      expect(take()).toBe(packet)
      expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
    },
  )

  test('that is not touched is handed out in silence', () => {
    const { guest, take } = setUp()
    guest.call('NdisFreePacket', take())
    take()
    expect(guest.broken()).toEqual([])
  })
})

describe('packet pools (DDI ndisfreepacketpool)', () => {
  test('freed with packets out, used when dead, or no pools at all', () => {
    const { guest, take, pool } = setUp()
    const packet = take()
    guest.call('NdisFreePacketPool', pool)
    expect(guest.broken()).toEqual(['FreePoolWithDescriptorsOut'])
    guest.call('NdisFreePacket', packet)
    take()
    guest.call('NdisPacketPoolUsage', 0x1234)
    expect(guest.broken().slice(1)).toEqual(['DV:FreeUnallocated', 'DeadPoolHandle', 'InvalidPoolHandle'])
  })
})

describe('through the bindings of a script', () => {
  const NAMES =
    'out, NdisAllocatePacketPool, NdisAllocatePacket, NdisDprAllocatePacket, NdisFreePacket, NdisFreePacketPool, NdisAllocateSpinLock, NdisAcquireSpinLock, NdisReleaseSpinLock, storage, NDIS_SPIN_LOCK, NdisAllocateBufferPool, NdisAllocateBuffer, NdisFreeBuffer, NdisFreeBufferPool, NDIS_PACKET'
  const POOL = 'const Status = out(), Pool = out(), Packet = out(); NdisAllocatePacketPool(Status, Pool, 2, 16)'
  const rulesOf = (statements: string, platform: 'nt' | 'ce' = 'nt') =>
    runScript(driverOf(NAMES, statements), { platform }).violations.map(({ rule, function: fn, line }) => [
      rule,
      fn,
      line,
    ])

  test('a Dpr form below DISPATCH_LEVEL is reported on its line (PV ff551932)', () => {
    const violations = rulesOf(
      `${POOL}\nNdisDprAllocatePacket(Status, Packet, Pool.value)\nNdisFreePacket(Packet.value)\nNdisFreePacketPool(Pool.value)`,
    )
    expect(violations.map(([, fn, line]) => [fn, line])).toEqual([['NdisDprAllocatePacket', 4]])
  })

  test('NdisFreePacket under a spin lock is reported (NT4, PV, CE)', () => {
    const violations = rulesOf(
      `${POOL}\nconst Lock = storage(NDIS_SPIN_LOCK)\nNdisAllocateSpinLock(Lock)\nNdisAllocatePacket(Status, Packet, Pool.value)\nNdisAcquireSpinLock(Lock)\nNdisFreePacket(Packet.value)\nNdisReleaseSpinLock(Lock)\nNdisFreePacketPool(Pool.value)`,
    )
    expect(violations).toEqual([['SpinLockHeldAtCall', 'NdisFreePacket', 8]])
  })

  test('a write to a freed packet through a view is reported where it happens', () => {
    const violations = rulesOf(
      `${POOL}\nNdisAllocatePacket(Status, Packet, Pool.value)\nNdisFreePacket(Packet.value)\nNDIS_PACKET.at(Packet.value).Private.Flags = 1\nNdisFreePacketPool(Pool.value)`,
    )
    expect(violations[0]?.[0]).toBe('DV:SpecialPoolUseAfterFree')
    expect(violations[0]?.[2]).toBe(6)
  })

  test('buffers and pools that are left are leaks with their kinds', () => {
    const report = runScript(
      driverOf(
        NAMES,
        `const Status = out(), Pool = out(), Buffer = out(), Data = storage(NDIS_PACKET)\nNdisAllocateBufferPool(Status, Pool, 2)\nNdisAllocateBuffer(Status, Buffer, Pool.value, Data, 8)`,
      ),
    )
    expect(report.leaks.map(({ kind, line }) => [kind, line])).toEqual([
      ['NDIS_BUFFER', 5],
      ['buffer pool', 4],
    ])
  })

  test('an endless supply of packets is a driver fault only when they are not given back', () => {
    const loop = `${POOL}\nfor (let i = 0; i < 100; i++) { NdisAllocatePacket(Status, Packet, Pool.value); NdisFreePacket(Packet.value) }\nNdisFreePacketPool(Pool.value)`
    expect(runScript(driverOf(NAMES, loop)).outcome).toBe('clean')
  })
})

test('a free that is interrupted by other work leaves alone what that work takes', () => {
  const { guest, pool, take, space } = setUp()
  const packet = take()
  let other = 0
  const run = (): void => void (other = take())
  guest.machine.kernel.scheduler.queueDpc(0, { name: 'other work', kind: ACTIVATION.DPC, irql: DISPATCH_LEVEL, run })
  guest.call('NdisFreePacket', packet)
  expect(space.r32(other + PACKET.Pool)).toBe(pool)
  expect(take()).toBe(packet)
  expect(guest.broken()).toEqual([])
})
