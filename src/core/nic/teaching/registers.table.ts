import type { BitField, DescriptorLayout, NicTable, RegisterTable, RingTable } from '../register-table'

/** Device.name. */
export const TEACHING_NIC_NAME = 'teaching NIC'

const bit = <N extends string>(name: N, shift: number, doc: string) =>
  ({ name, shift, width: 1, doc }) as const satisfies BitField

/** The causes of an interrupt: bits of CAUSE, and of MASK. */
const CAUSES = [
  bit('SENT', 0, 'A descriptor of the send ring came back.'),
  bit('RECEIVED', 1, 'A descriptor of the receive ring came back.'),
  bit('MISSED', 2, 'A frame was lost, because no descriptor of the receive ring was the device’s.'),
  bit('LINK', 3, 'The link came up or went down: STATUS says which.'),
  bit('ERROR', 4, 'The device could not reach a ring; it has stopped, and RUN is 0.'),
] as const

/** Offsets are bytes from the start of the register page. Each register has 32 bits. */
export const REGISTERS = [
  {
    name: 'ID',
    offset: 0x00,
    access: 'RO',
    reset: 0x4e54_444e,
    group: 'General',
    section: '2.1',
    doc: 'The letters "NDTN", first one in the lowest byte: what a driver looks at before it trusts the rest.',
  },
  {
    name: 'CONTROL',
    offset: 0x04,
    access: 'RW',
    reset: 0,
    group: 'General',
    section: '2.2',
    doc: 'Starts, stops and resets the device.',
    fields: [
      bit('RUN', 0, 'While it is 0 the device touches no memory. Setting it begins both rings at descriptor 0.'),
      bit('RESET', 1, 'Writing 1 gives every register the value after reset. Reads as 0.'),
    ],
  },
  {
    name: 'STATUS',
    offset: 0x08,
    access: 'RO',
    reset: 0,
    group: 'General',
    section: '2.3',
    doc: 'The link. A reset does not change it.',
    fields: [
      bit('LINK', 0, 'There is a link.'),
      { name: 'SPEED', shift: 16, width: 16, doc: 'Its speed in megabits a second: 10, 100 or 1000; 0 without a link.' },
    ],
  },
  {
    name: 'CAUSE',
    offset: 0x0c,
    access: 'W1C',
    reset: 0,
    group: 'Interrupt',
    section: '5',
    doc: 'What happened. A bit stays 1 until 1 is written to it.',
    fields: CAUSES,
  },
  {
    name: 'MASK',
    offset: 0x10,
    access: 'RW',
    reset: 0,
    group: 'Interrupt',
    section: '5',
    doc: 'What may interrupt: the line is asserted for as long as CAUSE and MASK have a bit in common.',
    fields: CAUSES,
  },
  {
    name: 'MAC_LOW',
    offset: 0x14,
    access: 'RW',
    reset: 0x5444_4e02,
    group: 'Filter',
    section: '2.4',
    doc: 'Bytes 0 to 3 of the station address, byte 0 lowest. After a reset 02-4E-44-54 ("NDT").',
  },
  {
    name: 'MAC_HIGH',
    offset: 0x18,
    access: 'RW',
    reset: 0x004e,
    group: 'Filter',
    section: '2.4',
    doc: 'Bytes 4 and 5 of the station address in bits 0 to 15. After a reset 4E and the slot of the device.',
  },
  {
    name: 'FILTER',
    offset: 0x1c,
    access: 'RW',
    reset: 0,
    group: 'Filter',
    section: '2.5',
    doc: 'Which frames are received; with no bit set none is.',
    fields: [
      bit('OWN', 0, 'Frames to the station address.'),
      bit('BROADCAST', 1, 'Frames to FF-FF-FF-FF-FF-FF.'),
      bit('ALL_MULTICAST', 2, 'Frames to any group: bit 0 of the first byte is 1. Not the broadcast address.'),
      bit('PROMISCUOUS', 3, 'All frames.'),
    ],
  },
  {
    name: 'SEND_RING',
    offset: 0x20,
    access: 'RW',
    reset: 0,
    group: 'Send',
    section: '3',
    doc: 'Physical address of descriptor 0 of the send ring; a multiple of 16. Written while RUN is 0.',
  },
  {
    name: 'SEND_COUNT',
    offset: 0x24,
    access: 'RW',
    reset: 0,
    group: 'Send',
    section: '3',
    doc: 'Descriptors in the send ring, 1 to 256; 0: there is none. Written while RUN is 0.',
  },
  {
    name: 'SEND_NEXT',
    offset: 0x28,
    access: 'RO',
    reset: 0,
    group: 'Send',
    section: '3',
    doc: 'Index of the descriptor that the device sends next, or is sending.',
  },
  {
    name: 'SEND_DOORBELL',
    offset: 0x2c,
    access: 'WO',
    reset: 0,
    group: 'Send',
    section: '4.3',
    doc: 'Writing anything makes the device look at SEND_NEXT, and go on until it finds a descriptor that it does not own.',
  },
  {
    name: 'RECEIVE_RING',
    offset: 0x30,
    access: 'RW',
    reset: 0,
    group: 'Receive',
    section: '3',
    doc: 'Physical address of descriptor 0 of the receive ring; a multiple of 16. Written while RUN is 0.',
  },
  {
    name: 'RECEIVE_COUNT',
    offset: 0x34,
    access: 'RW',
    reset: 0,
    group: 'Receive',
    section: '3',
    doc: 'Descriptors in the receive ring, 1 to 256; 0: there is none. Written while RUN is 0.',
  },
  {
    name: 'RECEIVE_NEXT',
    offset: 0x38,
    access: 'RO',
    reset: 0,
    group: 'Receive',
    section: '3',
    doc: 'Index of the descriptor that the next frame goes to.',
  },
  {
    name: 'SENT_FRAMES',
    offset: 0x40,
    access: 'RO',
    reset: 0,
    group: 'Counters',
    section: '2.6',
    doc: 'Frames sent.',
    counter: { unit: 'frames' },
  },
  {
    name: 'RECEIVED_FRAMES',
    offset: 0x44,
    access: 'RO',
    reset: 0,
    group: 'Counters',
    section: '2.6',
    doc: 'Frames written to memory.',
    counter: { unit: 'frames' },
  },
  {
    name: 'MISSED_FRAMES',
    offset: 0x48,
    access: 'RO',
    reset: 0,
    group: 'Counters',
    section: '2.6',
    doc: 'Frames that passed the filter and were lost: no descriptor, no room in its buffer, or no memory there.',
    counter: { unit: 'frames' },
  },
  {
    name: 'DAMAGED_FRAMES',
    offset: 0x4c,
    access: 'RO',
    reset: 0,
    group: 'Counters',
    section: '2.6',
    doc: 'Frames that arrived with a wrong check sequence, or longer than 1514 bytes; they are dropped before the filter.',
    counter: { unit: 'frames' },
  },
] as const satisfies readonly RegisterTable[]

