/**
 * What a reader of the emulated machine's memory has to know. The values are core's, which nothing here may import: their types make
 * the compiler compare each of them.
 */
import type { TICK_NS as CoreTick } from '../core/clock/clock'
import type { ACTIVATION as CoreActivation } from '../core/kernel/cpus'
import type { ACQUIRE_FORM as CoreForm } from '../core/kernel/locks'
import type * as map from '../core/memory/map'
import type { BLOCK_ALLOCATED as CoreMark } from '../core/memory/tagged-pool'
import type { POOL_FLAG as CorePoolFlag, POOL_KIND as CorePoolKind } from '../core/ndis/descriptor-pool'

/** Nanoseconds of a tick of virtual time. */
export const TICK_NS: typeof CoreTick = 100
/** Bytes by which a WebAssembly memory grows. */
export const WASM_PAGE: typeof map.WASM_PAGE = 0x1_0000
/** Addresses below are never mapped. */
export const NULL_END: typeof map.NULL_END = 0x1_0000
/** A shadow byte stands for 2 ** GRANULE_SHIFT bytes. */
export const GRANULE_SHIFT: typeof map.GRANULE_SHIFT = 3
/** Values of shadow bytes; 1 to 8: the first that many bytes of the granule are live. */
export const SHADOW: typeof map.SHADOW = {
  UNMAPPED: 0x00,
  LIVE: 8,
  FRESH: 0xd0,
  SYSTEM: 0xf1,
  HEADER: 0xf2,
  GUARD: 0xf3,
  FREED: 0xf4,
  DESCRIPTOR: 0xf5,
  PAGED: 0xe0,
}
export const FILL: typeof map.FILL = { FRESH: 0xcb, FREED: 0x6b, GUARD: 0xfd }
/** SYS_BLOCK.State of a block of tagged pool that is allocated. */
export const BLOCK_ALLOCATED: typeof CoreMark = 0x0a110ced

/** SYS_POOL.Kind. */
export const POOL_KIND: typeof CorePoolKind = { PACKET: 1, BUFFER: 2, NET_BUFFER: 3, NET_BUFFER_LIST: 4 }
/** Bits of SYS_POOL.Flags. */
export const POOL_FLAG: typeof CorePoolFlag = {
  ALLOCATE_NET_BUFFER: 1,
  NON_INTERLOCKED: 2,
  INTERLOCKED: 4,
  SYSTEM: 8,
  WORKBENCH: 16,
}
/** SYS_ACTIVATION.Kind. */
export const ACTIVATION: typeof CoreActivation = {
  THREAD: 1,
  DPC: 2,
  ISR: 3,
  TIMER: 4,
  WORK_ITEM: 5,
  SYNCHRONIZED: 6,
  CALLBACK: 7,
}
/** SYS_LOCK.AcquireForm; 0: never acquired. */
export const ACQUIRE_FORM: typeof CoreForm = {
  PLAIN: 1,
  DPR: 2,
  KERNEL: 3,
  KERNEL_DPC: 4,
  INTERLOCKED: 5,
  IN_STACK: 6,
}
