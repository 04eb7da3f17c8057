/** Calls by which one function of a driver hands something to another: what it did before is done when that one begins. */
export const HANDOVERS = {
  gives: [
    ...['NdisSetTimer', 'NdisSetTimerEx', 'NdisSetPeriodicTimer', 'NdisMSetTimer', 'NdisMSetPeriodicTimer'],
    ...['NdisSetTimerObject', 'NdisSetCoalescableTimerObject', 'KeSetTimer', 'KeSetTimerEx'],
    ...['KeInsertQueueDpc', 'NdisMQueueDpc', 'NdisMQueueDpcEx'],
    ...['NdisScheduleWorkItem', 'NdisQueueIoWorkItem', 'IoQueueWorkItem'],
    ...['NdisSetEvent', 'KeSetEvent'],
    ...['NdisSend', 'NdisSendPackets', 'NdisSendNetBufferLists', 'NdisFSendNetBufferLists'],
    ...[
      'NdisMSendComplete',
      'NdisMSendNetBufferListsComplete',
      'NdisFSendNetBufferListsComplete',
      'NdisMWanSendComplete',
    ],
    ...['NdisMIndicateReceivePacket', 'NdisMIndicateReceiveNetBufferLists', 'NdisFIndicateReceiveNetBufferLists'],
    ...['NdisReturnPackets', 'NdisReturnNetBufferLists', 'NdisFReturnNetBufferLists', 'NdisTransferData'],
    ...['NdisRequest', 'NdisOidRequest', 'NdisFOidRequest', 'NdisMOidRequestComplete', 'NdisFOidRequestComplete'],
  ],
  waits: ['NdisWaitEvent', 'NdisMSleep', 'KeWaitForSingleObject', 'KeWaitForMutexObject', 'NDIS_WAIT_FOR_MUTEX'],
  interlocked: [
    ...['NdisInterlockedIncrement', 'NdisInterlockedDecrement', 'InterlockedIncrement', 'InterlockedDecrement'],
    ...['InterlockedExchange', '_InterlockedExchange', 'InterlockedExchangeAdd', 'InterlockedCompareExchange'],
    ...[
      'InterlockedExchangePointer',
      'InterlockedCompareExchangePointer',
      'InterlockedAnd',
      'InterlockedOr',
      '_InterlockedOr',
    ],
  ],
  /** Writes to ports of the device; mapped registers tell by themselves. */
  ports: [
    ...['NdisRawWritePortUchar', 'NdisRawWritePortUshort', 'NdisRawWritePortUlong'],
    ...['NdisRawWritePortBufferUchar', 'NdisRawWritePortBufferUshort', 'NdisRawWritePortBufferUlong'],
    ...['NdisImmediateWritePortUchar', 'NdisImmediateWritePortUshort', 'NdisImmediateWritePortUlong'],
    ...['WRITE_PORT_UCHAR', 'WRITE_PORT_USHORT', 'WRITE_PORT_ULONG'],
    ...['WRITE_PORT_BUFFER_UCHAR', 'WRITE_PORT_BUFFER_USHORT', 'WRITE_PORT_BUFFER_ULONG'],
  ],
  /** Macros that change the list whose head they are given. */
  lists: ['InsertHeadList', 'InsertTailList', 'RemoveHeadList', 'RemoveTailList', 'RemoveEntryList'],
} as const

/** Functions of a driver that NDIS calls with something that another one gave to it. */
export const RECEIVES =
  /^(Miniport((Wan)?Send(Packets|NetBufferLists)?|Return(Packet|NetBufferLists)|TransferData)|Filter(Send|Return|Receive)NetBufferLists(Complete)?|Protocol(Send(NetBufferLists)?Complete|Receive(Packet|NetBufferLists)?|TransferDataComplete))$/
