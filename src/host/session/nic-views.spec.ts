import { beforeEach, describe, expect, test } from 'vitest'
import { PHYSICAL_OFFSET } from '../../core/memory/map'
import { SYSTEM_TABLES } from '../../core/memory/structs/system.table'
import { SYS_LINK, SYS_MACHINE } from '../../core/memory/records'
import type { DeviceFactory, DeviceState } from '../../core/nic/device'
import { cell, createGuest, type Guest } from '../../core/test-guest'
import type { NicTable } from '../../shared/views'
import { NicViews } from './nic-views'
import { RecordReader } from './record-reader'

const BASE = 0x00
const BASE_HIGH = 0x04
const LENGTH = 0x08
const HEAD = 0x0c
const TAIL = 0x10
const DESCRIPTOR = 16
const DONE = 1
const FAILED = 2

const register = (name: string, offset: number) =>
  ({ name, offset, access: 'RW', reset: 0, doc: '', group: 'Ring' }) as const
/** A made-up NIC with one ring: what the views do is up to the table alone. */
const TABLE: NicTable = {
  device: 'made-up NIC',
  title: '',
  source: '',
  registers: [
    register('BASE', BASE),
    register('BASE_HIGH', BASE_HIGH),
    register('LENGTH', LENGTH),
    register('HEAD', HEAD),
    register('TAIL', TAIL),
  ],
  rings: [
    {
      name: 'Transmit',
      direction: 'transmit',
      doc: '',
      baseLow: 'BASE',
      baseHigh: 'BASE_HIGH',
      length: { register: 'LENGTH', unit: 'bytes' },
      head: 'HEAD',
      tail: 'TAIL',
      descriptorBytes: DESCRIPTOR,
      done: { offset: 12, mask: DONE, value: DONE },
      failed: { offset: 12, mask: FAILED, value: FAILED },
      layouts: [
        { name: 'odd', doc: '', when: { offset: 8, mask: 1, value: 1 }, fields: [] },
        { name: 'even', doc: '', fields: [{ name: 'Address', offset: 0, width: 64, doc: '', role: 'address' }] },
      ],
    },
  ],
}

let guest: Guest
let views: NicViews
let state: DeviceState
const madeUp: DeviceFactory = (host) => {
  state = host.state(8)
  return {
    name: TABLE.device,
    identity: {
      vendorId: 1,
      deviceId: 1,
      revision: 0,
      classCode: 0x02_0000,
      subsystemVendorId: 1,
      subsystemId: 1,
      bars: [{ kind: 'memory', bytes: 0x1000 }],
    },
    read: () => 0,
    write: () => undefined,
    reset: () => undefined,
  }
}
const set = (offset: number, value: number): void => {
  state.words[state.at + (offset >> 2)] = value
}
/** Memory of the driver for `count` descriptors, and the ring registers that say so. */
function ringOf(count: number, head: number, tail: number): number {
  const { space } = guest.machine.kernel
  const memory = cell()
  guest.call('NdisAllocateMemoryWithTag', memory, count * DESCRIPTOR, 0x676e6952)
  const address = memory.value
  space.u8.fill(0, address, address + count * DESCRIPTOR)
  set(BASE, address + PHYSICAL_OFFSET)
  set(LENGTH, count * DESCRIPTOR)
  set(HEAD, head)
  set(TAIL, tail)
  return address
}

beforeEach(() => {
  guest = createGuest({ devices: [madeUp] })
  const { kernel } = guest.machine
  const reader = new RecordReader(kernel.space.buffer, new Map(SYSTEM_TABLES.map((table) => [table.name, table])))
  const places = { machine: kernel.machine, ramBytes: kernel.shadow.base, physicalOffset: PHYSICAL_OFFSET }
  views = new NicViews(reader, places, new Map([[TABLE.device, TABLE]]))
})

describe('the devices', () => {
  test('are listed by slot with their names', () => {
    expect(views.nics()).toMatchObject([{ slot: 0, name: 'made-up NIC' }])
  })
  test('show their words by offset, and nothing behind them', () => {
    set(TAIL, -1)
    expect(views.registers(0, [TAIL, BASE, 32, 0x1_0000, -4])).toEqual([0xffff_ffff, 0, 0, 0, 0])
  })
  test('that are not there are named', () => {
    expect(() => views.registers(3, [0])).toThrow('there is no NIC in slot 3')
    expect(() => views.ring(0, 'Receive', 0, 1)).toThrow("the NIC in slot 0 has no ring 'Receive'")
  })
})

