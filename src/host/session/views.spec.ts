import { beforeEach, describe, expect, test } from 'vitest'
import { FILL } from '../../core/memory/map'
import { SYSTEM_TABLES } from '../../core/memory/structs/system.table'
import { cell, createGuest, type Guest } from '../../core/test-guest'
import { listPool, netBufferPool } from '../../core/test-net-buffer-pool'
import type { CallSite } from '../../shared/engine'
import type { StructTable } from '../../shared/views'
import { MachineViews } from './machine-views'
import { MemoryViews } from './memory-views'
import { RecordReader } from './record-reader'

/** Two structs of a driver, made up: what the overlay does is up to the table alone. */
const POINT: StructTable = {
  name: 'POINT',
  size: 16,
  kind: 'struct',
  pointerNames: ['PPOINT'],
  visibility: 'ndis',
  source: 'spec',
  fields: [
    { name: 'Small', offset: 0, size: 1, type: 'u8', ctype: 'UCHAR' },
    { name: 'Signed', offset: 2, size: 2, type: 'i16', ctype: 'SHORT' },
    { name: 'Next', offset: 4, size: 4, type: 'ptr', ctype: 'PPOINT', target: 'POINT' },
    { name: 'Wide', offset: 8, size: 8, type: 'u64', ctype: 'ULONGLONG' },
  ],
}
const SITES: CallSite[] = Array.from({ length: 40 }, (_unused, line) => ({
  file: 'driver.ts',
  line,
  column: 1,
  function: 'DriverEntry',
}))

let guest: Guest
let machine: MachineViews
let memory: MemoryViews
beforeEach(() => {
  guest = createGuest({ seed: 42 })
  const { kernel } = guest.machine
  const tables = new Map([...SYSTEM_TABLES, POINT].map((table) => [table.name, table]))
  const reader = new RecordReader(kernel.space.buffer, tables)
  machine = new MachineViews(reader, kernel.machine, SITES)
  memory = new MemoryViews(reader, kernel.machine)
})

function packetPool(descriptors: number): number {
  const pool = cell()
  guest.call('NdisAllocatePacketPool', cell(), pool, descriptors, 16)
  return pool.value
}
function packet(pool: number): number {
  const out = cell()
  guest.call('NdisAllocatePacket', cell(), out, pool)
  return out.value
}

describe('the machine', () => {
  test('has its seed, its CPUs and no activation while nothing of a driver runs', () => {
    expect(machine.machine('running', 7)).toMatchObject({
      state: 'running',
      seed: 42,
      platform: 'nt',
      events: 7,
      cpu: 0,
    })
    expect(machine.cpus()).toMatchObject([{ cpu: 0, irql: 0, locksHeld: 0, activations: [] }])
  })
  test('shows what runs nested on a CPU, outermost first', () => {
    const { scheduler } = guest.machine.kernel
    const seen = scheduler.runNested(1, 'MiniportInitialize', 0, () =>
      scheduler.runNested(2, 'TimerHandler', 2, () => machine.cpus()[0]),
    )
    expect(seen).toMatchObject({
      irql: 2,
      activations: [
        { index: 0, kind: 'thread', name: 'MiniportInitialize', irql: 0 },
        { index: 1, kind: 'DPC', name: 'TimerHandler', irql: 2 },
      ],
    })
    expect(machine.cpus()[0]!.activations).toEqual([])
  })
  test('reads the time of the virtual clock, past 32 bits too', () => {
    const { clock } = guest.machine.kernel
    clock.advance(3 * 2 ** 32 + 5)
    expect(machine.timeNs()).toBe(clock.now() * 100)
  })
})

describe('pools', () => {
  test('count what is in use and the most that ever was', () => {
    const pool = packetPool(4)
    const [first] = [packet(pool), packet(pool)]
    guest.call('NdisFreePacket', first)
    expect(machine.pools()).toMatchObject([{ kind: 'packet', state: 'live', capacity: 4, inUse: 1, highWater: 2 }])
  })
  test('list their descriptors by state, in windows', () => {
    packetPool(4)
    const { address } = machine.pools()[0]!
    const pool = packetPool(4)
    const [first] = [packet(pool), packet(pool)]
    guest.call('NdisFreePacket', first)
    const second = machine.pools()[1]!.address
    const states = machine.descriptors(second, 0, 10).descriptors.map(({ state }) => state)
    expect(states).toEqual(['free', 'allocated', 'fresh', 'fresh'])
    expect(machine.descriptors(second, 1, 1)).toMatchObject({ total: 4, descriptors: [{ index: 1, form: 'plain' }] })
    expect(machine.descriptors(address, 0, 1).descriptors).toMatchObject([{ state: 'fresh' }])
    expect(machine.descriptors(12345, 0, 10)).toEqual({ total: 0, descriptors: [] })
  })
})

