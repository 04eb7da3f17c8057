/** Transmit descriptors as words (SDM 3.3): words 0 and 1 are the address of the buffer, or the offsets of a context. */

/** Word 2, bits 31:24: the command. */
export const COMMAND = {
  EOP: 1 << 24,
  IFCS: 1 << 25,
  /** Of a legacy descriptor. */
  IC: 1 << 26,
  /** Of an extended one. */
  TSE: 1 << 26,
  RS: 1 << 27,
  DEXT: 1 << 29,
  VLE: 1 << 30,
  IDE: 1 << 31,
  /** Of a context: what it describes. */
  TCP: 1 << 24,
  IPV4: 1 << 25,
} as const
export const LEGACY_LENGTH = 0xffff
export const EXTENDED_LENGTH = 0xf_ffff
export const CSO_SHIFT = 16
export const TYPE_MASK = 0x00f0_0000
export const TYPE_CONTEXT = 0
export const TYPE_DATA = 0x0010_0000
/** Word 3. */
export const DD = 1
export const CSS_SHIFT = 8
export const OPTION = { IXSM: 1 << 8, TXSM: 1 << 9 } as const
export const SPECIAL_SHIFT = 16
export const HDRLEN_SHIFT = 8
export const MSS_SHIFT = 16

/** Longest frame that is sent, bytes without CRC (SDM 3.3.3.1). */
export const MOST_SENT = 16_288