describe('the link', () => {
  test('comes from its record, shares as shares, bytes beyond 32 bits', () => {
    const { space, system, machine } = guest.machine.kernel
    const record = system.allocate(SYS_LINK.SIZE)
    const fields = { OtherEnd: system.intern('peer host'), Speed: 100, Cable: 1, SpeedLimit: 1000, DelayNs: 500 }
    for (const [name, value] of Object.entries({ ...fields, LossPpm: 10_000, OutFrames: 7, InLost: 2 }))
      space.w32(record + SYS_LINK[name as keyof typeof SYS_LINK], value)
    space.w32(record + SYS_LINK.OutBytes + 4, 1)
    space.w32(machine + SYS_MACHINE.Links, record)
    expect(views.nics()[0]!.link).toMatchObject({
      otherEnd: 'peer host',
      speed: 100,
      cable: true,
      options: { speed: 1000, delayNs: 500, loss: 0.01, corrupt: 0 },
      out: { frames: 7, bytes: 0x1_0000_0000, lost: 0 },
      in: { lost: 2 },
    })
  })
})

describe('a ring', () => {
  test('belongs to the hardware from head to tail, to the driver elsewhere, done or not', () => {
    const address = ringOf(8, 6, 2)
    const { space } = guest.machine.kernel
    space.w32(address + 3 * DESCRIPTOR + 12, DONE)
    space.w32(address + 4 * DESCRIPTOR + 12, DONE | FAILED)
    // DD of a descriptor that the hardware has means nothing.
    space.w32(address + 7 * DESCRIPTOR + 12, DONE)
    expect(views.ring(0, 'Transmit', 0, 0)).toMatchObject({
      address,
      length: 8,
      head: 6,
      tail: 2,
      owners: 'hh.de.hh',
      descriptors: [],
    })
    set(TAIL, 6)
    expect(views.ring(0, 'Transmit', 0, 0).owners).toBe('...de..d')
  })
  test('shows the bytes of the descriptors that are asked for, their layout and where their buffer is', () => {
    const address = ringOf(8, 0, 0)
    const { space } = guest.machine.kernel
    space.w32(address + DESCRIPTOR, address + PHYSICAL_OFFSET)
    space.w32(address + 2 * DESCRIPTOR + 8, 1)
    const rows = views.ring(0, 'Transmit', 1, 2).descriptors
    expect(rows).toMatchObject([
      { index: 1, address: address + DESCRIPTOR, layout: 1, buffer: address },
      { index: 2, layout: 0, data: '00000000000000000100000000000000' },
    ])
    expect(rows[1]).not.toHaveProperty('buffer')
    set(HEAD, 5)
    expect(views.ring(0, 'Transmit', undefined, 1).descriptors).toMatchObject([{ index: 5 }])
    expect(views.ring(0, 'Transmit', 6, 100).descriptors.map(({ index }) => index)).toEqual([6, 7])
  })
  test('that is not set up says so', () => {
    expect(views.ring(0, 'Transmit', 0, 8)).toMatchObject({
      problem: 'There is no ring yet: LENGTH is 0.',
      owners: '',
      descriptors: [],
    })
  })
  test('at a virtual address says which physical one was meant', () => {
    const address = ringOf(8, 0, 0)
    set(BASE, address)
    const { problem, owners } = views.ring(0, 'Transmit', 0, 8)
    expect(problem).toBe(
      `BASE says 0x${address.toString(16)}, which is the virtual address of memory; the device takes physical ones, 0x${(address + PHYSICAL_OFFSET).toString(16)} here.`,
    )
    expect(owners).toBe('')
  })
  test('beyond memory says so, above four gigabytes too', () => {
    ringOf(8, 0, 0)
    set(BASE_HIGH, 1)
    expect(views.ring(0, 'Transmit', 0, 8).problem).toMatch(
      /^BASE says 0x1[0-9a-f]{8}, where there is no memory for 8 desc/,
    )
  })
  test('in memory that was freed, or that ends before it, says so', () => {
    const address = ringOf(8, 0, 0)
    set(LENGTH, 16 * DESCRIPTOR)
    expect(views.ring(0, 'Transmit', 0, 1)).toMatchObject({
      problem: `BASE says 0x${(address + PHYSICAL_OFFSET).toString(16)}: the ring reaches beyond the memory that was allocated.`,
      owners: expect.stringMatching(/^\.{8}.{8}$/) as string,
    })
    set(LENGTH, 8 * DESCRIPTOR)
    guest.call('NdisFreeMemory', address, 8 * DESCRIPTOR, 0)
    expect(views.ring(0, 'Transmit', 0, 1)).toMatchObject({
      problem: `BASE says 0x${(address + PHYSICAL_OFFSET).toString(16)}: the ring lies in memory that was freed.`,
      owners: '',
      descriptors: [],
    })
  })
  test('with an index outside of it gives nothing to the hardware and says why', () => {
    ringOf(8, 0, 9)
    expect(views.ring(0, 'Transmit', 0, 8)).toMatchObject({
      problem: 'TAIL is 9, but there are 8 descriptors, 0 to 7.',
      owners: '........',
    })
  })
})
