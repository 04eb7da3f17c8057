/** Interrupts: registration, synchronization, DPCs. */
import { callback, fn } from './entry'
import type { ApiEntry } from './types'

export const interruptTable: readonly ApiEntry[] = [
  fn('NDIS_STATUS NdisMRegisterInterrupt(PNDIS_MINIPORT_INTERRUPT Interrupt, NDIS_HANDLE MiniportAdapterHandle, UINT InterruptVector, UINT InterruptLevel, BOOLEAN RequestIsr, BOOLEAN SharedInterrupt, NDIS_INTERRUPT_MODE InterruptMode)', 'register', 'PASSIVE_LEVEL', '3.0-5.2', 'Connects the miniport to its interrupt; the ISR may run before the call returns.', 'PV', { reenters: true }),
  fn('VOID NdisMDeregisterInterrupt(PNDIS_MINIPORT_INTERRUPT Interrupt)', 'register', 'PASSIVE_LEVEL', '3.0-5.2', 'Disconnects the interrupt; no ISR or DPC runs afterwards.', 'PV', { reenters: true }),
  fn('BOOLEAN NdisMSynchronizeWithInterrupt(PNDIS_MINIPORT_INTERRUPT Interrupt, MiniportSynchronizeISR SynchronizeFunction, PVOID SynchronizeContext)', 'interrupt', '<=DIRQL', '3.0-5.2', 'Runs a function with the interrupt held off and gives its result.', 'PV ff553649', { reenters: true }),
  fn('NDIS_STATUS NdisMRegisterInterruptEx(NDIS_HANDLE MiniportAdapterHandle, NDIS_HANDLE MiniportInterruptContext, PNDIS_MINIPORT_INTERRUPT_CHARACTERISTICS MiniportInterruptCharacteristics, out PNDIS_HANDLE NdisInterruptHandle)', 'register', 'PASSIVE_LEVEL', '6.0', 'Connects the miniport to its interrupt; the ISR may run before the call returns.', 'DDI', { reenters: true, rules: ['Init_DeRegisterInterrupt', 'Init_RegisterInterrupt', 'Irql_Interrupt_Function', 'NdisMDeregisterInterruptEx'] }),
  fn('VOID NdisMDeregisterInterruptEx(NDIS_HANDLE NdisInterruptHandle)', 'register', 'PASSIVE_LEVEL', '6.0', 'Disconnects the interrupt; no ISR, DPC or synchronized function runs afterwards.', 'DDI', { reenters: true, rules: ['Init_DeRegisterInterrupt', 'Init_RegisterInterrupt', 'Irql_Interrupt_Function', 'NdisMDeregisterInterruptEx'] }),
  fn('BOOLEAN NdisMSynchronizeWithInterruptEx(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId, MINIPORT_SYNCHRONIZE_INTERRUPT_HANDLER SynchronizeFunction, PVOID SynchronizeContext)', 'interrupt', '<=DIRQL', '6.0', "Runs a function at DIRQL under the interrupt's lock and gives its result.", 'DDI', { reenters: true, rules: ['DV:PageableAtRaisedIrql', 'NdisMDeregisterInterruptEx'] }),
  fn('ULONG NdisMQueueDpc(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId, ULONG TargetProcessors, PVOID MiniportDpcContext?)', 'interrupt', 'any', '6.0', 'Queues the interrupt DPC on the named processors; gives those where it was queued.', 'DDI'),
  fn('KAFFINITY NdisMQueueDpcEx(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId, PGROUP_AFFINITY TargetProcessors, PVOID MiniportDpcContext?)', 'interrupt', 'any', '6.20', 'Queues the interrupt DPC on processors of a group; gives those where it was queued.', 'DDI'),
  fn('NDIS_STATUS NdisMConfigMSIXTableEntry(NDIS_HANDLE NdisMiniportHandle, PNDIS_MSIX_CONFIG_PARAMETERS MSIXConfigParameters)', 'interrupt', '<=DISPATCH_LEVEL', '6.1', 'Masks, unmasks or retargets an MSI-X table entry.', 'DDI'),
  fn('BOOLEAN KeSynchronizeExecution(PKINTERRUPT Interrupt, PKSYNCHRONIZE_ROUTINE SynchronizeRoutine, PVOID SynchronizeContext?)', 'interrupt', '<=DIRQL', '3.0', 'Runs a function under the lock of an interrupt and gives its result.', 'WDM', { header: 'wdm.h', reenters: true, rules: ['DV:PageableAtRaisedIrql'] }),
  fn('VOID KeInitializeDpc(PKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext?)', 'interrupt', 'any', '3.0', "Initializes a DPC in the driver's storage.", 'WDM', { header: 'wdm.h' }),
  fn('BOOLEAN KeInsertQueueDpc(PKDPC Dpc, PVOID SystemArgument1?, PVOID SystemArgument2?)', 'interrupt', 'any', '3.0', 'Queues a DPC; FALSE when it was queued already.', 'WDM', { header: 'wdm.h' }),
  fn('BOOLEAN KeRemoveQueueDpc(PKDPC Dpc)', 'interrupt', 'any', '3.0', 'Takes a DPC out of its queue; FALSE when it was not there.', 'WDM', { header: 'wdm.h' }),
  fn('VOID KeFlushQueuedDpcs()', 'interrupt', 'PASSIVE_LEVEL', '3.0', 'Returns when every DPC that was queued has run.', 'WDM', { header: 'wdm.h', reenters: true }),
  fn('VOID KeSetImportanceDpc(PKDPC Dpc, KDPC_IMPORTANCE Importance)', 'interrupt', 'any', '3.0', 'Says where in its queue a DPC goes.', 'WDM', { header: 'wdm.h' }),
  fn('VOID KeSetTargetProcessorDpc(PKDPC Dpc, CCHAR Number)', 'interrupt', 'any', '3.0', 'Says on which processor a DPC runs.', 'WDM', { header: 'wdm.h' }),
  fn('NTSTATUS KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber)', 'interrupt', 'any', '3.0', 'Says on which processor a DPC runs.', 'WDM', { header: 'wdm.h' }),
  fn('NTSTATUS KeQueryDpcWatchdogInformation(PKDPC_WATCHDOG_INFORMATION WatchdogInformation)', 'query', 'any', '3.0', 'Tells how much DPC time is left before the watchdog strikes.', 'WDM', { header: 'wdm.h' }),
  callback('BOOLEAN MiniportSynchronizeISR(PVOID SynchronizeContext)', 'interrupt', 'DIRQL', '3.0-5.2', "The miniport's function that runs with the interrupt held off.", 'PV'),
  callback('BOOLEAN MINIPORT_SYNCHRONIZE_INTERRUPT(NDIS_HANDLE SynchronizeContext)', 'interrupt', 'DIRQL', '6.0', "The miniport's function that runs with the interrupt held off.", 'DDI'),
  callback('VOID KDEFERRED_ROUTINE(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)', 'interrupt', 'DISPATCH_LEVEL', '3.0', 'A DPC routine.', 'WDM', { header: 'wdm.h' }),
  callback('BOOLEAN KSYNCHRONIZE_ROUTINE(PVOID SynchronizeContext)', 'interrupt', 'DIRQL', '3.0', 'A function that runs under the lock of an interrupt.', 'WDM', { header: 'wdm.h' }),
]
