import type { BitField, DescriptorField, DescriptorLayout, NicTable, RingTable } from '../register-table'
import { registerTables } from './register'
import { GROUPS_82540EM } from './registers.table'
import { INSIDE_82540EM } from './state'

/** Device.name. */
export const NAME_82540EM = '82540EM'

const bit = (name: string, shift: number, doc: string): BitField => ({ name, shift, width: 1, doc })
const field = (name: string, offset: number, width: number, doc: string, bits?: readonly BitField[]): DescriptorField => ({
  name,
  offset,
  width,
  doc,
  ...(bits && { bits }),
})
const ADDRESS: DescriptorField = {
  ...field('Buffer address', 0, 64, 'physical address of the data'),
  role: 'address',
}
const TX_STATUS = [
  bit('DD', 0, 'descriptor done'),
  bit('EC', 1, 'excess collisions (half duplex)'),
  bit('LC', 2, 'late collision (half duplex)'),
]
/** Type and flags of an extended descriptor: DTYP is bits 7:4 of byte 10. */
const DTYP: DescriptorField = { ...field('DTYP', 10, 4, 'type: 0 context, 1 data'), shift: 4 }
const EXTENDED = 0x2000_0000
const TYPE = 0x00f0_0000
const DATA_TYPE = 0x0010_0000

const LEGACY: DescriptorLayout = {
  name: 'legacy',
  doc: 'A buffer of a frame (SDM 3.3.3).',
  when: { offset: 8, mask: EXTENDED, value: 0 },
  fields: [
    ADDRESS,
    { ...field('Length', 8, 16, 'bytes, at most 16288'), role: 'length' },
    field('CSO', 10, 8, 'where IC puts its checksum, bytes from the start of the frame'),
    field('CMD', 11, 8, 'command', [
      bit('EOP', 0, 'last descriptor of the frame'),
      bit('IFCS', 1, 'the device appends the CRC'),
      bit('IC', 2, 'inserts a checksum'),
      bit('RS', 3, 'the status is written back'),
      bit('DEXT', 5, '0: legacy'),
      bit('VLE', 6, 'inserts a VLAN tag'),
      bit('IDE', 7, 'the interrupt may be delayed (TIDV, TADV)'),
    ]),
    { ...field('STA', 12, 4, 'status', TX_STATUS) },
    field('CSS', 13, 8, 'where IC begins to add, bytes from the start of the frame'),
    field('Special', 14, 16, 'VLAN tag: priority, CFI, identifier'),
  ],
}
const TCP_DATA: DescriptorLayout = {
  name: 'data',
  doc: 'A buffer of a frame with offload, as the context says (SDM 3.3.7).',
  when: { offset: 8, mask: EXTENDED | TYPE, value: EXTENDED | DATA_TYPE },
  fields: [
    ADDRESS,
    { ...field('DTALEN', 8, 20, 'bytes'), role: 'length' },
    DTYP,
    field('DCMD', 11, 8, 'command', [
      bit('EOP', 0, 'last descriptor of the frame, or of all that is segmented'),
      bit('IFCS', 1, 'the device appends the CRC'),
      bit('TSE', 2, 'TCP segmentation'),
      bit('RS', 3, 'the status is written back'),
      bit('DEXT', 5, '1: extended'),
      bit('VLE', 6, 'inserts a VLAN tag'),
      bit('IDE', 7, 'the interrupt may be delayed (TIDV, TADV)'),
    ]),
    field('STA', 12, 4, 'status', TX_STATUS),
    field('POPTS', 13, 8, 'options, of the first descriptor of a frame', [
      bit('IXSM', 0, 'inserts the checksum of IP'),
      bit('TXSM', 1, 'inserts the checksum of TCP or UDP'),
    ]),
    field('Special', 14, 16, 'VLAN tag: priority, CFI, identifier'),
  ],
}
const CONTEXT: DescriptorLayout = {
  name: 'context',
  doc: 'What holds for the data descriptors that follow (SDM 3.3.6).',
  when: { offset: 8, mask: EXTENDED | TYPE, value: EXTENDED },
  fields: [
    field('IPCSS', 0, 8, 'first byte of the checksum of IP'),
    field('IPCSO', 1, 8, 'where it is put'),
    field('IPCSE', 2, 16, 'last byte of it'),
    field('TUCSS', 4, 8, 'first byte of the checksum of TCP or UDP'),
    field('TUCSO', 5, 8, 'where it is put'),
    field('TUCSE', 6, 16, 'last byte of it; 0: the end of the frame'),
    field('PAYLEN', 8, 20, 'bytes to segment, without headers'),
    DTYP,
    field('TUCMD', 11, 8, 'command', [
      bit('TCP', 0, '1 TCP, 0 UDP'),
      bit('IP', 1, '1 IPv4, 0 IPv6'),
      bit('TSE', 2, 'for TCP segmentation'),
      bit('RS', 3, 'the status is written back'),
      bit('DEXT', 5, '1: extended'),
      bit('IDE', 7, 'the interrupt may be delayed (TIDV, TADV)'),
    ]),
    field('STA', 12, 4, 'status', TX_STATUS),
    field('HDRLEN', 13, 8, 'bytes of headers that each segment begins with'),
    field('MSS', 14, 16, 'most bytes of a segment behind its headers'),
  ],
}
const UNKNOWN: DescriptorLayout = {
  name: 'reserved type',
  doc: 'DTYP is neither 0 nor 1.',
  fields: [DTYP],
}
const RECEIVED: DescriptorLayout = {
  name: 'receive',
  doc: 'A buffer, and what was received in it (SDM 3.2.3).',
  fields: [
    ADDRESS,
    { ...field('Length', 8, 16, 'bytes in this buffer'), role: 'length' },
    field('Checksum', 10, 16, 'checksum of the frame from RXCSUM.PCSS on'),
    field('Status', 12, 8, 'status', [
      bit('DD', 0, 'descriptor done'),
      bit('EOP', 1, 'last descriptor of the frame'),
      bit('IXSM', 2, 'TCPCS and IPCS say nothing'),
      bit('VP', 3, 'a VLAN tag was stripped into Special'),
      bit('TCPCS', 5, 'the checksum of TCP or UDP was checked'),
      bit('IPCS', 6, 'the checksum of IP was checked'),
      bit('PIF', 7, 'passed an inexact filter only'),
    ]),
    field('Errors', 13, 8, 'errors', [
      bit('CE', 0, 'CRC or alignment'),
      bit('SE', 1, 'symbol'),
      bit('SEQ', 2, 'sequence'),
      bit('CXE', 4, 'carrier extension'),
      bit('TCPE', 5, 'the checksum of TCP or UDP is wrong'),
      bit('IPE', 6, 'the checksum of IP is wrong'),
      bit('RXE', 7, 'data'),
    ]),
    field('Special', 14, 16, 'VLAN tag: priority, CFI, identifier'),
  ],
}

