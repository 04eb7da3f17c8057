import { describe, expect, test } from 'vitest'
import { NIC_RULES } from '../rules.table'
import { MASK } from './registers'
import { createGuest } from './test-82540em'
import { COMMAND, DD } from './transmit-descriptor'

const LAST = COMMAND.EOP | COMMAND.IFCS | COMMAND.RS
const { RCTL, TCTL } = MASK
const FRAME = Array.from({ length: 60 }, (_, i) => i & 0xfe)
const STATION = [0x00, 0x1b, 0x21, 0, 0, 1]

function setUp() {
  const guest = createGuest()
  guest.initialize()
  guest.read('ICR')
  return guest
}

describe('rings (SDM 13.4.25 to 29, 13.4.36 to 40)', () => {
  test('a base that is no multiple of 16 loses its low bits', () => {
    const { write, read, misused } = setUp()
    write('TDBAL', 0x4020_0008)
    write('RDBAL', 0x4020_0001)
    expect([read('TDBAL'), read('RDBAL')]).toEqual([0x4020_0000, 0x4020_0000])
    expect(misused.map(([rule]) => rule)).toEqual(['NicRingBase', 'NicRingBase'])
    expect(misused[0]![1]).toBe(
      'TDBAL becomes 0x40200008: the ring must begin at a multiple of 16; bits 3:0 are dropped (SDM 13.4.25).',
    )
  })
  test('a length that is no multiple of 128 is rounded down', () => {
    const { write, read, misused } = setUp()
    write('RDLEN', 200)
    expect(read('RDLEN')).toBe(128)
    expect(misused).toEqual([
      [
        'NicRingLength',
        'RDLEN becomes 200: the length must be a multiple of 128 bytes below 1 MiB; it is now 128 (SDM 13.4.27).',
      ],
    ])
  })
  test('enabling without a ring', () => {
    const { write, misused } = setUp()
    write('TCTL', TCTL.EN)
    write('RCTL', RCTL.EN)
    expect(misused.map(([, text]) => text)).toEqual([
      'TCTL.EN is set with TDBAL 0x0 and TDLEN 0x0.',
      'RCTL.EN is set with RDBAL 0x0 and RDLEN 0x0.',
    ])
  })
  test('base, length or head of a ring that is in use', () => {
    const { write, transmitRing, rules } = setUp()
    const ring = transmitRing()
    write('TDBAL', ring.physical)
    write('TDLEN', 128)
    expect(rules()).toEqual([])
    write('TDBAL', ring.physical + 128)
    write('TDLEN', 0)
    expect(rules()).toEqual(['NicRingInUse', 'NicRingInUse'])
  })
  test('a tail outside the ring: the unit hangs until it is inside again, and touches nothing', () => {
    const { write, read, transmitRing, receiveRing, put, sent, arrive, misused, inside } = setUp()
    const ring = transmitRing()
    receiveRing()
    put(ring.at(0), FRAME, LAST)
    write('TDT', 8)
    write('RDT', 200)
    arrive([...STATION, ...FRAME.slice(6)])
    expect([sent.length, read('TDH'), read('RDH'), inside('RX_MISSED')]).toEqual([0, 0, 0, 1])
    expect(misused).toEqual([
      ['NicTailRange', 'TDT becomes 8, but TDLEN is 128 bytes: 8 descriptors, 0 to 7.'],
      ['NicTailRange', 'RDT becomes 200, but RDLEN is 128 bytes: 8 descriptors, 0 to 7.'],
    ])
    write('TDT', 1)
    write('RDT', 7)
    arrive([...STATION, ...FRAME.slice(6)])
    expect([sent.length, read('RDH')]).toEqual([1, 1])
  })
})

