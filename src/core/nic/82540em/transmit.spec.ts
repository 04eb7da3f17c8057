import { describe, expect, test } from 'vitest'
import { PHYSICAL_OFFSET } from '../../memory/map'
import { MASK, SHIFT } from './registers'
import { createGuest, type Guest } from './test-82540em'
import { COMMAND, DD } from './transmit-descriptor'

const { ICR, TXDCTL } = MASK
const { EOP, IFCS, RS, IDE, VLE, IC } = COMMAND
const LAST = EOP | IFCS | RS

const frameOf = (length: number, seed = 0): number[] => [
  ...[0x02, 0, 0, 0, 0, 0x99, 0x02, 0, 0, 0, 0, 0x01, 0x08, 0x00],
  ...Array.from({ length: length - 14 }, (_, i) => (i * 7 + seed) & 0xff),
]
function setUp(count = 8, options: Parameters<typeof createGuest>[0] = {}) {
  const guest = createGuest(options)
  guest.initialize()
  guest.read('ICR')
  const ring = guest.transmitRing(count)
  const status = (index: number): number => guest.space.r32(ring.at(index) + 12) & 0xff
  return { ...guest, ring, status }
}
const contents = ({ sent }: Pick<Guest, 'sent'>): number[][] => sent.map(({ bytes }) => bytes)

describe('legacy descriptors (SDM 3.3.3, 14.5)', () => {
  test('initialisation, then a frame: sent, written back, TDH moves, TXDW and TXQE', () => {
    const { put, ring, write, read, sent, status, rules, refused } = setUp()
    const frame = frameOf(100)
    put(ring.at(0), frame, LAST)
    write('TDT', 1)
    expect(contents({ sent })).toEqual([frame])
    expect([read('TDH'), status(0)]).toEqual([1, DD])
    expect(read('ICR')).toBe(ICR.TXDW | ICR.TXQE)
    expect([rules(), refused]).toEqual([[], []])
  })
  test('a frame of several buffers at any alignment, one of which comes later', () => {
    const { put, ring, write, sent, status, space, allocate, inside } = setUp()
    const frame = frameOf(1514)
    const buffer = allocate(2048)
    space.u8.set(frame.slice(0, 15), buffer + 1)
    space.u8.set(frame.slice(15, 1000), buffer + 130)
    space.u8.set(frame.slice(1000), buffer + 1200)
    put(ring.at(0), buffer + 1 + PHYSICAL_OFFSET, IFCS | 15)
    put(ring.at(1), buffer + 130 + PHYSICAL_OFFSET, IFCS | RS | 985)
    write('TDT', 2)
    expect([sent.length, inside('TX_GATHERED'), status(0), status(1)]).toEqual([0, 1000, 0, DD])
    put(ring.at(2), buffer + 1200 + PHYSICAL_OFFSET, LAST | 514)
    write('TDT', 3)
    expect(contents({ sent })).toEqual([frame])
    expect(inside('TX_GATHERED')).toBe(0)
  })
  test('the ring wraps; without RS nothing is written back', () => {
    const { put, ring, write, read, sent, status } = setUp()
    for (let n = 0; n < 20; n++) {
      put(ring.at(n % 8), frameOf(60 + n, n), n % 2 === 0 ? LAST : EOP | IFCS)
      write('TDT', (n + 1) % 8)
      expect(status(n % 8)).toBe(n % 2 === 0 ? DD : 0)
    }
    expect(contents({ sent })).toEqual(Array.from({ length: 20 }, (_, n) => frameOf(60 + n, n)))
    expect(read('TDH')).toBe(4)
  })
  test('PSP pads to 60 bytes with zeros, even where the slot had others (SDM 13.4.33)', () => {
    const { put, ring, write, sent } = setUp()
    put(ring.at(0), frameOf(64), LAST)
    put(ring.at(1), frameOf(21), LAST)
    write('TDT', 2)
    expect(sent[1]!.bytes).toEqual([...frameOf(21), ...Array<number>(39).fill(0)])
    write('TCTL', MASK.TCTL.EN)
    put(ring.at(2), frameOf(21), LAST)
    write('TDT', 3)
    expect(sent[2]!.bytes).toEqual(frameOf(21))
  })
  test('without IFCS the last four bytes are the CRC of the driver, good or not', () => {
    const { put, ring, write, sent } = setUp()
    // CRC32 of '123456789' is CBF43926h (the check value of the algorithm).
    const text = [...'123456789'].map((letter) => letter.charCodeAt(0))
    put(ring.at(0), [...text, 0x26, 0x39, 0xf4, 0xcb], EOP | RS)
    put(ring.at(1), [...text, 0x26, 0x39, 0xf4, 0xca], EOP | RS)
    write('TDT', 2)
    expect(sent.map(({ bytes, intact }) => [bytes, intact])).toEqual([
      [text, true],
      [text, false],
    ])
  })
  test('VLE inserts VET and the special field behind the addresses, in VLAN mode (SDM 9.3)', () => {
    const { put, ring, write, read, sent } = setUp()
    const frame = frameOf(70)
    write('VET', 0x8100)
    put(ring.at(0), frame, LAST | VLE, 0x6123_0000)
    write('TDT', 1)
    write('CTRL', read('CTRL') | MASK.CTRL.VME)
    put(ring.at(1), frame, LAST | VLE, 0x6123_0000)
    write('TDT', 2)
    const tagged = [...frame.slice(0, 12), 0x81, 0x00, 0x61, 0x23, ...frame.slice(12)]
    expect(contents({ sent })).toEqual([frame, tagged])
  })
  test('IC adds up from CSS on and puts the checksum at CSO (SDM 3.3.3.2)', () => {
    const { put, ring, write, sent } = setUp()
    const frame = frameOf(61)
    frame[50] = frame[51] = 0
    put(ring.at(0), frame, LAST | IC | (50 << 16), 34 << 8)
    write('TDT', 1)
    let sum = 0
    for (let at = 34; at < 61; at += 2) sum += (frame[at]! << 8) | (frame[at + 1] ?? 0)
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
    const expected = [...frame]
    expected.splice(50, 2, (~sum >> 8) & 0xff, ~sum & 0xff)
    expect(sent[0]!.bytes).toEqual(expected)
  })
})

