import { describe, expect, test } from 'vitest'
import { PHYSICAL_OFFSET } from '../memory/map'
import { layout } from '../memory/layout'
import { createDmaGuest, type DmaGuest } from '../test-dma'
import { NB } from '../test-net-buffer'
import { cell } from '../test-guest'
import { netBufferPool } from '../test-net-buffer-pool'
import { constant } from './constants'
import {
  NDIS_STATUS_BAD_VERSION,
  NDIS_STATUS_BUFFER_TOO_SHORT,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

const DESCRIPTION = layout('NDIS_SG_DMA_DESCRIPTION', 'ScatterGatherListSize')
const PARAMETERS = layout(
  'NDIS_SCATTER_GATHER_LIST_PARAMETERS',
  'Mdl', 'CurrentVa', 'Length', 'ProcessSGListHandler', 'Context', 'ScatterGatherListBuffer',
  'ScatterGatherListBufferSize', 'ScatterGatherListBufferSizeNeeded',
) // prettier-ignore
const SEND = constant('NDIS_SG_LIST_WRITE_TO_DEVICE')

interface Arrival {
  readonly list: number
  readonly context: number
  readonly irql: number
}
function setUp(options: Parameters<typeof createDmaGuest>[0] = {}) {
  const guest = createDmaGuest(options)
  const arrived: Arrival[] = []
  const process = (_pDO: number, _reserved: number, list: number, context: number): number =>
    arrived.push({ list, context, irql: guest.machine.kernel.cpus.irql() })
  const handle = guest.register(process)
  const map = (netBuffer: number, flags = SEND, buffer = 0, size = 0): number =>
    guest.call('NdisMAllocateNetBufferSGList', handle, netBuffer, 5, flags, buffer, size) | 0
  const unmap = (list: number, netBuffer: number, of = handle): number =>
    guest.call('NdisMFreeNetBufferSGList', of, list, netBuffer)
  return { guest, handle, arrived, process, map, unmap, ...guest.machine }
}
const message = (guest: DmaGuest): string => guest.machine.kernel.verifier.violations.at(-1)?.message ?? ''

describe('NdisMRegisterScatterGatherDma (DDI ndismregisterscattergatherdma)', () => {
  const register = (guest: DmaGuest, description: number): { status: number; handle: number } => {
    const handle = cell()
    const status = guest.call('NdisMRegisterScatterGatherDma', guest.adapter.handle, description, handle) | 0
    return { status, handle: handle.value }
  }
  test('gives a handle and the bytes that a list of MaximumPhysicalMapping may take', () => {
    const guest = createDmaGuest()
    const description = guest.description(() => 0, 0, 9000)
    const { status, handle } = register(guest, description)
    expect(status).toBe(NDIS_STATUS_SUCCESS)
    expect(handle).toBeGreaterThan(0)
    // 9000 bytes touch four pages at most.
    expect(guest.machine.kernel.space.r32(description + DESCRIPTION.ScatterGatherListSize)).toBe(8 + 4 * 16)
    expect(guest.broken()).toEqual([])
  })
  test('a NIC that is no bus master is NDIS_STATUS_NOT_SUPPORTED', () => {
    const guest = createDmaGuest()
    guest.adapter.attributeFlags = constant('NDIS_MINIPORT_ATTRIBUTES_HARDWARE_DEVICE')
    expect(
      register(
        guest,
        guest.description(() => 0),
      ),
    ).toEqual({ status: NDIS_STATUS_NOT_SUPPORTED, handle: 0 })
    expect(guest.broken()).toEqual(['BusMasterNotDeclared'])
  })
  test('so is a miniport of NDIS 5', () => {
    const guest = createDmaGuest({}, 0x5_0001)
    expect(
      register(
        guest,
        guest.description(() => 0),
      ).status,
    ).toBe(NDIS_STATUS_NOT_SUPPORTED)
    expect(guest.broken()).toEqual(['ScatterGatherVersion'])
  })
  test('another header is NDIS_STATUS_BAD_VERSION', () => {
    const guest = createDmaGuest()
    const description = guest.description(() => 0)
    guest.machine.kernel.space.w8(description + 1, 0)
    expect(register(guest, description)).toEqual({ status: NDIS_STATUS_BAD_VERSION, handle: 0 })
    expect(guest.broken()).toEqual(['ScatterGatherDescription'])
  })
  test('a missing ProcessSGListHandler and a call outside of MiniportInitializeEx are reported', () => {
    const guest = createDmaGuest()
    register(guest, guest.description(0))
    guest.adapter.phase = 'running'
    register(
      guest,
      guest.description(() => 0),
    )
    expect(guest.broken()).toEqual(['ScatterGatherDescription', 'DmaOutsideInitialize'])
  })
  test('what MiniportHaltEx leaves registered is Init_RegisterSG; NdisMDeregisterScatterGatherDma ends it', () => {
    const { guest, handle, executive } = setUp()
    guest.register(() => 0)
    guest.call('NdisMDeregisterScatterGatherDma', handle)
    executive.adapters.ended(guest.adapter)
    expect(guest.broken()).toEqual(['Init_RegisterSG'])
  })
  test('a handle that is gone, and one that never was', () => {
    const { guest, handle } = setUp()
    guest.call('NdisMDeregisterScatterGatherDma', handle)
    guest.call('NdisMDeregisterScatterGatherDma', handle)
    expect(message(guest)).toContain('is gone')
    guest.call('NdisMDeregisterScatterGatherDma', guest.adapter.handle)
    expect(guest.broken()).toEqual(['InvalidHandle', 'InvalidHandle'])
  })
  test('deregistered while a list is out', () => {
    const { guest, handle, map } = setUp()
    guest.atDispatch(() => map(guest.netBuffer(guest.chain(100), 0, 100)))
    guest.call('NdisMDeregisterScatterGatherDma', handle)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(message(guest)).toContain('whose scatter/gather list')
  })
  test('deregistered while shared memory is allocated', () => {
    const { guest, handle } = setUp()
    guest.call('NdisMAllocateSharedMemory', guest.adapter.handle, 64, 1, cell(), guest.memory(8))
    guest.call('NdisMDeregisterScatterGatherDma', handle)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(message(guest)).toContain('whose shared memory')
  })
})

describe.each(['nt', 'ce'] as const)('lists of NET_BUFFERs on %s (DDI ndismallocatenetbuffersglist)', (platform) => {
  test('the list comes once, at DISPATCH_LEVEL, with the context', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { guest, arrived, map, unmap } = setUp({ platform, seed })
      const netBuffer = guest.netBuffer(guest.chain(100), 0, 100)
      expect(guest.atDispatch(() => map(netBuffer))).toBe(NDIS_STATUS_SUCCESS)
      expect(arrived).toEqual([{ list: expect.any(Number) as number, context: 5, irql: 2 }])
      guest.atDispatch(() => unmap(arrived[0]!.list, netBuffer))
      expect(guest.broken()).toEqual([])
    }
  })
  test('inside of the call with some seeds, in a DPC after it with others; whole or by pages', () => {
    const inside = new Set<number>()
    const counts = new Set<number>()
    for (let seed = 1; seed <= 16; seed++) {
      const { guest, arrived, map } = setUp({ platform, seed })
      guest.atDispatch(() => {
        map(guest.netBuffer(guest.chain(9000), 0, 9000))
        inside.add(arrived.length)
      })
      counts.add(guest.pieces(arrived[0]!.list).length)
    }
    expect([...inside].sort()).toEqual([0, 1])
    expect(counts.size).toBeGreaterThan(1)
  })
  test('begins with CurrentMdl: the data lies CurrentMdlOffset bytes into the list', () => {
    const { guest, arrived, map, mdls } = setUp({ platform })
    const chain = guest.chain(50, 200, 100)
    const second = mdls.next(chain)
    const netBuffer = guest.netBuffer(chain, 60, 220)
    guest.atDispatch(() => map(netBuffer))
    expect(guest.merged(arrived[0]!.list)).toEqual([
      { address: mdls.systemAddress(second) + PHYSICAL_OFFSET, length: 200 },
      { address: mdls.systemAddress(mdls.next(second)) + PHYSICAL_OFFSET, length: 30 },
    ])
    expect(guest.broken()).toEqual([])
  })
  test("the caller's memory is used when it is large enough, else NDIS's", () => {
    const { guest, arrived, map, unmap } = setUp({ platform })
    const netBuffer = guest.netBuffer(guest.chain(10, 20), 0, 30)
    const buffer = guest.memory(40)
    guest.atDispatch(() => map(netBuffer, SEND, buffer, 40))
    expect(arrived[0]!.list).toBe(buffer)
    guest.atDispatch(() => unmap(buffer, netBuffer))
    guest.atDispatch(() => map(netBuffer, SEND, buffer, 39))
    expect(arrived[1]!.list).not.toBe(buffer)
    guest.atDispatch(() => unmap(arrived[1]!.list, netBuffer))
    expect(guest.broken()).toEqual([])
  })
})

