import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { OutParam } from '../memory/cell'
import { PHYSICAL_OFFSET } from '../memory/map'
import type { Adapter } from './adapters'
import { constant } from './constants'
import { isObject } from './object-header'
import { mdlPages } from './mdl'
import { PAGE_SIZE } from './packet-layout'
import type { SharedBlocks } from './shared-blocks'
import { SG_LIST, sgListBytes } from './sg-list'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

export const SHARED_MEMORY_OBJECT = 'shared memory allocation'
/** 'NDsa' */
const HANDLE_TAG = 0x6173444e
const HANDLE_BYTES = 16

const PARAMETERS = layout(
  'NDIS_SHARED_MEMORY_PARAMETERS',
  'Flags', 'SharedMemoryHandle', 'Length', 'VirtualAddress', 'SGListBufferLength', 'SGListBuffer',
) // prettier-ignore
const PARAMETERS_OBJECT = {
  type: constant('NDIS_OBJECT_TYPE_DEFAULT'),
  size: constant('NDIS_SIZEOF_SHARED_MEMORY_PARAMETERS_REVISION_1'),
}
const ELEMENT = layout('SCATTER_GATHER_ELEMENT', 'Address', 'Length')
const CONTIGUOUS = constant('NDIS_SHARED_MEM_PARAMETERS_CONTIGUOUS')

/** Pages of an allocation: each is an element of its list unless the memory was asked for in one piece. */
export const sharedElements = (flags: number, length: number): number =>
  (flags & CONTIGUOUS) !== 0 ? 1 : mdlPages(0, length)

/** Shared memory of NDIS 6.20 (DDI ndisallocatesharedmemory, ndisfreesharedmemory); NDIS is the provider itself. */
export function createSharedMemoryProvider(
  k: Kernel,
  adapterBehind: (handle: number) => Adapter | undefined,
  blocks: SharedBlocks,
  hasDma: (adapter: Adapter) => boolean,
) {
  const { space, objects, preempt } = k
  const { r32, w32, w64 } = space
  const { put32 } = k.cells
  const addresses = new Map<number, number>()

  function writeList(list: number, address: number, length: number, elements: number): void {
    w32(list + SG_LIST.NumberOfElements, elements)
    w32(list + SG_LIST.Reserved, 0)
    const step = elements === 1 ? length : PAGE_SIZE
    for (let i = 0; i < elements; i++) {
      const element = list + SG_LIST.Elements + i * ELEMENT.SIZE
      w64(element + ELEMENT.Address, BigInt(address + PHYSICAL_OFFSET + i * step))
      w32(element + ELEMENT.Length, Math.min(step, length - i * step))
    }
  }
  function allocate(adapter: Adapter, parameters: number): number {
    const length = r32(parameters + PARAMETERS.Length)
    const handle = objects.create(SHARED_MEMORY_OBJECT, HANDLE_TAG, HANDLE_BYTES, false)
    if (handle === 0) return 0
    const address = blocks.allocate({ adapter: adapter.handle, length, cached: true, handle })
    if (address === 0) {
      objects.destroy(handle)
      return 0
    }
    addresses.set(handle, address)
    const list = r32(parameters + PARAMETERS.SGListBuffer)
    if (list !== 0) writeList(list, address, length, sharedElements(r32(parameters + PARAMETERS.Flags), length))
    w32(parameters + PARAMETERS.SharedMemoryHandle, handle)
    w32(parameters + PARAMETERS.VirtualAddress, address)
    return handle
  }

  return {
    NdisAllocateSharedMemory(NdisHandle: number, SharedMemoryParameters: number, pAllocationHandle: OutParam): number {
      preempt()
      put32(pAllocationHandle, 0)
      const get = (field: number): number => r32(SharedMemoryParameters + field)
      const adapter = adapterBehind(NdisHandle)
      if (!isObject(space, SharedMemoryParameters, PARAMETERS_OBJECT)) return NDIS_STATUS_INVALID_PARAMETER
      const length = get(PARAMETERS.Length)
      const needed = sgListBytes(sharedElements(get(PARAMETERS.Flags), length))
      if (!adapter || length === 0) return NDIS_STATUS_INVALID_PARAMETER
      if (get(PARAMETERS.SGListBuffer) !== 0 && get(PARAMETERS.SGListBufferLength) < needed)
        return NDIS_STATUS_INVALID_PARAMETER
      if (!hasDma(adapter)) return NDIS_STATUS_FAILURE
      const handle = allocate(adapter, SharedMemoryParameters)
      put32(pAllocationHandle, handle)
      return handle === 0 ? NDIS_STATUS_RESOURCES : NDIS_STATUS_SUCCESS
    },
    NdisFreeSharedMemory(_NdisHandle: number, AllocationHandle: number): void {
      const address = addresses.get(AllocationHandle)
      if (address === undefined)
        k.bugcheck(
          'BAD_POOL_CALLER',
          [0x99, AllocationHandle],
          'NdisFreeSharedMemory was given what is no handle of NdisAllocateSharedMemory.',
        )
      addresses.delete(AllocationHandle)
      objects.destroy(AllocationHandle)
      blocks.free(address)
      preempt()
    },
  }
}
