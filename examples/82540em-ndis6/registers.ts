/**
 * Registers and descriptors of the Intel 82540EM, as its software developer's manual (SDM) names them.
 * Offsets are bytes from the start of the memory BAR; every register has 32 bits.
 */

export const VENDOR_ID = 0x8086
export const DEVICE_ID = 0x100e
/** Bytes of the memory BAR. */
export const REGISTER_BYTES = 0x2_0000

/** Offsets of registers (SDM 13.4). */
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
  /** 128 words: a bit for each of 4096 hash values. */
  MTA: 0x5200,
  /** 16 pairs of RAL and RAH, 8 bytes apart. */
  RAL: 0x5400,
  RAH: 0x5404,
} as const
export const MTA_WORDS = 128
export const RECEIVE_ADDRESSES = 16

export const CTRL = { ASDE: 1 << 5, SLU: 1 << 6, RST: 1 << 26 } as const
export const STATUS = { FD: 1 << 0, LU: 1 << 1, SPEED_SHIFT: 6, SPEED_MASK: 3 } as const
/** Speeds that STATUS.SPEED stands for, bits a second. */
export const LINK_SPEEDS = [10_000_000n, 100_000_000n, 1_000_000_000n, 1_000_000_000n] as const

export const EERD = { START: 1 << 0, DONE: 1 << 4, ADDRESS_SHIFT: 8, DATA_SHIFT: 16 } as const
export const EEPROM_WORDS = 64
/** What the words of an EEPROM add up to, modulo 2^16. */
export const EEPROM_SUM = 0xbaba

/** Interrupt causes: bits of ICR, IMS and IMC (SDM 13.4.17). */
export const CAUSE = { TXDW: 1 << 0, LSC: 1 << 2, RXDMT0: 1 << 4, RXO: 1 << 6, RXT0: 1 << 7 } as const
export const EVERY_CAUSE = 0xffff_ffff
/** What this driver wants to hear of. */
export const WANTED_CAUSES = CAUSE.TXDW | CAUSE.LSC | CAUSE.RXDMT0 | CAUSE.RXO | CAUSE.RXT0
/** What a register reads as when the device is gone from the bus. */
export const GONE = 0xffff_ffff

/** Receive control (SDM 13.4.22). BSIZE 0 without BSEX: buffers of 2048 bytes. */
export const RCTL = { EN: 1 << 1, UPE: 1 << 3, MPE: 1 << 4, BAM: 1 << 15, SECRC: 1 << 26 } as const
/** Transmit control: collision threshold and distance as the manual recommends them for full duplex. */
export const TCTL = { EN: 1 << 1, PSP: 1 << 3, CT: 0x0f << 4, COLD: 0x40 << 12 } as const
/** Inter-packet gaps for copper (SDM 13.4.34): IPGT 10, IPGR1 8, IPGR2 6. */
export const TIPG_COPPER = 10 | (8 << 10) | (6 << 20)
/** RAH.AV: the address is valid. */
export const ADDRESS_VALID = 0x8000_0000

/** Bytes of a descriptor of either ring. Rings begin on 16 bytes, and take multiples of 128 bytes. */
export const DESCRIPTOR_BYTES = 16
export const RING_ALIGNMENT = 16
export const RING_GRANULE = 8

/** Offsets within a descriptor (SDM 3.2.3, 3.3.3): each is one 32-bit word, so that one access does. */
export const DESCRIPTOR = {
  ADDRESS_LOW: 0,
  ADDRESS_HIGH: 4,
  /** Transmit: length, CSO, CMD. Receive: length, checksum. */
  LENGTH: 8,
  /** Status in the lowest byte; receive: errors in the second one. */
  STATUS: 12,
} as const
/** Commands in the LENGTH word of a transmit descriptor. */
export const COMMAND = { EOP: 1 << 24, IFCS: 1 << 25, RS: 1 << 27, IDE: 1 << 31 } as const
/** Bits of the STATUS word. */
export const DONE = 1 << 0
export const RECEIVE_EOP = 1 << 1
/** CE, SE, SEQ, CXE, RXE: the frame is damaged. */
export const RECEIVE_ERRORS = 0x97 << 8
