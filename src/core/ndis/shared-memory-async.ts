import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { PHYSICAL_OFFSET } from '../memory/map'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { Adapter, Adapters } from './adapters'
import type { DriverLife } from './driver'
import type { ScatterGather } from './scatter-gather'
import type { SharedBlocks } from './shared-blocks'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_PENDING } from './status'

/** 'NDpa': the NDIS_PHYSICAL_ADDRESS that the callback is given. */
const ADDRESS_TAG = 0x6170444e
const ADDRESS_BYTES = 8

interface Request {
  readonly adapter: Adapter
  readonly length: number
  readonly cached: boolean
  readonly context: number
  /** The callback: its address, its name in the API table, the one that people know, its IRQL. */
  readonly handler: number
  readonly entry: string
  readonly name: string
  readonly irql: number
}

interface Parts {
  readonly adapters: Adapters
  readonly driver: DriverLife
  readonly channels: Pick<ScatterGather, 'channel'>
  readonly blocks: SharedBlocks
  readonly hasDma: (adapter: Adapter) => boolean
}

/**
 * Shared memory that a thread allocates later, so that it can be asked for at DISPATCH_LEVEL (PV
 * NdisMAllocateSharedMemoryAsync; DDI ndismallocatesharedmemoryasyncex, miniport_allocate_shared_mem_complete).
 */
export function createSharedMemoryAsync(k: Kernel, { adapters, driver, channels, blocks, hasDma }: Parts) {
  const { space, pool, scheduler, cpus, clock, late, preempt } = k

  /** In a thread: the memory, then the callback; with NULLs when there is none. */
  function complete({ adapter, length, cached, context, handler, name }: Request): readonly unknown[] | undefined {
    if (adapters.find(adapter.handle) !== adapter) return undefined
    const physical = pool.allocate(ADDRESS_BYTES, ADDRESS_TAG, OWNER_NDIS, k.site.s, k.log.count())
    const address = physical === 0 ? 0 : blocks.allocate({ adapter: adapter.handle, length, cached, handle: 0 })
    if (address !== 0) space.w64(physical, BigInt(address + PHYSICAL_OFFSET))
    if (!driver.handler(handler)) k.fault(handler, false, `${name} is no function of the driver.`)
    const there = address !== 0
    if (!there && physical !== 0) pool.free(physical, k.site.s)
    return [adapter.context, address, there ? physical : 0, there ? length : 0, context]
  }
  function queue(request: Request): number {
    const { handler, entry, name, irql } = request
    const work = driver.work(
      ACTIVATION.WORK_ITEM,
      entry,
      irql,
      (invoke) => {
        const args = complete(request)
        if (!args) return
        invoke(driver.handler(handler)!, args)
        const physical = Number(args[2])
        if (physical !== 0) pool.free(physical, k.site.s)
      },
      name,
    )
    const cpu = cpus.current()
    if (late) clock.setAlarm(clock.now() + late.delay(), () => scheduler.queueThread(cpu, work))
    else scheduler.queueThread(cpu, work)
    return NDIS_STATUS_PENDING
  }

  return {
    NdisMAllocateSharedMemoryAsync(
      MiniportAdapterHandle: number,
      Length: number,
      Cached: number,
      Context: number,
    ): number {
      preempt()
      const adapter = adapters.find(MiniportAdapterHandle)
      const handler = adapter?.handlers['AllocateCompleteHandler'] ?? 0
      if (!adapter || !hasDma(adapter) || handler === 0 || Length >>> 0 === 0) return NDIS_STATUS_FAILURE
      return queue({
        adapter,
        length: Length >>> 0,
        cached: Boolean(Cached),
        context: Context ?? 0,
        handler,
        entry: 'MiniportAllocateComplete',
        name: 'MiniportAllocateComplete',
        irql: DISPATCH_LEVEL,
      })
    },
    NdisMAllocateSharedMemoryAsyncEx(
      MiniportDmaHandle: number,
      Length: number,
      Cached: number,
      Context: number,
    ): number {
      preempt()
      const channel = channels.channel(MiniportDmaHandle)
      if (!channel || channel.allocateComplete === 0 || Length >>> 0 === 0) return NDIS_STATUS_FAILURE
      return queue({
        adapter: channel.adapter,
        length: Length >>> 0,
        cached: Boolean(Cached),
        context: Context ?? 0,
        handler: channel.allocateComplete,
        entry: 'MINIPORT_ALLOCATE_SHARED_MEM_COMPLETE',
        name: 'MiniportSharedMemoryAllocateComplete',
        irql: PASSIVE_LEVEL,
      })
    },
  }
}
