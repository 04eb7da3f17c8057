/**
 * A miniport of NDIS 5.1 for the Intel 82540EM
 *
 * The whole driver of a gigabit NIC, as it was written for Windows XP: PCI resources and mapped registers, EEPROM, rings of
 * descriptors in shared memory, scatter/gather lists of packets, interrupts, address filters, link, counters, power, reset,
 * removal. It is deserialized: NDIS calls it on several CPUs at once, so that it guards its data with locks and queues by
 * itself what it cannot send. Run it with a NIC: --nic 82540EM --scenario echo. Its parts are in the folder 82540em-ndis5:
 * send.ts and receive.ts are the two data paths, hardware.ts is what the manual says, power.ts stops and starts the NIC.
 */
import {
  NDIS_ATTRIBUTE_BUS_MASTER,
  NDIS_ATTRIBUTE_DESERIALIZE,
  NDIS_ATTRIBUTE_SURPRISE_REMOVE_OK,
  NDIS_ERROR_CODE_ADAPTER_NOT_FOUND,
  NDIS_ERROR_CODE_HARDWARE_FAILURE,
  NDIS_ERROR_CODE_INTERRUPT_CONNECT,
  NDIS_ERROR_CODE_OUT_OF_RESOURCES,
  NDIS_ERROR_CODE_RESOURCE_CONFLICT,
  NDIS_ERROR_CODE_UNSUPPORTED_CONFIGURATION,
  NDIS_MEDIUM,
  NDIS_MINIPORT_CHARACTERISTICS,
  NDIS_STATUS_ADAPTER_NOT_FOUND,
  NDIS_STATUS_ADAPTER_REMOVED,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NDIS_STATUS_UNSUPPORTED_MEDIA,
  NdisAcquireSpinLock,
  NdisDevicePnPEventSurpriseRemoved,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisInterfacePci,
  NdisInterruptLevelSensitive,
  NdisMDeregisterInterrupt,
  NdisMedium802_3,
  NdisMInitializeScatterGatherDma,
  NdisMInitializeWrapper,
  NdisMMapIoSpace,
  NdisMRegisterInterrupt,
  NdisMRegisterMiniport,
  NdisMSetAttributesEx,
  NdisMSleep,
  NdisMSynchronizeWithInterrupt,
  NdisMUnmapIoSpace,
  NdisReleaseSpinLock,
  NdisTerminateWrapper,
  NdisWaitEvent,
  NdisWriteErrorLogEntry,
  out,
  sizeof,
  type BOOLEAN,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type Out,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
  type PVOID,
  type UINT,
} from 'ndis'
import { FRAME_BYTES, adapterOf, createAdapter, destroyAdapter, read, type Adapter } from './82540em-ndis5/adapter'
import { queryResources, readKeywords, readPciSlot } from './82540em-ndis5/configuration'
import {
  CAUSES,
  checkLink,
  gatherStatistics,
  isThere,
  linkIsUp,
  maskInterrupts,
  readPermanentAddress,
  resetHardware,
  setLinkUp,
  unmaskInterrupts,
} from './82540em-ndis5/hardware'
import { MiniportReset, startAdapter, stopAdapter } from './82540em-ndis5/power'
import { MiniportReturnPacket, createReceive, destroyReceive, handleReceived } from './82540em-ndis5/receive'
import { CAUSE, GONE, REG, REGISTER_BYTES } from './82540em-ndis5/registers'
import { MiniportQueryInformation, MiniportSetInformation } from './82540em-ndis5/requests'
import {
  MiniportCancelSendPackets,
  MiniportSendPackets,
  createTransmit,
  destroyTransmit,
  handleSent,
  sendsHang,
} from './82540em-ndis5/send'

const HANG_SECONDS = 2
/** How long MiniportInitialize waits for a link, so that the first packets need not be refused. */
const LINK_POLLS = 50
const LINK_POLL_MICROSECONDS = 1000

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Wrapper = out<NDIS_HANDLE>()
  NdisMInitializeWrapper(Wrapper, DriverObject, RegistryPath, 0)
  if (Wrapper.value === 0) return NDIS_STATUS_RESOURCES
  const Status = NdisMRegisterMiniport(
    Wrapper.value,
    {
      MajorNdisVersion: 5,
      MinorNdisVersion: 1,
      InitializeHandler: MiniportInitialize,
      HaltHandler: MiniportHalt,
      ResetHandler: MiniportReset,
      CheckForHangHandler: MiniportCheckForHang,
      QueryInformationHandler: MiniportQueryInformation,
      SetInformationHandler: MiniportSetInformation,
      SendPacketsHandler: MiniportSendPackets,
      CancelSendPacketsHandler: MiniportCancelSendPackets,
      ReturnPacketHandler: MiniportReturnPacket,
      ISRHandler: MiniportISR,
      HandleInterruptHandler: MiniportHandleInterrupt,
      DisableInterruptHandler: MiniportDisableInterrupt,
      EnableInterruptHandler: MiniportEnableInterrupt,
      PnPEventNotifyHandler: MiniportPnPEventNotify,
      AdapterShutdownHandler: MiniportShutdown,
    },
    sizeof(NDIS_MINIPORT_CHARACTERISTICS),
  )
  // A wrapper goes with its driver; one whose driver did not register must be terminated.
  if (Status !== NDIS_STATUS_SUCCESS) NdisTerminateWrapper(Wrapper.value, 0)
  return Status
}

