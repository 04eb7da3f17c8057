/**
 * Intel 82540EM: a miniport of NDIS 6
 *
 * A complete driver for a real NIC, at the level of its registers: resources and EEPROM, rings of descriptors in shared memory,
 * scatter/gather DMA, interrupt and DPC, sends in batches, receives in chains, address filters, OIDs and counters, link, pause and
 * restart, reset, power, removal. Begin to read in 82540em-ndis6/adapter.ts, then transmit.ts and receive.ts, where the frames go.
 * Run it with `--nic 82540EM`; `--scenario echo` has a host at the other end of the cable send every frame back.
 */
import {
  NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
  NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_STATUS_SUCCESS,
  NdisMDeregisterMiniportDriver,
  NdisMRegisterMiniportDriver,
  out,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'
import {
  MiniportCheckForHangEx,
  MiniportDevicePnPEventNotify,
  MiniportPause,
  MiniportResetEx,
  MiniportRestart,
  MiniportShutdownEx,
} from './82540em-ndis6/flow'
import { MiniportHaltEx, MiniportInitializeEx } from './82540em-ndis6/initialize'
import { MiniportOidRequest } from './82540em-ndis6/oids'
import { MiniportReturnNetBufferLists } from './82540em-ndis6/receive'
import { MiniportCancelSend, MiniportSendNetBufferLists } from './82540em-ndis6/transmit'

/** NdisMiniportDriverHandle by driver object: the driver may be loaded twice in one session. */
const handles = new Map<PDRIVER_OBJECT, NDIS_HANDLE>()

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Handle = out<NDIS_HANDLE>()
  const Status = NdisMRegisterMiniportDriver(
    DriverObject,
    RegistryPath,
    0,
    {
      Header: {
        Type: NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
        Revision: NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
        Size: NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
      },
      MajorNdisVersion: 6,
      MinorNdisVersion: 20,
      MajorDriverVersion: 1,
      InitializeHandlerEx: MiniportInitializeEx,
      HaltHandlerEx: MiniportHaltEx,
      UnloadHandler: MiniportUnload,
      PauseHandler: MiniportPause,
      RestartHandler: MiniportRestart,
      OidRequestHandler: MiniportOidRequest,
      // Every request is done when MiniportOidRequest returns: there is none to be cancelled.
      CancelOidRequestHandler: () => undefined,
      SendNetBufferListsHandler: MiniportSendNetBufferLists,
      CancelSendHandler: MiniportCancelSend,
      ReturnNetBufferListsHandler: MiniportReturnNetBufferLists,
      CheckForHangHandlerEx: MiniportCheckForHangEx,
      ResetHandlerEx: MiniportResetEx,
      DevicePnPEventNotifyHandler: MiniportDevicePnPEventNotify,
      ShutdownHandlerEx: MiniportShutdownEx,
    },
    Handle,
  )
  if (Status === NDIS_STATUS_SUCCESS) handles.set(DriverObject, Handle.value)
  return Status
}

function MiniportUnload(DriverObject: PDRIVER_OBJECT): void {
  const Handle = handles.get(DriverObject)
  handles.delete(DriverObject)
  if (Handle !== undefined) NdisMDeregisterMiniportDriver(Handle)
}
