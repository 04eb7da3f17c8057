/** Registry parameters, files and the error log. */
import { fn } from './entry'
import type { ApiEntry } from './types'

export const configTable: readonly ApiEntry[] = [
  fn('VOID NdisOpenConfiguration(out PNDIS_STATUS Status, out PNDIS_HANDLE ConfigurationHandle, NDIS_HANDLE WrapperConfigurationContext)', 'config', 'PASSIVE_LEVEL', '3.0-5.2', "Opens the adapter's registry parameters.", 'PV'),
  fn('NDIS_STATUS NdisOpenConfigurationEx(PNDIS_CONFIGURATION_OBJECT ConfigObject, out PNDIS_HANDLE ConfigurationHandle)', 'config', 'PASSIVE_LEVEL', '6.0', 'Opens the registry parameters of a driver or adapter.', 'DDI', { rules: ['Irql_Miscellaneous_Function', 'NdisOpenConfigurationEx'] }),
  fn('VOID NdisOpenConfigurationKeyByName(out PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, PNDIS_STRING SubKeyName, out PNDIS_HANDLE SubKeyHandle)', 'config', '<DISPATCH_LEVEL', '3.0', 'Opens a subkey of open parameters by name.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisOpenConfigurationKeyByIndex(out PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, ULONG Index, PNDIS_STRING KeyName, out PNDIS_HANDLE KeyHandle)', 'config', '<DISPATCH_LEVEL', '3.0', 'Opens a subkey of open parameters by number and gives its name.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisOpenProtocolConfiguration(out PNDIS_STATUS Status, out PNDIS_HANDLE ConfigurationHandle, PNDIS_STRING ProtocolSection)', 'config', 'PASSIVE_LEVEL', '3.0-5.2', "Opens the parameters of a protocol's binding.", 'PV'),
  fn('VOID NdisReadConfiguration(out PNDIS_STATUS Status, out PNDIS_CONFIGURATION_PARAMETER *ParameterValue, NDIS_HANDLE ConfigurationHandle, PNDIS_STRING Keyword, NDIS_PARAMETER_TYPE ParameterType)', 'config', 'PASSIVE_LEVEL', '3.0', 'Reads one parameter; what it gives lives until the handle is closed.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisWriteConfiguration(out PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, PNDIS_STRING Keyword, PNDIS_CONFIGURATION_PARAMETER ParameterValue)', 'config', 'PASSIVE_LEVEL', '3.0', 'Writes one parameter.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisReadNetworkAddress(out PNDIS_STATUS Status, out PVOID *NetworkAddress, out PUINT NetworkAddressLength, NDIS_HANDLE ConfigurationHandle)', 'config', 'PASSIVE_LEVEL', '3.0', 'Reads the network address that the user set, if any.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisCloseConfiguration(NDIS_HANDLE ConfigurationHandle)', 'config', 'PASSIVE_LEVEL', '3.0', 'Closes parameters and frees what was read through them.', 'DDI', { rules: ['Irql_Miscellaneous_Function', 'NdisOpenConfigurationEx'] }),
  fn('VOID NdisOpenFile(out PNDIS_STATUS Status, out PNDIS_HANDLE FileHandle, out PUINT FileLength, PNDIS_STRING FileName, NDIS_PHYSICAL_ADDRESS HighestAcceptableAddress)', 'config', 'PASSIVE_LEVEL', '3.0', 'Opens a file, such as firmware, and reads it into memory.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisMapFile(out PNDIS_STATUS Status, out PVOID *MappedBuffer, NDIS_HANDLE FileHandle)', 'config', '<=DISPATCH_LEVEL', '3.0', 'Maps an open file for reading.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisUnmapFile(NDIS_HANDLE FileHandle)', 'config', 'PASSIVE_LEVEL', '3.0', 'Ends a mapping of NdisMapFile.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisCloseFile(NDIS_HANDLE FileHandle)', 'config', 'PASSIVE_LEVEL', '3.0', 'Closes a file of NdisOpenFile.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisWriteErrorLogEntry(NDIS_HANDLE NdisAdapterHandle, NDIS_ERROR_CODE ErrorCode, ULONG NumberOfErrorValues, ...)', 'debug', '<=DISPATCH_LEVEL', '3.0', "Writes an entry to the system's error log.", 'DDI', { rules: ['Irql_Miscellaneous_Function', 'WriteErrorLog'] }),
  fn('NDIS_STATUS NdisWriteEventLogEntry(PVOID LogHandle, NDIS_STATUS EventCode, ULONG UniqueEventValue, USHORT NumStrings, PVOID StringsList?, ULONG DataSize, PVOID Data?)', 'debug', '<=DISPATCH_LEVEL', '3.0', "Writes an entry to the system's event log.", 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('NDIS_STATUS NdisMCreateLog(NDIS_HANDLE MiniportAdapterHandle, UINT Size, out PNDIS_HANDLE LogHandle)', 'debug', 'PASSIVE_LEVEL', '3.0', 'Makes a log file of a miniport.', 'DDI', { rules: ['Irql_Miniport_Driver_Function'] }),
  fn('VOID NdisMCloseLog(NDIS_HANDLE LogHandle)', 'debug', 'PASSIVE_LEVEL', '3.0', 'Closes a log of NdisMCreateLog.', 'DDI'),
  fn('NDIS_STATUS NdisMWriteLogData(NDIS_HANDLE LogHandle, PVOID LogBuffer, UINT LogBufferSize)', 'debug', '<=DISPATCH_LEVEL', '3.0', 'Writes data to a log of NdisMCreateLog.', 'DDI', { noSpinLock: 'always', rules: ['Irql_Miniport_Driver_Function'] }),
  fn('VOID NdisMFlushLog(NDIS_HANDLE LogHandle)', 'debug', '<=DISPATCH_LEVEL', '3.0', 'Empties a log of NdisMCreateLog.', 'DDI', { noSpinLock: 'always', rules: ['Irql_Miniport_Driver_Function'] }),
]
