/** Intermediate drivers. */
import { fn, macro } from './entry'
import type { ApiEntry } from './types'

export const intermediateTable: readonly ApiEntry[] = [
  fn('NDIS_STATUS NdisIMRegisterLayeredMiniport(NDIS_HANDLE NdisWrapperHandle, PNDIS_MINIPORT_CHARACTERISTICS MiniportCharacteristics, UINT CharacteristicsLength, out PNDIS_HANDLE DriverHandle)', 'register', 'PASSIVE_LEVEL', '4.0-5.2', 'Registers the miniport side of an intermediate driver.', 'PV'),
  fn('VOID NdisIMDeregisterLayeredMiniport(NDIS_HANDLE DriverHandle)', 'register', 'PASSIVE_LEVEL', '4.0-5.2', "Ends the registration of an intermediate driver's miniport side.", 'PV'),
  fn('VOID NdisIMAssociateMiniport(NDIS_HANDLE DriverHandle, NDIS_HANDLE ProtocolHandle)', 'register', 'PASSIVE_LEVEL', '3.0', 'Ties the miniport and protocol sides of an intermediate driver together.', 'DDI', { rules: ['Irql_IM_Function'] }),
  macro('NDIS_STATUS NdisIMInitializeDeviceInstance(NDIS_HANDLE DriverHandle, PNDIS_STRING DeviceInstance)', 'register', 'PASSIVE_LEVEL', '3.0-5.2', 'Asks NDIS to initialize a virtual miniport.', 'PV', { reenters: true }),
  fn('NDIS_STATUS NdisIMInitializeDeviceInstanceEx(NDIS_HANDLE DriverHandle, PNDIS_STRING DriverInstance, NDIS_HANDLE DeviceContext?)', 'register', 'PASSIVE_LEVEL', '3.0', 'Asks NDIS to initialize a virtual miniport with a context.', 'DDI', { reenters: true, rules: ['Irql_IM_Function'] }),
  fn('NDIS_STATUS NdisIMCancelInitializeDeviceInstance(NDIS_HANDLE DriverHandle, PNDIS_STRING DeviceInstance)', 'register', 'PASSIVE_LEVEL', '3.0', 'Takes back a request to initialize a virtual miniport.', 'DDI', { rules: ['Irql_IM_Function'] }),
  fn('NDIS_STATUS NdisIMDeInitializeDeviceInstance(NDIS_HANDLE NdisMiniportHandle)', 'register', 'PASSIVE_LEVEL', '3.0', 'Halts a virtual miniport.', 'DDI', { reenters: true, rules: ['Irql_IM_Function'] }),
  fn('NDIS_HANDLE NdisIMGetBindingContext(NDIS_HANDLE NdisBindingHandle)', 'query', '<DISPATCH_LEVEL', '3.0', 'Gives the context of the binding below a virtual miniport.', 'DDI', { rules: ['Irql_IM_Function'] }),
  fn('NDIS_HANDLE NdisIMGetDeviceContext(NDIS_HANDLE MiniportAdapterHandle)', 'query', '<=DISPATCH_LEVEL', '4.0-5.2', 'Gives the context of a virtual miniport.', 'PV'),
  fn('PNDIS_PACKET_STACK NdisIMGetCurrentPacketStack(PNDIS_PACKET Packet, out PBOOLEAN StacksRemaining)', 'query', '<=DISPATCH_LEVEL', '5.1-5.2', "Gives an intermediate driver's slot in a packet.", 'PV'),
  fn('VOID NdisIMCopySendPerPacketInfo(PNDIS_PACKET DstPacket, PNDIS_PACKET SrcPacket)', 'memory', 'any', '5.0-5.2', 'Copies per-packet information to the packet that goes down.', 'PV'),
  fn('VOID NdisIMCopySendCompletePerPacketInfo(PNDIS_PACKET DstPacket, PNDIS_PACKET SrcPacket)', 'memory', 'any', '5.0-5.2', 'Copies per-packet information to the packet that goes back up.', 'PV'),
  fn('NDIS_STATUS NdisIMNotifyPnPEvent(NDIS_HANDLE MiniportHandle, PNET_PNP_EVENT NetPnPEvent)', 'pnp', 'PASSIVE_LEVEL', '5.0-5.2', 'Passes a PnP event up to the protocols above.', 'PV'),
]