function MiniportInitialize(
  _OpenErrorStatus: Out<NDIS_STATUS>,
  SelectedMediumIndex: Out<UINT>,
  MediumArray: PVOID,
  MediumArraySize: number,
  MiniportAdapterHandle: NDIS_HANDLE,
  WrapperConfigurationContext: NDIS_HANDLE,
): NDIS_STATUS {
  let medium = 0
  while (medium < MediumArraySize && NDIS_MEDIUM.at(MediumArray + 4 * medium).value !== NdisMedium802_3) medium++
  if (medium === MediumArraySize) return NDIS_STATUS_UNSUPPORTED_MEDIA
  SelectedMediumIndex.value = medium
  const a = createAdapter(MiniportAdapterHandle)
  if (!a) return NDIS_STATUS_RESOURCES
  const flags = NDIS_ATTRIBUTE_BUS_MASTER | NDIS_ATTRIBUTE_DESERIALIZE | NDIS_ATTRIBUTE_SURPRISE_REMOVE_OK
  NdisMSetAttributesEx(MiniportAdapterHandle, a.Context, HANG_SECONDS, flags, NdisInterfacePci)
  const Status = bringUp(a, WrapperConfigurationContext)
  // Whatever was missing: what is there already is given back.
  if (Status !== NDIS_STATUS_SUCCESS) release(a)
  return Status
}

/** Each step needs the one before. The first that fails ends it: release() knows how far it got. */
function bringUp(a: Adapter, WrapperConfigurationContext: NDIS_HANDLE): NDIS_STATUS {
  const { Handle } = a
  if (!readPciSlot(Handle)) return fail(a, NDIS_ERROR_CODE_ADAPTER_NOT_FOUND, NDIS_STATUS_ADAPTER_NOT_FOUND)
  const keywords = readKeywords(WrapperConfigurationContext)
  if (!keywords) return fail(a, NDIS_ERROR_CODE_UNSUPPORTED_CONFIGURATION, NDIS_STATUS_FAILURE)
  const resources = queryResources(WrapperConfigurationContext)
  if (!resources) return fail(a, NDIS_ERROR_CODE_RESOURCE_CONFLICT, NDIS_STATUS_RESOURCES)

  const Registers = out<PVOID>()
  const mapped = NdisMMapIoSpace(Registers, Handle, resources.Registers, REGISTER_BYTES)
  if (mapped !== NDIS_STATUS_SUCCESS) return fail(a, NDIS_ERROR_CODE_RESOURCE_CONFLICT, mapped)
  a.Registers = Registers.value
  if (!isThere(a)) return fail(a, NDIS_ERROR_CODE_ADAPTER_NOT_FOUND, NDIS_STATUS_ADAPTER_NOT_FOUND)
  // A NIC that firmware has used may still write into memory: quiet it first.
  resetHardware(a)
  setLinkUp(a)
  const address = readPermanentAddress(a)
  if (!address) return fail(a, NDIS_ERROR_CODE_HARDWARE_FAILURE, NDIS_STATUS_FAILURE)
  a.PermanentAddress = address
  a.CurrentAddress = keywords.NetworkAddress ?? address

  // From now on packets come with the list of their physical pieces, and there is shared memory.
  const dma = NdisMInitializeScatterGatherDma(Handle, false, FRAME_BYTES)
  if (dma !== NDIS_STATUS_SUCCESS) return fail(a, NDIS_ERROR_CODE_OUT_OF_RESOURCES, dma)
  a.Transmit = createTransmit(a, keywords.TransmitDescriptors)
  a.Receive = createReceive(a, keywords.ReceiveDescriptors)
  if (!a.Transmit || !a.Receive) return fail(a, NDIS_ERROR_CODE_OUT_OF_RESOURCES, NDIS_STATUS_RESOURCES)

  // PCI interrupts are shared: NDIS asks our ISR whether it was us.
  const { Vector, Level } = resources
  const Status = NdisMRegisterInterrupt(a.Interrupt, Handle, Vector, Level, true, true, NdisInterruptLevelSensitive)
  if (Status !== NDIS_STATUS_SUCCESS) return fail(a, NDIS_ERROR_CODE_INTERRUPT_CONNECT, Status)
  a.InterruptRegistered = true
  for (let poll = 0; poll < LINK_POLLS && !linkIsUp(a); poll++) NdisMSleep(LINK_POLL_MICROSECONDS)
  startAdapter(a)
  return NDIS_STATUS_SUCCESS
}

/** The event log of the system tells why a NIC does not come up. */
function fail(a: Adapter, ErrorCode: number, Status: NDIS_STATUS): NDIS_STATUS {
  NdisWriteErrorLogEntry(a.Handle, ErrorCode, 0)
  return Status
}

