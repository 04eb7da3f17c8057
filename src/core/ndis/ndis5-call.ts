import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import type { Kernel } from '../kernel/kernel'
import type { Adapters } from './adapters'

const NDIS_6 = 0x6_0000

/** Stops the machine when a miniport of NDIS 6 calls what only those of NDIS 3 to 5 may (bug check 0x7C, 15). */
export const createNdis5Check =
  (k: Kernel, adapters: Adapters) =>
  (fn: string, handle: number): void => {
    const adapter = adapters.find(handle)
    if (adapter && adapter.version >= NDIS_6)
      k.bugcheck(
        'BUGCODE_NDIS_DRIVER',
        [NDIS_BUGCHECK.INVALID_NDIS5_CALL, handle],
        `A miniport of NDIS 6 calls ${fn}, which is only for those of NDIS 3 to 5.`,
      )
  }
export type Ndis5Check = ReturnType<typeof createNdis5Check>
