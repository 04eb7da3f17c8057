import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { createDmaGuest } from '../test-dma'
import { cell } from '../test-guest'
import { createCopyDevice } from '../nic/copy-device'
import type { MachineOptions } from '../machine'
import { constant } from './constants'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_RESOURCE_CONFLICT,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

const DESCRIPTION = layout(
  'NDIS_DMA_DESCRIPTION',
  'AutoInitialize', 'DmaChannelSpecified', 'DmaWidth', 'DmaChannel',
) // prettier-ignore

interface Wanted {
  readonly channel?: number
  readonly width?: string
  readonly repeats?: boolean
  readonly maximum?: number
}
/** An adapter of NDIS 5 without a bus master. */
function setUp(options: MachineOptions = {}) {
  const guest = createDmaGuest(options, 0x5_0001)
  const { space } = guest.machine.kernel
  const { adapter } = guest
  adapter.attributeFlags = 0
  function register({ channel, width = 'Width8Bits', repeats = false, maximum = -1 }: Wanted = {}) {
    const [handle, description] = [cell(), guest.memory(DESCRIPTION.SIZE)]
    space.fill(description, DESCRIPTION.SIZE, 0)
    space.w8(description + DESCRIPTION.AutoInitialize, repeats ? 1 : 0)
    space.w8(description + DESCRIPTION.DmaChannelSpecified, channel === undefined ? 0 : 1)
    space.w32(description + DESCRIPTION.DmaWidth, constant(width))
    space.w32(description + DESCRIPTION.DmaChannel, channel ?? 0)
    const status = guest.call('NdisMRegisterDmaChannel', handle, adapter.handle, 0, 0, description, maximum) | 0
    return { status, handle: handle.value }
  }
  const transfer =
    (name: string) =>
    (handle: number, buffer: number, offset: number, length: number, write = 1): number => {
      const status = cell()
      guest.call(name, status, handle, buffer, offset, length, write)
      return status.value
    }
  const request = (channel: number, data: Uint8Array): number => guest.machine.dma.controller.request(channel, data)
  return { guest, adapter, register, transfer, request }
}

describe('NdisMRegisterDmaChannel (DDI ndismregisterdmachannel)', () => {
  test('takes the channel that is named, once', () => {
    const { guest, register } = setUp()
    const first = register({ channel: 3 })
    expect(first.status).toBe(NDIS_STATUS_SUCCESS)
    expect(register({ channel: 3 })).toEqual({ status: NDIS_STATUS_RESOURCE_CONFLICT, handle: 0 })
    guest.call('NdisMDeregisterDmaChannel', first.handle)
    expect(register({ channel: 3 }).status).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.broken()).toEqual([])
  })
  test('or a free one of its width; channel 4 and those from 8 on are none', () => {
    const { register } = setUp()
    const wide = (): number => register({ width: 'Width16Bits' }).status
    expect([wide(), wide(), wide(), wide()]).toEqual([0, 0, 0, NDIS_STATUS_RESOURCE_CONFLICT])
    expect(register({ channel: 5 }).status).toBe(NDIS_STATUS_RESOURCE_CONFLICT)
    expect(register({ channel: 4 }).status).toBe(NDIS_STATUS_RESOURCE_CONFLICT)
    expect(register({ channel: 8 }).status).toBe(NDIS_STATUS_RESOURCE_CONFLICT)
    expect(register().status).toBe(NDIS_STATUS_SUCCESS)
  })
  test('fails for a bus master on the PCI bus', () => {
    const { guest, adapter, register } = setUp({ devices: [createCopyDevice] })
    adapter.attributeFlags = constant('NDIS_ATTRIBUTE_BUS_MASTER')
    expect(register().status).toBe(NDIS_STATUS_FAILURE)
    expect(guest.broken()).toEqual(['DmaChannelBusMaster'])
  })
  test('makes shared memory possible (DDI ndismallocatesharedmemory)', () => {
    const { guest, adapter, register } = setUp()
    register()
    const address = cell()
    guest.call('NdisMAllocateSharedMemory', adapter.handle, 64, 1, address, guest.memory(8))
    expect(address.value).toBeGreaterThan(0)
    expect(guest.broken()).toEqual([])
  })
  test('outside of MiniportInitialize, and not given back', () => {
    const { guest, adapter, register } = setUp()
    adapter.phase = 'running'
    register()
    guest.machine.executive.adapters.ended(adapter)
    expect(guest.broken()).toEqual(['DmaOutsideInitialize', 'DV:DmaMisuse'])
  })
})

