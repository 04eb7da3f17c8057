import type { Kernel } from '../kernel/kernel'
import { APC_LEVEL, irqlName } from '../kernel/irql'
import { pagedBytes } from '../memory/shadow'
import type { DriverLife } from '../ndis/driver'
import { isPagedFlags, isPagedType, isPoolNamed, poolFlags } from '../ndis/pool-memory'
import { beforeFree } from './freed-memory'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

/** Functions that allocate pool memory. */
const ALLOCATING = [
  'NdisAllocateMemory', 'NdisAllocateMemoryWithTag', 'NdisAllocateMemoryWithTagPriority', 'ExAllocatePool2',
  'ExAllocatePoolWithTag',
] as const // prettier-ignore

/** true when the address lies in paged pool, as far as the rules saw it allocated. */
export const isPaged = (k: Kernel, address: number): boolean => (address & 7) < pagedBytes(k.shadow.at(address >>> 0))

/** What pool is asked for, when, and where paged pool may be allocated, touched and freed. */
export function poolMemoryRules(k: Kernel, driver: DriverLife): RuleFamily {
  const { violation } = k.verifier
  const { cpus } = k

  function pagedAllocation(fn: string, isPaged: boolean): boolean {
    if (isPaged && cpus.irql() > APC_LEVEL)
      violation(
        'DV:PagedAllocIrql',
        fn,
        `${fn} is asked for paged pool at ${irqlName(cpus.irql())}: above APC_LEVEL no page can be brought in.`,
      )
    return false
  }
  const allocated = (address: number, bytes: number, isPaged: boolean): void => {
    if (address !== 0 && isPaged) k.shadow.markPaged(address, bytes >>> 0)
  }
  const unloading =
    (fn: string, looks: Before | undefined): Before =>
    (...args) => {
      if (driver.unloading)
        violation(
          'DV:AllocDuringUnload',
          fn,
          `${fn} is called while DriverUnload runs: a driver that goes away gives memory back and takes no more.`,
        )
      return looks?.(...args) ?? false
    }
  function tag(fn: string, Tag: number): boolean {
    if (Tag >>> 0 === 0)
      violation(
        'NdisAllocateMemoryWithTagPriority',
        fn,
        `${fn} is given the tag 0: Windows stops with BAD_POOL_CALLER, for nobody could say whose the memory is.`,
      )
    return false
  }
  const looks: Readonly<Record<string, Before>> = {
    NdisAllocateMemoryWithTag: (_address: unknown, _Length: number, Tag: number) =>
      tag('NdisAllocateMemoryWithTag', Tag),
    NdisAllocateMemoryWithTagPriority: (_handle: number, _Length: number, Tag: number) =>
      tag('NdisAllocateMemoryWithTagPriority', Tag),
    ExAllocatePool2(Flags: number | bigint) {
      const flags = poolFlags(Flags)
      if (!isPoolNamed(flags))
        violation(
          'PoolFlags',
          'ExAllocatePool2',
          `The flags ${hex(flags)} name no pool, or more than one: exactly one of POOL_FLAG_NON_PAGED, POOL_FLAG_NON_PAGED_EXECUTE and POOL_FLAG_PAGED must be there. NULL is returned.`,
        )
      return pagedAllocation('ExAllocatePool2', isPagedFlags(flags))
    },
    ExAllocatePoolWithTag: (PoolType: number) => pagedAllocation('ExAllocatePoolWithTag', isPagedType(PoolType)),
  }
  return {
    before: {
      ...Object.fromEntries(ALLOCATING.map((fn) => [fn, unloading(fn, looks[fn])])),
      ...beforeFree(k, (fn, { start, allocated: site }) => {
        if (isPaged(k, start) && cpus.irql() > APC_LEVEL)
          violation('DV:PagedFreeIrql', fn, `${fn} frees paged pool at ${irqlName(cpus.irql())}.`, { allocated: site })
      }),
    },
    after: {
      ExAllocatePool2: (address: number, Flags: number | bigint, NumberOfBytes: number) =>
        allocated(address, NumberOfBytes, isPagedFlags(poolFlags(Flags))),
      ExAllocatePoolWithTag: (address: number, PoolType: number, NumberOfBytes: number) =>
        allocated(address, NumberOfBytes, isPagedType(PoolType)),
    },
  }
}
