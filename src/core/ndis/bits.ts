import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { constant } from './constants'

const SUCCESS = constant('STATUS_SUCCESS')
const INTEGER_OVERFLOW = constant('STATUS_INTEGER_OVERFLOW')
/** What the result of an overflow is: ULONG_ERROR. */
const ULONG_ERROR = 0xffff_ffff

const u64 = (value: number | bigint | null | undefined): bigint =>
  BigInt.asUintN(64, typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value)) || 0))

/** Bytes and bits of numbers, and sums that tell when they do not fit (WDM rtlushortbyteswap ..., rtlulongadd ...). */
export function createBits(k: Kernel) {
  const told = <T>(value: T): T => {
    k.preempt()
    return value
  }
  const swap32 = (value: number): number =>
    ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0

  function checked(result: OutParam, value: bigint): number {
    const fits = value <= BigInt(ULONG_ERROR)
    k.cells.put32(result, fits ? Number(value) : ULONG_ERROR)
    return told(fits ? SUCCESS : INTEGER_OVERFLOW)
  }
  const u32 = (value: number): bigint => BigInt(value >>> 0)
  return {
    RtlUshortByteSwap: (Source: number): number => told(((Source & 0xff) << 8) | ((Source >>> 8) & 0xff)),
    RtlUlongByteSwap: (Source: number): number => told(swap32(Source)),
    RtlUlonglongByteSwap(Source: number | bigint): bigint {
      const value = u64(Source)
      const low = BigInt(swap32(Number(BigInt.asUintN(32, value))))
      return told((low << 32n) | BigInt(swap32(Number(value >> 32n))))
    },
    RtlFindLeastSignificantBit(Set: number | bigint): number {
      const value = u64(Set)
      if (value === 0n) return told(-1)
      let bit = 0
      while (((value >> BigInt(bit)) & 1n) === 0n) bit++
      return told(bit)
    },
    RtlNumberOfSetBitsUlongPtr(Target: number): number {
      let count = 0
      for (let left = Target >>> 0; left !== 0; left &= left - 1) count++
      return told(count)
    },
    RtlULongAdd: (ulAugend: number, ulAddend: number, pulResult: OutParam): number =>
      checked(pulResult, u32(ulAugend) + u32(ulAddend)),
    RtlULongMult: (ulMultiplicand: number, ulMultiplier: number, pulResult: OutParam): number =>
      checked(pulResult, u32(ulMultiplicand) * u32(ulMultiplier)),
  }
}
