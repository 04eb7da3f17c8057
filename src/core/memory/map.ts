/** The address map: where things lie in the 32-bit address space. All values are byte addresses or sizes in bytes. */

export const WASM_PAGE = 0x1_0000
/** [0, NULL_END) is never mapped, so that a NULL pointer with a small offset faults. */
export const NULL_END = 0x1_0000
/** NDIS's own records: SYS_MACHINE, CPUs, activations, locks. Not for drivers. */
export const SYSTEM_START = 0x1_0000
export const SYSTEM_END = 0xb_0000
/** Code: a driver function has an address here (16 bytes each), but no bytes. */
export const TEXT_START = 0xb_0000
export const TEXT_END = 0x10_0000
export const TEXT_STEP = 16
/** Driver image: storage(), constant strings. */
export const IMAGE_START = 0x10_0000
export const IMAGE_END = 0x20_0000
/** Tagged pool, up to the shadow, which takes the last eighth of memory. */
export const HEAP_START = 0x20_0000

export const DEFAULT_MEMORY_BYTES = 64 * 1024 * 1024

/** Physical address of the byte at a virtual address. They differ, so that mixing them up shows. */
export const PHYSICAL_OFFSET = 0x4000_0000

/** Bytes of memory per byte of shadow. */
export const GRANULE = 8
export const GRANULE_SHIFT = 3

/** Values of a shadow byte. 1 to 8: the first that many bytes of the granule are live. */
export const SHADOW = {
  /** What zeroed memory says: nobody writes the shadow of what is never allocated. */
  UNMAPPED: 0x00,
  LIVE: GRANULE,
  /** With the number of live bytes, 1 to 8: some of them were never written since they were allocated. */
  FRESH: 0xd0,
  SYSTEM: 0xf1,
  HEADER: 0xf2,
  GUARD: 0xf3,
  FREED: 0xf4,
  /** Descriptors of a pool: SYS_DESCRIPTOR.State says whether they are live. */
  DESCRIPTOR: 0xf5,
  /** Paged pool, live up to APC_LEVEL only; 0xe1 to 0xe7: the first that many bytes of the granule are. Rules alone mark it. */
  PAGED: 0xe0,
} as const

/** Fill bytes. As 64-bit patterns all three are ordinary doubles, so that one comparison checks eight bytes. */
export const FILL = { FRESH: 0xcb, FREED: 0x6b, GUARD: 0xfd } as const
