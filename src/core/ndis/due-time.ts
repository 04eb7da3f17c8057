import type { Kernel } from '../kernel/kernel'
import { SYSTEM_TIME_AT_START } from './time'

/**
 * Ticks from now to a time as the kernel writes it, in units of 100 ns: a negative one is an interval, any other the system
 * time (WDM kesettimer). What is past gives 0.
 */
export function ticksUntil(k: Kernel, time: bigint): number {
  const ticks = time < 0n ? -time : time - SYSTEM_TIME_AT_START - BigInt(k.clock.now())
  return ticks > 0n ? Number(ticks) : 0
}

/** A LARGE_INTEGER that is passed by value: a number or a bigint. Anything else counts as 0. */
export function largeInteger(value: unknown): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value)
  return typeof value === 'number' && Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n
}
