import type { Kernel } from '../kernel/kernel'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { constant } from './constants'

const UNINITIALIZED = constant('POOL_FLAG_UNINITIALIZED')
const RAISE_ON_FAILURE = constant('POOL_FLAG_RAISE_ON_FAILURE')
const PAGED = constant('POOL_FLAG_PAGED')
/** Of these a request names one. */
const POOLS = [constant('POOL_FLAG_NON_PAGED'), constant('POOL_FLAG_NON_PAGED_EXECUTE'), PAGED]
/** The bit of POOL_TYPE that tells paged from nonpaged pool. */
const PAGED_POOL_BIT = constant('PagedPool')
const RAISE_IF_ALLOCATION_FAILURE = constant('POOL_RAISE_IF_ALLOCATION_FAILURE')
const STATUS_INSUFFICIENT_RESOURCES = constant('STATUS_INSUFFICIENT_RESOURCES')
/** First parameter of BAD_POOL_CALLER: free of an address that is no allocated block. */
const FREE_OF_NO_BLOCK = 0x99

/** The low 32 bits of a 64-bit argument; the flags that a driver may leave to chance lie above them. */
export const poolFlags = (Flags: number | bigint): number =>
  typeof Flags === 'bigint' ? Number(BigInt.asUintN(32, Flags)) : Number(Flags) >>> 0
/** Exactly one pool is named. */
export const isPoolNamed = (flags: number): boolean => POOLS.filter((pool) => (flags & pool) !== 0).length === 1
export const isPagedFlags = (flags: number): boolean => (flags & PAGED) !== 0
export const isPagedType = (PoolType: number): boolean => (PoolType & PAGED_POOL_BIT) !== 0

/** Frees a block of pool; anything else stops the machine, as on Windows. */
export function freePool(k: Kernel, address: number): void {
  if (k.pool.problem(address) !== null)
    k.bugcheck(
      'BAD_POOL_CALLER',
      [FREE_OF_NO_BLOCK, address],
      'Memory is freed that is not allocated, or whose surroundings were overwritten.',
    )
  k.pool.free(address, k.site.s)
}

/** Where a failed allocation raises an exception: nobody handles one in a driver of this machine. */
export const raiseNoMemory = (k: Kernel, fn: string): never =>
  k.bugcheck(
    'KMODE_EXCEPTION_NOT_HANDLED',
    [STATUS_INSUFFICIENT_RESOURCES],
    `${fn} raises STATUS_INSUFFICIENT_RESOURCES: there is no memory, and the driver asked for an exception rather than NULL.`,
  )

/** Pool memory of the kernel (WDM exallocatepool2, exallocatepoolwithtag, exfreepool). Paged pool is memory like any other. */
export function createPoolMemory(k: Kernel) {
  const { space, pool, site, log, preempt } = k
  const take = (bytes: number, tag: number): number => pool.allocate(bytes, tag, OWNER_DRIVER, site.s, log.count())
  function release(address: number): void {
    freePool(k, address)
    preempt()
  }
  return {
    ExAllocatePool2(Flags: number | bigint, NumberOfBytes: number, Tag: number): number {
      preempt()
      const flags = poolFlags(Flags)
      const bytes = NumberOfBytes >>> 0
      const address = isPoolNamed(flags) ? take(bytes, Tag) : 0
      if (address === 0 && (flags & RAISE_ON_FAILURE) !== 0) raiseNoMemory(k, 'ExAllocatePool2')
      if (address !== 0 && (flags & UNINITIALIZED) === 0) space.fill(address, bytes, 0)
      return address
    },
    ExAllocatePoolWithTag(PoolType: number, NumberOfBytes: number, Tag: number): number {
      preempt()
      const address = take(NumberOfBytes >>> 0, Tag)
      if (address === 0 && (PoolType & RAISE_IF_ALLOCATION_FAILURE) !== 0) raiseNoMemory(k, 'ExAllocatePoolWithTag')
      return address
    },
    ExFreePool: (P: number): void => release(P),
    ExFreePoolWithTag: (P: number, _Tag: number): void => release(P),
  }
}