test('a device reads what is sent and writes what is received, while the list is out', () => {
  const { guest, arrived, map, unmap, dma } = setUp()
  const netBuffer = guest.netBuffer(guest.chain(100), 0, 100)
  const at = guest.at(netBuffer, 0) + PHYSICAL_OFFSET
  const reach = () => (['read', 'write'] as const).map((access) => dma.mappings.reach(at, 100, access))
  guest.atDispatch(() => map(netBuffer))
  expect(reach()).toEqual(['mapped', 'mapped the other way'])
  guest.atDispatch(() => unmap(arrived[0]!.list, netBuffer))
  expect(reach()).toEqual(['not mapped', 'not mapped'])
  guest.atDispatch(() => map(netBuffer, 0))
  expect(reach()).toEqual(['mapped the other way', 'mapped'])
})

describe('NDIS_STATUS_RESOURCES', () => {
  test('when memory is short', () => {
    const { guest, arrived, map, kernel } = setUp()
    const netBuffer = guest.netBuffer(guest.chain(100), 0, 100)
    while (kernel.pool.allocate(1 << 20, 0, 0, 0, 0) !== 0);
    while (kernel.pool.allocate(8, 0, 0, 0, 0) !== 0);
    expect(guest.atDispatch(() => map(netBuffer))).toBe(NDIS_STATUS_RESOURCES)
    expect(arrived).toEqual([])
  })
  test('when an MDL has no pages, which is reported', () => {
    const { guest, map } = setUp()
    const mdl = guest.call('IoAllocateMdl', guest.memory(64), 64, 0, 0, 0)
    expect(guest.atDispatch(() => map(guest.netBuffer(mdl, 0, 64)))).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.broken()).toEqual(['MdlNotBuilt'])
  })
  test('when the MDLs have fewer bytes than the NET_BUFFER says, which is reported', () => {
    const { guest, map, kernel } = setUp()
    const netBuffer = guest.netBuffer(guest.chain(64), 0, 64)
    kernel.space.w32(netBuffer + NB.DataLength, 65)
    expect(guest.atDispatch(() => map(netBuffer))).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.broken()).toEqual(['NetBufferDataLength'])
  })
})

