/** Records of the kernel's own routines. */
import { fn, inline, ptr, struct, u16, u32, u8 } from './field'
import type { StructTable } from './types'

export const wdmStructs: readonly StructTable[] = [
  struct('KDPC_WATCHDOG_INFORMATION', 20, ['PKDPC_WATCHDOG_INFORMATION'], 'wdm.h', [
    u32(0, 'DpcTimeLimit', 'ULONG', { doc: '0: a DPC may run as long as it likes' }),
    u32(4, 'DpcTimeCount'),
    u32(8, 'DpcWatchdogLimit', 'ULONG', { doc: '0: no limit for DPCs one after the other' }),
    u32(12, 'DpcWatchdogCount'),
    u32(16, 'Reserved', 'ULONG', { reserved: true }),
  ]),
  struct('OBJECT_ATTRIBUTES', 24, ['POBJECT_ATTRIBUTES'], 'wdm.h', [
    u32(0, 'Length', 'ULONG', { doc: 'bytes of this record' }),
    ptr(4, 'RootDirectory', 'HANDLE', { doc: 'where ObjectName begins; 0: at the root' }),
    ptr(8, 'ObjectName', 'PUNICODE_STRING', { target: 'UNICODE_STRING' }),
    u32(12, 'Attributes', 'ULONG', { doc: 'OBJ_* bits' }),
    ptr(16, 'SecurityDescriptor'),
    ptr(20, 'SecurityQualityOfService'),
  ]),
  struct('KEY_VALUE_BASIC_INFORMATION', 16, ['PKEY_VALUE_BASIC_INFORMATION'], 'wdm.h', [
    u32(0, 'TitleIndex'),
    u32(4, 'Type', 'ULONG', { doc: 'REG_*' }),
    u32(8, 'NameLength', 'ULONG', { doc: 'bytes' }),
    u16(12, 'Name', 'WCHAR', { doc: 'the first character of the name' }),
  ]),
  struct('KEY_VALUE_FULL_INFORMATION', 24, ['PKEY_VALUE_FULL_INFORMATION'], 'wdm.h', [
    u32(0, 'TitleIndex'),
    u32(4, 'Type', 'ULONG', { doc: 'REG_*' }),
    u32(8, 'DataOffset', 'ULONG', { doc: 'of the data in this record' }),
    u32(12, 'DataLength', 'ULONG', { doc: 'bytes' }),
    u32(16, 'NameLength', 'ULONG', { doc: 'bytes' }),
    u16(20, 'Name', 'WCHAR', { doc: 'the first character of the name' }),
  ]),
  struct('KEY_VALUE_PARTIAL_INFORMATION', 16, ['PKEY_VALUE_PARTIAL_INFORMATION'], 'wdm.h', [
    u32(0, 'TitleIndex'),
    u32(4, 'Type', 'ULONG', { doc: 'REG_*' }),
    u32(8, 'DataLength', 'ULONG', { doc: 'bytes' }),
    u8(12, 'Data', 'UCHAR', { doc: 'the first byte of the data' }),
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
