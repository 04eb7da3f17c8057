/** Windows Filtering Platform calls that network drivers make beside NDIS. */
import { fn } from './entry'
import type { ApiEntry } from './types'

export const wfpTable: readonly ApiEntry[] = [
  fn('NTSTATUS FwpmEngineOpen(PCWSTR serverName?, UINT32 authnService, PVOID authIdentity?, PVOID session?, out PHANDLE engineHandle)', 'other', 'PASSIVE_LEVEL', '3.0', 'Opens a session with the filter engine.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmEngineClose(HANDLE engineHandle)', 'other', 'PASSIVE_LEVEL', '3.0', 'Closes a session with the filter engine.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmTransactionBegin(HANDLE engineHandle, UINT32 flags)', 'other', 'PASSIVE_LEVEL', '3.0', 'Begins a transaction.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmTransactionCommit(HANDLE engineHandle)', 'other', 'PASSIVE_LEVEL', '3.0', 'Commits a transaction.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmProviderAdd(HANDLE engineHandle, PVOID provider, PVOID sd?)', 'other', 'PASSIVE_LEVEL', '3.0', 'Adds a policy provider.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmProviderDeleteByKey(HANDLE engineHandle, LPCGUID key)', 'other', 'PASSIVE_LEVEL', '3.0', 'Removes a policy provider.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmSubLayerAdd(HANDLE engineHandle, PVOID subLayer, PVOID sd?)', 'other', 'PASSIVE_LEVEL', '3.0', 'Adds a sublayer.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmSubLayerDeleteByKey(HANDLE engineHandle, LPCGUID key)', 'other', 'PASSIVE_LEVEL', '3.0', 'Removes a sublayer.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmCalloutAdd(HANDLE engineHandle, PVOID callout, PVOID sd?, out PUINT32 id?)', 'other', 'PASSIVE_LEVEL', '3.0', 'Adds a callout.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmCalloutDeleteByKey(HANDLE engineHandle, LPCGUID key)', 'other', 'PASSIVE_LEVEL', '3.0', 'Removes a callout.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmFilterAdd(HANDLE engineHandle, PVOID filter, PVOID sd?, out PULONG64 id?)', 'other', 'PASSIVE_LEVEL', '3.0', 'Adds a filter.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmFilterDeleteByKey(HANDLE engineHandle, LPCGUID key)', 'other', 'PASSIVE_LEVEL', '3.0', 'Removes a filter.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmFilterCreateEnumHandle(HANDLE engineHandle, PVOID enumTemplate?, out PHANDLE enumHandle)', 'other', 'PASSIVE_LEVEL', '3.0', 'Begins a listing of filters.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmFilterEnum(HANDLE engineHandle, HANDLE enumHandle, UINT32 numEntriesRequested, out PVOID *entries, out PUINT32 numEntriesReturned)', 'other', 'PASSIVE_LEVEL', '3.0', 'Gives the next filters of a listing.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpmFilterDestroyEnumHandle(HANDLE engineHandle, HANDLE enumHandle)', 'other', 'PASSIVE_LEVEL', '3.0', 'Ends a listing of filters.', 'WDM', { header: 'fwpmk.h' }),
  fn('VOID FwpmFreeMemory(inout PVOID *p)', 'free', 'PASSIVE_LEVEL', '3.0', 'Frees memory that the filter engine gave.', 'WDM', { header: 'fwpmk.h' }),
  fn('NTSTATUS FwpsCalloutRegister(PVOID deviceObject, PVOID callout, out PUINT32 calloutId?)', 'register', 'PASSIVE_LEVEL', '3.0', "Registers a callout's functions.", 'WDM', { header: 'fwpsk.h' }),
  fn('NTSTATUS FwpsInjectionHandleCreate(USHORT addressFamily?, UINT32 flags, out PHANDLE injectionHandle)', 'other', 'PASSIVE_LEVEL', '3.0', 'Makes a handle to inject packets with.', 'WDM', { header: 'fwpsk.h' }),
  fn('NTSTATUS FwpsInjectNetworkSendAsync(HANDLE injectionHandle, HANDLE injectionContext?, UINT32 flags, UINT32 compartmentId, PNET_BUFFER_LIST netBufferList, PVOID completionFn, HANDLE completionContext?)', 'send', '<=DISPATCH_LEVEL', '3.0', 'Injects a packet into the send path.', 'WDM', { header: 'fwpsk.h' }),
  fn('ULONG FwpsQueryPacketInjectionState(HANDLE injectionHandle, PNET_BUFFER_LIST netBufferList, out PHANDLE injectionContext?)', 'query', '<=DISPATCH_LEVEL', '3.0', 'Tells whether a packet was injected, and by whom.', 'WDM', { header: 'fwpsk.h' }),
  fn('NTSTATUS FwpsAllocateNetBufferAndNetBufferList(NDIS_HANDLE poolHandle, USHORT contextSize, USHORT contextBackFill, PMDL mdlChain?, ULONG dataOffset, SIZE_T dataLength, out PNET_BUFFER_LIST *netBufferList)', 'allocate', '<=DISPATCH_LEVEL', '3.0', 'Takes a NET_BUFFER_LIST with one NET_BUFFER for injection.', 'WDM', { header: 'fwpsk.h' }),
  fn('VOID FwpsFreeNetBufferList(PNET_BUFFER_LIST netBufferList)', 'free', '<=DISPATCH_LEVEL', '3.0', 'Frees a list of FwpsAllocateNetBufferAndNetBufferList.', 'WDM', { header: 'fwpsk.h' }),
]
