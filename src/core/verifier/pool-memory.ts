import type { Kernel } from '../kernel/kernel'
import { APC_LEVEL, irqlName } from '../kernel/irql'
import { isPagedFlags, isPagedType, isPoolNamed, poolFlags } from '../ndis/pool-memory'
import { beforeFree } from './freed-memory'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** What ExAllocatePool2 and ExAllocatePoolWithTag are asked for, and where paged pool may be touched. */
export function poolMemoryRules(k: Kernel): RuleFamily {
  const { violation } = k.verifier
  const { cpus } = k
  const paged = new Set<number>()

  function pagedAllocation(fn: string, isPaged: boolean): void {
    if (isPaged && cpus.irql() > APC_LEVEL)
      violation(
        'DV:PagedAllocIrql',
        fn,
        `${fn} is asked for paged pool at ${irqlName(cpus.irql())}: above APC_LEVEL no page can be brought in.`,
      )
  }
  return {
    before: {
      ExAllocatePool2(Flags: number | bigint) {
        const flags = poolFlags(Flags)
        if (!isPoolNamed(flags))
          violation(
            'PoolFlags',
            'ExAllocatePool2',
            `The flags ${hex(flags)} name no pool, or more than one: exactly one of POOL_FLAG_NON_PAGED, POOL_FLAG_NON_PAGED_EXECUTE and POOL_FLAG_PAGED must be there. NULL is returned.`,
          )
        pagedAllocation('ExAllocatePool2', isPagedFlags(flags))
        return false
      },
      ExAllocatePoolWithTag(PoolType: number) {
        pagedAllocation('ExAllocatePoolWithTag', isPagedType(PoolType))
        return false
      },
      ...beforeFree(k, (fn, { start, allocated }) => {
        if (paged.delete(start) && cpus.irql() > APC_LEVEL)
          violation('DV:PagedFreeIrql', fn, `${fn} frees paged pool at ${irqlName(cpus.irql())}.`, { allocated })
      }),
    },
    after: {
      ExAllocatePool2: (address: number, Flags: number | bigint) =>
        void (address !== 0 && isPagedFlags(poolFlags(Flags)) && paged.add(address)),
      ExAllocatePoolWithTag: (address: number, PoolType: number) =>
        void (address !== 0 && isPagedType(PoolType) && paged.add(address)),
    },
  }
}
