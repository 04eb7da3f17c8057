import type { Kernel } from '../kernel/kernel'
import { STRING } from '../ndis/string-buffer'

/** Whether a UNICODE_STRING that NDIS is about to read is not there, or its characters are not; reports it. */
export function badCountedString({ access, space }: Kernel, fn: string, string: number): boolean {
  if (!access.range(fn, string, STRING.SIZE, false)) return true
  const length = space.r16(string + STRING.Length)
  return length > 0 && !access.range(fn, space.r32(string + STRING.Buffer), length, false)
}
