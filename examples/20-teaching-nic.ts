/**
 * A driver for the teaching NIC: the shortest NDIS 6 miniport that moves real frames
 *
 * Read it beside docs/teaching-nic.md, the data sheet of its device; numbers in brackets are sections there. All that the
 * device may touch lies in one block of shared memory: two rings of descriptors, and a slot for a frame behind each
 * descriptor. Frames are copied in and out of the slots. What is the same for every miniport, attributes and OIDs, is in the
 * folder teaching-nic. The NIC stands in the configuration beside this file; try `--scenario echo`.
 */
import {
  KeFlushQueuedDpcs,
  NDIS_ERROR_CODE_ADAPTER_NOT_FOUND,
  NDIS_ERROR_CODE_OUT_OF_RESOURCES,
  NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_MINIPORT_INIT_PARAMETERS,
  NDIS_MINIPORT_INTERRUPT_REVISION_1,
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
  NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT,
  NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION,
  NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL,
  NDIS_RECEIVE_FLAGS_RESOURCES,
  NDIS_SG_DMA_DESCRIPTION_REVISION_1,
  NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1,
  NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_ADAPTER_NOT_FOUND,
  NDIS_STATUS_ADAPTER_REMOVED,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_LENGTH,
  NDIS_STATUS_PAUSED,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESET_IN_PROGRESS,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAllocateMdl,
  NdisAllocateNetBufferAndNetBufferList,
  NdisAllocateNetBufferListPool,
  NdisAllocateSpinLock,
  NdisDevicePnPEventSurpriseRemoved,
  NdisFreeMdl,
  NdisFreeNetBufferList,
  NdisFreeNetBufferListPool,
  NdisFreeSpinLock,
  NdisGetDataBuffer,
  NdisMDeregisterInterruptEx,
  NdisMDeregisterMiniportDriver,
  NdisMDeregisterScatterGatherDma,
  NdisMIndicateReceiveNetBufferLists,
  NdisMoveMemory,
  NdisMRegisterInterruptEx,
  NdisMRegisterMiniportDriver,
  NdisMRegisterScatterGatherDma,
  NdisMResetComplete,
  NdisMSendNetBufferListsComplete,
  NdisReleaseSpinLock,
  NdisWriteErrorLogEntry,
  NET_BUFFER,
  NET_BUFFER_LIST,
  NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  NET_DEVICE_PNP_EVENT,
  out,
  storage,
  ULONG,
  type BOOLEAN,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PMDL,
  type PNET_BUFFER,
  type PNET_BUFFER_LIST,
  type PNET_DEVICE_PNP_EVENT,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'
import { indicateLink, setGeneralAttributes, setRegistrationAttributes } from './teaching-nic/attributes'
import { header } from './teaching-nic/header'
import {
  CAUSE,
  CONTROL,
  isMapped,
  mapRegisters,
  read,
  readAddress,
  REGISTER,
  unmapRegisters,
  write,
} from './teaching-nic/registers'
import { Counters, isWanted, request, restoreFilter } from './teaching-nic/requests'
import {
  allocateShared,
  descriptor,
  DESCRIPTORS,
  FLAG,
  FRAME_BYTES,
  freeShared,
  giveToDevice,
  isOwnedByDevice,
  ReceiveRing,
  SendRing,
  setUpRings,
  slot,
  WORD,
} from './teaching-nic/rings'

const TAG = 0x4e54444e // 'NDTN'

interface Frame {
  readonly List: PNET_BUFFER_LIST
  readonly NetBuffer: PNET_BUFFER
}

const Lock = storage(NDIS_SPIN_LOCK)
const Context = storage(ULONG)
let DriverHandle: NDIS_HANDLE = 0
/** What is 0 has not been allocated, or is freed again. */
let Adapter: NDIS_HANDLE = 0
let Dma: NDIS_HANDLE = 0
let Interrupt: NDIS_HANDLE = 0
let Pool: NDIS_HANDLE = 0
/** Lists for received frames, one a slot of the receive ring. */
const ReceiveLists: { readonly List: PNET_BUFFER_LIST; readonly Mdl: PMDL }[] = []

/** Guarded by the lock, as the rings are. */
const Waiting: Frame[] = []
const Sending: Frame[] = []
/** Frames of each list that are not sent yet. */
const FramesLeft = new Map<PNET_BUFFER_LIST, number>()
/** Lists to complete as soon as the lock is free: whoever sent them may send again at once. */
const Done: PNET_BUFFER_LIST[] = []
let Running = false
let InDpc = false
let ResetWaits = false

// ---- Registration ----------------------------------------------------------------------------------------------------

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Handle = out<NDIS_HANDLE>()
  const Status = NdisMRegisterMiniportDriver(
    DriverObject,
    RegistryPath,
    0,
    {
      Header: header(
        NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
        NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
        NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
      ),
      MajorNdisVersion: 6,
      MinorNdisVersion: 20,
      InitializeHandlerEx: MiniportInitializeEx,
      HaltHandlerEx: freeAll,
      UnloadHandler: () => NdisMDeregisterMiniportDriver(DriverHandle),
      PauseHandler: MiniportPause,
      RestartHandler: MiniportRestart,
      SendNetBufferListsHandler: MiniportSendNetBufferLists,
      // Received lists are indicated with NDIS_RECEIVE_FLAGS_RESOURCES: none is ever returned.
      ReturnNetBufferListsHandler: () => undefined,
      CancelSendHandler: () => undefined,
      OidRequestHandler: (_Context, OidRequest) => request(OidRequest),
      CancelOidRequestHandler: () => undefined,
      // The device stops by itself when it cannot reach a ring [5].
      CheckForHangHandlerEx: () => Running && (read(REGISTER.CONTROL) & CONTROL.RUN) === 0,
      ResetHandlerEx: MiniportResetEx,
      DevicePnPEventNotifyHandler: MiniportDevicePnPEventNotify,
      ShutdownHandlerEx: () => write(REGISTER.CONTROL, CONTROL.RESET),
    },
    Handle,
  )
  DriverHandle = Handle.value
  return Status
}

