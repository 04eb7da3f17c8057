/** What a new document begins with: the smallest driver that runs. */
export const NEW_DRIVER = `import { DbgPrint, NDIS_STATUS_SUCCESS, type NDIS_STATUS, type PDRIVER_OBJECT, type PUNICODE_STRING } from 'ndis'

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  DbgPrint('Hello from DriverEntry\\n')
  return NDIS_STATUS_SUCCESS
}
`
