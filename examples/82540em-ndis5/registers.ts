// Registers of the Intel 82540EM, as far as this driver uses them. Offsets from the memory BAR, names and sections of the
// 8254x Software Developer's Manual (SDM), chapter 13.

export const VENDOR_INTEL = 0x8086
export const DEVICE_82540EM = 0x100e
/** Bytes of the memory BAR. */
export const REGISTER_BYTES = 0x2_0000

export const REG = {
  CTRL: 0x0000,
  STATUS: 0x0008,
  EERD: 0x0014,
  ICR: 0x00c0,
  ITR: 0x00c4,
  IMS: 0x00d0,
  IMC: 0x00d8,
  RCTL: 0x0100,
  TCTL: 0x0400,
  TIPG: 0x0410,
  RDBAL: 0x2800,
  RDBAH: 0x2804,
  RDLEN: 0x2808,
  RDH: 0x2810,
  RDT: 0x2818,
  RDTR: 0x2820,
  RADV: 0x282c,
  TDBAL: 0x3800,
  TDBAH: 0x3804,
  TDLEN: 0x3808,
  TDH: 0x3810,
  TDT: 0x3818,
  TIDV: 0x3820,
  TADV: 0x382c,
  /** 128 words of 32 bits: the multicast hash. */
  MTA: 0x5200,
  /** 16 pairs of RAL and RAH, 8 bytes apart: the exact addresses. */
  RAL: 0x5400,
  RAH: 0x5404,
} as const

/** Statistics (SDM 13.7): a read clears them. Those of two words have the low one first; reading the high one clears both. */
export const STATISTIC = {
  CRCERRS: 0x4000,
  ALGNERRC: 0x4004,
  RXERRC: 0x400c,
  /** Frames that were missed: no descriptor, and no room in the NIC. */
  MPC: 0x4010,
  SCC: 0x4014,
  ECOL: 0x4018,
  MCC: 0x401c,
  LATECOL: 0x4020,
  DC: 0x4030,
  GPRC: 0x4074,
  GPTC: 0x4080,
} as const

export const CTRL = { LRST: 1 << 3, ASDE: 1 << 5, SLU: 1 << 6, RST: 1 << 26, PHY_RST: 0x8000_0000 } as const
export const STATUS = { LU: 1 << 1, SPEED_SHIFT: 6, SPEED_MASK: 3 } as const
export const EERD = { START: 1 << 0, DONE: 1 << 4, ADDRESS_SHIFT: 8, DATA_SHIFT: 16 } as const
/** Causes in ICR, IMS and IMC (SDM 13.4.17). */
export const CAUSE = { TXDW: 1 << 0, LSC: 1 << 2, RXDMT0: 1 << 4, RXO: 1 << 6, RXT0: 1 << 7 } as const
export const RCTL = { EN: 1 << 1, UPE: 1 << 3, MPE: 1 << 4, BAM: 1 << 15, SECRC: 1 << 26 } as const
export const TCTL = { EN: 1 << 1, PSP: 1 << 3, CT_SHIFT: 4, COLD_SHIFT: 12 } as const
export const RAH_AV = 0x8000_0000

/** Descriptors have 16 bytes, read here as four words (SDM 3.2.3, 3.3.3). */
export const DESCRIPTOR_BYTES = 16
/** Upper byte of the third word of a transmit descriptor. */
export const TX_COMMAND = { EOP: 1 << 24, IFCS: 1 << 25, RS: 1 << 27, IDE: 0x8000_0000 } as const
/** Fourth word of a transmit descriptor. */
export const TX_STATUS = { DD: 1 << 0, EC: 1 << 1, LC: 1 << 2 } as const
/** Fourth word of a receive descriptor: status, and errors in the second byte (CE, SE, SEQ, CXE, RXE). */
export const RX_STATUS = { DD: 1 << 0, EOP: 1 << 1, ERRORS: 0x9700 } as const

/** What a read gives when nobody answers: the card was pulled. */
export const GONE = 0xffff_ffff
/** Sum of the first 64 words of the EEPROM (SDM 5.6.35). */
export const EEPROM_WORDS = 64
export const EEPROM_SUM = 0xbaba
