import { DISPATCH_LEVEL } from './kernel/irql'
import { layout } from './memory/layout'
import type { MachineOptions } from './machine'
import type { Adapter } from './ndis/adapters'
import { constant } from './ndis/constants'
import { cell } from './test-guest'
import { createNetBufferGuest, type NetBufferGuest } from './test-net-buffer'

const LIST = layout('SCATTER_GATHER_LIST', 'NumberOfElements', 'Elements')
const ELEMENT = layout('SCATTER_GATHER_ELEMENT', 'Address', 'Length')
const DESCRIPTION = layout(
  'NDIS_SG_DMA_DESCRIPTION',
  'Flags', 'MaximumPhysicalMapping', 'ProcessSGListHandler', 'SharedMemAllocateCompleteHandler',
  'ScatterGatherListSize',
) // prettier-ignore
const HEADER = layout('NDIS_OBJECT_HEADER', 'Type', 'Revision', 'Size')

/** A physical range. */
export interface Piece {
  readonly address: number
  readonly length: number
}

/** For specs: a guest with an adapter that initializes and whose NIC is a bus master. */
export interface DmaGuest extends NetBufferGuest {
  readonly adapter: Adapter
  /** Calls at DISPATCH_LEVEL; DPCs run when it ends. */
  atDispatch<T>(run: () => T): T
  /** Zeroed memory that begins with an NDIS_OBJECT_HEADER. */
  object(type: string, bytes: number, size?: number): number
  /** Address of an NDIS_SG_DMA_DESCRIPTION with these handlers. */
  description(process: unknown, complete?: unknown, maximum?: number): number
  /** The handle of NdisMRegisterScatterGatherDma. */
  register(process: unknown, complete?: unknown): number
  pieces(list: number): Piece[]
  /** Pieces with those that follow one another made one. */
  merged(list: number): Piece[]
}

const NDIS6 = 0x6_0014

export function createDmaGuest(options: MachineOptions = {}, version = NDIS6): DmaGuest {
  const guest = createNetBufferGuest(options)
  const { kernel, driver, executive } = guest.machine
  const { space, scheduler } = kernel
  const adapter = executive.adapters.create(version, {})!
  adapter.attributesSet = true
  adapter.context = 77
  adapter.attributeFlags = constant(
    version >= 0x6_0000 ? 'NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER' : 'NDIS_ATTRIBUTE_BUS_MASTER',
  )
  function object(type: string, bytes: number, size = bytes): number {
    const address = guest.memory(bytes)
    space.fill(address, bytes, 0)
    space.w8(address + HEADER.Type, constant(type))
    space.w8(address + HEADER.Revision, 1)
    space.w16(address + HEADER.Size, size)
    return address
  }
  function description(process: unknown, complete: unknown = 0, maximum = 9000): number {
    const address = object('NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION', DESCRIPTION.SIZE)
    space.w32(address + DESCRIPTION.MaximumPhysicalMapping, maximum)
    space.w32(address + DESCRIPTION.ProcessSGListHandler, driver.address(process))
    space.w32(address + DESCRIPTION.SharedMemAllocateCompleteHandler, driver.address(complete))
    return address
  }
  const pieces = (list: number): Piece[] =>
    Array.from({ length: space.r32(list + LIST.NumberOfElements) }, (_unused, i) => {
      const element = list + LIST.Elements + i * ELEMENT.SIZE
      return { address: Number(space.r64(element + ELEMENT.Address)), length: space.r32(element + ELEMENT.Length) }
    })
  return {
    ...guest,
    adapter,
    object,
    description,
    pieces,
    atDispatch(run) {
      const old = scheduler.raise(DISPATCH_LEVEL)
      const result = run()
      scheduler.lower(old)
      return result
    },
    register(process, complete) {
      const handle = cell()
      guest.call('NdisMRegisterScatterGatherDma', adapter.handle, description(process, complete), handle)
      return handle.value
    },
    merged: (list) =>
      pieces(list).reduce<Piece[]>((all, piece) => {
        const last = all.at(-1)
        if (last && last.address + last.length === piece.address)
          return [...all.slice(0, -1), { address: last.address, length: last.length + piece.length }]
        return [...all, piece]
      }, []),
  }
}
