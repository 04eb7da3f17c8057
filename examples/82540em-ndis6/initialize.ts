/** Bringing an adapter up and taking it down. Whatever initialize acquired, `release` gives back: after half an initialization, too. */
import {
  CM_PARTIAL_RESOURCE_DESCRIPTOR,
  CmResourceTypeMemory,
  FIELD_OFFSET,
  NDIS_ERROR_CODE_HARDWARE_FAILURE,
  NDIS_ERROR_CODE_INTERRUPT_CONNECT,
  NDIS_ERROR_CODE_OUT_OF_RESOURCES,
  NDIS_ERROR_CODE_RESOURCE_CONFLICT,
  NDIS_MINIPORT_INIT_PARAMETERS,
  NDIS_RESOURCE_LIST,
  NDIS_SG_DMA_64_BIT_ADDRESS,
  NDIS_SG_DMA_DESCRIPTION,
  NDIS_SG_DMA_DESCRIPTION_REVISION_1,
  NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION,
  NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_RESOURCE_CONFLICT,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NdisAllocateMemoryWithTagPriority,
  NdisAllocateSpinLock,
  NdisFreeMemory,
  NdisFreeSpinLock,
  NdisMDeregisterInterruptEx,
  NdisMDeregisterScatterGatherDma,
  NdisMFreeSharedMemory,
  NdisMMapIoSpace,
  NdisMRegisterScatterGatherDma,
  NdisMSleep,
  NdisMUnmapIoSpace,
  NdisWriteErrorLogEntry,
  NdisZeroMemory,
  NormalPoolPriority,
  out,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PNDIS_MINIPORT_INIT_PARAMETERS,
  type PVOID,
} from 'ndis'
import {
  adapterOf,
  CONTEXT_BYTES,
  forget,
  MAX_FRAME_BYTES,
  newAdapter,
  read,
  remember,
  TAG,
  type Adapter,
} from './adapter'
import { setGeneralAttributes, setRegistrationAttributes } from './attributes'
import { allocateReceiveRing, allocateTransmitRing, freeReceiveBuffers } from './buffers'
import { readSettings } from './configuration'
import { startNic, stopNic } from './flow'
import { enableInterrupts, LINK_BITS, linkOf, readPermanentAddress, resetHardware } from './hardware'
import { registerInterrupt } from './interrupt'
import { REG, REGISTER_BYTES } from './registers'
import { MiniportProcessSGList } from './transmit'

/** How long to wait for a link, so that the first frames find one: 50 times a millisecond. */
const LINK_POLLS = 50
const LINK_POLL_MICROSECONDS = 1000

export function MiniportInitializeEx(
  NdisMiniportHandle: NDIS_HANDLE,
  _MiniportDriverContext: PVOID,
  MiniportInitParameters: PNDIS_MINIPORT_INIT_PARAMETERS,
): NDIS_STATUS {
  const adapter = createAdapter(NdisMiniportHandle)
  if (!adapter) return NDIS_STATUS_RESOURCES
  const Status = acquire(adapter, MiniportInitParameters)
  if (Status === NDIS_STATUS_SUCCESS) return NDIS_STATUS_SUCCESS
  release(adapter)
  return Status
}

/** The adapter is paused: nothing is out. */
export function MiniportHaltEx(MiniportAdapterContext: PVOID, _HaltAction: number): void {
  release(adapterOf(MiniportAdapterContext))
}

/** undefined when memory is short. */
function createAdapter(Handle: NDIS_HANDLE): Adapter | undefined {
  const Context = NdisAllocateMemoryWithTagPriority(Handle, CONTEXT_BYTES, TAG, NormalPoolPriority)
  if (Context === 0) return undefined
  NdisZeroMemory(Context, CONTEXT_BYTES)
  const adapter = newAdapter(Handle, Context, readSettings(Handle))
  NdisAllocateSpinLock(adapter.SendLock)
  NdisAllocateSpinLock(adapter.ReceiveLock)
  remember(adapter)
  return adapter
}

