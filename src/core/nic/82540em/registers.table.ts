import { bit, bits, readOnly, type Fields, type Register } from './register'

/**
 * The registers of the 82540EM as the PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual
 * (SDM) names them. Offsets are bytes in BAR 0. The panel, the log of accesses and the documentation derive from this table.
 * Bits of a writable register that no field covers are reserved: writes leave them 0.
 */
const register = <F extends Fields>(
  offset: number,
  access: Register['access'],
  section: string,
  doc: string,
  fields: F,
  more: Partial<Pick<Register, 'reset' | 'count' | 'stride' | 'counter' | 'idle'>> = {},
): Register & { readonly fields: F } => ({ offset, access, section, doc, fields, reset: 0, ...more })

/** A counter of 32 bits: reading it clears it, and it stays at its maximum. `idle`: what it counts does not happen here. */
const counter = (offset: number, n: number, doc: string, idle?: 'idle') =>
  register(
    offset,
    'RC',
    `SDM 13.7.${n}`,
    doc,
    { COUNT: bits(31, 0, 'how many since it was read') },
    { counter: { unit: idle ? 'events' : 'frames' }, ...(idle && { idle: true }) },
  )
/** Two halves of a counter of bytes: reading the high one clears both. */
const lowHalf = (offset: number, n: number, high: string, doc: string) =>
  register(
    offset,
    'RC',
    `SDM 13.7.${n}`,
    `${doc}, low half`,
    { COUNT: bits(31, 0, 'bytes since the high half was read') },
    { counter: { high, unit: 'bytes' } },
  )
const highHalf = (offset: number, n: number, doc: string) =>
  register(offset, 'RC', `SDM 13.7.${n}`, `${doc}, high half`, { COUNT: bits(31, 0, 'bits 63:32 of the count') })

const IDLE = { idle: true } as const
const VALUE = { VALUE: bits(31, 0, 'value') }
const LOW_ADDRESS = { BASE: bits(31, 4, 'bits 31:4 of the physical address of the ring; 3:0 are zero') }
const HIGH_ADDRESS = { BASE: bits(31, 0, 'bits 63:32 of the physical address of the ring') }
const RING_LENGTH = { LEN: bits(19, 7, 'ring size in units of 128 bytes, which are 8 descriptors; 0 stops the ring') }
const HEAD = { HEAD: bits(15, 0, 'descriptor that the device takes next, counted from the base') }
const TAIL = { TAIL: bits(15, 0, 'first descriptor that the device must not take') }

const SPEEDS = { 0: '10 Mb/s', 1: '100 Mb/s', 2: '1000 Mb/s', 3: '1000 Mb/s' } as const
const THRESHOLDS = {
  PTHRESH: bits(5, 0, 'descriptors left on the chip at which more are fetched'),
  HTHRESH: bits(13, 8, 'descriptors that memory must have before they are fetched'),
  WTHRESH: bits(21, 16, 'finished descriptors that are collected for one write-back'),
  GRAN: bit(24, 'thresholds count descriptors (1) or cache lines (0)'),
} as const
const CAUSES = {
  TXDW: bit(0, 'transmit descriptor written back'),
  TXQE: bit(1, 'transmit queue empty: TDH reached TDT'),
  LSC: bit(2, 'link status changed'),
  RXSEQ: bit(3, 'receive sequence error (fibre)'),
  RXDMT0: bit(4, 'receive descriptors down to the threshold of RCTL.RDMTS'),
  RXO: bit(6, 'receiver overrun: a frame was dropped for want of room'),
  RXT0: bit(7, 'receive timer: frames were received'),
  MDAC: bit(9, 'MDIC access complete'),
  RXCFG: bit(10, 'receiving /C/ ordered sets (fibre)'),
  PHYINT: bit(12, 'interrupt of the PHY'),
  GPI_SDP6: bit(13, 'general purpose interrupt of pin SDP6'),
  GPI_SDP7: bit(14, 'general purpose interrupt of pin SDP7'),
  TXD_LOW: bit(15, 'transmit descriptors down to the threshold of TXDCTL.LWTHRESH'),
  SRPD: bit(16, 'small packet received (RSRPD)'),
} as const