/** Gives back what there is, in the opposite order: after MiniportHalt, or half an initialization. The NIC is quiet. */
function release(a: Adapter): void {
  if (a.InterruptRegistered) NdisMDeregisterInterrupt(a.Interrupt)
  destroyReceive(a)
  destroyTransmit(a)
  if (a.Registers !== 0) NdisMUnmapIoSpace(a.Handle, a.Registers, REGISTER_BYTES)
  destroyAdapter(a)
}

/** NDIS has stopped sending; what we have of protocols is given back, and what they have of us is waited for. */
function MiniportHalt(MiniportAdapterContext: NDIS_HANDLE): void {
  const a = adapterOf(MiniportAdapterContext)
  stopAdapter(a, NDIS_STATUS_FAILURE, NDIS_STATUS_FAILURE)
  NdisAcquireSpinLock(a.ReceiveLock)
  a.Halting = true
  const packetsOut = (a.Receive?.Out ?? 0) > 0
  NdisReleaseSpinLock(a.ReceiveLock)
  if (packetsOut) NdisWaitEvent(a.AllReturned, 0)
  release(a)
}

/** The system goes down, perhaps because it crashed: no lock, no waiting, nothing is freed. The NIC must leave memory alone. */
function MiniportShutdown(ShutdownContext: PVOID): void {
  const a = adapterOf(ShutdownContext)
  if (!a.Removed) resetHardware(a)
}

/**
 * At the IRQL of the device, perhaps for somebody else on the same line. Reading ICR takes all causes and quiets the line; the
 * mask keeps it quiet until the DPC is done.
 */
function MiniportISR(
  InterruptRecognized: Out<BOOLEAN>,
  QueueMiniportHandleInterrupt: Out<BOOLEAN>,
  MiniportAdapterContext: NDIS_HANDLE,
): void {
  const a = adapterOf(MiniportAdapterContext)
  // What is masked does not interrupt. The causes stay where they are, for EnableInterrupt to find.
  const causes = a.InterruptMasked || a.Removed ? 0 : read(a, REG.ICR)
  const ours = (causes & CAUSES) !== 0 && causes !== GONE
  InterruptRecognized.value = ours
  QueueMiniportHandleInterrupt.value = ours
  if (!ours) return
  a.Causes |= causes
  if (a.DpcsCome) maskInterrupts(a)
}

/** At the IRQL of the interrupt: the ISR does not add to them meanwhile. TRUE: the link may have changed. */
function takeCauses(Context: PVOID): BOOLEAN {
  const a = adapterOf(Context)
  const causes = a.Causes
  a.Causes = 0
  return (causes & CAUSE.LSC) !== 0
}

/** At DISPATCH_LEVEL. Whatever the causes were, both rings are looked at: one interrupt serves for many frames. */
function MiniportHandleInterrupt(MiniportAdapterContext: NDIS_HANDLE): void {
  const a = adapterOf(MiniportAdapterContext)
  a.DpcsCome = true
  if (NdisMSynchronizeWithInterrupt(a.Interrupt, takeCauses, a.Context)) checkLink(a)
  handleSent(a)
  handleReceived(a)
}

/** NDIS calls it in place of an ISR that it need not ask: ours it asks, because others share the line. */
function MiniportDisableInterrupt(MiniportAdapterContext: NDIS_HANDLE): void {
  maskInterrupts(adapterOf(MiniportAdapterContext))
}
/** NDIS calls it when MiniportHandleInterrupt has returned. Under the lock, so that a reset on another CPU is not disturbed. */
function MiniportEnableInterrupt(MiniportAdapterContext: NDIS_HANDLE): void {
  const a = adapterOf(MiniportAdapterContext)
  NdisDprAcquireSpinLock(a.SendLock)
  if (a.Running) unmaskInterrupts(a)
  NdisDprReleaseSpinLock(a.SendLock)
}

/** Every two seconds. TRUE: NDIS calls MiniportReset. */
function MiniportCheckForHang(MiniportAdapterContext: NDIS_HANDLE): BOOLEAN {
  const a = adapterOf(MiniportAdapterContext)
  if (!a.Running) return false
  if (!isThere(a)) {
    removed(a)
    return false
  }
  gatherStatistics(a)
  // An edge that came while MiniportInitialize ran had no DPC.
  checkLink(a)
  NdisAcquireSpinLock(a.SendLock)
  const hangs = sendsHang(a)
  NdisReleaseSpinLock(a.SendLock)
  return hangs
}

/** The registers are gone: every read gives ones. What protocols wait for must end in spite of that. */
function removed(a: Adapter): void {
  a.Removed = true
  stopAdapter(a, NDIS_STATUS_ADAPTER_REMOVED, NDIS_STATUS_ADAPTER_REMOVED)
}

function MiniportPnPEventNotify(MiniportAdapterContext: NDIS_HANDLE, PnPEvent: number): void {
  // MiniportHalt follows. A change of the power profile means nothing to this NIC.
  if (PnPEvent === NdisDevicePnPEventSurpriseRemoved) removed(adapterOf(MiniportAdapterContext))
}