// ---- Set up [4.1] ----------------------------------------------------------------------------------------------------

function MiniportInitializeEx(Handle: NDIS_HANDLE, _DriverContext: NDIS_HANDLE, Parameters: PVOID): NDIS_STATUS {
  Adapter = Handle
  NdisAllocateSpinLock(Lock)
  setRegistrationAttributes(Adapter, Context)
  const Status = mapRegisters(Adapter, NDIS_MINIPORT_INIT_PARAMETERS.at(Parameters).AllocatedResources) || setUp()
  if (Status === NDIS_STATUS_SUCCESS) return Status
  // Else the user sees a dead adapter and no reason.
  const missing = Status === NDIS_STATUS_ADAPTER_NOT_FOUND
  NdisWriteErrorLogEntry(Adapter, missing ? NDIS_ERROR_CODE_ADAPTER_NOT_FOUND : NDIS_ERROR_CODE_OUT_OF_RESOURCES, 0)
  freeAll()
  return Status
}

/** What takes memory or an interrupt. The first failure ends it; the caller frees what is there. */
function setUp(): NDIS_STATUS {
  const Handle = out<NDIS_HANDLE>()
  const attributes = setGeneralAttributes(Adapter, readAddress())
  if (attributes !== NDIS_STATUS_SUCCESS) return attributes
  const Description = {
    Header: header(
      NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION,
      NDIS_SG_DMA_DESCRIPTION_REVISION_1,
      NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1,
    ),
    MaximumPhysicalMapping: FRAME_BYTES,
    ProcessSGListHandler: () => undefined,
  }
  const dma = NdisMRegisterScatterGatherDma(Adapter, Description, Handle)
  if (dma !== NDIS_STATUS_SUCCESS) return dma
  Dma = Handle.value
  if (!allocateShared(Adapter) || !allocateReceiveLists()) return NDIS_STATUS_RESOURCES
  const Characteristics = {
    Header: header(
      NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT,
      NDIS_MINIPORT_INTERRUPT_REVISION_1,
      NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1,
    ),
    InterruptHandler: MiniportInterrupt,
    InterruptDpcHandler: MiniportInterruptDPC,
  }
  const Status = NdisMRegisterInterruptEx(Adapter, Context, Characteristics, Handle)
  if (Status === NDIS_STATUS_SUCCESS) Interrupt = Handle.value
  return Status
}

