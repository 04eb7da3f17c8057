/** Network interface provider services. */
import { callback, fn, macro } from './entry'
import type { ApiEntry } from './types'

export const interfaceTable: readonly ApiEntry[] = [
  fn('NDIS_STATUS NdisIfRegisterProvider(PNDIS_IF_PROVIDER_CHARACTERISTICS ProviderCharacteristics, NDIS_HANDLE IfProviderContext, out PNDIS_HANDLE pNdisIfProviderHandle)', 'register', 'PASSIVE_LEVEL', '6.0', 'Registers a provider of network interfaces.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('VOID NdisIfDeregisterProvider(NDIS_HANDLE NdisProviderHandle)', 'register', 'PASSIVE_LEVEL', '6.0', 'Ends the registration of an interface provider.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('NDIS_STATUS NdisIfRegisterInterface(NDIS_HANDLE NdisProviderHandle, NET_LUID NetLuid, NDIS_HANDLE ProviderIfContext, PNET_IF_INFORMATION pIfInfo, out PNET_IFINDEX pfIndex)', 'register', 'PASSIVE_LEVEL', '6.0', 'Registers a network interface and gives its index.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('VOID NdisIfDeregisterInterface(NET_IFINDEX ifIndex)', 'register', 'PASSIVE_LEVEL', '6.0', 'Ends the registration of a network interface.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('NDIS_STATUS NdisIfAddIfStackEntry(NET_IFINDEX HigherLayerIfIndex, NET_IFINDEX LowerLayerIfIndex)', 'modify', 'PASSIVE_LEVEL', '6.0', 'Records which interface lies above which.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('VOID NdisIfDeleteIfStackEntry(NET_IFINDEX HigherLayerIfIndex, NET_IFINDEX LowerLayerIfIndex)', 'modify', 'PASSIVE_LEVEL', '6.0', 'Removes a record of which interface lies above which.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('NDIS_STATUS NdisIfAllocateNetLuidIndex(NET_IFTYPE ifType, out PUINT32 pNetLuidIndex)', 'allocate', 'PASSIVE_LEVEL', '6.0', 'Takes a free index for an interface LUID.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('NDIS_STATUS NdisIfFreeNetLuidIndex(NET_IFTYPE ifType, UINT32 NetLuidIndex)', 'free', 'PASSIVE_LEVEL', '6.0', 'Gives an index for an interface LUID back.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('NDIS_STATUS NdisIfGetInterfaceIndexFromNetLuid(NET_LUID NetLuid, out PNET_IFINDEX pIfIndex)', 'query', 'PASSIVE_LEVEL', '6.0', 'Finds an interface index by LUID.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('NDIS_STATUS NdisIfGetNetLuidFromInterfaceIndex(NET_IFINDEX ifIndex, PNET_LUID pNetLuid)', 'query', 'PASSIVE_LEVEL', '6.0', 'Finds an interface LUID by index.', 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  fn('NDIS_STATUS NdisIfQueryBindingIfIndex(NDIS_HANDLE NdisBindingHandle, out PNET_IFINDEX pBoundIfIndex, PNET_LUID pBoundIfNetLuid, out PNET_IFINDEX pLowestIfIndex, PNET_LUID pLowestIfNetLuid)', 'query', 'PASSIVE_LEVEL', '6.0', "Gives the interfaces at both ends of a binding's stack.", 'DDI', { rules: ['Irql_Interfaces_Function'] }),
  macro('VOID NDIS_MAKE_NET_LUID(PNET_LUID pNetLuid, NET_IFTYPE IfType, ULONG NetLuidIndex)', 'modify', 'any', '6.0', 'Packs interface type and index into a LUID.', 'DDI', { header: 'ntddndis.h' }),
  callback('NDIS_STATUS IF_QUERY_OBJECT(NDIS_HANDLE ProviderIfContext, NET_IF_OBJECT_ID ObjectId, inout PULONG pOutputBufferLength, PVOID pOutputBuffer)', 'query', 'PASSIVE_LEVEL', '6.0', 'Answers a query of an interface object.', 'DDI'),
  callback('NDIS_STATUS IF_SET_OBJECT(NDIS_HANDLE ProviderIfContext, NET_IF_OBJECT_ID ObjectId, ULONG InputBufferLength, PVOID pInputBuffer)', 'modify', 'PASSIVE_LEVEL', '6.0', 'Sets an interface object.', 'DDI'),
  macro('PNDIS_ROUTING_DOMAIN_ENTRY NDIS_ISOLATION_PARAMETERS_GET_FIRST_ROUTING_DOMAIN_ENTRY(PNDIS_ISOLATION_PARAMETERS MultiTenancyInfo)', 'query', 'any', '6.40', 'Gives the first routing domain of isolation parameters.', 'DDI', { header: 'ntddndis.h' }),
  macro('PNDIS_ROUTING_DOMAIN_ENTRY NDIS_ROUTING_DOMAIN_ENTRY_GET_NEXT(PNDIS_ROUTING_DOMAIN_ENTRY RoutingDomainEntry)', 'query', 'any', '6.40', 'Gives the next routing domain.', 'DDI', { header: 'ntddndis.h' }),
  macro('PNDIS_ROUTING_DOMAIN_ISOLATION_ENTRY NDIS_ROUTING_DOMAIN_ENTRY_GET_FIRST_ISOLATION_ENTRY(PNDIS_ROUTING_DOMAIN_ENTRY RoutingDomainEntry)', 'query', 'any', '6.40', 'Gives the first isolation entry of a routing domain.', 'DDI', { header: 'ntddndis.h' }),
  macro('PNDIS_ROUTING_DOMAIN_ISOLATION_ENTRY NDIS_ROUTING_DOMAIN_ISOLATION_ENTRY_GET_NEXT(PNDIS_ROUTING_DOMAIN_ISOLATION_ENTRY IsolationInfoEntry)', 'query', 'any', '6.40', 'Gives the next isolation entry.', 'DDI', { header: 'ntddndis.h' }),
]