describe('misuse of lists (DV:DmaMisuse)', () => {
  /** A list that is out. */
  function mapped() {
    const parts = setUp()
    const netBuffer = parts.guest.netBuffer(parts.guest.chain(100), 0, 100)
    parts.guest.atDispatch(() => parts.map(netBuffer))
    return { ...parts, netBuffer, list: parts.arrived[0]!.list }
  }
  test('freed twice', () => {
    const { guest, unmap, list, netBuffer } = mapped()
    guest.atDispatch(() => unmap(list, netBuffer))
    guest.atDispatch(() => unmap(list, netBuffer))
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(message(guest)).toContain('freed already')
  })
  test('freed with another NET_BUFFER', () => {
    const { guest, unmap, list } = mapped()
    guest.atDispatch(() => unmap(list, guest.netBuffer(guest.chain(100), 0, 100)))
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(message(guest)).toContain('is of the NET_BUFFER')
  })
  test('freed with another handle', () => {
    const { guest, unmap, list, netBuffer } = mapped()
    const other = guest.register(() => 0)
    guest.atDispatch(() => unmap(list, netBuffer, other))
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(message(guest)).toContain('handle other')
  })
  test('freed with the function of the other lists', () => {
    const { guest, handle, list } = mapped()
    guest.atDispatch(() => guest.call('NdisFreeScatterGatherList', handle, list, 1))
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(message(guest)).toContain('NdisMFreeNetBufferSGList')
  })
  test('what is no list', () => {
    const { guest, unmap, netBuffer } = mapped()
    guest.atDispatch(() => unmap(netBuffer, netBuffer))
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(message(guest)).toContain('is no scatter/gather list')
  })
  test('written past its end', () => {
    const { guest, unmap, list, netBuffer, kernel } = mapped()
    kernel.space.w8(list + 24, 0)
    guest.atDispatch(() => unmap(list, netBuffer))
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
  test('freed before it came', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { guest, arrived, map, unmap } = setUp({ seed })
      const netBuffer = guest.netBuffer(guest.chain(100), 0, 100)
      const buffer = guest.memory(64)
      const late = guest.atDispatch(() => {
        map(netBuffer, SEND, buffer, 64)
        const pending = arrived.length === 0
        unmap(buffer, netBuffer)
        return pending
      })
      // The list of a DPC that has not run yet is taken back: the driver never gets it.
      expect(arrived).toHaveLength(late ? 0 : 1)
      expect(guest.broken()).toEqual(late ? ['DV:DmaMisuse'] : [])
    }
  })
  test('memory that holds a list already', () => {
    const { guest, map } = setUp()
    const buffer = guest.memory(64)
    guest.atDispatch(() => map(guest.netBuffer(guest.chain(10), 0, 10), SEND, buffer, 64))
    guest.atDispatch(() => map(guest.netBuffer(guest.chain(10), 0, 10), SEND, buffer, 64))
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
  test('memory that is shorter than its size says', () => {
    const { guest, map } = setUp()
    guest.atDispatch(() => map(guest.netBuffer(guest.chain(10), 0, 10), SEND, guest.memory(63), 64))
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
  test('never freed: named when the adapter is gone', () => {
    const { guest, executive } = mapped()
    executive.adapters.ended(guest.adapter)
    expect(guest.broken()).toEqual(['DV:DmaMisuse', 'Init_RegisterSG'])
  })
  test('a NET_BUFFER whose list is out is freed', () => {
    for (const early of [false, true]) {
      const { guest, arrived, map, unmap } = setUp()
      const netBuffer = guest.call('NdisAllocateNetBuffer', netBufferPool(guest), guest.chain(100), 0, 100)
      guest.atDispatch(() => map(netBuffer))
      if (!early) guest.atDispatch(() => unmap(arrived[0]!.list, netBuffer))
      guest.call('NdisFreeNetBuffer', netBuffer)
      expect(guest.broken()).toEqual(early ? ['DV:DmaMisuse'] : [])
    }
  })
  test('a list of NET_BUFFERs goes back to its owner while a scatter/gather list is out', () => {
    const { guest, netBuffer, unmap, list, rules } = mapped()
    const nbl = guest.list(guest.netBuffer(guest.chain(8), 0, 8), netBuffer)
    const complete = (): void =>
      rules.forEach(({ before }) =>
        (before?.['NdisMSendNetBufferListsComplete'] as ((...args: number[]) => boolean) | undefined)?.(
          guest.adapter.handle,
          nbl,
          0,
        ),
      )
    complete()
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    guest.atDispatch(() => unmap(list, netBuffer))
    complete()
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
  test('other flags than NDIS_SG_LIST_WRITE_TO_DEVICE', () => {
    const { guest, map } = setUp()
    guest.atDispatch(() => map(guest.netBuffer(guest.chain(10), 0, 10), 2))
    expect(guest.broken()).toEqual(['ScatterGatherFlags'])
  })
  test('without rules a wild free is a bug check', () => {
    const { guest, unmap } = setUp({ rules: false })
    expect(guest.crash(() => unmap(0x1234, 0)).name).toBe('BAD_POOL_CALLER')
    expect(guest.machine.kernel.stopped()?.name).toBe('BAD_POOL_CALLER')
  })
})

describe('NdisBuildScatterGatherList (DDI ndisbuildscattergatherlist)', () => {
  function build(room = 64) {
    const parts = setUp()
    const { guest, process, kernel, mdls } = parts
    const { space } = kernel
    const parameters = guest.object('NDIS_OBJECT_TYPE_DEFAULT', PARAMETERS.SIZE)
    const mdl = guest.chain(100, 50)
    const set = (field: number, value: number): void => space.w32(parameters + field, value)
    set(PARAMETERS.Mdl, mdl)
    set(PARAMETERS.CurrentVa, mdls.virtualAddress(mdl) + 30)
    set(PARAMETERS.Length, 90)
    set(PARAMETERS.ProcessSGListHandler, guest.machine.driver.address(process))
    set(PARAMETERS.Context, 9)
    set(PARAMETERS.ScatterGatherListBuffer, guest.memory(64))
    set(PARAMETERS.ScatterGatherListBufferSize, room)
    const run = (): number =>
      guest.atDispatch(() => guest.call('NdisBuildScatterGatherList', guest.adapter.handle, parameters) | 0)
    const needed = (): number => space.r32(parameters + PARAMETERS.ScatterGatherListBufferSizeNeeded)
    return { ...parts, set, run, needed, mdl }
  }
  test('calls back inside of the call, with the list in the memory of the caller', () => {
    const { guest, run, arrived, mdl, mdls } = build()
    expect(run()).toBe(NDIS_STATUS_SUCCESS)
    expect(arrived).toEqual([{ list: expect.any(Number) as number, context: 9, irql: 2 }])
    expect(guest.merged(arrived[0]!.list)).toEqual([
      { address: mdls.systemAddress(mdl) + 30 + PHYSICAL_OFFSET, length: 70 },
      { address: mdls.systemAddress(mdls.next(mdl)) + PHYSICAL_OFFSET, length: 20 },
    ])
    guest.atDispatch(() => guest.call('NdisFreeScatterGatherList', guest.adapter.handle, arrived[0]!.list, 1))
    expect(guest.broken()).toEqual([])
  })
  test('too little room is NDIS_STATUS_BUFFER_TOO_SHORT, with the bytes that it takes', () => {
    const { guest, run, needed, arrived } = build(39)
    expect(run()).toBe(NDIS_STATUS_BUFFER_TOO_SHORT)
    expect(needed()).toBe(40)
    expect(arrived).toEqual([])
    expect(guest.broken()).toEqual([])
  })
  test('no registration, another header, an address outside of the MDL, no handler', () => {
    const registered = build()
    registered.guest.call('NdisMDeregisterScatterGatherDma', registered.handle)
    expect(registered.run()).toBe(NDIS_STATUS_INVALID_PARAMETER)
    const outside = build()
    outside.set(PARAMETERS.CurrentVa, outside.mdls.virtualAddress(outside.mdl) - 1)
    expect(outside.run()).toBe(NDIS_STATUS_INVALID_PARAMETER)
    const header = build()
    header.set(0, 0)
    expect(header.run()).toBe(NDIS_STATUS_INVALID_PARAMETER)
    for (const { guest } of [registered, outside, header]) expect(guest.broken()).toEqual(['ScatterGatherParameters'])
    const handler = build()
    handler.set(PARAMETERS.ProcessSGListHandler, 0x1234)
    expect(handler.guest.crash(handler.run).name).toBe('DRIVER_IRQL_NOT_LESS_OR_EQUAL')
  })
})
