/**
 * NDIS's own records in shared memory: the system area. The host reads them while a worker stands at a breakpoint,
 * so everything that a view shows is here and nowhere else.
 */
import type { FieldTable, ScalarType, StructTable } from './types'

type Row = readonly [name: string, type: ScalarType, doc: string, target?: string]
const WIDTH: Record<string, number> = { u8: 1, u16: 2, u32: 4, i32: 4, ptr: 4, u64: 8 }

const record = (name: string, rows: readonly Row[]): StructTable => {
  let offset = 0
  const fields: FieldTable[] = rows.map(([field, type, doc, target]) => {
    const size = WIDTH[type] ?? 4
    offset = Math.ceil(offset / size) * size
    const entry = { name: field, offset, size, type, ctype: type === 'ptr' ? 'PVOID' : type === 'u64' ? 'ULONGLONG' : 'ULONG', doc, ...(target ? { target } : {}) }
    offset += size
    return entry
  })
  return { name, size: Math.ceil(offset / 8) * 8, fields, kind: 'struct', pointerNames: [], visibility: 'system', source: 'NDIS Workbench' }
}

export const SYSTEM_TABLES: readonly StructTable[] = [
  record('SYS_MACHINE', [
    ['Signature', 'u32', "'NDWB'"],
    ['State', 'u32', '0 not started, 1 running, 2 finished, 3 bugchecked'],
    ['Slice', 'i32', 'ticks (100 ns) left until SliceEnd; now = SliceEnd - Slice'],
    ['CurrentCpu', 'u32', 'CPU that executes'],
    ['SliceEnd', 'u64', 'virtual time of the next alarm, 100 ns ticks'],
    ['CpuCount', 'u32', '1 to 8'],
    ['Cpus', 'ptr', 'array of SYS_CPU', 'SYS_CPU'],
    ['ActivationDepth', 'u32', 'live entries of Activations'],
    ['Activations', 'ptr', 'array of SYS_ACTIVATION, outermost first', 'SYS_ACTIVATION'],
    ['Seed', 'u32', 'seed of the scheduler'],
    ['Platform', 'u32', '0 nt, 1 ce'],
    ['Pools', 'ptr', 'newest descriptor pool; list through Next', 'SYS_POOL'],
    ['Locks', 'ptr', 'newest known lock; list through Next', 'SYS_LOCK'],
    ['HeapStart', 'ptr', 'first SYS_BLOCK of tagged pool; blocks lie one after the other', 'SYS_BLOCK'],
    ['HeapEnd', 'ptr', 'end of the used part of tagged pool'],
    ['HeapLimit', 'ptr', 'end of tagged pool'],
    ['ImageStart', 'ptr', "driver image: storage() and NDIS's strings"],
    ['ImageEnd', 'ptr', 'end of the used part of the image'],
    ['Shadow', 'ptr', 'one byte per 8 bytes of memory: see src/core/memory/shadow.ts'],
    ['BugcheckCode', 'u32', '0 unless State is 3'],
    ['Irqs', 'u32', 'interrupts delivered'],
    ['Where', 'u32', 'CPU << 16 | IRQL << 20 of what executes, as in an event record'],
    ['LocksHeld', 'u32', 'spin locks that the current CPU holds'],
    ['Context', 'u32', 'low byte: index of the innermost activation (255: none); above: virtual time >> 32'],
  ]),
  record('SYS_CPU', [
    ['Irql', 'u32', 'current IRQL'],
    ['LocksHeld', 'u32', 'spin locks held by what runs here'],
    ['DpcsQueued', 'u32', 'DPCs waiting'],
    ['InterruptsPending', 'u32', 'interrupts waiting for a lower IRQL'],
    ['Activation', 'i32', 'index in Activations of the innermost activation here, -1 when idle'],
    ['Reserved', 'u32', ''],
  ]),
  record('SYS_ACTIVATION', [
    ['Cpu', 'u32', 'CPU'],
    ['Kind', 'u32', '1 thread, 2 DPC, 3 ISR, 4 timer DPC, 5 work item, 6 synchronized with interrupt, 7 callback'],
    ['Irql', 'u32', 'IRQL at entry'],
    ['LocksAtEntry', 'u32', 'locks held at entry'],
    ['Name', 'ptr', 'ASCII, zero-terminated: MiniportInitialize, timer function ...'],
    ['StartLow', 'u32', 'virtual time at entry, low word'],
    ['StartHigh', 'u32', 'high word'],
    ['Reserved', 'u32', ''],
  ]),
  record('SYS_BLOCK', [
    ['State', 'u32', '0x0A110CED allocated, 0xF4EEF4EE freed (quarantined), 0xF4EEB10C free for reuse'],
    ['TotalSize', 'u32', 'bytes of the whole block, this header included; the next block follows'],
    ['Size', 'u32', 'bytes requested'],
    ['AllocSite', 'u32', 'call site that allocated'],
    ['AllocEvent', 'u32', 'event number of the allocation'],
    ['FreeSite', 'u32', 'call site that freed'],
    ['Owner', 'u32', '0 driver, 1 NDIS (pools, contexts)'],
    ['NextFree', 'ptr', 'free list link'],
    ['PoolHeader', 'u32', 'POOL_HEADER: PreviousSize, PoolIndex, BlockSize, PoolType as on 32-bit Windows'],
    ['PoolTag', 'u32', 'POOL_HEADER: tag, first character in the low byte'],
  ]),
  record('SYS_POOL', [
    ['FreeList', 'ptr', 'first free descriptor, 0 when none; link in SYS_DESCRIPTOR.State'],
    ['Frontier', 'ptr', 'first descriptor never used yet; the high-water mark is (Frontier - First) / Stride'],
    ['End', 'ptr', 'end of the descriptors'],
    ['First', 'ptr', 'first descriptor (not its SYS_DESCRIPTOR)'],
    ['Kind', 'u32', '1 NDIS_PACKET, 2 buffer, 3 NET_BUFFER, 4 NET_BUFFER_LIST'],
    ['State', 'u32', '1 live, 2 freed'],
    ['Tag', 'u32', 'pool tag'],
    ['Stride', 'u32', 'bytes from one descriptor to the next'],
    ['DescriptorSize', 'u32', 'bytes of one descriptor with its reserved areas'],
    ['Capacity', 'u32', 'descriptors of the static part (0: no fixed limit)'],
    ['Overflow', 'u32', 'overflow descriptors allowed'],
    ['OverflowInUse', 'u32', 'overflow descriptors out'],
    ['ReservedLength', 'u32', 'ProtocolReservedLength'],
    ['DataSize', 'u32', 'NET_BUFFER pools'],
    ['ContextSize', 'u32', 'NET_BUFFER_LIST pools'],
    ['Flags', 'u32', 'bit 0 fAllocateNetBuffer, bit 1 used through NonInterlocked forms, bit 2 used through interlocked forms, bit 3 of NDIS, bit 4 of the workbench\'s own protocol and miniport'],
    ['ProtocolId', 'u32', 'NET_BUFFER_LIST pools'],
    ['AllocSite', 'u32', 'call site that allocated the pool'],
    ['FreeSite', 'u32', 'call site that freed it'],
    ['Next', 'ptr', 'older pool', 'SYS_POOL'],
    ['InUse', 'u32', 'pools without a fixed limit count here; others derive it from the free list'],
    ['HighWater', 'u32', 'likewise'],
    ['Live', 'ptr', 'pools without a fixed limit: newest live descriptor, list through SYS_DESCRIPTOR.Next', 'SYS_DESCRIPTOR'],
    ['Template', 'u32', 'packet pools: last word of NDIS_PACKET_PRIVATE of a new packet'],
  ]),
  record('SYS_DESCRIPTOR', [
    ['State', 'u32', 'odd: allocated, bits 1-2 the form (0 plain, 1 Dpr, 2 NonInterlocked), bit 3 overflow, bit 4 owned by NDIS or by the receiver; even: link to the next free descriptor'],
    ['AllocSite', 'u32', 'call site of the last allocation'],
    ['FreeSite', 'u32', 'call site of the last free'],
    ['AllocEvent', 'u32', 'event number of the last allocation'],
    ['Next', 'ptr', 'pools without a fixed limit: list of the live ones', 'SYS_DESCRIPTOR'],
    ['Prev', 'ptr', ''],
    ['Pool', 'ptr', 'pools without a fixed limit: the pool', 'SYS_POOL'],
    ['Length', 'u32', 'buffers: bytes described at allocation'],
    ['Way', 'u32', 'while out of its owner\'s hands: who sent or indicated it, who holds it (src/core/ndis/way.ts)'],
    ['SentSite', 'u32', 'call site that sent or indicated it last'],
    ['SentLow', 'u32', 'virtual time of that, ticks, low word'],
    ['SentHigh', 'u32', 'high word'],
  ]),
  record('SYS_LOCK', [
    ['Address', 'ptr', 'the NDIS_SPIN_LOCK', 'NDIS_SPIN_LOCK'],
    ['State', 'u32', '0 freed, 1 free, 2 held'],
    ['OwnerCpu', 'u32', 'CPU that holds it'],
    ['OwnerActivation', 'u32', 'index of the activation that took it'],
    ['AcquireSite', 'u32', 'call site of the acquire'],
    ['AcquireForm', 'u32', '1 NdisAcquireSpinLock, 2 NdisDprAcquireSpinLock'],
    ['AcquireLow', 'u32', 'virtual time of the acquire, low word'],
    ['AcquireHigh', 'u32', 'high word'],
    ['InitSite', 'u32', 'call site of NdisAllocateSpinLock'],
    ['Acquires', 'u32', 'how often acquired'],
    ['Releases', 'u32', 'how often released'],
    ['Next', 'ptr', 'older lock', 'SYS_LOCK'],
  ]),
]