/** Everything that an adapter needs, one after the other; the first failure ends it. */
function acquire(adapter: Adapter, MiniportInitParameters: PNDIS_MINIPORT_INIT_PARAMETERS): NDIS_STATUS {
  // These come first: NDIS has no context for the other handlers before, and knows nothing of a bus master.
  let Status = setRegistrationAttributes(adapter)
  if (Status !== NDIS_STATUS_SUCCESS) return Status
  Status = mapRegisters(adapter, MiniportInitParameters)
  if (Status !== NDIS_STATUS_SUCCESS) return fail(adapter, NDIS_ERROR_CODE_RESOURCE_CONFLICT, Status)
  resetHardware(adapter)
  const address = readPermanentAddress(adapter)
  if (!address) return fail(adapter, NDIS_ERROR_CODE_HARDWARE_FAILURE, NDIS_STATUS_FAILURE)
  adapter.PermanentAddress = address
  adapter.CurrentAddress = adapter.Settings.NetworkAddress ?? address
  Status = registerDma(adapter)
  if (Status !== NDIS_STATUS_SUCCESS) return fail(adapter, NDIS_ERROR_CODE_OUT_OF_RESOURCES, Status)
  if (!allocateTransmitRing(adapter) || !allocateReceiveRing(adapter))
    return fail(adapter, NDIS_ERROR_CODE_OUT_OF_RESOURCES, NDIS_STATUS_RESOURCES)

  startNic(adapter)
  for (let poll = 0; poll < LINK_POLLS && !linkOf(read(adapter, REG.STATUS)).Up; poll++)
    NdisMSleep(LINK_POLL_MICROSECONDS)
  adapter.LinkStatus = read(adapter, REG.STATUS) & LINK_BITS
  Status = setGeneralAttributes(adapter)
  if (Status !== NDIS_STATUS_SUCCESS) return Status
  Status = registerInterrupt(adapter)
  if (Status !== NDIS_STATUS_SUCCESS) return fail(adapter, NDIS_ERROR_CODE_INTERRUPT_CONNECT, Status)
  enableInterrupts(adapter)
  return NDIS_STATUS_SUCCESS
}

/** Leaves a word in the system's event log for whoever wonders why the NIC does not work. */
function fail(adapter: Adapter, ErrorCode: number, Status: NDIS_STATUS): NDIS_STATUS {
  NdisWriteErrorLogEntry(adapter.Handle, ErrorCode, 1, Status)
  return Status
}

/** Gives back whatever is there, in the opposite order. At PASSIVE_LEVEL. */
function release(adapter: Adapter): void {
  // No DMA and no interrupt from here on; when deregistration returns, no service routine and no DPC runs any more.
  if (adapter.Registers !== 0) stopNic(adapter)
  if (adapter.Interrupt !== 0) NdisMDeregisterInterruptEx(adapter.Interrupt)
  freeReceiveBuffers(adapter)
  for (const { Virtual, Physical, Length } of adapter.Shared.reverse())
    NdisMFreeSharedMemory(adapter.Handle, Length, true, Virtual, Physical)
  if (adapter.Dma !== 0) NdisMDeregisterScatterGatherDma(adapter.Dma)
  if (adapter.Registers !== 0) NdisMUnmapIoSpace(adapter.Handle, adapter.Registers, REGISTER_BYTES)
  NdisFreeSpinLock(adapter.ReceiveLock)
  NdisFreeSpinLock(adapter.SendLock)
  forget(adapter)
  NdisFreeMemory(adapter.Context, 0, 0)
}

/** Finds the memory BAR among the resources and maps it. */
function mapRegisters(adapter: Adapter, MiniportInitParameters: PNDIS_MINIPORT_INIT_PARAMETERS): NDIS_STATUS {
  const Resources = NDIS_MINIPORT_INIT_PARAMETERS.at(MiniportInitParameters).AllocatedResources
  if (Resources === 0) return NDIS_STATUS_RESOURCE_CONFLICT
  const { Count } = NDIS_RESOURCE_LIST.at(Resources)
  const First = Resources + FIELD_OFFSET(NDIS_RESOURCE_LIST, 'PartialDescriptors')
  for (let i = 0; i < Count; i++) {
    const { Type, u } = CM_PARTIAL_RESOURCE_DESCRIPTOR.at(First + i * CM_PARTIAL_RESOURCE_DESCRIPTOR.size)
    if (Type !== CmResourceTypeMemory || u.Memory.Length < REGISTER_BYTES) continue
    const Registers = out<PVOID>()
    const Status = NdisMMapIoSpace(Registers, adapter.Handle, u.Memory.Start.QuadPart, REGISTER_BYTES)
    if (Status === NDIS_STATUS_SUCCESS) adapter.Registers = Registers.value
    return Status
  }
  return NDIS_STATUS_RESOURCE_CONFLICT
}

const Description = storage(NDIS_SG_DMA_DESCRIPTION)

function registerDma(adapter: Adapter): NDIS_STATUS {
  const description = NDIS_SG_DMA_DESCRIPTION.at(Description)
  description.Header.Type = NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION
  description.Header.Revision = NDIS_SG_DMA_DESCRIPTION_REVISION_1
  description.Header.Size = NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1
  description.Flags = NDIS_SG_DMA_64_BIT_ADDRESS
  description.MaximumPhysicalMapping = MAX_FRAME_BYTES
  description.ProcessSGListHandler = MiniportProcessSGList
  const Handle = out<NDIS_HANDLE>()
  const Status = NdisMRegisterScatterGatherDma(adapter.Handle, Description, Handle)
  if (Status === NDIS_STATUS_SUCCESS) adapter.Dma = Handle.value
  return Status
}