const DONE = { offset: 12, mask: 1, value: 1 } as const
const TRANSMIT: RingTable = {
  name: 'Transmit',
  direction: 'transmit',
  doc: 'The device sends TDH to TDT - 1.',
  section: 'SDM 3.4',
  baseLow: 'TDBAL',
  baseHigh: 'TDBAH',
  length: { register: 'TDLEN', unit: 'bytes' },
  head: 'TDH',
  tail: 'TDT',
  descriptorBytes: 16,
  done: DONE,
  layouts: [LEGACY, TCP_DATA, CONTEXT, UNKNOWN],
}
const RECEIVE: RingTable = {
  name: 'Receive',
  direction: 'receive',
  doc: 'The device fills RDH to RDT - 1.',
  section: 'SDM 3.2.6',
  baseLow: 'RDBAL',
  baseHigh: 'RDBAH',
  length: { register: 'RDLEN', unit: 'bytes' },
  head: 'RDH',
  tail: 'RDT',
  descriptorBytes: 16,
  done: DONE,
  layouts: [RECEIVED],
}

/** The 82540EM for a debugger and for the reference pages. */
export const INTEL_82540EM: NicTable = {
  device: NAME_82540EM,
  title: 'Intel 82540EM Gigabit Ethernet controller',
  source: 'Intel PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer’s Manual (SDM)',
  registers: Object.entries({ ...GROUPS_82540EM, ...INSIDE_82540EM }).flatMap(([group, registers]) =>
    registerTables(group, registers),
  ),
  rings: [TRANSMIT, RECEIVE],
}