describe('pools of NET_BUFFERs and NET_BUFFER_LISTs', () => {
  const forms = (pool: number) => machine.descriptors(pool, 0, 9).descriptors.map(({ form }) => form)
  const overflows = (pool: number) => machine.descriptors(pool, 0, 9).descriptors.map(({ overflow }) => overflow)

  test('have no capacity, count what is out, and name their tag and DataSize', () => {
    const pool = netBufferPool(guest, 64)
    const [first] = [1, 2].map(() => guest.call('NdisAllocateNetBufferMdlAndData', pool))
    guest.call('NdisFreeNetBuffer', first)
    expect(machine.pools()).toMatchObject([
      { kind: 'NET_BUFFER', tag: 'Test', state: 'live', capacity: 0, inUse: 1, highWater: 2, dataSize: 64 },
    ])
  })
  test('say of each descriptor how it was allocated, in words of its kind; none is overflow', () => {
    const [bare, withData] = [netBufferPool(guest), netBufferPool(guest, 64)]
    guest.call('NdisAllocateNetBuffer', bare, 0, 0, 0)
    guest.call('NdisAllocateNetBufferMdlAndData', withData)
    expect([forms(bare), forms(withData)]).toEqual([['plain'], ['with MDL and data']])
    const lists = listPool(guest, { netBuffer: true })
    const list = guest.call('NdisAllocateNetBufferList', lists, 0, 0)
    guest.call('NdisAllocateCloneNetBufferList', list, lists, 0, 0)
    guest.call('NdisAllocateFragmentNetBufferList', list, lists, 0, 0, 10, 0, 0, 0)
    guest.call('NdisAllocateReassembledNetBufferList', list, lists, 0, 0, 0, 0)
    expect(forms(lists)).toEqual(['reassembled', 'fragments', 'clone', 'plain'])
    expect(overflows(lists)).toEqual(Array(4).fill(undefined))
  })
  test('packets beyond the capacity of their pool are overflow', () => {
    const pool = cell()
    guest.call('NdisAllocatePacketPoolEx', cell(), pool, 1, 1, 16)
    for (let i = 0; i < 2; i++) packet(pool.value)
    expect(overflows(machine.pools()[0]!.address)).toEqual([undefined, true])
  })
})

describe('locks', () => {
  test('say who holds them, since when, and the IRQL they will restore', () => {
    const lock = guest.memory(8)
    guest.call('NdisAllocateSpinLock', lock)
    expect(machine.locks()).toMatchObject([{ address: lock, state: 'free', acquires: 0 }])
    guest.call('NdisAcquireSpinLock', lock)
    guest.machine.kernel.clock.advance(50)
    const [held] = machine.locks()
    expect(held).toMatchObject({ state: 'held', ownerCpu: 0, savedIrql: 0, acquireForm: 'NdisAcquireSpinLock' })
    expect(held!.heldNs).toBeGreaterThanOrEqual(5000)
    guest.call('NdisReleaseSpinLock', lock)
    expect(machine.locks()).toMatchObject([{ state: 'free', acquires: 1, releases: 1 }])
  })
})

test('a lock taken through the kernel says so', () => {
  const [lock, old] = [guest.memory(8), guest.memory(4)]
  guest.call('KeInitializeSpinLock', lock)
  guest.call('KeAcquireSpinLock', lock, old)
  expect(machine.locks()).toMatchObject([{ state: 'held', acquireForm: 'KeAcquireSpinLock' }])
})

describe('allocations', () => {
  const mine = () => machine.allocations(0, 100, 'Test')

  test('walk all of tagged pool, filtered, with the bytes that are out', () => {
    const [first] = [guest.memory(24), guest.memory(100)]
    expect(mine()).toMatchObject({ total: 2, bytes: 124, allocations: [{ address: first, size: 24, tag: 'Test' }, {}] })
    guest.machine.kernel.pool.free(first!, 3)
    expect(mine()).toMatchObject({ total: 2, bytes: 100, allocations: [{ state: 'freed', freedAt: { line: 3 } }, {}] })
    expect(machine.allocations(1, 1, 'Test').allocations).toMatchObject([{ size: 100 }])
    expect(machine.allocations(0, 9, 'nothing like it')).toEqual({ total: 0, bytes: 0, allocations: [] })
  })
})

