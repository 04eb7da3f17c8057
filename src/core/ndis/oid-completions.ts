import { ACTIVATION, type Cpus } from '../kernel/cpus'
import { SYS_ACTIVATION } from '../memory/records'

/** What it is called when an OID request is completed once more than it was made (SDV DoubleCompleteWorkItem). */
export function doubleCompletion({ depth, activation }: Cpus): 'NdisOidDoubleComplete' | 'DoubleCompleteWorkItem' {
  const top = depth() - 1
  return top >= 0 && activation(top, SYS_ACTIVATION.Kind) === ACTIVATION.WORK_ITEM
    ? 'DoubleCompleteWorkItem'
    : 'NdisOidDoubleComplete'
}
