import type { ApiEntry } from '../ndis/api/types'

/** Functions of which a documented rule says more exactly than their family what comes of a wrong IRQL. */
const EXACT: Readonly<Record<string, string>> = {
  PAGED_CODE: 'DV:PageableAtRaisedIrql',
  NdisSetEvent: 'DV:SetEventTooHigh',
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

/** What a call of the function outside of its IRQL range is reported as. */
export const irqlRuleOf = ({ name, rules }: ApiEntry): string =>
  EXACT[name] ?? rules.find((rule) => rule.startsWith('Irql')) ?? 'Irql'