describe('when it works', () => {
  test('not while TCTL.EN is 0; enabling takes what waits', () => {
    const { put, ring, write, sent, read } = setUp()
    write('TCTL', 0)
    put(ring.at(0), frameOf(60), LAST)
    write('TDT', 1)
    expect([sent.length, read('TDH')]).toEqual([0, 0])
    write('TCTL', MASK.TCTL.EN)
    expect([sent.length, read('TDH')]).toEqual([1, 1])
  })
  test('not without a link: descriptors wait for it', () => {
    const { put, ring, write, sent, plugIn, wait } = setUp()
    plugIn(0)
    put(ring.at(0), frameOf(60), LAST)
    write('TDT', 1)
    expect(sent).toEqual([])
    plugIn(1000)
    wait(3000)
    expect(sent.length).toBe(1)
  })
  test('the FIFO of 16 KiB is filled at once, the rest follows as the line drains (SDM 13.4.16)', () => {
    const { put, ring, write, sent, wait, read, clock } = setUp(64)
    const frame = frameOf(1514)
    for (let n = 0; n < 40; n++) put(ring.at(n), frame, LAST)
    const start = clock.now()
    write('TDT', 40)
    // 11 frames of 1538 bytes on the line are more than 16 KiB.
    expect([sent.length, read('TDH')]).toEqual([11, 11])
    wait(1000)
    expect([sent.length, read('TDH')]).toEqual([40, 40])
    // 29 frames more have to leave before the last ones fit.
    expect(sent[39]!.time - start).toBeGreaterThan(26 * 123)
  })
  test('PBA gives the FIFO another size', () => {
    const { put, ring, write, sent, read } = setUp(64)
    write('PBA', 0x3e)
    expect(read('PBA')).toBe(0x0002_003e)
    for (let n = 0; n < 40; n++) put(ring.at(n), frameOf(1514), LAST)
    write('TDT', 40)
    expect(sent.length).toBe(2)
  })
  test('TXD_LOW at LWTHRESH times 8 descriptors (SDM 13.4.43)', () => {
    const { put, ring, write, read } = setUp(64)
    write('TXDCTL', 1 << SHIFT.TXDCTL.LWTHRESH)
    expect(read('TXDCTL') & TXDCTL.LWTHRESH).toBe(1 << SHIFT.TXDCTL.LWTHRESH)
    for (let n = 0; n < 20; n++) put(ring.at(n), frameOf(60), EOP | IFCS)
    write('TDT', 8)
    expect(read('ICR')).toBe(ICR.TXQE)
    write('TDT', 17)
    expect(read('ICR')).toBe(ICR.TXQE | ICR.TXD_LOW)
  })
  test('CTRL.RST forgets what was being gathered', () => {
    const { put, ring, write, sent, initialize, transmitRing } = setUp()
    put(ring.at(0), frameOf(60), IFCS)
    write('TDT', 1)
    initialize()
    const again = transmitRing()
    put(again.at(0), frameOf(70), LAST)
    write('TDT', 1)
    expect(contents({ sent })).toEqual([frameOf(70)])
  })
})

describe('delayed interrupts (SDM 3.4.3, 13.4.41, 13.4.44)', () => {
  test('IDE: TXDW comes TIDV after the last write-back, at most TADV after the first', () => {
    const { put, ring, write, read, wait } = setUp(64)
    write('TIDV', 10)
    write('TADV', 25)
    const send = (n: number): void => {
      put(ring.at(n), frameOf(60), LAST | IDE)
      write('TDT', n + 1)
    }
    const raised = (): boolean => (read('ICR') & ICR.TXDW) !== 0
    send(0)
    wait(10)
    expect(raised()).toBe(false)
    wait(1)
    expect(raised()).toBe(true)
    for (let n = 1; n < 5; n++) {
      send(n)
      wait(6)
      expect(raised()).toBe(false)
    }
    wait(2)
    expect(raised()).toBe(true)
    wait(100)
    expect(raised()).toBe(false)
  })
})
