import type { Kernel } from '../kernel/kernel'
import type { DriverFunction } from '../kernel/text'
import { apiByName } from './api'
import { countedText } from './counted-text'

/** What belongs to NDIS rather than to the kernel. */
const NDIS_HEADER = 'ndis.h'

/**
 * Functions by name (DDI ndisgetroutineaddress; WDM mmgetsystemroutineaddress), for drivers that look whether the system has
 * one. A script calls what it imports; the address says that it could.
 */
export function createRoutineAddresses(k: Kernel) {
  let known: Readonly<Record<string, DriverFunction>> = {}
  function find(name: number, ofNdis: boolean): number {
    k.preempt()
    const entry = apiByName.get(countedText(k, name))
    // A macro is no routine: it has no address.
    if (entry?.kind !== 'function' || (entry.header === NDIS_HEADER) !== ofNdis) return 0
    return k.text.addressOf(known[entry.name])
  }
  return {
    /** Says what there is, once the machine is put together. */
    publish: (functions: Readonly<Record<string, DriverFunction>>): void => void (known = functions),
    functions: {
      NdisGetRoutineAddress: (NdisRoutineName: number): number => find(NdisRoutineName, true),
      MmGetSystemRoutineAddress: (SystemRoutineName: number): number => find(SystemRoutineName, false),
    },
  }
}
