// A filter of NDIS 6.20 that passes everything on; a driver says what it does beside that.
import {
  DRIVER_OBJECT,
  NDIS_FILTER_ATTRIBUTES_REVISION_1,
  NDIS_FILTER_CHARACTERISTICS_REVISION_2,
  NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES,
  NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS,
  NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1,
  NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1,
  NDIS_STATUS_SUCCESS,
  NDIS_STRING_CONST,
  NdisFDeregisterFilterDriver,
  NdisFIndicateReceiveNetBufferLists,
  NdisFIndicateStatus,
  NdisFRegisterFilterDriver,
  NdisFReturnNetBufferLists,
  NdisFSendNetBufferLists,
  NdisFSendNetBufferListsComplete,
  NdisFSetAttributes,
  out,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_STATUS_INDICATION,
  type PNET_BUFFER_LIST,
} from 'ndis'

/** What a driver puts in place of the usual; members of NDIS_FILTER_DRIVER_CHARACTERISTICS. */
export interface Filter6 {
  readonly unload?: () => void
  readonly handlers?: object
}

const Driver = out<NDIS_HANDLE>()
let Module: NDIS_HANDLE = 0
/** The module that was attached last. */
export const module6 = () => Module
/** What NdisFSetAttributes takes. */
export const filterAttributes6 = () => ({
  Header: {
    Type: NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES,
    Revision: NDIS_FILTER_ATTRIBUTES_REVISION_1,
    Size: NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1,
  },
  Flags: 0,
})
export const deregisterFilter6 = (): void => NdisFDeregisterFilterDriver(Driver.value)
/** Of FilterAttach. */
export function attach6(Handle: NDIS_HANDLE): NDIS_STATUS {
  Module = Handle
  return NdisFSetAttributes(Handle, 0x60, filterAttributes6())
}
type Lists = PNET_BUFFER_LIST

export const filterCharacteristics6 = () => ({
  Header: {
    Type: NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS,
    Revision: NDIS_FILTER_CHARACTERISTICS_REVISION_2,
    Size: NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1,
  },
  MajorNdisVersion: 6,
  MinorNdisVersion: 20,
  FriendlyName: NDIS_STRING_CONST('Bare filter'),
  UniqueName: NDIS_STRING_CONST('{7d1c4a50-3b0e-4c39-9a53-0d0e2ad36c11}'),
  ServiceName: NDIS_STRING_CONST('bare'),
  AttachHandler: attach6,
  DetachHandler: () => undefined,
  RestartHandler: () => NDIS_STATUS_SUCCESS,
  PauseHandler: () => NDIS_STATUS_SUCCESS,
  SendNetBufferListsHandler: (_Context: NDIS_HANDLE, List: Lists, Port: number, Flags: number) =>
    NdisFSendNetBufferLists(Module, List, Port, Flags),
  SendNetBufferListsCompleteHandler: (_Context: NDIS_HANDLE, List: Lists, Flags: number) =>
    NdisFSendNetBufferListsComplete(Module, List, Flags),
  ReceiveNetBufferListsHandler: (_Context: NDIS_HANDLE, List: Lists, Port: number, Count: number, Flags: number) =>
    NdisFIndicateReceiveNetBufferLists(Module, List, Port, Count, Flags),
  ReturnNetBufferListsHandler: (_Context: NDIS_HANDLE, List: Lists, Flags: number) =>
    NdisFReturnNetBufferLists(Module, List, Flags),
  StatusHandler: (_Context: NDIS_HANDLE, Indication: PNDIS_STATUS_INDICATION) =>
    NdisFIndicateStatus(Module, Indication),
})

export function filter6(DriverObject: PDRIVER_OBJECT, of: Filter6): NDIS_STATUS {
  DRIVER_OBJECT.at(DriverObject).DriverUnload = of.unload ?? deregisterFilter6
  return NdisFRegisterFilterDriver(DriverObject, 0, { ...filterCharacteristics6(), ...of.handlers }, Driver)
}
