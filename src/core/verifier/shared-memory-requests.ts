import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import type { Adapter } from '../ndis/adapters'
import { constant } from '../ndis/constants'
import type { Dma } from '../ndis/dma'
import type { DriverLife } from '../ndis/driver'
import { isObject } from '../ndis/object-header'
import { DMA_OBJECT } from '../ndis/scatter-gather'
import { sgListBytes } from '../ndis/sg-list'
import { SHARED_MEMORY_OBJECT, sharedElements } from '../ndis/shared-memory-provider'
import { NDIS_STATUS_SUCCESS } from '../ndis/status'
import type { DmaAdapterChecks } from './dma-adapter'
import { badHandle } from './handles'
import { hex } from './hex'
import type { RuleFamily } from './rules'

const PARAMETERS = layout('NDIS_SHARED_MEMORY_PARAMETERS', 'Flags', 'Length', 'SGListBuffer', 'SGListBufferLength')
const PARAMETERS_OBJECT = {
  type: constant('NDIS_OBJECT_TYPE_DEFAULT'),
  size: constant('NDIS_SIZEOF_SHARED_MEMORY_PARAMETERS_REVISION_1'),
}

/** Shared memory that comes later or from a provider: why a request fails, and what is given back. */
export function sharedMemoryRequestRules(
  k: Kernel,
  driver: DriverLife,
  dma: Dma,
  checks: DmaAdapterChecks,
): RuleFamily {
  const { space, access } = k
  const { violation } = k.verifier

  function withoutDma(fn: string, adapter: Adapter): void {
    if (!dma.isSetUp(adapter))
      violation('SharedMemoryWithoutDma', fn, `${fn} fails: the miniport has set up no DMA before.`)
  }
  function noHandler(fn: string, handler: number, member: string): void {
    if (!driver.handler(handler))
      violation('SharedMemoryCompleteHandler', fn, `${fn} has nobody to give the memory to: ${member} is not set.`)
  }
  function later(handle: number): boolean {
    const fn = 'NdisMAllocateSharedMemoryAsync'
    const adapter = checks.adapterOf(fn, handle)
    if (!adapter) return false
    withoutDma(fn, adapter)
    noHandler(fn, adapter.handlers['AllocateCompleteHandler'] ?? 0, 'AllocateCompleteHandler')
    return false
  }
  function laterEx(handle: number): boolean {
    const fn = 'NdisMAllocateSharedMemoryAsyncEx'
    const channel = dma.scatterGather.channel(handle)
    if (!channel) badHandle(k, fn, Number(handle) >>> 0, DMA_OBJECT)
    else noHandler(fn, channel.allocateComplete, 'SharedMemAllocateCompleteHandler')
    return false
  }
  function allocate(handle: number, parameters: number, _out: OutParam): boolean {
    const fn = 'NdisAllocateSharedMemory'
    const adapter = checks.adapterBehind(fn, handle)
    if (!adapter) return false
    withoutDma(fn, adapter)
    const get = (field: number): number => space.r32(parameters + field)
    const bad = (why: string): boolean => {
      violation('SharedMemoryParameters', fn, `${fn} refuses its parameters: ${why}.`)
      return false
    }
    if (!isObject(space, parameters, PARAMETERS_OBJECT))
      return bad('Header must have the type NDIS_OBJECT_TYPE_DEFAULT, a revision and its size')
    const length = get(PARAMETERS.Length)
    if (length === 0) return bad('Length is 0')
    const list = get(PARAMETERS.SGListBuffer)
    if (list === 0) return false
    const needed = sgListBytes(sharedElements(get(PARAMETERS.Flags), length))
    if (get(PARAMETERS.SGListBufferLength) < needed)
      return bad(`SGListBufferLength is ${get(PARAMETERS.SGListBufferLength)}, the list takes ${needed} bytes`)
    return !access.range(fn, list, needed, true)
  }
  function free(handle: number, allocation: number): boolean {
    const fn = 'NdisFreeSharedMemory'
    if (!k.objects.find(allocation, SHARED_MEMORY_OBJECT)) {
      const grave = k.objects.buried(allocation, SHARED_MEMORY_OBJECT)
      const what = grave ? 'whose memory is freed already' : 'which is no handle of NdisAllocateSharedMemory'
      violation('DV:DmaMisuse', fn, `${fn} was given ${hex(Number(allocation) >>> 0)}, ${what}.`, grave ?? {})
      return true
    }
    dma.blocks.forEach((block) => {
      if (block.handle === allocation && block.adapter !== dma.adapterBehind(handle)?.handle)
        violation('DV:DmaMisuse', fn, `${fn} was given a handle other than the one the memory was allocated with.`, {
          allocated: block.site,
        })
    })
    return false
  }

  /** Shared memory that MiniportInitialize asked for in vain, and whether it wrote to the error log since. */
  let missed = false
  driver.returned.push((entry, result) => {
    if (entry !== 'MINIPORT_INITIALIZE' && entry !== 'MiniportInitialize') return
    if (missed && (Number(result ?? 0) | 0) !== NDIS_STATUS_SUCCESS)
      violation(
        'WriteErrorLog',
        entry === 'MiniportInitialize' ? entry : 'MiniportInitializeEx',
        'Initialization fails because there was no shared memory, and no NdisWriteErrorLogEntry says so: the user sees a dead adapter and no reason.',
      )
    missed = false
  })
  return {
    before: {
      NdisMGetDmaAlignment: (handle: number) => {
        checks.adapterOf('NdisMGetDmaAlignment', handle)
        return false
      },
      NdisMAllocateSharedMemoryAsync: later,
      NdisMAllocateSharedMemoryAsyncEx: laterEx,
      NdisAllocateSharedMemory: allocate,
      NdisFreeSharedMemory: free,
      NdisWriteErrorLogEntry: () => {
        missed = false
        return false
      },
    },
    after: {
      NdisMAllocateSharedMemory(
        _result: undefined,
        handle: number,
        _length: number,
        _cached: number,
        address: OutParam,
      ) {
        const initializing = checks.find(handle)?.phase === 'initializing'
        if (initializing && k.cells.get32(address) === 0) missed = true
      },
    },
  }
}
