/** Counted strings. */
import { fn, macro } from './entry'
import type { ApiEntry } from './types'

export const stringTable: readonly ApiEntry[] = [
  macro('VOID NdisInitUnicodeString(PNDIS_STRING DestinationString, PCWSTR SourceString)', 'string', '<=DISPATCH_LEVEL', '3.0', 'Makes a counted string of a zero-terminated one; no copy.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  macro('VOID NdisInitAnsiString(PNDIS_ANSI_STRING DestinationString, PCSTR SourceString)', 'string', '<=DISPATCH_LEVEL', '6.0', 'Makes a counted ANSI string of a zero-terminated one; no copy.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  fn('VOID NdisInitializeString(PNDIS_STRING Destination, PUCHAR Source)', 'string', 'PASSIVE_LEVEL', '6.0', 'Makes a Unicode string of an ANSI one; NdisFreeString frees its buffer.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  macro('VOID NdisFreeString(NDIS_STRING String)', 'string', 'PASSIVE_LEVEL', '6.0', 'Frees the buffer of a string of NdisInitializeString.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  macro('BOOLEAN NdisEqualString(PNDIS_STRING String1, PNDIS_STRING String2, BOOLEAN CaseInsensitive)', 'string', 'PASSIVE_LEVEL', '6.0', 'Tells whether two strings are equal.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  macro('BOOLEAN NdisEqualUnicodeString(PNDIS_STRING String1, PNDIS_STRING String2, BOOLEAN CaseInsensitive)', 'string', 'PASSIVE_LEVEL', '6.0', 'Tells whether two Unicode strings are equal.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  macro('NDIS_STATUS NdisAnsiStringToUnicodeString(PNDIS_STRING DestinationString, PNDIS_ANSI_STRING SourceString)', 'string', 'PASSIVE_LEVEL', '6.0', 'Converts a counted ANSI string to Unicode.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  macro('NDIS_STATUS NdisUnicodeStringToAnsiString(PNDIS_ANSI_STRING DestinationString, PNDIS_STRING SourceString)', 'string', 'PASSIVE_LEVEL', '6.0', 'Converts a counted Unicode string to ANSI.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  macro('NDIS_STATUS NdisUpcaseUnicodeString(PNDIS_STRING DestinationString, PNDIS_STRING SourceString)', 'string', 'PASSIVE_LEVEL', '6.0', 'Converts a string to upper case.', 'DDI', { rules: ['Irql_Miscellaneous_Function'] }),
  macro('VOID NdisPrintString(NDIS_STRING String)', 'debug', null, '3.0-5.2', 'Prints a string to the debugger.', 'PV'),
  macro('PNDIS_STRING NDIS_STRING_CONST(PCWSTR SourceString)', 'string', 'any', '3.0', 'Makes a constant counted string.', 'DDI'),
  macro('PUNICODE_STRING RTL_CONSTANT_STRING(PCWSTR SourceString)', 'string', 'any', '3.0', 'Makes a constant counted string.', 'WDM', { header: 'wdm.h' }),
  fn('VOID RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString?)', 'string', '<=DISPATCH_LEVEL', '3.0', 'Makes a counted string of a zero-terminated one; no copy.', 'WDM', { header: 'wdm.h' }),
  fn('VOID RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PUNICODE_STRING SourceString?)', 'string', '<=DISPATCH_LEVEL', '3.0', 'Copies a string as far as there is room.', 'WDM', { header: 'wdm.h' }),
  fn('NTSTATUS RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PUNICODE_STRING Source)', 'string', '<=DISPATCH_LEVEL', '3.0', 'Appends a counted string.', 'WDM', { header: 'wdm.h' }),
  fn('NTSTATUS RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source?)', 'string', '<=DISPATCH_LEVEL', '3.0', 'Appends a zero-terminated string.', 'WDM', { header: 'wdm.h' }),
  fn('NTSTATUS RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString, PUNICODE_STRING SourceString, BOOLEAN AllocateDestinationString)', 'string', 'PASSIVE_LEVEL', '3.0', 'Converts a counted Unicode string to ANSI.', 'WDM', { header: 'wdm.h' }),
  fn('VOID RtlFreeAnsiString(PANSI_STRING AnsiString)', 'string', 'PASSIVE_LEVEL', '3.0', 'Frees the buffer of a converted string.', 'WDM', { header: 'wdm.h' }),
  fn('NTSTATUS RtlStringCbCatA(PCHAR pszDest, SIZE_T cbDest, PCSTR pszSrc)', 'string', 'any', '3.0', 'Appends a zero-terminated string within a byte limit.', 'WDM', { header: 'ntstrsafe.h' }),
  fn('NTSTATUS RtlStringCbPrintfExA(PCHAR pszDest, SIZE_T cbDest, out PCHAR *ppszDestEnd?, out PSIZE_T pcbRemaining?, ULONG dwFlags, PCSTR pszFormat, ...)', 'string', 'PASSIVE_LEVEL', '3.0', 'Formats text within a byte limit.', 'WDM', { header: 'ntstrsafe.h' }),
  fn('NTSTATUS RtlStringCbVPrintfA(PCHAR pszDest, SIZE_T cbDest, PCSTR pszFormat, va_list argList)', 'string', 'PASSIVE_LEVEL', '3.0', 'Formats text within a byte limit.', 'WDM', { header: 'ntstrsafe.h' }),
  fn('NTSTATUS RtlStringCchPrintfExA(PCHAR pszDest, SIZE_T cchDest, out PCHAR *ppszDestEnd?, out PSIZE_T pcchRemaining?, ULONG dwFlags, PCSTR pszFormat, ...)', 'string', 'PASSIVE_LEVEL', '3.0', 'Formats text within a character limit.', 'WDM', { header: 'ntstrsafe.h' }),
  fn('NTSTATUS RtlStringCchVPrintfExA(PCHAR pszDest, SIZE_T cchDest, out PCHAR *ppszDestEnd?, out PSIZE_T pcchRemaining?, ULONG dwFlags, PCSTR pszFormat, va_list argList)', 'string', 'PASSIVE_LEVEL', '3.0', 'Formats text within a character limit.', 'WDM', { header: 'ntstrsafe.h' }),
]
