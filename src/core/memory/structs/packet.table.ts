/** NDIS 3 to 5 packets and buffers. An NDIS_BUFFER is an MDL. */
import { bool, bytes, group, i16, i32, i64, inline, ptr, struct, u16, u32, u64, u8, union } from './field'
import type { StructTable } from './types'

export const packetStructs: readonly StructTable[] = [
  struct('NDIS_BUFFER', 28, ['PNDIS_BUFFER'], 'ndis.h', [
    ptr(0, 'Next', 'PMDL', { target: 'MDL', doc: 'next buffer of the chain' }),
    i16(4, 'Size', 'CSHORT', { doc: 'bytes of the MDL with its page numbers' }),
    i16(6, 'MdlFlags', 'CSHORT', { doc: 'MDL_* bits' }),
    ptr(8, 'Process', 'PEPROCESS'),
    ptr(12, 'MappedSystemVa', 'PVOID', { doc: 'system address of the first byte' }),
    ptr(16, 'StartVa', 'PVOID', { doc: 'page that holds the first byte' }),
    u32(20, 'ByteCount', 'ULONG', { doc: 'bytes described' }),
    u32(24, 'ByteOffset', 'ULONG', { doc: 'offset of the first byte in its page' }),
  ]),
  struct('NDIS_STRING', 8, ['PNDIS_STRING'], 'ndis.h', [
    u16(0, 'Length', 'USHORT', { doc: 'bytes, without a terminator' }),
    u16(2, 'MaximumLength', 'USHORT', { doc: 'bytes that Buffer has room for' }),
    ptr(4, 'Buffer', 'PWSTR', { doc: 'UTF-16 text' }),
  ]),
  struct('NDIS_ANSI_STRING', 8, ['PNDIS_ANSI_STRING'], 'ndis.h', [
    u16(0, 'Length', 'USHORT', { doc: 'bytes, without a terminator' }),
    u16(2, 'MaximumLength', 'USHORT', { doc: 'bytes that Buffer has room for' }),
    ptr(4, 'Buffer', 'PCHAR'),
  ]),
  union('NDIS_PHYSICAL_ADDRESS', 8, ['PNDIS_PHYSICAL_ADDRESS'], 'ndis.h', [
    u32(0, 'LowPart', 'ULONG', { union: 1 }),
    i32(4, 'HighPart', 'LONG', { union: 1 }),
    group(0, 'u', 8, [
      u32(0, 'LowPart'),
      i32(4, 'HighPart'),
    ], { union: 1 }),
    i64(0, 'QuadPart', 'LONGLONG', { union: 1 }),
  ]),
  struct('NDIS_PACKET_PRIVATE', 32, ['PNDIS_PACKET_PRIVATE'], 'ndis.h', [
    u32(0, 'PhysicalCount', 'UINT', { doc: 'physical pages that the chain spans, a maximum' }),
    u32(4, 'TotalLength', 'UINT', { doc: 'bytes in all chained buffers, valid while ValidCounts is TRUE' }),
    ptr(8, 'Head', 'PNDIS_BUFFER', { target: 'NDIS_BUFFER', doc: 'first chained buffer' }),
    ptr(12, 'Tail', 'PNDIS_BUFFER', { target: 'NDIS_BUFFER', doc: 'last chained buffer' }),
    ptr(16, 'Pool', 'PNDIS_PACKET_POOL', { doc: 'pool that the descriptor came from' }),
    u32(20, 'Count', 'UINT', { doc: 'buffers in the chain, valid while ValidCounts is TRUE' }),
    u32(24, 'Flags', 'ULONG', { doc: 'packet flags of the protocol' }),
    bool(28, 'ValidCounts', 'BOOLEAN', { doc: 'FALSE: the counts must be computed again' }),
    u8(29, 'NdisPacketFlags', 'UCHAR', { doc: 'flags of NDIS' }),
    u16(30, 'NdisPacketOobOffset', 'USHORT', { doc: 'bytes from the packet to its NDIS_PACKET_OOB_DATA' }),
  ]),
  struct('NDIS_PACKET', 60, ['PNDIS_PACKET'], 'ndis.h', [
    inline(0, 'Private', 'NDIS_PACKET_PRIVATE', 32, { doc: 'for NDIS; read it through the packet macros' }),
    u8(32, 'MiniportReserved', 'UCHAR', { count: 8, union: 1, doc: 'for the miniport while it owns the packet' }),
    u8(40, 'WrapperReserved', 'UCHAR', { count: 8, union: 1, reserved: true, doc: 'for NDIS' }),
    u8(32, 'MiniportReservedEx', 'UCHAR', { count: 12, union: 1, doc: 'for deserialized and CoNDIS miniports; its last pointer overlaps WrapperReserved' }),
    u8(44, 'WrapperReservedEx', 'UCHAR', { count: 4, union: 1, reserved: true, doc: 'for NDIS' }),
    u8(32, 'MacReserved', 'UCHAR', { count: 16, union: 1, reserved: true, doc: 'the whole reserved area as NDIS 3 named it' }),
    u32(48, 'Reserved', 'ULONG_PTR', { count: 2, reserved: true }),
    u8(56, 'ProtocolReserved', 'UCHAR', { count: 1, doc: 'first byte of ProtocolReservedLength bytes for the protocol' }),
  ]),
  struct('NDIS_PACKET_OOB_DATA', 32, ['PNDIS_PACKET_OOB_DATA'], 'ndis.h', [
    u64(0, 'TimeToSend', 'ULONGLONG', { union: 1, doc: 'when to send, system time' }),
    u64(0, 'TimeSent', 'ULONGLONG', { union: 1, doc: 'when it was sent, system time' }),
    u64(8, 'TimeReceived', 'ULONGLONG', { doc: 'when it was received, system time' }),
    u32(16, 'HeaderSize', 'UINT', { doc: 'bytes of the media header' }),
    u32(20, 'SizeMediaSpecificInfo', 'UINT', { doc: 'bytes at MediaSpecificInformation' }),
    ptr(24, 'MediaSpecificInformation'),
    i32(28, 'Status', 'NDIS_STATUS', { doc: 'outcome of the send, or whether the receiver may keep the packet' }),
  ]),
  struct('NDIS_PACKET_EXTENSION', 48, ['PNDIS_PACKET_EXTENSION'], 'ndis.h', [
    ptr(0, 'NdisPacketInfo', 'PVOID', { count: 12, doc: 'one slot for each NDIS_PER_PACKET_INFO value' }),
  ]),
  struct('NDIS_PACKET_STACK', 24, ['PNDIS_PACKET_STACK'], 'ndis.h', [
    u32(0, 'IMReserved', 'ULONG_PTR', { count: 2, reserved: true }),
    u32(8, 'NdisReserved', 'ULONG_PTR', { count: 4, reserved: true }),
  ]),
  struct('NDIS_TASK_OFFLOAD_HEADER', 28, ['PNDIS_TASK_OFFLOAD_HEADER'], 'ndis.h', [
    u32(0, 'Version'),
    u32(4, 'Size'),
    u32(8, 'Reserved', 'ULONG', { reserved: true }),
    u32(12, 'OffsetFirstTask'),
    bytes(16, 'EncapsulationFormat', 12, 'NDIS_ENCAPSULATION_FORMAT'),
  ]),
  struct('NDIS_TASK_OFFLOAD', 24, ['PNDIS_TASK_OFFLOAD'], 'ndis.h', [
    u32(0, 'Version'),
    u32(4, 'Size'),
    u32(8, 'Task', 'NDIS_TASK'),
    u32(12, 'OffsetNextTask'),
    u32(16, 'TaskBufferLength'),
    u8(20, 'TaskBuffer', 'UCHAR', { count: 1 }),
  ]),
]