function allocateReceiveLists(): boolean {
  Pool = NdisAllocateNetBufferListPool(Adapter, {
    Header: header(
      NDIS_OBJECT_TYPE_DEFAULT,
      NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
      NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
    ),
    fAllocateNetBuffer: 1,
    PoolTag: TAG,
  })
  for (let index = 0; index < DESCRIPTORS && Pool !== 0; index++) {
    const Mdl = NdisAllocateMdl(Adapter, slot(ReceiveRing, index), FRAME_BYTES)
    const List = Mdl === 0 ? 0 : NdisAllocateNetBufferAndNetBufferList(Pool, 0, 0, Mdl, 0, 0)
    if (List !== 0) ReceiveLists.push({ List, Mdl })
    else if (Mdl !== 0) NdisFreeMdl(Mdl)
  }
  return ReceiveLists.length === DESCRIPTORS
}

/** Halt, and the end of half an initialization. The device is silent before its interrupt and its memory go. */
function freeAll(): void {
  if (isMapped()) write(REGISTER.CONTROL, CONTROL.RESET)
  if (Interrupt !== 0) NdisMDeregisterInterruptEx(Interrupt)
  for (const { List, Mdl } of ReceiveLists.splice(0)) {
    NdisFreeNetBufferList(List)
    NdisFreeMdl(Mdl)
  }
  if (Pool !== 0) NdisFreeNetBufferListPool(Pool)
  freeShared(Adapter)
  if (Dma !== 0) NdisMDeregisterScatterGatherDma(Dma)
  unmapRegisters(Adapter)
  Interrupt = Pool = Dma = 0
  NdisFreeSpinLock(Lock)
}

// ---- Start and stop [4.2] --------------------------------------------------------------------------------------------

/** With the lock held. */
function startDevice(): void {
  setUpRings()
  restoreFilter()
  write(REGISTER.CONTROL, CONTROL.RUN)
  write(REGISTER.MASK, CAUSE.ALL)
  Running = true
}

/** With the lock held. From here on every descriptor is the driver's, and what was not sent gets a status. */
function stopDevice(Status: NDIS_STATUS): void {
  Running = false
  write(REGISTER.MASK, 0)
  write(REGISTER.CONTROL, 0)
  Waiting.length = Sending.length = 0
  for (const List of FramesLeft.keys()) finishList(List, Status)
}

function MiniportRestart(): NDIS_STATUS {
  NdisAcquireSpinLock(Lock)
  startDevice()
  NdisReleaseSpinLock(Lock)
  return NDIS_STATUS_SUCCESS
}

function MiniportPause(): NDIS_STATUS {
  NdisAcquireSpinLock(Lock)
  stopDevice(NDIS_STATUS_PAUSED)
  NdisReleaseSpinLock(Lock)
  completeSends()
  // A DPC may be in the midst of an indication on another CPU.
  KeFlushQueuedDpcs()
  return NDIS_STATUS_SUCCESS
}

