/**
 * How functions that allocate fail when there is nothing to be had: the result, and what the out parameters hold, as their
 * pages say. An out parameter that is not named here keeps what it had, as it may on Windows.
 */
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES } from '../ndis/status'

export interface FaultEffect {
  readonly result: number | undefined
  /** Index of a parameter -> what is written there. */
  readonly outs: readonly (readonly [index: number, value: number])[]
}

const NULL: FaultEffect = { result: 0, outs: [] }
const RESOURCES: FaultEffect = { result: NDIS_STATUS_RESOURCES, outs: [] }
/** *Status, the first parameter, says it. */
const STATUS: FaultEffect = { result: undefined, outs: [[0, NDIS_STATUS_RESOURCES]] }

const all = (names: string, effect: FaultEffect): Record<string, FaultEffect> =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, effect]),
  )

export const FAULT_EFFECTS: Readonly<Record<string, FaultEffect>> = {
  ...all(
    `ExAllocateFromLookasideListEx ExRegisterCallback IoAllocateIrp IoAllocateMdl IoAllocateWorkItem IoBuildDeviceIoControlRequest
     NdisAllocateCloneNetBufferList NdisAllocateFragmentNetBufferList NdisAllocateFromNPagedLookasideList
     NdisAllocateGenericObject NdisAllocateIoWorkItem NdisAllocateMdl NdisAllocateMemoryWithTagPriority NdisAllocateNetBuffer
     NdisAllocateNetBufferAndNetBufferList NdisAllocateNetBufferList NdisAllocateNetBufferListPool
     NdisAllocateNetBufferMdlAndData NdisAllocateNetBufferPool NdisAllocateReassembledNetBufferList NdisAllocateRWLock`,
    NULL,
  ),
  ...all(
    `ExCreateCallback IoCreateDevice IoCreateDeviceSecure IoCreateSymbolicLink ZwOpenKey
     NdisAllocateCloneOidRequest NdisAllocateNetBufferListContext NdisAllocateSharedMemory NdisAllocateTimerObject
     NdisBuildScatterGatherList NdisFRegisterFilterDriver NdisMAllocateMapRegisters NdisMAllocateNetBufferSGList
     NdisMAllocateSharedMemoryAsync NdisMAllocateSharedMemoryAsyncEx NdisMCreateLog NdisMInitializeScatterGatherDma
     NdisMMapIoSpace NdisMRegisterDevice NdisMRegisterDmaChannel NdisMRegisterInterrupt NdisMRegisterInterruptEx
     NdisMRegisterIoPortRange NdisMRegisterMiniport NdisMRegisterMiniportDriver NdisMRegisterScatterGatherDma
     NdisMSetMiniportAttributes NdisOpenAdapterEx NdisOpenConfigurationEx NdisRegisterDeviceEx NdisRegisterProtocolDriver`,
    RESOURCES,
  ),
  ...all(
    `NdisAllocateBuffer NdisAllocateBufferPool NdisAllocatePacket NdisAllocatePacketPool NdisAllocatePacketPoolEx
     NdisCopyBuffer NdisMapFile NdisOpenAdapter NdisOpenConfiguration NdisOpenConfigurationKeyByIndex
     NdisOpenConfigurationKeyByName NdisOpenFile NdisOpenProtocolConfiguration NdisRegisterProtocol`,
    STATUS,
  ),
  // Their pages say that *Packet is NULL then (PV ff551932, ff551937).
  ...all('NdisDprAllocatePacket NdisDprAllocatePacketNonInterlocked', {
    result: undefined,
    outs: [
      [0, NDIS_STATUS_RESOURCES],
      [1, 0],
    ],
  }),
  ...all('NdisAllocateMemory NdisAllocateMemoryWithTag', { result: NDIS_STATUS_FAILURE, outs: [[0, 0]] }),
  NdisMAllocateSharedMemory: { result: undefined, outs: [[3, 0]] },
  NdisCreateLookaheadBufferFromSharedMemory: { result: undefined, outs: [[2, 0]] },
}

/**
 * Functions that allocate only at times, or fail in a way that depends on their arguments: they run as always, and the
 * memory that they ask for on the way is what fails.
 */
export const ALLOCATES_AT_TIMES: ReadonlySet<string> = new Set([
  'ExAllocatePool2',
  'ExAllocatePoolWithTag',
  'NdisMQueryAdapterInstanceName',
  'NdisReadConfiguration',
  'NdisReadNetworkAddress',
  'NdisRetreatNetBufferDataStart',
  'NdisRetreatNetBufferListDataStart',
])
