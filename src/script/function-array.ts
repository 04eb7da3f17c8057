import type { Kernel } from '../core/kernel/kernel'
import type { DriverFunction } from '../core/kernel/text'

const POINTER_BYTES = 4

/**
 * Writes an array of functions into memory of the driver image, as C has a static array of function pointers, and gives its
 * address; undefined for what is no array. Holes, null and 0 are NULL. Throws RangeError for too many functions.
 */
export function functionArray(k: Kernel, value: unknown, count: number): number | undefined {
  if (!Array.isArray(value)) return undefined
  const functions: readonly unknown[] = value
  if (functions.length > count) throw new RangeError(`an array of ${functions.length} functions; ${count} are the most`)
  const address = k.image.allocate(count * POINTER_BYTES)
  if (address === 0) throw new RangeError('the driver image is full: no room for an array of functions')
  for (let i = 0; i < functions.length; i++) {
    const target = functions[i]
    const pointer = typeof target === 'function' ? k.text.addressOf(target as DriverFunction) : Number(target ?? 0)
    k.space.w32(address + i * POINTER_BYTES, pointer)
  }
  return address
}
