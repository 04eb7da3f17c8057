// A call at another IRQL than that of the code around it.
import { KeLowerIrql, KeRaiseIrql, out, type KIRQL } from 'ndis'

/** An IRQL of devices: above DISPATCH_LEVEL. */
export const DEVICE_LEVEL = 5

/** What `call` gives when it is made at `level`, which is not below the present one. */
export function atIrql<T>(level: KIRQL, call: () => T): T {
  const Old = out<KIRQL>()
  KeRaiseIrql(level, Old)
  const result = call()
  KeLowerIrql(Old.value)
  return result
}
