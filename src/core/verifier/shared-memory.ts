import type { Kernel } from '../kernel/kernel'
import { PHYSICAL_OFFSET } from '../memory/map'
import type { Adapters } from '../ndis/adapters'
import { physicalAddress } from '../ndis/physical-address'
import type { SharedMemory } from '../ndis/shared-memory'
import { hex } from './hex'
import type { RuleFamily } from './rules'

const FREE = 'NdisMFreeSharedMemory'

/** Shared memory: freed twice or with other values than it was allocated with, overrun, left behind (DV:DmaMisuse). */
export function sharedMemoryRules(k: Kernel, adapters: Adapters, shared: SharedMemory): RuleFamily {
  const { pool } = k
  const { violation } = k.verifier

  function unknownAdapter(fn: string, handle: number): boolean {
    if (adapters.find(handle)) return false
    violation('InvalidHandle', fn, `${fn} was given ${hex(Number(handle) >>> 0)}, which is no adapter.`)
    return true
  }
  /** What the arguments of a free must repeat and do not. */
  function differences(address: number, handle: number, length: number, cached: number, physical: unknown): string[] {
    const block = shared.find(address)!
    return [
      ...(block.adapter === handle ? [] : ['MiniportAdapterHandle']),
      ...(block.length === length >>> 0 ? [] : ['Length']),
      ...(block.cached === Boolean(cached) ? [] : ['Cached']),
      ...(physicalAddress(physical) === BigInt(address + PHYSICAL_OFFSET) ? [] : ['PhysicalAddress']),
    ]
  }
  function free(handle: number, length: number, cached: number, address: number, physical: unknown): boolean {
    const block = shared.find(address)
    if (!block) {
      const freed = shared.freed(address)
      const what = freed === undefined ? 'is no shared memory' : 'is freed already'
      violation('DV:DmaMisuse', FREE, `${FREE} was given ${hex(Number(address) >>> 0)}, which ${what}.`, {
        freed: freed ?? 0,
      })
      return true
    }
    const details = { allocated: block.site }
    const wrong = differences(address, handle, length, cached, physical)
    if (wrong.length > 0)
      violation(
        'DV:DmaMisuse',
        FREE,
        `${FREE} takes what the memory at ${hex(address)} was allocated with; ${wrong.join(', ')} differ${wrong.length > 1 ? '' : 's'}.`,
        details,
      )
    const problem = pool.problem(address)
    if (problem?.kind === 'guard overwritten') {
      violation(
        'DV:DmaMisuse',
        FREE,
        `The shared memory at ${hex(address)} of ${block.length} bytes was written past its end, by the driver or by its NIC.`,
        details,
      )
      pool.mendGuard(problem.block)
    }
    return false
  }
  adapters.watch({
    ended({ handle }) {
      shared.forEach((block, address) => {
        if (block.adapter === handle)
          violation(
            'DV:DmaMisuse',
            'MiniportHalt',
            `The shared memory at ${hex(address)}, ${block.length} bytes, is still allocated when its adapter is gone.`,
            { at: block.site, allocated: block.site },
          )
      })
    },
  })
  return {
    before: {
      NdisMAllocateSharedMemory: (handle: number) => {
        unknownAdapter('NdisMAllocateSharedMemory', handle)
        return false
      },
      [FREE]: free,
    },
  }
}
