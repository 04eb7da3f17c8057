/** What special pool looks after: how a driver gets it, and how it gives it back. */

/** A cell that does not apply, and why. */
export interface NotThere {
  readonly not: string
}

export interface Kind {
  readonly name: string
  /** What a report calls it. */
  readonly object: string
  /** Bytes that the driver may touch from `at` on. */
  readonly size: number
  /** What comes before the allocation: pools, lists. */
  readonly before?: string
  /** The one line that allocates; its function. */
  readonly make: string
  readonly maker: string
  /** Puts its address in `at`. */
  readonly then?: string
  /** The one line that frees; its function. */
  readonly free: string
  readonly freer: string
  /** Gives back what came before. */
  readonly after?: string
  /** The function of `after` that looks at what lies behind each descriptor; for others the free does. */
  readonly pooled?: string
  /** What lies right in front of the object tells when it was written to. */
  readonly header: true | NotThere
  /** What else is broken when it is zeroed and then freed. */
  readonly spoiled?: readonly string[]
  /** The same thing freed by a function that is not for it: its line, its function, what it breaks. */
  readonly wrongFree: { readonly line: string; readonly fn: string; readonly rule: string }
  readonly doubleFree?: string
  /** Freed with another tag: line and function. */
  readonly tag: { readonly line: string; readonly fn: string } | NotThere
  /** Left behind when the driver is unloaded, and when its adapter is halted: what it breaks. */
  readonly leak: string
  readonly halt: string | NotThere
  /** Its memory holds what nobody wrote. */
  readonly fresh: true | NotThere
}

const NOTES: NotThere = {
  not: 'what lies in front of a descriptor are times and call sites, which any value fits; a device that writes there is seen as it does',
}
const NO_TAG: NotThere = { not: 'it is freed without a tag' }
const ZEROED: NotThere = { not: 'NDIS initializes all of it' }
const OF_THE_DRIVER: NotThere = { not: 'it belongs to the driver, not to an adapter: it may outlive a halt' }
/** What the descriptors of all pools of the driver have in common. */
const DESCRIPTOR = {
  tag: NO_TAG,
  leak: 'DV:LeakAtUnload',
  halt: OF_THE_DRIVER,
  fresh: ZEROED,
  header: NOTES,
} as const
const OTHER = '0x31676154'

const POOL_MEMORY = {
  object: 'pool memory',
  size: 24,
  wrongFree: { line: 'NdisFreePacket(at)', fn: 'NdisFreePacket', rule: 'DV:FreeUnallocated' },
  leak: 'DV:LeakAtUnload',
  halt: OF_THE_DRIVER,
  fresh: true,
  header: true,
} as const
const PACKET_POOL = 'NdisAllocatePacketPoolEx(Status, Pool, 1, 1, 16)'
const LIST = {
  object: 'lookaside block',
  size: 24,
  tag: NO_TAG,
  leak: 'DV:LeakAtUnload',
  halt: OF_THE_DRIVER,
  fresh: true,
  header: true,
} as const
const NET_BUFFER_POOL = `const pool = netBufferPool(0)
const mdl = NdisAllocateMdl(adapter, Data, 64)`

