import type { Kernel } from '../kernel/kernel'
import { PHYSICAL_OFFSET } from '../memory/map'
import type { Adapters } from '../ndis/adapters'
import type { Dma } from '../ndis/dma'
import { physicalAddress } from '../ndis/physical-address'
import type { DmaAdapterChecks } from './dma-adapter'
import { hex } from './hex'
import { lastCallback } from './last-callback'
import { reportLeft, type LeftObject } from './left-objects'
import { createPaths } from './lock-holds'
import type { RuleFamily } from './rules'
import { checkReturned } from './spoiled-blocks'
import { foundDetails, objectDetails, objectText } from './touched-object'

const ALLOCATE = 'NdisMAllocateSharedMemory'
const FREE = 'NdisMFreeSharedMemory'
const SHUTDOWN = /^MiniportShutdown|^MINIPORT_SHUTDOWN/

/** Shared memory: freed twice or with other values than it was allocated with, overrun, left behind (DV:DmaMisuse). */
export function sharedMemoryRules(k: Kernel, adapters: Adapters, dma: Dma, checks: DmaAdapterChecks): RuleFamily {
  const paths = createPaths(k)
  const { violation } = k.verifier
  const { blocks } = dma

  function allocate(handle: number): boolean {
    const adapter = checks.adapterOf(ALLOCATE, handle)
    if (adapter && !dma.isSetUp(adapter))
      violation(
        'SharedMemoryWithoutDma',
        ALLOCATE,
        `${ALLOCATE} fails: the miniport has set up no DMA before (NdisMRegisterScatterGatherDma; NdisMInitializeScatterGatherDma or NdisMAllocateMapRegisters for NDIS 5; NdisMRegisterDmaChannel).`,
      )
    return false
  }
  /** What the arguments of a free must repeat and do not. */
  function differences(address: number, handle: number, length: number, cached: number, physical: unknown): string[] {
    const block = blocks.find(address)!
    return [
      ...(block.adapter === handle ? [] : ['MiniportAdapterHandle']),
      ...(block.length === length >>> 0 ? [] : ['Length']),
      ...(block.cached === Boolean(cached) ? [] : ['Cached']),
      ...(physicalAddress(physical) === BigInt(address + PHYSICAL_OFFSET) ? [] : ['PhysicalAddress']),
    ]
  }
  function free(handle: number, length: number, cached: number, address: number, physical: unknown): boolean {
    const block = blocks.find(address)
    if (!block) {
      const found = k.finder.at(Number(address) >>> 0)
      const isFreed = found?.kind === 'shared memory' && !found.live
      const what = found ? `which is ${objectText(found)}` : 'where nothing is allocated'
      const why = isFreed ? `${what}, which is freed already` : `${what}: no shared memory`
      violation(
        'DV:DmaMisuse',
        FREE,
        `${FREE} was given ${hex(Number(address) >>> 0)}, ${why}.`,
        foundDetails(found, Number(address) >>> 0),
      )
      return true
    }
    const details = objectDetails(k, address)
    if (block.handle !== 0) {
      violation(
        'DV:DmaMisuse',
        FREE,
        `The memory at ${hex(address)} is of NdisAllocateSharedMemory: NdisFreeSharedMemory frees it, by its handle.`,
        details,
      )
      return true
    }
    if (paths.isInside(SHUTDOWN))
      violation(FREE, FREE, 'Shared memory is freed in MiniportShutdown: the system stops, nothing is freed there.')
    const wrong = differences(address, handle, length, cached, physical)
    if (wrong.length > 0)
      violation(
        'DV:DmaMisuse',
        FREE,
        `${FREE} takes what the memory at ${hex(address)} was allocated with; ${wrong.join(', ')} differ${wrong.length > 1 ? '' : 's'}.`,
        details,
      )
    checkReturned(k, FREE, address, 'DV:DmaMisuse')
    return false
  }
  const update =
    (fn: string) =>
    (handle: number, length: number, address: number, physical: unknown): boolean => {
      const adapter = checks.adapterOf(fn, handle)
      if (!adapter) return true
      const found = blocks.around(address)
      const inside = found && address + (length >>> 0) <= found.address + found.block.length
      const right = inside && physicalAddress(physical) === BigInt(address + PHYSICAL_OFFSET)
      if (!right || found.block.adapter !== handle)
        violation(
          'DV:DmaMisuse',
          fn,
          `${fn} was given ${length >>> 0} bytes at ${hex(Number(address) >>> 0)} and a physical address that are not both of shared memory of this adapter.`,
        )
      return false
    }
  adapters.watch({
    ended(adapter) {
      const left: LeftObject[] = []
      blocks.forEach((block, address) => {
        if (block.adapter === adapter.handle) left.push({ address, allocated: block.site })
      })
      reportLeft(k, 'DV:DmaMisuse', lastCallback(adapter), left, (count, first) =>
        count === 1
          ? `The shared memory at ${first} is still allocated when its adapter is gone.`
          : `${count} blocks of shared memory are still allocated when their adapter is gone; the first one is at ${first}.`,
      )
    },
  })
  return {
    before: {
      [ALLOCATE]: allocate,
      [FREE]: free,
      NdisMUpdateSharedMemory: update('NdisMUpdateSharedMemory'),
      NdisUpdateSharedMemory: update('NdisUpdateSharedMemory'),
    },
  }
}
