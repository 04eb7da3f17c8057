import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { DriverLife } from '../ndis/driver'
import { NDIS_STATUS_SUCCESS } from '../ndis/status'
import { beforeFree } from './freed-memory'
import type { RuleFamily } from './rules'

const BUFFER = layout('UNICODE_STRING', 'Buffer').Buffer

/** The names that NdisQueryBindInstanceName gives are the caller's to free (SDV NdisQueryBindInstanceName). */
export function instanceNameRules(k: Kernel, driver: DriverLife): RuleFamily {
  /** Buffers that are out, and the call sites that asked for them. */
  const out = new Map<number, number>()
  driver.addPart({
    unloaded() {
      for (const [buffer, site] of out) {
        if (k.verifier.level('NdisQueryBindInstanceName') !== 'off') k.verifier.leftBehind.add(buffer)
        k.verifier.violation(
          'NdisQueryBindInstanceName',
          'NdisQueryBindInstanceName',
          'The name that NdisQueryBindInstanceName gave was never freed: its Buffer is given to NdisFreeMemory.',
          { at: site, allocated: site },
        )
      }
    },
  })
  return {
    before: beforeFree(k, (_fn, { start }) => void out.delete(start)),
    after: {
      NdisQueryBindInstanceName(status: number, pAdapterInstanceName: number) {
        if ((status | 0) === NDIS_STATUS_SUCCESS) out.set(k.space.r32(pAdapterInstanceName + BUFFER), k.site.s)
      },
    },
  }
}
