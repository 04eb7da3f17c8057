import type { Kernel } from '../kernel/kernel'
import type { Dpcs } from '../ndis/dpc'
import { beforeFree } from './freed-memory'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

/** Functions that take a DPC which is initialized. */
const USES = [
  'KeInsertQueueDpc',
  'KeRemoveQueueDpc',
  'KeSetImportanceDpc',
  'KeSetTargetProcessorDpc',
  'KeSetTargetProcessorDpcEx',
]

/** DPCs: used before they are initialized, initialized or freed while they are queued, sent to a processor there is not. */
export function dpcRules(k: Kernel, dpcs: Dpcs): RuleFamily {
  const { violation } = k.verifier
  const known =
    (fn: string): Before =>
    (dpc: number) => {
      if (dpcs.isInitialized(dpc)) return false
      violation('DpcUninitialized', fn, `${fn} uses the DPC at ${hex(dpc)}, which was never initialized.`)
      return true
    }
  function checkTimerDpc(fn: string, dpc: number | null | undefined): boolean {
    return Boolean(dpc) && known(fn)(dpc as never)
  }
  const uses = Object.fromEntries(USES.map((fn) => [fn, known(fn)]))
  return {
    before: {
      ...uses,
      KeInitializeDpc(dpc: number) {
        if (dpcs.isQueued(dpc))
          violation(
            'DpcReinit',
            'KeInitializeDpc',
            `The DPC at ${hex(dpc)} is initialized while it is queued: its queue then leads into nothing.`,
          )
        return false
      },
      KeSetTimer: (_timer: number, _due: unknown, dpc: number) => checkTimerDpc('KeSetTimer', dpc),
      KeSetTimerEx: (_timer: number, _due: unknown, _period: number, dpc: number) => checkTimerDpc('KeSetTimerEx', dpc),
      KeSetTargetProcessorDpc(dpc: number, number: number) {
        if (number < 0 || number >= k.cpus.count)
          violation(
            'DpcTargetProcessor',
            'KeSetTargetProcessorDpc',
            `Processor ${number} does not exist; the machine has ${k.cpus.count}, numbered from 0.`,
          )
        return known('KeSetTargetProcessorDpc')(dpc as never)
      },
      ...beforeFree(k, (fn, { start, end, allocated }) => {
        for (const dpc of dpcs.queued())
          if (dpc >= start && dpc < end)
            violation(
              'FreeWithQueuedDpc',
              fn,
              `${fn} frees memory that holds the DPC at ${hex(dpc)}, which is queued: when it runs, Windows runs what lies there then.`,
              { allocated },
            )
      }),
    },
  }
}