describe.each([
  ['NdisMSetupDmaTransfer', 'NdisMCompleteDmaTransfer'],
  ['NdisSetupDmaTransfer', 'NdisCompleteDmaTransfer'],
])('%s and %s (DDI ndismsetupdmatransfer, ndismcompletedmatransfer; PV)', (setUpName, completeName) => {
  function ready(wanted: Wanted = {}) {
    const parts = setUp()
    const { handle } = parts.register({ channel: 2, ...wanted })
    return { ...parts, handle, begin: parts.transfer(setUpName), end: parts.transfer(completeName) }
  }
  test('a device gets the bytes of a part of the buffer, as it asks for them; the counter says what is left', () => {
    const { guest, handle, begin, end, request } = ready()
    const buffer = guest.chain(300)
    expect(begin(handle, buffer, 10, 8)).toBe(NDIS_STATUS_SUCCESS)
    const counter = (): number => guest.call('NdisMReadDmaCounter', handle)
    expect(counter()).toBe(8)
    const data = new Uint8Array(5)
    expect([request(2, data), [...data]]).toEqual([5, [10, 11, 12, 13, 14]])
    expect(counter()).toBe(3)
    expect([request(2, data), [...data]]).toEqual([3, [15, 16, 17, 13, 14]])
    expect([counter(), request(2, data), request(3, data)]).toEqual([0, 0, 0])
    expect(end(handle, buffer, 10, 8)).toBe(NDIS_STATUS_SUCCESS)
    expect([counter(), request(2, data)]).toEqual([0, 0])
    guest.call('NdisMDeregisterDmaChannel', handle)
    expect(guest.broken()).toEqual([])
  })
  test('a device writes when WriteToDevice is FALSE', () => {
    const { guest, handle, begin, request } = ready()
    const buffer = guest.chain(16)
    begin(handle, buffer, 4, 4, 0)
    expect(request(2, Uint8Array.of(91, 92, 93, 94, 95))).toBe(4)
    expect(guest.bytes(guest.machine.mdls.systemAddress(buffer), 9)).toEqual([0, 1, 2, 3, 91, 92, 93, 94, 8])
  })
  test('AutoInitialize begins anew', () => {
    const { guest, handle, begin, request } = ready({ repeats: true })
    begin(handle, guest.chain(3), 0, 3)
    const data = new Uint8Array(7)
    expect([request(2, data), [...data]]).toEqual([7, [0, 1, 2, 0, 1, 2, 0]])
    expect(guest.call('NdisMReadDmaCounter', handle)).toBe(2)
  })
  test('NDIS_STATUS_RESOURCES while the channel is in use', () => {
    const { guest, handle, begin } = ready()
    begin(handle, guest.chain(8), 0, 8)
    expect(begin(handle, guest.chain(8), 0, 8)).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
  test.each([
    ['no bytes', 0, 0],
    ['a byte behind the buffer', 1, 8],
    ['more than MaximumLength', 0, 7],
  ])('NDIS_STATUS_RESOURCES for %s', (_what, offset, length) => {
    const { guest, handle, begin } = ready({ maximum: length === 7 ? 6 : 8 })
    expect(begin(handle, guest.chain(8), offset, length)).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.broken()).toEqual(['DmaTransferRange'])
  })
  test('ended without a beginning, or as another', () => {
    const { guest, handle, begin, end } = ready()
    const buffer = guest.chain(8)
    expect(end(handle, buffer, 0, 8)).toBe(NDIS_STATUS_RESOURCES)
    begin(handle, buffer, 0, 8)
    expect(end(handle, buffer, 0, 7)).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.broken()).toEqual(['DV:DmaMisuse', 'DV:DmaMisuse'])
  })
  test('the channel goes while it is in use', () => {
    const { guest, handle, begin, request } = ready()
    begin(handle, guest.chain(8), 0, 8)
    const variable = cell()
    variable.value = handle
    guest.call('NdisFreeDmaChannel', variable)
    expect(variable.value).toBe(0)
    expect(request(2, new Uint8Array(1))).toBe(0)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    guest.call('NdisMReadDmaCounter', handle)
    begin(handle, guest.chain(8), 0, 8)
    expect(guest.broken()).toEqual(['DV:DmaMisuse', 'InvalidHandle', 'InvalidHandle'])
  })
})
