import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { MachineOptions } from '../machine'
import { MDL } from '../ndis/packet-layout'
import { cell, createGuest } from '../test-guest'

function setUp(options: MachineOptions = {}) {
  const guest = createGuest(options)
  const status = cell()
  const pool = cell()
  guest.call('NdisAllocateBufferPool', status, pool, 4)
  const data = guest.memory(100)
  const take = (address = data, length = 100): number => {
    const buffer = cell()
    guest.call('NdisAllocateBuffer', status, buffer, pool.value, address, length)
    return buffer.value
  }
  return { guest, pool: pool.value, data, take, status, space: guest.machine.kernel.space }
}
function packetOf(guest: ReturnType<typeof createGuest>): number {
  const [status, pool, packet] = [cell(), cell(), cell()]
  guest.call('NdisAllocatePacketPool', status, pool, 4, 16)
  guest.call('NdisAllocatePacket', status, packet, pool.value)
  return packet.value
}

describe('freeing a buffer (PV ff551981)', () => {
  test('twice is DV:DoubleFree and changes nothing', () => {
    const { guest, take, pool } = setUp()
    const buffer = take()
    guest.call('NdisFreeBuffer', buffer)
    guest.call('NdisFreeBuffer', buffer)
    expect(guest.broken()).toEqual(['DV:DoubleFree'])
    expect(guest.machine.pools.inUse(pool)).toBe(0)
    // The free list is still a list: two takes give two buffers.
    expect(take()).not.toBe(take())
  })

  test.each([
    ['the memory it describes', (data: number) => data],
    ['the middle of a buffer', (_data: number, buffer: number) => buffer + 4],
    ['NULL', () => 0],
  ])('given %s is DV:FreeUnallocated', (_what, pick) => {
    const { guest, take, data } = setUp()
    guest.call('NdisFreeBuffer', pick(data, take()))
    expect(guest.broken()).toEqual(['DV:FreeUnallocated'])
  })

  test('while it is chained to a packet is BufferFreedWhileChained', () => {
    const { guest, take } = setUp()
    const packet = packetOf(guest)
    const buffer = take()
    guest.call('NdisChainBufferAtBack', packet, buffer)
    guest.call('NdisFreeBuffer', buffer)
    expect(guest.broken()).toEqual(['BufferFreedWhileChained'])
  })

  test('after it was unchained, or its packet reinitialized or freed, is right', () => {
    const { guest, take } = setUp()
    const packet = packetOf(guest)
    const buffers = [take(), take()]
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    guest.call('NdisUnchainBufferAtFront', packet, cell())
    guest.call('NdisFreeBuffer', buffers[0])
    expect(guest.broken()).toEqual([])
    guest.call('NdisChainBufferAtBack', packet, buffers[1])
    guest.call('NdisFreePacket', packet)
    guest.call('NdisFreeBuffer', buffers[1])
    // Losing the chain is the only thing wrong: the buffer itself could be freed because its address was kept.
    expect(guest.broken()).toEqual(['ChainedBuffersLost'])
  })

  test('with another length than it was made with is BufferLengthNotRestored (PV ff550733)', () => {
    const { guest, take } = setUp()
    const [shortened, restored] = [take(), take()]
    guest.call('NdisAdjustBufferLength', shortened, 60)
    guest.call('NdisAdjustBufferLength', restored, 60)
    guest.call('NdisAdjustBufferLength', restored, 100)
    guest.call('NdisFreeBuffer', restored)
    expect(guest.broken()).toEqual([])
    guest.call('NdisFreeBuffer', shortened)
    expect(guest.broken()).toEqual(['BufferLengthNotRestored'])
  })
})

describe('a freed buffer', () => {
  test('that is written to is found when it is handed out again', () => {
    const { guest, take, space } = setUp()
    const buffer = take()
    guest.call('NdisFreeBuffer', buffer)
    space.w32(buffer + MDL.ByteCount, 1)
    take()
    expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
  })

  test.each(['NdisQueryBuffer', 'NdisAdjustBufferLength', 'NdisGetNextBuffer'])('that %s looks at is found', (name) => {
    const { guest, take } = setUp()
    const buffer = take()
    guest.call('NdisFreeBuffer', buffer)
    guest.call(name, buffer, cell(), cell())
    expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
  })
})

describe('the range of a buffer (DDI ndisallocatebuffer)', () => {
  test.each([
    ['ends behind its block', (data: number) => [data, 101]],
    ['begins before its block', (data: number) => [data - 8, 100]],
    ['is nowhere', () => [0x7fff_0000, 16]],
    ['is the null page', () => [0, 16]],
    ['goes around the end of the address space', () => [0xffff_fff0, 0x100]],
  ])('that %s is BufferRange', (_what, pick) => {
    const { guest, take, data } = setUp()
    const [address, length] = pick(data) as [number, number]
    take(address, length)
    expect(guest.broken()).toEqual(['BufferRange'])
  })

  test('that was freed is BufferRange', () => {
    const { guest, take, data } = setUp()
    guest.call('NdisFreeMemory', data, 100, 0)
    take()
    expect(guest.broken()).toEqual(['BufferRange'])
  })

  test('may be a part of a block', () => {
    const { guest, take, data } = setUp()
    take(data + 13, 87)
    expect(guest.broken()).toEqual([])
  })
})