describe('bytes', () => {
  test('tell live, guard and header bytes apart, and name the block', () => {
    const address = guest.memory(20)
    const view = memory.memory(address - 8, 36)
    expect(view.kinds).toBe('8h20.8g')
    expect(Buffer.from(view.data, 'base64')[8 + 5]).toBe(5)
    expect(memory.memory(address + 4, 1).object).toMatchObject({ kind: 'pool block', address, size: 20, tag: 'Test' })
  })
  test('show fresh and freed bytes as such', () => {
    const { pool } = guest.machine.kernel
    const address = pool.allocate(16, 0x74736554, 0, 0, 0)
    expect(memory.memory(address, 16).kinds).toBe('16f')
    expect(Buffer.from(memory.memory(address, 1).data, 'base64')[0]).toBe(FILL.FRESH)
    pool.free(address, 1)
    expect(memory.memory(address, 16).kinds).toBe('16x')
  })
  test('of a descriptor follow its own state', () => {
    const live = packet(packetPool(2))
    expect(memory.memory(live, 4)).toMatchObject({ kinds: '4.', object: { kind: 'descriptor', struct: 'NDIS_PACKET' } })
    guest.call('NdisFreePacket', live)
    expect(memory.memory(live, 4)).toMatchObject({ kinds: '4x', object: { state: 'free' } })
  })
  test('of a NET_BUFFER or a list, which come from tagged pool one by one, are named as such until it is freed', () => {
    const netBuffer = guest.call('NdisAllocateNetBufferMdlAndData', netBufferPool(guest, 64))
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest), 0, 0)
    expect(memory.memory(netBuffer + 8, 1).object).toMatchObject({
      kind: 'descriptor',
      struct: 'NET_BUFFER',
      address: netBuffer,
      tag: 'Test',
      state: 'allocated',
    })
    expect(memory.memory(list, 1).object).toMatchObject({ struct: 'NET_BUFFER_LIST', address: list })
    guest.call('NdisFreeNetBuffer', netBuffer)
    expect(memory.memory(netBuffer, 4)).toMatchObject({ kinds: '4x', object: { kind: 'pool block', state: 'freed' } })
  })
  test('of a driver that only look like a descriptor stay a block', () => {
    const pool = netBufferPool(guest)
    const block = guest.memory(200)
    for (let at = 0; at < 64; at += 4) guest.machine.kernel.space.w32(block + at, pool)
    expect(memory.memory(block + 100, 1).object).toMatchObject({ kind: 'pool block', address: block, size: 200 })
  })
  test('that cannot be read are counted; the null page is named', () => {
    expect(memory.memory(0, 4)).toMatchObject({ kinds: '4n' })
    expect(memory.memory(0xffff_fff0, 16)).toMatchObject({ kinds: '16u', unreadableBytes: 16 })
    expect(memory.memory(-8, 8)).toMatchObject({ kinds: '8u', unreadableBytes: 8 })
  })
})

describe('a struct over bytes', () => {
  test('shows each field in the words of its type, pointers with what they point at', () => {
    const address = guest.memory(16)
    const { space } = guest.machine.kernel
    space.w16(address + 2, 0xfffe)
    space.w32(address + 4, address)
    space.w64(address + 8, 2n ** 64n - 1n)
    expect(memory.struct('POINT', address)).toMatchObject({
      size: 16,
      fields: [
        { name: 'Small', value: '0' },
        { name: 'Signed', value: '-2' },
        { name: 'Next', value: `0x${address.toString(16).padStart(8, '0')}`, pointer: { address, struct: 'POINT' } },
        { name: 'Wide', value: '18446744073709551615' },
      ],
    })
    expect(memory.struct('NO_SUCH_STRUCT', address)).toBeUndefined()
  })
  test('at an address without memory is unreadable, field by field', () => {
    expect(memory.struct('POINT', 0xffff_fff0)!.fields.map(({ value }) => value)).toEqual(Array(4).fill('(unreadable)'))
  })
})