function MiniportResetEx(_Context: NDIS_HANDLE, AddressingReset: { value: BOOLEAN }): NDIS_STATUS {
  AddressingReset.value = false
  NdisAcquireSpinLock(Lock)
  stopDevice(NDIS_STATUS_RESET_IN_PROGRESS)
  // The DPC still uses the receive ring: it starts the device when it is done.
  const wait = InDpc
  ResetWaits = wait
  if (!wait) startDevice()
  NdisReleaseSpinLock(Lock)
  completeSends()
  return wait ? NDIS_STATUS_PENDING : NDIS_STATUS_SUCCESS
}

/** Somebody pulled the card: it will never say that a frame was sent. NDIS pauses and halts the adapter soon. */
function MiniportDevicePnPEventNotify(_Context: NDIS_HANDLE, Event: PNET_DEVICE_PNP_EVENT): void {
  if (NET_DEVICE_PNP_EVENT.at(Event).DevicePnPEvent !== NdisDevicePnPEventSurpriseRemoved) return
  NdisAcquireSpinLock(Lock)
  stopDevice(NDIS_STATUS_ADAPTER_REMOVED)
  NdisReleaseSpinLock(Lock)
  completeSends()
}

// ---- Send [4.3] ------------------------------------------------------------------------------------------------------

function MiniportSendNetBufferLists(_Context: NDIS_HANDLE, NetBufferLists: PNET_BUFFER_LIST): void {
  NdisAcquireSpinLock(Lock)
  for (let List = NetBufferLists; List !== 0;) {
    const list = NET_BUFFER_LIST.at(List)
    const Next = list.Next
    list.Next = 0
    list.Status = NDIS_STATUS_SUCCESS
    const frames: Frame[] = []
    for (let NetBuffer = list.FirstNetBuffer; NetBuffer !== 0; NetBuffer = NET_BUFFER.at(NetBuffer).Next)
      frames.push({ List, NetBuffer })
    if (!Running) finishList(List, NDIS_STATUS_PAUSED)
    else if (frames.length === 0 || frames.some(isTooLong)) finishList(List, NDIS_STATUS_INVALID_LENGTH)
    else {
      FramesLeft.set(List, frames.length)
      Waiting.push(...frames)
    }
    List = Next
  }
  fillSendRing()
  NdisReleaseSpinLock(Lock)
  completeSends()
}

const isTooLong = ({ NetBuffer }: Frame): boolean => NET_BUFFER.at(NetBuffer).DataLength > FRAME_BYTES

/** With the lock held. Copies frames to slots while there are both, and rings the doorbell. */
function fillSendRing(): void {
  const before = Sending.length
  while (Waiting.length > 0 && Sending.length < DESCRIPTORS) {
    const frame = Waiting.shift()!
    const index = (SendRing.Next + Sending.length) % DESCRIPTORS
    const target = slot(SendRing, index)
    const { DataLength } = NET_BUFFER.at(frame.NetBuffer)
    // The data itself when it lies in one piece; else it is gathered in the slot; 0 when memory to map it is short.
    const Data = NdisGetDataBuffer(frame.NetBuffer, DataLength, target, 1, 0)
    if (Data === 0) {
      finishFrame(frame.List, NDIS_STATUS_RESOURCES)
      continue
    }
    if (Data !== target) NdisMoveMemory(target, Data, DataLength)
    giveToDevice(SendRing, index, DataLength)
    Sending.push(frame)
  }
  if (Sending.length > before) write(REGISTER.SEND_DOORBELL, 1)
}

/** With the lock held. Takes back what the device is done with. */
function takeSent(): void {
  while (Sending.length > 0) {
    const at = descriptor(SendRing, SendRing.Next)
    if (isOwnedByDevice(at)) break
    SendRing.Next = (SendRing.Next + 1) % DESCRIPTORS
    const failed = (ULONG.at(at + WORD.FLAGS).value & FLAG.FAILED) !== 0
    if (!failed) Counters.Sent++
    finishFrame(Sending.shift()!.List, failed ? NDIS_STATUS_FAILURE : NDIS_STATUS_SUCCESS)
  }
}

