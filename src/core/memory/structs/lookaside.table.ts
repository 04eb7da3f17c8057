/** Lookaside lists: the record behind all of them, and the two kinds that network drivers keep. */
import { fn, inline, ptr, struct, u16, u32 } from './field'
import type { FieldTable, StructTable } from './types'

/** GENERAL_LOOKASIDE_LAYOUT of wdm.h. */
const layout: readonly FieldTable[] = [
  inline(0, 'ListHead', 'SLIST_HEADER', 8, { doc: 'blocks that wait to be given out again' }),
  u16(8, 'Depth', 'USHORT', { doc: 'most blocks that wait' }),
  u16(10, 'MaximumDepth'),
  u32(12, 'TotalAllocates', 'ULONG', { doc: 'blocks given out so far' }),
  u32(16, 'AllocateMisses', 'ULONG', { doc: 'those that had to be allocated' }),
  u32(20, 'TotalFrees', 'ULONG', { doc: 'blocks taken back so far' }),
  u32(24, 'FreeMisses', 'ULONG', { doc: 'those that were freed because enough waited' }),
  u32(28, 'Type', 'POOL_TYPE'),
  u32(32, 'Tag'),
  u32(36, 'Size', 'ULONG', { doc: 'bytes of each block' }),
  fn(40, 'AllocateEx', 'PALLOCATE_FUNCTION_EX', { union: 1, target: 'ALLOCATE_FUNCTION_EX' }),
  fn(40, 'Allocate', 'PALLOCATE_FUNCTION', { union: 1, target: 'ALLOCATE_FUNCTION', doc: '0: from pool' }),
  fn(44, 'FreeEx', 'PFREE_FUNCTION_EX', { union: 2, target: 'FREE_FUNCTION_EX' }),
  fn(44, 'Free', 'PFREE_FUNCTION', { union: 2, target: 'FREE_FUNCTION', doc: '0: to pool' }),
  inline(48, 'ListEntry', 'LIST_ENTRY', 8),
  u32(56, 'LastTotalAllocates'),
  u32(60, 'LastAllocateMisses'),
  u32(64, 'Future', 'ULONG', { count: 2, reserved: true }),
]

export const lookasideStructs: readonly StructTable[] = [
  struct('GENERAL_LOOKASIDE', 128, ['PGENERAL_LOOKASIDE'], 'wdm.h', layout),
  struct('GENERAL_LOOKASIDE_POOL', 72, ['PGENERAL_LOOKASIDE_POOL'], 'wdm.h', layout),
  struct('NPAGED_LOOKASIDE_LIST', 192, ['PNPAGED_LOOKASIDE_LIST'], 'wdm.h', [
    inline(0, 'L', 'GENERAL_LOOKASIDE', 128),
    ptr(128, 'Lock__ObsoleteButDoNotDelete', 'KSPIN_LOCK', { reserved: true }),
  ]),
  struct('LOOKASIDE_LIST_EX', 72, ['PLOOKASIDE_LIST_EX'], 'wdm.h', [inline(0, 'L', 'GENERAL_LOOKASIDE_POOL', 72)]),
]
