import { bit, bits, readOnly, type Register, type Fields } from './register'

/** A register of the PHY: `offset` is its number. */
const phy = <F extends Fields>(
  offset: number,
  access: Register['access'],
  doc: string,
  fields: F,
  reset = 0,
  more: { readonly idle?: true } = {},
): Register & { readonly fields: F } => ({ offset, access, section: 'SDM 13.4.7.1', doc, fields, reset, ...more })

const IDLE = { idle: true } as const
const VALUE = { VALUE: bits(15, 0, 'value') }
const ABILITIES = {
  SELECTOR: bits(4, 0, 'protocol', { 1: 'IEEE 802.3' }),
  '10T_HD': bit(5, '10 Mb/s half duplex'),
  '10T_FD': bit(6, '10 Mb/s full duplex'),
  '100TX_HD': bit(7, '100 Mb/s half duplex'),
  '100TX_FD': bit(8, '100 Mb/s full duplex'),
  '100T4': bit(9, '100BASE-T4'),
  PAUSE: bit(10, 'PAUSE frames'),
  ASM_DIR: bit(11, 'asymmetric PAUSE'),
  REMOTE_FAULT: bit(13, 'remote fault'),
  ACK: bit(14, 'acknowledged'),
  NEXT_PAGE: bit(15, 'next page'),
} as const
const CAUSES = {
  LINK_CHANGED: bit(10, 'the link changed'),
  AN_COMPLETE: bit(11, 'auto-negotiation is complete'),
  SPEED_CHANGED: bit(14, 'the speed changed'),
} as const

/** The registers of the PHY, reached through MDIC at PHY address 1. 16 bits each; the copper PHY of the chip, of the M88E1011 kind. */
export const PHY_82540EM = {
  PCTRL: phy(0, 'RW', 'control', {
    SPEED_MSB: bit(6, 'with SPEED_LSB: 00 10, 01 100, 10 1000 Mb/s without auto-negotiation'),
    COLLISION_TEST: bit(7, 'collision test'),
    FD: bit(8, 'full duplex without auto-negotiation'),
    RESTART_AN: bit(9, 'negotiates again; reads 0'),
    ISOLATE: bit(10, 'isolated from the MAC'),
    POWER_DOWN: bit(11, 'power down: no link'),
    AN_ENABLE: bit(12, 'auto-negotiation on'),
    SPEED_LSB: bit(13, 'with SPEED_MSB'),
    LOOPBACK: bit(14, 'what is sent is received'),
    RESET: bit(15, 'resets the PHY; reads 0'),
  }, 0x1140),
  PSTATUS: phy(1, 'RO', 'status', {
    EXTENDED: bit(0, 'has extended registers'),
    JABBER: bit(1, 'jabber'),
    LINK: bit(2, 'link; a loss of it stays until this is read'),
    AN_ABLE: bit(3, 'can negotiate'),
    REMOTE_FAULT: bit(4, 'remote fault'),
    AN_COMPLETE: bit(5, 'auto-negotiation is complete'),
    PREAMBLE: bit(6, 'takes frames of management without a preamble'),
    EXTENDED_STATUS: bit(8, 'has an extended status register'),
    ABLE: bits(15, 9, 'speeds of 10 and 100 Mb/s'),
  }, 0x7949),
  PHYID1: phy(2, 'RO', 'identifier, high', VALUE, 0x0141),
  PHYID2: phy(3, 'RO', 'identifier, low', VALUE, 0x0c20),
  ANA: phy(4, 'RW', 'what is advertised', ABILITIES, 0x0de1),
  LPA: phy(5, 'RO', 'what the partner advertises', ABILITIES),
  ANE: phy(6, 'RO', 'auto-negotiation expansion', {
    PARTNER_ABLE: bit(0, 'the partner negotiates'),
    PAGE: bit(1, 'a page was received'),
    NEXT_PAGE_ABLE: bit(2, 'next pages'),
    PARTNER_NEXT_PAGE: bit(3, 'the partner has next pages'),
  }, 0x0004),
  NPT: phy(7, 'RW', 'next page to send', VALUE, 0x2001, IDLE),
  LPN: phy(8, 'RO', 'next page of the partner', VALUE, 0, IDLE),
  GCON: phy(9, 'RW', '1000BASE-T control', {
    '1000T_HD': bit(8, 'advertises 1000 Mb/s half duplex'),
    '1000T_FD': bit(9, 'advertises 1000 Mb/s full duplex'),
    PORT: bit(10, 'is a multiport device'),
    MASTER: bit(11, 'is master where it is configured by hand'),
    MANUAL: bit(12, 'master or slave is configured by hand'),
    TEST: bits(15, 13, 'test mode'),
  }, 0x0300),
  GSTATUS: phy(10, 'RO', '1000BASE-T status', {
    IDLE_ERRORS: bits(7, 0, 'idle errors'),
    PARTNER_HD: bit(10, 'the partner has 1000 Mb/s half duplex'),
    PARTNER_FD: bit(11, 'the partner has 1000 Mb/s full duplex'),
    REMOTE_OK: bit(12, 'the receiver of the partner is fine'),
    LOCAL_OK: bit(13, 'the receiver is fine'),
    MASTER: bit(14, 'is master'),
  }),
  ESTATUS: phy(15, 'RO', 'extended status', {
    '1000T_HD': bit(12, 'can do 1000 Mb/s half duplex'),
    '1000T_FD': bit(13, 'can do 1000 Mb/s full duplex'),
  }, 0x3000),
  PSCON: phy(16, 'RW', 'specific control', VALUE, 0x0068, IDLE),
  PSSTAT: phy(17, 'RO', 'specific status', {
    LINK: bit(10, 'link, now'),
    RESOLVED: bit(11, 'speed and duplex are settled'),
    PAGE: bit(12, 'a page was received'),
    FD: bit(13, 'full duplex'),
    SPEED: bits(15, 14, 'speed', { 0: '10 Mb/s', 1: '100 Mb/s', 2: '1000 Mb/s' }),
  }),
  PINTE: phy(18, 'RW', 'interrupts that are enabled', CAUSES, 0, IDLE),
  PINTS: phy(19, 'RC', 'interrupt status; reading clears it', CAUSES),
  EPSCON: phy(20, 'RW', 'extended specific control', VALUE, 0x0c68, IDLE),
  RXERR: phy(21, 'RC', 'receive errors; reading clears them', { COUNT: readOnly(bits(15, 0, 'how many')) }),
  LEDCON: phy(24, 'RW', 'LED control', VALUE, 0x4100, IDLE),
  PAGESEL: phy(29, 'RW', 'page of register 30', VALUE, 0, IDLE),
  PAGEDATA: phy(30, 'RW', 'register that PAGESEL names', VALUE, 0, IDLE),
} as const // prettier-ignore
