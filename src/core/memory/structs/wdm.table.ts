/** Records of the kernel's own routines. */
import { fn, inline, ptr, struct, u32, u8 } from './field'
import type { StructTable } from './types'

export const wdmStructs: readonly StructTable[] = [
  struct('KDPC_WATCHDOG_INFORMATION', 20, ['PKDPC_WATCHDOG_INFORMATION'], 'wdm.h', [
    u32(0, 'DpcTimeLimit', 'ULONG', { doc: '0: a DPC may run as long as it likes' }),
    u32(4, 'DpcTimeCount'),
    u32(8, 'DpcWatchdogLimit', 'ULONG', { doc: '0: no limit for DPCs one after the other' }),
    u32(12, 'DpcWatchdogCount'),
    u32(16, 'Reserved', 'ULONG', { reserved: true }),
  ]),
  struct('KBUGCHECK_CALLBACK_RECORD', 32, ['PKBUGCHECK_CALLBACK_RECORD'], 'wdm.h', [
    inline(0, 'Entry', 'LIST_ENTRY', 8),
    fn(8, 'CallbackRoutine', 'PKBUGCHECK_CALLBACK_ROUTINE'),
    ptr(12, 'Buffer'),
    u32(16, 'Length'),
    ptr(20, 'Component', 'PUCHAR'),
    u32(24, 'Checksum', 'ULONG_PTR'),
    u8(28, 'State'),
  ]),
]
