import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'

const ADDRESS = layout('NDIS_PHYSICAL_ADDRESS', 'LowPart', 'HighPart')
const HALF = 32n

/**
 * A physical address as drivers pass it by value: a number, a bigint, or a record with QuadPart, as a view of one is.
 * undefined for anything else.
 */
export function physicalAddress(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return BigInt.asUintN(64, value)
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt.asUintN(64, BigInt(value)) : undefined
  if (typeof value !== 'object' || value === null || !('QuadPart' in value)) return undefined
  const quad: unknown = value.QuadPart
  return typeof quad === 'object' ? undefined : physicalAddress(quad)
}

/** The halves of a physical address (DDI ndisgetphysicaladdresshigh, ndissetphysicaladdresslow). */
export function createPhysicalAddresses(k: Kernel) {
  const { preempt } = k
  const { w32 } = k.space
  const half = (value: unknown, shift: bigint): number =>
    Number(BigInt.asUintN(32, (physicalAddress(value) ?? 0n) >> shift))
  return {
    NdisGetPhysicalAddressHigh(PhysicalAddress: unknown): number {
      preempt()
      return half(PhysicalAddress, HALF)
    },
    NdisGetPhysicalAddressLow(PhysicalAddress: unknown): number {
      preempt()
      return half(PhysicalAddress, 0n)
    },
    NDIS_PHYSICAL_ADDRESS_CONST(Low: number, High: number): bigint {
      preempt()
      return (BigInt.asUintN(32, physicalAddress(High) ?? 0n) << HALF) | BigInt.asUintN(32, physicalAddress(Low) ?? 0n)
    },
    NdisSetPhysicalAddressHigh(PhysicalAddress: number, Value: number): void {
      w32(PhysicalAddress + ADDRESS.HighPart, Value)
      preempt()
    },
    NdisSetPhysicalAddressLow(PhysicalAddress: number, Value: number): void {
      w32(PhysicalAddress + ADDRESS.LowPart, Value)
      preempt()
    },
  }
}