export const KINDS: readonly Kind[] = [
  {
    ...POOL_MEMORY,
    name: 'NdisAllocateMemory',
    maker: 'NdisAllocateMemory',
    make: 'NdisAllocateMemory(Address, 24, 0, 0xffff_ffffn)',
    then: 'at = Address.value',
    free: 'NdisFreeMemory(at, 24, 0)',
    freer: 'NdisFreeMemory',
    tag: NO_TAG,
  },
  {
    ...POOL_MEMORY,
    name: 'NdisAllocateMemoryWithTag',
    maker: 'NdisAllocateMemoryWithTag',
    make: 'NdisAllocateMemoryWithTag(Address, 24, TAG)',
    then: 'at = Address.value',
    free: 'NdisFreeMemory(at, 24, 0)',
    freer: 'NdisFreeMemory',
    tag: { line: `NdisFreeMemoryWithTag(at, ${OTHER})`, fn: 'NdisFreeMemoryWithTag' },
  },
  {
    ...POOL_MEMORY,
    name: 'NdisAllocateMemoryWithTagPriority',
    maker: 'NdisAllocateMemoryWithTagPriority',
    make: 'at = NdisAllocateMemoryWithTagPriority(adapter, 24, TAG, NormalPoolPriority)',
    free: 'NdisFreeMemoryWithTagPriority(adapter, at, TAG)',
    freer: 'NdisFreeMemoryWithTagPriority',
    tag: { line: `NdisFreeMemoryWithTagPriority(adapter, at, ${OTHER})`, fn: 'NdisFreeMemoryWithTagPriority' },
  },
  {
    ...POOL_MEMORY,
    name: 'ExAllocatePool2',
    maker: 'ExAllocatePool2',
    make: 'at = ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_UNINITIALIZED, 24, TAG)',
    free: 'ExFreePoolWithTag(at, TAG)',
    freer: 'ExFreePoolWithTag',
    tag: { line: `ExFreePoolWithTag(at, ${OTHER})`, fn: 'ExFreePoolWithTag' },
  },
  {
    ...POOL_MEMORY,
    name: 'ExAllocatePoolWithTag',
    maker: 'ExAllocatePoolWithTag',
    make: 'at = ExAllocatePoolWithTag(NonPagedPool, 24, TAG)',
    free: 'ExFreePool(at)',
    freer: 'ExFreePool',
    tag: { line: `ExFreePoolWithTag(at, ${OTHER})`, fn: 'ExFreePoolWithTag' },
    wrongFree: {
      line: 'NdisMFreeSharedMemory(adapter, 24, true, at, BigInt(at + 0x4000_0000))',
      fn: 'NdisMFreeSharedMemory',
      rule: 'DV:DmaMisuse',
    },
  },
  {
    name: 'NDIS_PACKET',
    object: 'NDIS_PACKET',
    size: 152,
    spoiled: ['DV:SpecialPoolPatternBroken'],
    before: PACKET_POOL,
    maker: 'NdisAllocatePacket',
    make: 'NdisAllocatePacket(Status, Address, Pool.value)',
    then: 'at = Address.value',
    free: 'NdisFreePacket(at)',
    freer: 'NdisFreePacket',
    after: 'NdisFreePacketPool(Pool.value)',
    pooled: 'NdisFreePacketPool',
    wrongFree: { line: 'NdisFreeMemory(at, 0, 0)', fn: 'NdisFreeMemory', rule: 'DV:FreeUnallocated' },
    ...DESCRIPTOR,
  },
  {
    name: 'NDIS_PACKET beyond the size of its pool',
    object: 'NDIS_PACKET',
    size: 152,
    spoiled: ['DV:SpecialPoolPatternBroken'],
    before: `${PACKET_POOL}; NdisAllocatePacket(Status, Address, Pool.value); const first = Address.value`,
    maker: 'NdisAllocatePacket',
    make: 'NdisAllocatePacket(Status, Address, Pool.value)',
    then: 'at = Address.value',
    free: 'NdisFreePacket(at)',
    freer: 'NdisFreePacket',
    after: 'NdisFreePacket(first); NdisFreePacketPool(Pool.value)',
    wrongFree: { line: 'ExFreePool(at)', fn: 'ExFreePool', rule: 'DV:FreeUnallocated' },
    ...DESCRIPTOR,
  },
  {
    name: 'NDIS_BUFFER',
    object: 'NDIS_BUFFER',
    size: 96,
    before: 'NdisAllocateBufferPool(Status, Pool, 2)',
    maker: 'NdisAllocateBuffer',
    make: 'NdisAllocateBuffer(Status, Address, Pool.value, Data, 64)',
    then: 'at = Address.value',
    free: 'NdisFreeBuffer(at)',
    freer: 'NdisFreeBuffer',
    after: 'NdisFreeBufferPool(Pool.value)',
    pooled: 'NdisFreeBufferPool',
    spoiled: ['BufferLengthNotRestored'],
    wrongFree: { line: 'NdisFreeMdl(at)', fn: 'NdisFreeMdl', rule: 'MdlPairing' },
    ...DESCRIPTOR,
  },
  {
    name: 'MDL of NdisAllocateMdl',
    object: 'MDL',
    size: 32,
    maker: 'NdisAllocateMdl',
    make: 'at = NdisAllocateMdl(adapter, Data, 64)',
    free: 'NdisFreeMdl(at)',
    freer: 'NdisFreeMdl',
    wrongFree: { line: 'IoFreeMdl(at)', fn: 'IoFreeMdl', rule: 'MdlPairing' },
    tag: NO_TAG,
    // Told at halt, and not once more at unload.
    leak: 'NdisAllocateMdl',
    halt: 'NdisAllocateMdl',
    fresh: ZEROED,
    header: NOTES,
  },
  {
    name: 'MDL of IoAllocateMdl',
    object: 'MDL',
    size: 32,
    maker: 'IoAllocateMdl',
    make: 'at = IoAllocateMdl(Data, 64, false, false, 0)',
    free: 'IoFreeMdl(at)',
    freer: 'IoFreeMdl',
    wrongFree: { line: 'NdisFreeBuffer(at)', fn: 'NdisFreeBuffer', rule: 'MdlPairing' },
    ...DESCRIPTOR,
  },
  {
    name: 'NET_BUFFER',
    object: 'NET_BUFFER',
    size: 96,
    before: NET_BUFFER_POOL,
    maker: 'NdisAllocateNetBuffer',
    make: 'at = NdisAllocateNetBuffer(pool, mdl, 0, 64)',
    free: 'NdisFreeNetBuffer(at)',
    freer: 'NdisFreeNetBuffer',
    after: 'NdisFreeMdl(mdl); NdisFreeNetBufferPool(pool)',
    wrongFree: { line: 'NdisFreeMemory(at, 0, 0)', fn: 'NdisFreeMemory', rule: 'DV:FreeUnallocated' },
    ...DESCRIPTOR,
  },
  {
    name: 'NET_BUFFER_LIST',
    object: 'NET_BUFFER_LIST',
    size: 168,
    before: 'const pool = listPool(0, 0)',
    maker: 'NdisAllocateNetBufferList',
    make: 'at = NdisAllocateNetBufferList(pool, 0, 0)',
    free: 'NdisFreeNetBufferList(at)',
    freer: 'NdisFreeNetBufferList',
    after: 'NdisFreeNetBufferListPool(pool)',
    wrongFree: { line: 'NdisFreeNetBuffer(at)', fn: 'NdisFreeNetBuffer', rule: 'DV:FreeUnallocated' },
    ...DESCRIPTOR,
  },
  {
    ...LIST,
    name: 'block of an NPAGED_LOOKASIDE_LIST',
    before: `const List = storage(NPAGED_LOOKASIDE_LIST)
NdisInitializeNPagedLookasideList(List, null, null, 0, 24, TAG, 0)`,
    maker: 'NdisAllocateFromNPagedLookasideList',
    make: 'at = NdisAllocateFromNPagedLookasideList(List)',
    free: 'NdisFreeToNPagedLookasideList(List, at)',
    freer: 'NdisFreeToNPagedLookasideList',
    after: 'NdisDeleteNPagedLookasideList(List)',
    wrongFree: { line: 'NdisFreePacket(at)', fn: 'NdisFreePacket', rule: 'DV:FreeUnallocated' },
  },
  {
    ...LIST,
    name: 'block of a LOOKASIDE_LIST_EX',
    before: `const List = storage(LOOKASIDE_LIST_EX)
ExInitializeLookasideListEx(List, null, null, NonPagedPool, 0, 24, TAG, 0)`,
    maker: 'ExAllocateFromLookasideListEx',
    make: 'at = ExAllocateFromLookasideListEx(List)',
    free: 'ExFreeToLookasideListEx(List, at)',
    freer: 'ExFreeToLookasideListEx',
    after: 'ExDeleteLookasideListEx(List)',
    wrongFree: { line: 'NdisFreeNetBufferList(at)', fn: 'NdisFreeNetBufferList', rule: 'DV:FreeUnallocated' },
  },
  {
    name: 'shared memory',
    object: 'shared memory',
    size: 24,
    maker: 'NdisMAllocateSharedMemory',
    make: 'NdisMAllocateSharedMemory(adapter, 24, true, Address, Physical)',
    then: 'at = Address.value',
    free: 'NdisMFreeSharedMemory(adapter, 24, true, at, BigInt(at + 0x4000_0000))',
    freer: 'NdisMFreeSharedMemory',
    wrongFree: { line: 'NdisFreeMemory(at, 24, 0)', fn: 'NdisFreeMemory', rule: 'DV:FreeUnallocated' },
    doubleFree: 'DV:DmaMisuse',
    tag: NO_TAG,
    leak: 'DV:DmaMisuse',
    halt: 'DV:DmaMisuse',
    header: true,
    fresh: { not: 'a device writes it, and nobody is told what' },
  },
]
