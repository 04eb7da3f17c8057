/** Protocol records of NDIS 3 to 5. */
import { fn, inline, ptr, struct, u16, u32, u8 } from './field'
import type { StructTable } from './types'

export const protocol5Structs: readonly StructTable[] = [
  struct('NDIS_PROTOCOL_CHARACTERISTICS', 108, ['PNDIS_PROTOCOL_CHARACTERISTICS'], 'ndis.h', [
    u8(0, 'MajorNdisVersion'),
    u8(1, 'MinorNdisVersion'),
    u16(2, 'Filler', 'USHORT', { reserved: true }),
    u32(4, 'Reserved', 'UINT', { union: 1, reserved: true }),
    u32(4, 'Flags', 'UINT', { union: 1 }),
    fn(8, 'OpenAdapterCompleteHandler', 'OPEN_ADAPTER_COMPLETE_HANDLER', { target: 'ProtocolOpenAdapterComplete' }),
    fn(12, 'CloseAdapterCompleteHandler', 'CLOSE_ADAPTER_COMPLETE_HANDLER', { target: 'ProtocolCloseAdapterComplete' }),
    fn(16, 'SendCompleteHandler', 'SEND_COMPLETE_HANDLER', { target: 'ProtocolSendComplete', union: 2 }),
    fn(16, 'WanSendCompleteHandler', 'WAN_SEND_COMPLETE_HANDLER', { union: 2 }),
    fn(20, 'TransferDataCompleteHandler', 'TRANSFER_DATA_COMPLETE_HANDLER', { target: 'ProtocolTransferDataComplete', union: 3 }),
    fn(20, 'WanTransferDataCompleteHandler', 'WAN_TRANSFER_DATA_COMPLETE_HANDLER', { union: 3 }),
    fn(24, 'ResetCompleteHandler', 'RESET_COMPLETE_HANDLER', { target: 'ProtocolResetComplete' }),
    fn(28, 'RequestCompleteHandler', 'REQUEST_COMPLETE_HANDLER', { target: 'ProtocolRequestComplete' }),
    fn(32, 'ReceiveHandler', 'RECEIVE_HANDLER', { target: 'ProtocolReceive', union: 4 }),
    fn(32, 'WanReceiveHandler', 'WAN_RECEIVE_HANDLER', { union: 4 }),
    fn(36, 'ReceiveCompleteHandler', 'RECEIVE_COMPLETE_HANDLER', { target: 'ProtocolReceiveComplete' }),
    fn(40, 'StatusHandler', 'STATUS_HANDLER', { target: 'ProtocolStatus' }),
    fn(44, 'StatusCompleteHandler', 'STATUS_COMPLETE_HANDLER', { target: 'ProtocolStatusComplete' }),
    inline(48, 'Name', 'NDIS_STRING', 8),
    fn(56, 'ReceivePacketHandler', 'RECEIVE_PACKET_HANDLER', { target: 'ProtocolReceivePacket' }),
    fn(60, 'BindAdapterHandler', 'BIND_HANDLER', { target: 'ProtocolBindAdapter' }),
    fn(64, 'UnbindAdapterHandler', 'UNBIND_HANDLER', { target: 'ProtocolUnbindAdapter' }),
    fn(68, 'PnPEventHandler', 'PNP_EVENT_HANDLER', { target: 'ProtocolPnPEvent' }),
    fn(72, 'UnloadHandler', 'UNLOAD_PROTOCOL_HANDLER', { target: 'ProtocolUnload' }),
    ptr(76, 'ReservedHandlers', 'PVOID', { count: 4, reserved: true }),
    fn(92, 'CoSendCompleteHandler', 'CO_SEND_COMPLETE_HANDLER', { target: 'ProtocolCoSendComplete' }),
    fn(96, 'CoStatusHandler', 'CO_STATUS_HANDLER', { target: 'ProtocolCoStatus' }),
    fn(100, 'CoReceivePacketHandler', 'CO_RECEIVE_PACKET_HANDLER', { target: 'ProtocolCoReceivePacket' }),
    fn(104, 'CoAfRegisterNotifyHandler', 'CO_AF_REGISTER_NOTIFY_HANDLER', { target: 'ProtocolCoAfRegisterNotify' }),
  ]),
]
