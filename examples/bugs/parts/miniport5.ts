// A miniport of NDIS 5.1 that does nothing but what it must; a driver of this folder says what it does beside that.
import {
  NDIS_ATTRIBUTE_DESERIALIZE,
  NDIS_MINIPORT_CHARACTERISTICS,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_SUCCESS,
  NdisMInitializeWrapper,
  NdisMRegisterMiniport,
  NdisMSetAttributesEx,
  NdisMedium802_3,
  NdisTerminateWrapper,
  out,
  sizeof,
  UINT,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'

/** What a driver puts in place of the usual; members of NDIS_MINIPORT_CHARACTERISTICS. */
export interface Miniport5 {
  /** In MiniportInitialize, the attributes set; what it gives is the status, SUCCESS when nothing. */
  readonly initialize?: (adapter: NDIS_HANDLE, configuration: NDIS_HANDLE) => NDIS_STATUS | void
  readonly halt?: () => void
  /** 0: serialized. */
  readonly attributes?: number
  readonly handlers?: object
}

export function miniport5(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING, of: Miniport5): NDIS_STATUS {
  const Wrapper = out<NDIS_HANDLE>()
  NdisMInitializeWrapper(Wrapper, DriverObject, RegistryPath, 0)
  const Status = NdisMRegisterMiniport(
    Wrapper.value,
    {
      MajorNdisVersion: 5,
      MinorNdisVersion: 1,
      InitializeHandler(
        _OpenErrorStatus: { value: NDIS_STATUS },
        SelectedMediumIndex: { value: number },
        MediumArray: number,
        MediumArraySize: number,
        Adapter: NDIS_HANDLE,
        Configuration: NDIS_HANDLE,
      ) {
        for (let i = 0; i < MediumArraySize; i++)
          if (UINT.at(MediumArray + i * sizeof(UINT)).value === NdisMedium802_3) SelectedMediumIndex.value = i
        NdisMSetAttributesEx(Adapter, 0x50, 0, of.attributes ?? NDIS_ATTRIBUTE_DESERIALIZE, 0)
        return of.initialize?.(Adapter, Configuration) ?? NDIS_STATUS_SUCCESS
      },
      HaltHandler: of.halt ?? (() => undefined),
      ResetHandler: () => NDIS_STATUS_SUCCESS,
      QueryInformationHandler: () => NDIS_STATUS_NOT_SUPPORTED,
      SetInformationHandler: () => NDIS_STATUS_NOT_SUPPORTED,
      SendHandler: () => NDIS_STATUS_SUCCESS,
      ...of.handlers,
    },
    sizeof(NDIS_MINIPORT_CHARACTERISTICS),
  )
  if (Status !== NDIS_STATUS_SUCCESS) NdisTerminateWrapper(Wrapper.value, 0)
  return Status
}
