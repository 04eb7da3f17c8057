/**
 * Keywords of an instance
 *
 * A miniport of NDIS 5.1 that reads its configuration when it is initialized. The keywords stand in a file beside the script,
 * 10-configuration.config.json; the Configuration panel shows and changes them once the driver is saved in a place of its own.
 * Try it: save a copy, change RingSize, run again, and compare output and trace hash.
 */
import {
  DbgPrint,
  NDIS_CONFIGURATION_PARAMETER,
  NDIS_MINIPORT_CHARACTERISTICS,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_SUCCESS,
  NDIS_STRING_CONST,
  NdisCloseConfiguration,
  NdisMInitializeWrapper,
  NdisMRegisterMiniport,
  NdisMSetAttributes,
  NdisOpenConfiguration,
  NdisParameterInteger,
  NdisReadConfiguration,
  NdisReadNetworkAddress,
  NdisTerminateWrapper,
  bytes,
  out,
  sizeof,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_CONFIGURATION_PARAMETER,
  type PUNICODE_STRING,
  type PVOID,
  type UINT,
} from 'ndis'

/** The name under which INF file and registry have it; case does not matter. */
const RING_SIZE = NDIS_STRING_CONST('RingSize')

function readKeywords(Context: NDIS_HANDLE): void {
  const Status = out<NDIS_STATUS>()
  const Handle = out<NDIS_HANDLE>()
  NdisOpenConfiguration(Status, Handle, Context)
  if (Status.value !== NDIS_STATUS_SUCCESS) return

  const Parameter = out<PNDIS_CONFIGURATION_PARAMETER>()
  NdisReadConfiguration(Status, Parameter, Handle.value, RING_SIZE, NdisParameterInteger)
  if (Status.value === NDIS_STATUS_SUCCESS)
    DbgPrint('RingSize is %u\n', NDIS_CONFIGURATION_PARAMETER.at(Parameter.value).ParameterData.IntegerData)
  else DbgPrint('RingSize is not set\n')

  // A network address that the user has chosen comes as bytes; without one the card's own is used.
  const Address = out<PVOID>()
  const Length = out<UINT>()
  NdisReadNetworkAddress(Status, Address, Length, Handle.value)
  if (Status.value === NDIS_STATUS_SUCCESS)
    DbgPrint('address %u bytes, first %u\n', Length.value, bytes(Address.value, 6)[0]!)
  // What was read lives until here.
  NdisCloseConfiguration(Handle.value)
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Wrapper = out<NDIS_HANDLE>()
  NdisMInitializeWrapper(Wrapper, DriverObject, RegistryPath, 0)
  const Status = NdisMRegisterMiniport(
    Wrapper.value,
    {
      MajorNdisVersion: 5,
      MinorNdisVersion: 1,
      InitializeHandler(_OpenErrorStatus, SelectedMediumIndex, _MediumArray, _MediumArraySize, Adapter, Context) {
        SelectedMediumIndex.value = 0
        NdisMSetAttributes(Adapter, Adapter, 0, 0)
        readKeywords(Context)
        return NDIS_STATUS_SUCCESS
      },
      HaltHandler() {},
      ResetHandler: () => NDIS_STATUS_SUCCESS,
      QueryInformationHandler: () => NDIS_STATUS_NOT_SUPPORTED,
      SetInformationHandler: () => NDIS_STATUS_NOT_SUPPORTED,
      SendHandler: () => NDIS_STATUS_SUCCESS,
    },
    sizeof(NDIS_MINIPORT_CHARACTERISTICS),
  )
  if (Status !== NDIS_STATUS_SUCCESS) NdisTerminateWrapper(Wrapper.value, 0)
  return Status
}