const GENERAL = {
  CTRL: register(0x0000, 'RW', 'SDM 13.4.1', 'device control', {
    FD: bit(0, 'full duplex'),
    LRST: bit(3, 'link reset (fibre)'),
    ASDE: bit(5, 'the speed is taken from the PHY'),
    SLU: bit(6, 'set link up: the link of the PHY counts'),
    ILOS: bit(7, 'invert loss of signal'),
    SPEED: bits(9, 8, 'speed where it is forced', SPEEDS),
    FRCSPD: bit(11, 'SPEED is forced'),
    FRCDPLX: bit(12, 'FD is forced'),
    SDP0_DATA: bit(18, 'pin SDP0'),
    SDP1_DATA: bit(19, 'pin SDP1'),
    ADVD3WUC: bit(20, 'wake-up from D3 cold is advertised'),
    EN_PHY_PWR_MGMT: bit(21, 'power management of the PHY'),
    SDP0_IODIR: bit(22, 'pin SDP0 is an output'),
    SDP1_IODIR: bit(23, 'pin SDP1 is an output'),
    RST: bit(26, 'resets the device; reads 0'),
    RFCE: bit(27, 'received PAUSE frames are obeyed'),
    TFCE: bit(28, 'PAUSE frames are sent'),
    VME: bit(30, 'VLAN mode: tags are stripped, VLE inserts them'),
    PHY_RST: bit(31, 'holds the PHY in reset while 1'),
  }, { reset: 0x0000_0201 }),
  STATUS: register(0x0008, 'RO', 'SDM 13.4.2', 'device status', {
    FD: bit(0, 'the link is full duplex'),
    LU: bit(1, 'link up'),
    FUNCTION: bits(3, 2, 'PCI function'),
    TXOFF: bit(4, 'transmission paused by a PAUSE frame'),
    TBIMODE: bit(5, 'fibre'),
    SPEED: bits(7, 6, 'speed of the link', SPEEDS),
    ASDV: bits(9, 8, 'speed that was detected', SPEEDS),
    PCI66: bit(11, 'bus of 66 MHz'),
    BUS64: bit(12, 'bus of 64 bits'),
    PCIX_MODE: bit(13, 'PCI-X'),
  }),
  EECD: register(0x0010, 'RW', 'SDM 13.4.3', 'EEPROM and flash control: the four wires of the Microwire EEPROM', {
    SK: bit(0, 'clock'),
    CS: bit(1, 'chip select'),
    DI: bit(2, 'data to the EEPROM'),
    DO: readOnly(bit(3, 'data from the EEPROM')),
    FWE: bits(5, 4, 'flash writes', { 1: 'disabled', 2: 'enabled' }),
    EE_REQ: bit(6, 'software wants the EEPROM'),
    EE_GNT: readOnly(bit(7, 'software has the EEPROM')),
    EE_PRES: readOnly(bit(8, 'an EEPROM is present')),
    EE_SIZE: readOnly(bits(9, 9, 'size of the EEPROM', { 0: '64 words', 1: '256 words' })),
  }, { reset: 0x0000_0110 }),
  EERD: register(0x0014, 'RW', 'SDM 13.4.4', 'EEPROM read', {
    START: bit(0, 'reads the word at ADDR; reads 0'),
    DONE: readOnly(bit(4, 'DATA is there')),
    ADDR: bits(15, 8, 'address, words'),
    DATA: readOnly(bits(31, 16, 'the word')),
  }),
  CTRL_EXT: register(0x0018, 'RW', 'SDM 13.4.6', 'extended device control', {
    GPI_EN: bits(3, 0, 'pins SDP4 to SDP7 interrupt'),
    SDP_DATA: bits(7, 4, 'pins SDP4 to SDP7'),
    SDP_IODIR: bits(11, 8, 'pins SDP4 to SDP7 are outputs'),
    ASDCHK: bit(12, 'detects the speed again'),
    EE_RST: bit(13, 'loads from the EEPROM again; reads 0'),
    SPD_BYPS: bit(15, 'speed select bypass'),
    RO_DIS: bit(17, 'no relaxed ordering'),
    LINK_MODE: bits(23, 22, 'what the MAC is connected to', { 0: 'internal PHY', 3: 'fibre' }),
  }),
  FLA: register(0x001c, 'RW', 'SDM 13.4.5', 'flash access', VALUE, IDLE),
  MDIC: register(0x0020, 'RW', 'SDM 13.4.7', 'access to a register of the PHY', {
    DATA: bits(15, 0, 'value'),
    REGADD: bits(20, 16, 'register of the PHY'),
    PHYADD: bits(25, 21, 'address of the PHY: 1'),
    OP: bits(27, 26, 'what to do', { 1: 'write', 2: 'read' }),
    R: bit(28, 'ready: the access is complete'),
    I: bit(29, 'interrupt (MDAC) when complete'),
    E: readOnly(bit(30, 'error: nobody answered')),
  }, { reset: 0x1000_0000 }),
  VET: register(0x0038, 'RW', 'SDM 13.4.11', 'VLAN Ethernet type', { VET: bits(15, 0, 'EtherType of a tag: 8100h') }),
  TXCW: register(0x0178, 'RW', 'SDM 13.4.13', 'transmit configuration word (fibre)', VALUE, IDLE),
  RXCW: register(0x0180, 'RO', 'SDM 13.4.14', 'receive configuration word (fibre)', VALUE, IDLE),
  LEDCTL: register(0x0e00, 'RW', 'SDM 13.4.15', 'LEDs', VALUE, { reset: 0x0706_8302, ...IDLE }),
  PBA: register(0x1000, 'RW', 'SDM 13.4.16', 'packet buffer allocation: 64 KiB for both directions', {
    RXA: bits(6, 0, 'receive, KiB'),
    TXA: readOnly(bits(22, 16, 'transmit, KiB: what RXA leaves')),
  }, { reset: 0x0010_0030 }),
} as const // prettier-ignore
const INTERRUPT = {
  ICR: register(0x00c0, 'RC', 'SDM 13.4.17', 'interrupt causes; reading clears all, writing ones clears some', CAUSES),
  ITR: register(0x00c4, 'RW', 'SDM 13.4.18', 'interrupt throttling', {
    INTERVAL: bits(15, 0, 'least time between two interrupts, units of 256 ns; 0: no limit'),
  }),
  ICS: register(0x00c8, 'WO', 'SDM 13.4.19', 'ones raise interrupt causes', CAUSES),
  IMS: register(0x00d0, 'RW', 'SDM 13.4.20', 'interrupt mask; ones enable causes, zeros leave them', CAUSES),
  IMC: register(0x00d8, 'WO', 'SDM 13.4.21', 'ones disable interrupt causes', CAUSES),
} as const // prettier-ignore
const RECEIVE = {
  RCTL: register(0x0100, 'RW', 'SDM 13.4.22', 'receive control', {
    EN: bit(1, 'receiver on'),
    SBP: bit(2, 'stores bad packets'),
    UPE: bit(3, 'unicast promiscuous'),
    MPE: bit(4, 'multicast promiscuous'),
    LPE: bit(5, 'long packets: up to 16384 bytes instead of 1522'),
    LBM: bits(7, 6, 'loopback', { 0: 'none', 1: 'MAC', 3: 'PHY or external SerDes' }),
    RDMTS: bits(9, 8, 'free descriptors that raise RXDMT0', { 0: '1/2 of the ring', 1: '1/4', 2: '1/8' }),
    MO: bits(13, 12, 'bits of the address that index MTA', { 0: '47:36', 1: '46:35', 2: '45:34', 3: '43:32' }),
    BAM: bit(15, 'accepts broadcasts'),
    BSIZE: bits(17, 16, 'buffer size, bytes; with BSEX 16 times as many', {
      0: '2048',
      1: '1024 (16384)',
      2: '512 (8192)',
      3: '256 (4096)',
    }),
    VFE: bit(18, 'VLAN filter on'),
    CFIEN: bit(19, 'the canonical form bit is compared'),
    CFI: bit(20, 'canonical form bit of accepted frames'),
    DPF: bit(22, 'discards PAUSE frames'),
    PMCF: bit(23, 'passes MAC control frames'),
    BSEX: bit(25, 'buffer size extension'),
    SECRC: bit(26, 'strips the CRC'),
  }),
  RDBAL: register(0x2800, 'RW', 'SDM 13.4.25', 'receive ring base, low', LOW_ADDRESS),
  RDBAH: register(0x2804, 'RW', 'SDM 13.4.26', 'receive ring base, high', HIGH_ADDRESS),
  RDLEN: register(0x2808, 'RW', 'SDM 13.4.27', 'receive ring length, bytes', RING_LENGTH),
  RDH: register(0x2810, 'RW', 'SDM 13.4.28', 'receive ring head', HEAD),
  RDT: register(0x2818, 'RW', 'SDM 13.4.29', 'receive ring tail', TAIL),
  RDTR: register(0x2820, 'RW', 'SDM 13.4.30', 'receive interrupt delay', {
    DELAY: bits(15, 0, 'from the last frame to RXT0, units of 1.024 us; 0: at once'),
    FPD: bit(31, 'flushes: raises RXT0 now; reads 0'),
  }),
  RXDCTL: register(0x2828, 'RW', 'SDM 13.4.46', 'receive descriptor control', THRESHOLDS, { reset: 0x0001_0000, ...IDLE }),
  RADV: register(0x282c, 'RW', 'SDM 13.4.31', 'receive interrupt absolute delay', {
    DELAY: bits(15, 0, 'from the first frame to RXT0, units of 1.024 us; 0: no limit'),
  }),
  RSRPD: register(0x2c00, 'RW', 'SDM 13.4.32', 'receive small packet detect', {
    SIZE: bits(11, 0, 'a frame of at most so many bytes, tag and CRC not counted, raises SRPD; 0: off'),
  }),
  RXCSUM: register(0x5000, 'RW', 'SDM 13.4.47', 'receive checksum control', {
    PCSS: bits(7, 0, 'first byte of the packet checksum'),
    IPOFLD: bit(8, 'checks the checksum of IP'),
    TUOFLD: bit(9, 'checks the checksums of TCP and UDP'),
    IPV6OFL: bit(10, 'checks those over IPv6 too'),
  }),
} as const // prettier-ignore
const TRANSMIT = {
  TCTL: register(0x0400, 'RW', 'SDM 13.4.33', 'transmit control', {
    EN: bit(1, 'transmitter on'),
    PSP: bit(3, 'pads short packets to 64 bytes with CRC'),
    CT: bits(11, 4, 'collision threshold (half duplex)'),
    COLD: bits(21, 12, 'collision distance (half duplex), byte times'),
    SWXOFF: bit(22, 'sends an XOFF frame; reads 0'),
    RTLC: bit(24, 'retransmits on late collision'),
    NRTU: bit(25, 'no retransmit on underrun'),
  }),
  TIPG: register(0x0410, 'RW', 'SDM 13.4.34', 'inter packet gap', {
    IPGT: bits(9, 0, 'gap between two frames sent'),
    IPGR1: bits(19, 10, 'gap, first part'),
    IPGR2: bits(29, 20, 'gap, second part'),
  }, { reset: 0x0060_200a, ...IDLE }),
  AIFS: register(0x0458, 'RW', 'SDM 13.4.35', 'adaptive spacing of frames (half duplex)', { AIFS: bits(15, 0, 'spacing') }, IDLE),
  TXDMAC: register(0x3000, 'RW', 'SDM 13.4.42', 'transmit DMA control', { DPP: bit(0, 'no packet prefetching') }, IDLE),
  TDBAL: register(0x3800, 'RW', 'SDM 13.4.36', 'transmit ring base, low', LOW_ADDRESS),
  TDBAH: register(0x3804, 'RW', 'SDM 13.4.37', 'transmit ring base, high', HIGH_ADDRESS),
  TDLEN: register(0x3808, 'RW', 'SDM 13.4.38', 'transmit ring length, bytes', RING_LENGTH),
  TDH: register(0x3810, 'RW', 'SDM 13.4.39', 'transmit ring head', HEAD),
  TDT: register(0x3818, 'RW', 'SDM 13.4.40', 'transmit ring tail', TAIL),
  TIDV: register(0x3820, 'RW', 'SDM 13.4.41', 'transmit interrupt delay', {
    IDV: bits(15, 0, 'from the last write-back with IDE to TXDW, units of 1.024 us'),
  }),
  TXDCTL: register(0x3828, 'RW', 'SDM 13.4.43', 'transmit descriptor control; descriptors are fetched and written back at once, so that only LWTHRESH acts', {
    ...THRESHOLDS,
    LWTHRESH: bits(31, 25, 'TXD_LOW when no more than 8 times as many descriptors are left; 0: off'),
  }),
  TADV: register(0x382c, 'RW', 'SDM 13.4.44', 'transmit interrupt absolute delay', {
    IDV: bits(15, 0, 'from the first write-back with IDE to TXDW, units of 1.024 us; 0: no limit'),
  }),
  TSPMT: register(0x3830, 'RW', 'SDM 13.4.45', 'TCP segmentation pad and minimum threshold', {
    TSMT: bits(15, 0, 'least bytes in the packet buffer'),
    TSPBP: bits(31, 16, 'padding of the packet buffer'),
  }, { reset: 0x0100_0400, ...IDLE }),
} as const // prettier-ignore
const FILTERS = {
  MTA: register(0x5200, 'RW', 'SDM 13.5.1', 'multicast table: 4096 bits', { BITS: bits(31, 0, 'one a hash value') }, { count: 128 }),
  RAL: register(0x5400, 'RW', 'SDM 13.5.2', 'receive address, low', { RAL: bits(31, 0, 'first four bytes of the address') }, { count: 16, stride: 8 }),
  RAH: register(0x5404, 'RW', 'SDM 13.5.3', 'receive address, high', {
    RAH: bits(15, 0, 'last two bytes of the address'),
    AS: bits(17, 16, 'which address is compared', { 0: 'destination', 1: 'source', 2: 'reserved', 3: 'reserved' }),
    AV: bit(31, 'the entry is valid'),
  }, { count: 16, stride: 8 }),
  VFTA: register(0x5600, 'RW', 'SDM 13.5.4', 'VLAN filter table: 4096 bits', { BITS: bits(31, 0, 'one a VLAN') }, { count: 128 }),
} as const // prettier-ignore
const STATISTICS = {
  CRCERRS: counter(0x4000, 1, 'frames with a CRC error'),
  ALGNERRC: counter(0x4004, 2, 'frames with an alignment error', 'idle'),
  SYMERRS: counter(0x4008, 3, 'symbol errors', 'idle'),
  RXERRC: counter(0x400c, 4, 'frames with a receive error', 'idle'),
  MPC: counter(0x4010, 5, 'missed packets: no room for them'),
  SCC: counter(0x4014, 6, 'single collisions', 'idle'),
  ECOL: counter(0x4018, 7, 'excessive collisions', 'idle'),
  MCC: counter(0x401c, 8, 'multiple collisions', 'idle'),
  LATECOL: counter(0x4020, 9, 'late collisions', 'idle'),
  COLC: counter(0x4028, 10, 'collisions', 'idle'),
  DC: counter(0x4030, 11, 'deferred transmissions', 'idle'),
  TNCRS: counter(0x4034, 12, 'transmissions without carrier sense', 'idle'),
  SEC: counter(0x4038, 13, 'sequence errors', 'idle'),
  CEXTERR: counter(0x403c, 14, 'carrier extension errors', 'idle'),
  RLEC: counter(0x4040, 15, 'frames of a wrong length: undersized or oversized'),
  XONRXC: counter(0x4048, 16, 'XON frames received', 'idle'),
  XONTXC: counter(0x404c, 17, 'XON frames sent', 'idle'),
  XOFFRXC: counter(0x4050, 18, 'XOFF frames received', 'idle'),
  XOFFTXC: counter(0x4054, 19, 'XOFF frames sent', 'idle'),
  FCRUC: counter(0x4058, 20, 'unsupported flow control frames received', 'idle'),
  PRC64: counter(0x405c, 21, 'good frames received, 64 bytes'),
  PRC127: counter(0x4060, 22, 'good frames received, 65 to 127 bytes'),
  PRC255: counter(0x4064, 23, 'good frames received, 128 to 255 bytes'),
  PRC511: counter(0x4068, 24, 'good frames received, 256 to 511 bytes'),
  PRC1023: counter(0x406c, 25, 'good frames received, 512 to 1023 bytes'),
  PRC1522: counter(0x4070, 26, 'good frames received, 1024 bytes and more'),
  GPRC: counter(0x4074, 27, 'good frames received'),
  BPRC: counter(0x4078, 28, 'broadcasts received'),
  MPRC: counter(0x407c, 29, 'multicasts received'),
  GPTC: counter(0x4080, 30, 'good frames sent'),
  GORCL: lowHalf(0x4088, 31, 'GORCH', 'good bytes received'),
  GORCH: highHalf(0x408c, 31, 'good bytes received'),
  GOTCL: lowHalf(0x4090, 32, 'GOTCH', 'good bytes sent'),
  GOTCH: highHalf(0x4094, 32, 'good bytes sent'),
  RNBC: counter(0x40a0, 33, 'frames that found no receive descriptor'),
  RUC: counter(0x40a4, 34, 'undersized frames received: less than 64 bytes, CRC good'),
  RFC: counter(0x40a8, 35, 'fragments received: less than 64 bytes, CRC bad'),
  ROC: counter(0x40ac, 36, 'oversized frames received, CRC good'),
  RJC: counter(0x40b0, 37, 'jabbers received: oversized, CRC bad'),
  MGTPRC: counter(0x40b4, 38, 'management packets received', 'idle'),
  MGTPDC: counter(0x40b8, 39, 'management packets dropped', 'idle'),
  MGTPTC: counter(0x40bc, 40, 'management packets sent', 'idle'),
  TORL: lowHalf(0x40c0, 41, 'TORH', 'all bytes received'),
  TORH: highHalf(0x40c4, 41, 'all bytes received'),
  TOTL: lowHalf(0x40c8, 42, 'TOTH', 'all bytes sent'),
  TOTH: highHalf(0x40cc, 42, 'all bytes sent'),
  TPR: counter(0x40d0, 43, 'all frames received'),
  TPT: counter(0x40d4, 44, 'all frames sent'),
  PTC64: counter(0x40d8, 45, 'frames sent, 64 bytes'),
  PTC127: counter(0x40dc, 46, 'frames sent, 65 to 127 bytes'),
  PTC255: counter(0x40e0, 47, 'frames sent, 128 to 255 bytes'),
  PTC511: counter(0x40e4, 48, 'frames sent, 256 to 511 bytes'),
  PTC1023: counter(0x40e8, 49, 'frames sent, 512 to 1023 bytes'),
  PTC1522: counter(0x40ec, 50, 'frames sent, 1024 bytes and more'),
  MPTC: counter(0x40f0, 51, 'multicasts sent'),
  BPTC: counter(0x40f4, 52, 'broadcasts sent'),
  TSCTC: counter(0x40f8, 53, 'TCP segmentation contexts sent'),
  TSCTFC: counter(0x40fc, 54, 'TCP segmentation contexts that failed'),
} as const // prettier-ignore
const FLOW_CONTROL = {
  FCAL: register(0x0028, 'RW', 'SDM 13.4.8', 'flow control address, low: 01-80-C2-00', VALUE, IDLE),
  FCAH: register(0x002c, 'RW', 'SDM 13.4.9', 'flow control address, high: 00-01', { VALUE: bits(15, 0, 'value') }, IDLE),
  FCT: register(0x0030, 'RW', 'SDM 13.4.10', 'flow control type: 8808h', { VALUE: bits(15, 0, 'value') }, IDLE),
  FCTTV: register(0x0170, 'RW', 'SDM 13.4.12', 'flow control transmit timer', { TTV: bits(15, 0, 'slots of 64 bytes') }, IDLE),
  FCRTL: register(0x2160, 'RW', 'SDM 13.4.23', 'flow control receive threshold low', VALUE, IDLE),
  FCRTH: register(0x2168, 'RW', 'SDM 13.4.24', 'flow control receive threshold high', VALUE, IDLE),
} as const // prettier-ignore
const WAKE_UP = {
  WUC: register(0x5800, 'RW', 'SDM 13.6.1', 'wake-up control', VALUE, IDLE),
  WUFC: register(0x5808, 'RW', 'SDM 13.6.2', 'wake-up filter control', VALUE, IDLE),
  WUS: register(0x5810, 'RO', 'SDM 13.6.3', 'wake-up status', VALUE, IDLE),
  MANC: register(0x5820, 'RW', 'SDM 13.6.10', 'management control', VALUE, IDLE),
  IPAV: register(0x5838, 'RW', 'SDM 13.6.4', 'wake-up: addresses that are valid', VALUE, IDLE),
  IP4AT: register(0x5840, 'RW', 'SDM 13.6.5', 'wake-up: IPv4 addresses', VALUE, { count: 4, stride: 8, ...IDLE }),
  IP6AT: register(0x5880, 'RW', 'SDM 13.6.6', 'wake-up: IPv6 address', VALUE, { count: 4, ...IDLE }),
  WUPL: register(0x5900, 'RO', 'SDM 13.6.7', 'wake-up packet length', VALUE, IDLE),
  WUPM: register(0x5a00, 'RO', 'SDM 13.6.8', 'wake-up packet memory', VALUE, { count: 32, ...IDLE }),
  FFLT: register(0x5f00, 'RW', 'SDM 13.6.9', 'flexible filters: lengths', VALUE, { count: 4, stride: 8, ...IDLE }),
} as const // prettier-ignore
const DIAGNOSTICS = {
  RDFH: register(0x2410, 'RW', 'SDM 13.8.1', 'receive FIFO head', VALUE, IDLE),
  RDFT: register(0x2418, 'RW', 'SDM 13.8.2', 'receive FIFO tail', VALUE, IDLE),
  RDFHS: register(0x2420, 'RW', 'SDM 13.8.3', 'receive FIFO head, saved', VALUE, IDLE),
  RDFTS: register(0x2428, 'RW', 'SDM 13.8.4', 'receive FIFO tail, saved', VALUE, IDLE),
  RDFPC: register(0x2430, 'RW', 'SDM 13.8.5', 'packets in the receive FIFO', VALUE, IDLE),
  TDFH: register(0x3410, 'RW', 'SDM 13.8.6', 'transmit FIFO head', VALUE, IDLE),
  TDFT: register(0x3418, 'RW', 'SDM 13.8.7', 'transmit FIFO tail', VALUE, IDLE),
  TDFHS: register(0x3420, 'RW', 'SDM 13.8.8', 'transmit FIFO head, saved', VALUE, IDLE),
  TDFTS: register(0x3428, 'RW', 'SDM 13.8.9', 'transmit FIFO tail, saved', VALUE, IDLE),
  TDFPC: register(0x3430, 'RW', 'SDM 13.8.10', 'packets in the transmit FIFO', VALUE, IDLE),
} as const // prettier-ignore

/** By heading, in the order in which a person looks for them. */
export const GROUPS_82540EM = {
  General: GENERAL,
  Interrupt: INTERRUPT,
  Receive: RECEIVE,
  Transmit: TRANSMIT,
  Filters: FILTERS,
  Statistics: STATISTICS,
  'Flow control': FLOW_CONTROL,
  'Wake-up and management': WAKE_UP,
  Diagnostics: DIAGNOSTICS,
} as const
/** All of them by name. */
export const REGISTERS_82540EM = {
  ...GENERAL,
  ...INTERRUPT,
  ...RECEIVE,
  ...TRANSMIT,
  ...FILTERS,
  ...STATISTICS,
  ...FLOW_CONTROL,
  ...WAKE_UP,
  ...DIAGNOSTICS,
} as const

/** Bytes of BAR 0 that have registers of the model; the flexible filters and the packet buffer memory behind them are not modelled. */
export const REGISTER_BYTES = 0x6000