describe('transmit descriptors (SDM 3.3)', () => {
  test('length 0 sends nothing, and is written back', () => {
    const { transmitRing, put, write, sent, rules, space } = setUp()
    const ring = transmitRing()
    put(ring.at(0), [], LAST)
    put(ring.at(1), FRAME, LAST)
    write('TDT', 2)
    expect([sent.length, rules(), space.r32(ring.at(0) + 12)]).toEqual([1, ['NicDescriptorLength'], DD])
  })
  test('more than 16288 bytes, in one descriptor or in all of a frame, are not sent', () => {
    const { transmitRing, put, write, sent, rules, allocate, physical } = setUp()
    const ring = transmitRing()
    const buffer = physical(allocate(20_000))
    put(ring.at(0), buffer, LAST | 16_289)
    put(ring.at(1), buffer, COMMAND.IFCS | 16_000)
    put(ring.at(2), buffer, COMMAND.IFCS | 1000)
    put(ring.at(3), buffer, LAST | 1000)
    put(ring.at(4), buffer, LAST | 16_288)
    write('TDT', 5)
    expect([sent.length, rules()]).toEqual([1, ['NicDescriptorLength', 'NicSendSize']])
    expect(sent[0]!.bytes.length).toBe(16_288)
  })
  test('a reserved type is passed over', () => {
    const { transmitRing, put, write, sent, misused, read } = setUp()
    const ring = transmitRing()
    put(ring.at(0), FRAME, LAST | COMMAND.DEXT | (3 << 20))
    put(ring.at(1), FRAME, LAST)
    write('TDT', 2)
    expect([sent.length, read('TDH')]).toEqual([1, 2])
    expect(misused[0]).toEqual([
      'NicDescriptorType',
      'transmit descriptor 0 has DTYP 3: there are 0, context, and 1, data (SDM 3.3.5).',
    ])
  })
})

describe('memory that does not answer (PCI master abort)', () => {
  test('a ring or a buffer outside memory stops the unit until it is enabled again', () => {
    const { write, read, put, transmitRing, sent, refused, inside } = setUp()
    const ring = transmitRing()
    put(ring.at(0), 0x1000, LAST | 60)
    put(ring.at(1), FRAME, LAST)
    write('TDT', 2)
    expect([sent.length, read('TDH'), inside('TX_STALLED'), refused.length]).toEqual([0, 0, 1, 1])
    write('TDT', 2)
    expect(refused.length).toBe(1)
    write('TCTL', 0)
    write('TDH', 1)
    write('TCTL', TCTL.EN | TCTL.PSP)
    expect([sent.length, read('TDH'), inside('TX_STALLED')]).toEqual([1, 2, 0])
  })
  test('an address above 4 GiB is not cut off', () => {
    const { write, transmitRing, put, refused, space, sent } = setUp()
    const ring = transmitRing()
    put(ring.at(0), FRAME, LAST)
    space.w32(ring.at(0) + 4, 1)
    write('TDT', 1)
    expect([sent.length, refused.length]).toEqual([0, 1])
  })
  test('a virtual address of a receive buffer', () => {
    const { receiveRing, arrive, refused, space, inside, read } = setUp()
    const ring = receiveRing()
    space.w32(ring.at(0), ring.buffers[0]!)
    arrive([...STATION, ...FRAME.slice(6)])
    arrive([...STATION, ...FRAME.slice(6)])
    expect([read('RDH'), inside('RX_STALLED'), inside('RX_OFF'), refused.length]).toEqual([0, 1, 2, 1])
    expect(refused[0]).toContain('which is the virtual address of memory')
  })
})

test('flow control says that it is not modelled, once', () => {
  const { write, read, log } = setUp()
  write('CTRL', read('CTRL') | MASK.CTRL.RFCE)
  write('CTRL', read('CTRL') | MASK.CTRL.TFCE)
  expect(log).toEqual(['82540EM: CTRL.RFCE and CTRL.TFCE are kept, but the model neither obeys nor sends PAUSE frames'])
})
test('rules have a name each', () => expect(new Set(NIC_RULES.map(({ name }) => name)).size).toBe(NIC_RULES.length))
