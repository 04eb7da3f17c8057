import type { Kernel } from '../kernel/kernel'
import { hex } from './hex'

/** Reports a handle that stands for no live object of the kind; true then. */
export function badHandle(k: Kernel, fn: string, handle: number, kind: string): boolean {
  if (k.objects.find(handle, kind)) return false
  const grave = k.objects.buried(handle, kind)
  k.verifier.violation(
    'InvalidHandle',
    fn,
    `${fn} was given ${hex(handle)}, which is ${grave ? `a ${kind} that is gone` : `no ${kind}`}.`,
    grave ?? {},
  )
  return true
}