/** Bits of the word FLAGS of a descriptor. */
export const FLAG_FIELDS = [
  bit('DONE', 0, 'The device is done with the descriptor.'),
  bit('FAILED', 1, 'The frame was not sent, or not received; section 3.3 says why.'),
  bit('OWN', 31, '1: the descriptor is the device’s, and the driver must not touch it. 0: it is the driver’s.'),
] as const

/** Words of a descriptor, in their order. Each has one writer, except FLAGS, which goes to and fro. */
export const DESCRIPTOR: DescriptorLayout = {
  name: 'descriptor',
  doc: 'One frame: where it is, how long it is, whose it is.',
  fields: [
    { name: 'ADDRESS', offset: 0, width: 32, role: 'address', doc: 'Physical address of the buffer. Written by the driver.' },
    {
      name: 'SIZE',
      offset: 4,
      width: 32,
      doc: 'Bytes: of the frame to send, 14 to 1514; of room in a buffer to receive. Written by the driver.',
    },
    { name: 'LENGTH', offset: 8, width: 32, role: 'length', doc: 'Bytes sent or received. Written by the device.' },
    { name: 'FLAGS', offset: 12, width: 32, bits: FLAG_FIELDS, doc: 'Whose the descriptor is, and how it went.' },
  ],
}

const ring = (name: string, direction: RingTable['direction'], prefix: 'SEND' | 'RECEIVE', doc: string): RingTable => ({
  name,
  direction,
  doc,
  section: '3',
  baseLow: `${prefix}_RING`,
  length: { register: `${prefix}_COUNT`, unit: 'descriptors' },
  head: `${prefix}_NEXT`,
  descriptorBytes: 16,
  owned: { offset: 12, mask: 0x8000_0000, value: 0x8000_0000 },
  done: { offset: 12, mask: 1, value: 1 },
  failed: { offset: 12, mask: 2, value: 2 },
  layouts: [DESCRIPTOR],
})

/** The register map of the teaching NIC, which docs/teaching-nic.md shows. */
export const TEACHING_NIC: NicTable = {
  device: TEACHING_NIC_NAME,
  title: 'Teaching NIC',
  source: 'docs/teaching-nic.md',
  registers: REGISTERS,
  rings: [
    ring('Send ring', 'transmit', 'SEND', 'Frames to send, in the order in which they stand here.'),
    ring('Receive ring', 'receive', 'RECEIVE', 'Empty buffers for the frames that arrive.'),
  ],
}
