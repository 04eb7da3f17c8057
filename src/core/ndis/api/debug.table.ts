/** Printing, assertions and breaks. */
import { fn, macro } from './entry'
import type { ApiEntry } from './types'

export const debugTable: readonly ApiEntry[] = [
  fn('ULONG DbgPrint(PCSTR Format, ...)', 'debug', '<=DIRQL', '3.0', 'Prints formatted text to the debugger.', 'WDM', { header: 'wdm.h' }),
  fn('ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)', 'debug', '<=DIRQL', '3.0', 'Prints formatted text of a component at a level.', 'WDM', { header: 'wdm.h' }),
  macro('ULONG KdPrint(PCSTR Format, ...)', 'debug', '<=DIRQL', '3.0', 'Prints formatted text in checked builds.', 'WDM', { header: 'wdm.h' }),
  fn('VOID DbgBreakPoint()', 'debug', 'any', '3.0', 'Breaks into the debugger.', 'WDM', { header: 'wdm.h' }),
  macro('VOID ASSERT(BOOLEAN Expression)', 'debug', 'any', '3.0', 'Breaks into the debugger when the expression is false.', 'WDM', { header: 'wdm.h' }),
  macro('VOID NT_ASSERT(BOOLEAN Expression)', 'debug', 'any', '3.0', 'Breaks into the debugger when the expression is false.', 'WDM', { header: 'wdm.h' }),
  macro('VOID PAGED_CODE()', 'debug', '<=APC_LEVEL', '3.0', 'Breaks when code that may be paged out runs above APC_LEVEL.', 'WDM', { header: 'wdm.h' }),
  macro('VOID RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PCSTR Message?)', 'debug', 'any', '3.0', 'Reports a failed assertion.', 'WDM', { header: 'wdm.h' }),
  macro('VOID UNREFERENCED_PARAMETER(PVOID P)', 'other', 'any', '3.0', 'Says that a parameter is not used on purpose.', 'WDM', { header: 'wdm.h' }),
  fn('VOID KeBugCheck(ULONG BugCheckCode)', 'debug', 'any', '3.0', 'Stops the system with a bug check.', 'WDM', { header: 'wdm.h' }),
  fn('VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4)', 'debug', 'any', '3.0', 'Stops the system with a bug check and four values.', 'WDM', { header: 'wdm.h' }),
]
