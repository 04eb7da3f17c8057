import { DISPATCH_LEVEL } from '../kernel/irql'
import type { ApiEntry } from '../ndis/api/types'

/** Functions of which a documented rule says more exactly than their family what comes of a wrong IRQL. */
const EXACT: Readonly<Record<string, string>> = {
  PAGED_CODE: 'DV:PageableAtRaisedIrql',
  KeRaiseIrqlToDpcLevel: 'DV:RaiseIrqlBad',
  NdisSetEvent: 'DV:SetEventTooHigh',
  NdisWaitEvent: 'DV:WaitAtDispatch',
  KeAcquireSpinLock: 'DV:AcquireTooHigh',
  NdisAllocateMemory: 'DV:NonpagedAllocIrql',
  NdisAllocateMemoryWithTag: 'DV:NonpagedAllocIrql',
  NdisAllocateMemoryWithTagPriority: 'DV:NonpagedAllocIrql',
  ExAllocatePool2: 'DV:NonpagedAllocIrql',
  NdisFreeMemory: 'DV:NonpagedFreeIrql',
  NdisFreeMemoryWithTag: 'DV:NonpagedFreeIrql',
  ExFreePool: 'DV:NonpagedFreeIrql',
  ExFreePoolWithTag: 'DV:NonpagedFreeIrql',
}

const familyOf = ({ rules }: ApiEntry): string => rules.find((rule) => rule.startsWith('Irql')) ?? 'Irql'

/** What a call of the function outside of its IRQL range is reported as. */
export const irqlRuleOf = (entry: ApiEntry, irql: number): string =>
  entry.name === 'NdisWaitEvent' && irql < DISPATCH_LEVEL ? familyOf(entry) : (EXACT[entry.name] ?? familyOf(entry))

/** All that a wrong IRQL of the function can be reported as. */
export const irqlRulesOf = (entry: ApiEntry): readonly string[] => [
  familyOf(entry),
  EXACT[entry.name] ?? familyOf(entry),
]
