/** Names and numbers of pcapng (draft-ietf-opsawg-pcapng, sections 3 and 4). */

/** Block types. */
export const BLOCK = {
  SECTION_HEADER: 0x0a0d_0d0a,
  INTERFACE_DESCRIPTION: 1,
  /** Obsolete; old files have it. */
  PACKET: 2,
  SIMPLE_PACKET: 3,
  INTERFACE_STATISTICS: 5,
  ENHANCED_PACKET: 6,
} as const

/** Written in the byte order of the section. */
export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d
export const MAJOR_VERSION = 1
export const MINOR_VERSION = 0

/** Type, total length, and the total length again at the end. */
export const BLOCK_FRAME_BYTES = 12
/** Where the body begins. */
export const BODY = 8

/** Option codes; those below 5 are the same in every block. */
export const OPTION = {
  END: 0,
  COMMENT: 1,
  SHB_USERAPPL: 4,
  IF_NAME: 2,
  IF_DESCRIPTION: 3,
  IF_SPEED: 8,
  IF_TSRESOL: 9,
  IF_FCSLEN: 13,
  IF_TSOFFSET: 14,
  EPB_FLAGS: 2,
  ISB_STARTTIME: 2,
  ISB_ENDTIME: 3,
  ISB_IFRECV: 4,
  ISB_IFDROP: 5,
} as const

/** epb_flags: bits 0 and 1 are the direction, the high half-word errors of the link layer. */
export const FLAGS = { DIRECTION: 3, INBOUND: 1, OUTBOUND: 2, CRC_ERROR: 1 << 24 } as const

/** if_tsresol: the high bit says that the rest is a power of two instead of ten. */
export const RESOLUTION = { BINARY: 0x80, EXPONENT: 0x7f, MICROSECONDS: 6, NANOSECONDS: 9 } as const