/** With the lock held. A list is done with its last frame; its status is that of the last one that failed. */
function finishFrame(List: PNET_BUFFER_LIST, Status: NDIS_STATUS): void {
  const left = FramesLeft.get(List)! - 1
  FramesLeft.set(List, left)
  const worst = Status === NDIS_STATUS_SUCCESS ? NET_BUFFER_LIST.at(List).Status : Status
  if (left === 0) finishList(List, worst)
  else NET_BUFFER_LIST.at(List).Status = worst
}

/** With the lock held. */
function finishList(List: PNET_BUFFER_LIST, Status: NDIS_STATUS): void {
  NET_BUFFER_LIST.at(List).Status = Status
  FramesLeft.delete(List)
  Done.push(List)
}

/** Without the lock. */
function completeSends(): void {
  NdisAcquireSpinLock(Lock)
  const lists = Done.splice(0)
  NdisReleaseSpinLock(Lock)
  for (const List of lists) NdisMSendNetBufferListsComplete(Adapter, List, 0)
}

// ---- Interrupt [5] ---------------------------------------------------------------------------------------------------

/** At the level of the device: asks whether it was its own, silences it, leaves the work to the DPC. */
function MiniportInterrupt(_Context: PVOID, QueueDefaultInterruptDpc: { value: BOOLEAN }): BOOLEAN {
  if ((read(REGISTER.CAUSE) & read(REGISTER.MASK)) === 0) return false
  write(REGISTER.MASK, 0)
  QueueDefaultInterruptDpc.value = true
  return true
}

function MiniportInterruptDPC(): void {
  NdisAcquireSpinLock(Lock)
  InDpc = true
  const causes = read(REGISTER.CAUSE)
  write(REGISTER.CAUSE, causes)
  if (Running) {
    takeSent()
    fillSendRing()
  }
  NdisReleaseSpinLock(Lock)
  completeSends()
  if (causes & CAUSE.LINK) indicateLink(Adapter)
  while (receiveOne());

  NdisAcquireSpinLock(Lock)
  InDpc = false
  const reset = ResetWaits
  ResetWaits = false
  if (reset) startDevice()
  else if (Running) write(REGISTER.MASK, CAUSE.ALL)
  NdisReleaseSpinLock(Lock)
  if (reset) NdisMResetComplete(Adapter, NDIS_STATUS_SUCCESS, false)
}

// ---- Receive [4.4] ---------------------------------------------------------------------------------------------------

/** Indicates the frame in the next slot and gives the slot back to the device. false when there is no frame. */
function receiveOne(): boolean {
  NdisAcquireSpinLock(Lock)
  const index = ReceiveRing.Next
  const at = descriptor(ReceiveRing, index)
  const filled = Running && !isOwnedByDevice(at)
  const good = filled && (ULONG.at(at + WORD.FLAGS).value & FLAG.FAILED) === 0 && isWanted(slot(ReceiveRing, index))
  if (good) Counters.Received++
  NdisReleaseSpinLock(Lock)
  if (good) {
    const { List } = ReceiveLists[index]!
    const list = NET_BUFFER_LIST.at(List)
    list.SourceHandle = Adapter
    NET_BUFFER.at(list.FirstNetBuffer).DataLength = ULONG.at(at + WORD.LENGTH).value
    // Protocols copy what they need before this returns, so that the slot is free again.
    const flags = NDIS_RECEIVE_FLAGS_RESOURCES | NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL
    NdisMIndicateReceiveNetBufferLists(Adapter, List, 0, 1, flags)
  }
  NdisAcquireSpinLock(Lock)
  // A pause or reset may have stopped the device meanwhile: then the ring is set up anew.
  if (filled && Running) {
    giveToDevice(ReceiveRing, index)
    ReceiveRing.Next = (index + 1) % DESCRIPTORS
  }
  NdisReleaseSpinLock(Lock)
  return filled
}