describe('buffer pools', () => {
  test('freed with buffers out: FreePoolWithDescriptorsOut (XP 103ndisx_0auq); the handle is dead then', () => {
    const { guest, take, pool } = setUp()
    take()
    guest.call('NdisFreeBufferPool', pool)
    take()
    guest.call('NdisFreeBufferPool', pool)
    expect(guest.broken()).toEqual(['FreePoolWithDescriptorsOut', 'DeadPoolHandle', 'DeadPoolHandle'])
  })

  test('a packet pool is no buffer pool', () => {
    const { guest, data, status } = setUp()
    const packets = cell()
    guest.call('NdisAllocatePacketPool', status, packets, 1, 16)
    guest.call('NdisAllocateBuffer', status, cell(), packets.value, data, 8)
    guest.call('NdisCopyBuffer', status, cell(), 0, data, 0, 8)
    expect(guest.broken()).toEqual(['InvalidPoolHandle', 'InvalidPoolHandle'])
  })

  test('NULL is a handle on ce only', () => {
    const { guest, data, status } = setUp({ platform: 'ce' })
    guest.call('NdisAllocateBuffer', status, cell(), 0, data, 8)
    expect(guest.broken()).toEqual([])
    const nt = setUp()
    nt.guest.call('NdisAllocateBuffer', nt.status, cell(), 0, nt.data, 8)
    expect(nt.guest.broken()).toEqual(['InvalidPoolHandle'])
  })
})

describe('MDLs', () => {
  test.each([
    ['NdisAllocateMdl', 'NdisFreeMdl'],
    ['IoAllocateMdl', 'IoFreeMdl'],
    ['NdisAllocateBuffer', 'NdisFreeBuffer'],
  ])('of %s are freed by %s only', (maker, right) => {
    for (const free of ['NdisFreeMdl', 'IoFreeMdl', 'NdisFreeBuffer']) {
      const { guest, take, data } = setUp()
      const mdl =
        maker === 'NdisAllocateBuffer'
          ? take()
          : maker === 'IoAllocateMdl'
            ? guest.call(maker, data, 100, 0, 0, 0)
            : guest.call(maker, 0, data, 100)
      guest.call(free, mdl)
      expect([free, ...guest.broken()]).toEqual(free === right ? [free] : [free, 'MdlPairing'])
    }
  })

  test.each(['NdisFreeMdl', 'IoFreeMdl'])('%s twice is found', (free) => {
    const { guest, data } = setUp()
    const mdl =
      free === 'NdisFreeMdl'
        ? guest.call('NdisAllocateMdl', 0, data, 100)
        : guest.call('IoAllocateMdl', data, 100, 0, 0, 0)
    guest.call(free, mdl)
    guest.call(free, mdl)
    expect(guest.broken()).toEqual(['DV:DoubleFree'])
  })

  test('are not made longer than their range or their pages (PV ff550733)', () => {
    const { guest, take } = setUp()
    guest.call('NdisAdjustBufferLength', take(), 101)
    expect(guest.broken()).toEqual(['BufferLengthTooLong'])
  })

  test('in memory of the driver have the pages that they have', () => {
    const { guest, data } = setUp()
    const mdl = guest.memory(32)
    guest.machine.mdls.initialize(mdl, data, 100)
    guest.call('NdisAdjustMdlLength', mdl, 50)
    expect(guest.broken()).toEqual([])
    guest.call('NdisAdjustMdlLength', mdl, 3 * 4096)
    expect(guest.broken()).toEqual(['BufferLengthTooLong'])
  })

  test('that were not built have no system address: NULL and MdlNotBuilt', () => {
    const { guest, data } = setUp()
    const mdl = guest.call('IoAllocateMdl', data, 100, 0, 0, 0)
    expect(guest.call('MmGetSystemAddressForMdlSafe', mdl, 16)).toBe(0)
    expect(guest.broken()).toEqual(['MdlNotBuilt'])
  })

  test('are built over live memory', () => {
    const { guest, data } = setUp()
    const mdl = guest.call('IoAllocateMdl', data, 200, 0, 0, 0)
    guest.call('MmBuildMdlForNonPagedPool', mdl)
    guest.call('NdisAllocateMdl', 0, data, 200)
    expect(guest.broken()).toEqual(['BufferRange', 'BufferRange'])
  })

  test('are parts of what the source describes', () => {
    const { guest, data } = setUp()
    const source = guest.call('NdisAllocateMdl', 0, data, 100)
    const target = guest.call('IoAllocateMdl', data, 100, 0, 0, 0)
    guest.call('IoBuildPartialMdl', source, target, data + 90, 20)
    expect(guest.call('MmGetMdlByteCount', target)).toBe(100)
    expect(guest.broken()).toEqual(['PartialMdlRange'])
  })
})

test('a free that is interrupted by another one leaves alone what was taken meanwhile', () => {
  const { guest, take, data } = setUp()
  const [first, second] = [take(), take()]
  let other = 0
  function run(): void {
    guest.call('NdisFreeBuffer', second)
    other = take(data, 40)
  }
  guest.machine.kernel.scheduler.queueDpc(0, { name: 'other work', kind: ACTIVATION.DPC, irql: DISPATCH_LEVEL, run })
  guest.call('NdisFreeBuffer', first)
  expect(guest.call('NdisBufferLength', other)).toBe(40)
  expect(take()).toBe(first)
  expect(guest.broken()).toEqual([])
})
