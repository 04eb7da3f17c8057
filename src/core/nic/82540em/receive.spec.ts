import { describe, expect, test } from 'vitest'
import { MASK, SHIFT } from './registers'
import { createGuest } from './test-82540em'

const { ICR, RCTL, RAH, CTRL, RXCSUM } = MASK
/** Status and errors of a receive descriptor (SDM 3.2.3). */
const STATUS = { DD: 1, EOP: 2, IXSM: 4, VP: 8, TCPCS: 0x20, IPCS: 0x40, PIF: 0x80 } as const
const ERROR = { CE: 1, TCPE: 0x20, IPE: 0x40, RXE: 0x80 } as const
const STATION = [0x00, 0x1b, 0x21, 0, 0, 1]
const OTHER = [0x02, 0, 0, 0, 0, 0x77]
const BROADCAST = Array<number>(6).fill(0xff)
const BASE = RCTL.BAM | RCTL.SECRC

const frameFor = (to: readonly number[], length = 60, seed = 0): number[] => [
  ...to,
  ...[0x02, 0, 0, 0, 0, 0x01, 0x88, 0xb5],
  ...Array.from({ length: length - 14 }, (_, i) => (i * 5 + seed) & 0xff),
]
function setUp(control: number = BASE, count = 8, bufferBytes = 2048) {
  const guest = createGuest()
  guest.initialize()
  guest.read('ICR')
  const ring = guest.receiveRing(count, bufferBytes, control)
  const stored = (index: number) => {
    const { length, ...descriptor } = guest.received(ring.at(index))
    return { ...descriptor, bytes: guest.bytes(ring.buffers[index]!, length) }
  }
  return { ...guest, ring, stored }
}

describe('the receive ring (SDM 3.2.3, 3.2.6, 14.4)', () => {
  test('a frame for the station: in the buffer, written back, RDH moves, RXT0', () => {
    const { arrive, stored, read, refused, rules } = setUp()
    const frame = frameFor(STATION, 75)
    arrive(frame)
    expect(stored(0)).toMatchObject({ bytes: frame, status: STATUS.DD | STATUS.EOP | STATUS.IXSM, errors: 0 })
    expect([read('RDH'), read('ICR')]).toEqual([1, ICR.RXT0])
    expect([refused, rules()]).toEqual([[], []])
  })
  test('any length and alignment of the buffer; nothing is written behind the frame', () => {
    const { arrive, ring, bytes, space, physical, write } = setUp()
    for (let n = 0; n < 24; n++) {
      const frame = frameFor(STATION, 60 + n, n)
      const buffer = ring.buffers[n % 8]! + (n & 3)
      space.fill(ring.buffers[n % 8]!, 128, 0xee)
      space.w32(ring.at(n % 8), physical(buffer))
      arrive(frame)
      expect(bytes(buffer, frame.length + 1)).toEqual([...frame, 0xee])
      expect(bytes(ring.buffers[n % 8]!, n & 3)).toEqual(Array<number>(n & 3).fill(0xee))
      write('RDT', n % 8)
    }
  })
  test('several descriptors a frame, the status in the last one (SDM 3.2.3)', () => {
    const { arrive, stored, read } = setUp(BASE | (3 << SHIFT.RCTL.BSIZE), 16, 256)
    const frame = frameFor(STATION, 1000)
    arrive(frame)
    const parts = [0, 1, 2, 3].map(stored)
    expect(parts.flatMap((part) => part.bytes)).toEqual(frame)
    expect(parts.map(({ status }) => status)).toEqual([1, 1, 1, STATUS.DD | STATUS.EOP | STATUS.IXSM])
    expect(read('RDH')).toBe(4)
  })
  test('BSEX: buffers of 4096 bytes and more, with LPE for long packets', () => {
    const { arrive, stored, read } = setUp(BASE | RCTL.BSEX | RCTL.LPE | (3 << SHIFT.RCTL.BSIZE), 8, 4096)
    const frame = frameFor(STATION, 9000)
    arrive(frame)
    expect([0, 1, 2].flatMap((index) => stored(index).bytes)).toEqual(frame)
    expect(read('ROC')).toBe(0)
  })
  test('the CRC is kept unless SECRC strips it: residue of the whole is the one of a good frame', () => {
    const { arrive, stored } = setUp(RCTL.BAM)
    arrive(frameFor(STATION, 60))
    const { bytes } = stored(0)
    expect(bytes.slice(0, 60)).toEqual(frameFor(STATION, 60))
    let crc = -1
    for (const byte of bytes) {
      crc ^= byte
      for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1
    }
    // IEEE 802.3: the register holds DEBB20E3h after frame and CRC.
    expect([bytes.length, crc >>> 0]).toEqual([64, 0xdebb_20e3])
  })
  test('RXDMT0 when free descriptors come down to the threshold of RDMTS', () => {
    const { arrive, read } = setUp(BASE | (1 << SHIFT.RCTL.RDMTS), 16)
    const causes: number[] = []
    for (let n = 0; n < 12; n++) {
      arrive(frameFor(STATION))
      causes.push(read('ICR') & ICR.RXDMT0)
    }
    // 15 free, a quarter of 16 is 4: after the eleventh.
    expect(causes).toEqual([...Array<number>(10).fill(0), ICR.RXDMT0, 0])
  })
  test('no descriptors: the frame is missed, with RXO, MPC and RNBC; RDT gives room again', () => {
    const { arrive, read, write, stored, inside } = setUp()
    for (let n = 0; n < 9; n++) arrive(frameFor(STATION, 60, n))
    expect(read('ICR')).toBe(ICR.RXT0 | ICR.RXO | ICR.RXDMT0)
    expect([read('MPC'), read('RNBC'), read('GPRC'), read('RDH'), inside('RX_MISSED')]).toEqual([2, 2, 7, 7, 2])
    write('RDT', 0)
    arrive(frameFor(STATION, 60, 99))
    expect(stored(7).bytes).toEqual(frameFor(STATION, 60, 99))
    expect(read('RDH')).toBe(0)
  })
  test('nothing is stored while EN is 0, or without a link', () => {
    const { arrive, read, write, inside, plugIn } = setUp()
    write('RCTL', BASE)
    arrive(frameFor(STATION))
    write('RCTL', BASE | RCTL.EN)
    plugIn(0)
    arrive(frameFor(STATION))
    expect([read('RDH'), read('TPR'), inside('RX_OFF'), inside('RX_FRAMES')]).toEqual([0, 0, 1, 1])
  })
})

describe('filters (SDM 3.2.1, 13.5)', () => {
  const accepted = (control: number, to: readonly number[], prepare?: (guest: ReturnType<typeof setUp>) => void) => {
    const guest = setUp(control)
    prepare?.(guest)
    guest.arrive(frameFor(to))
    const { status } = guest.received(guest.ring.at(0))
    return (status & STATUS.DD) === 0 ? 'dropped' : (status & STATUS.PIF) !== 0 ? 'inexact' : 'exact'
  }
  const multicast = [0x01, 0x00, 0x5e, 0x12, 0x34, 0x56]
  test('unicast: the addresses of RAL and RAH that are valid, all with UPE', () => {
    expect(accepted(RCTL.SECRC, STATION)).toBe('exact')
    expect(accepted(RCTL.SECRC, OTHER)).toBe('dropped')
    expect(accepted(RCTL.SECRC | RCTL.UPE, OTHER)).toBe('inexact')
    const entry = (high: number) => (guest: ReturnType<typeof setUp>) => {
      guest.write('RAL', 0x0000_0002, 15, 8)
      guest.write('RAH', high, 15, 8)
    }
    expect(accepted(RCTL.SECRC, OTHER, entry(0x7700 | RAH.AV))).toBe('exact')
    expect(accepted(RCTL.SECRC, OTHER, entry(0x7700))).toBe('dropped')
  })
  test('RAH.AS 1 compares the source address', () =>
    expect(
      accepted(RCTL.SECRC, OTHER, (guest) => {
        guest.write('RAL', 0x0000_0002, 1, 8)
        guest.write('RAH', 0x0100 | RAH.AV | (1 << SHIFT.RAH.AS), 1, 8)
      }),
    ).toBe('exact'))
  test('broadcast with BAM, multicast with MPE', () => {
    expect(accepted(RCTL.SECRC, BROADCAST)).toBe('dropped')
    expect(accepted(RCTL.BAM, BROADCAST)).toBe('exact')
    expect(accepted(RCTL.BAM, multicast)).toBe('dropped')
    expect(accepted(RCTL.MPE, multicast)).toBe('inexact')
    expect(accepted(RCTL.MPE, OTHER)).toBe('dropped')
  })
  // Bits 47:36 of 01-00-5E-12-34-56 are 563h, 46:35 AC6h, 45:34 58Dh, 43:32 634h (SDM 13.5.1).
  test.each([
    [0, 0x563],
    [1, 0xac6],
    [2, 0x58d],
    [3, 0x634],
  ])('the multicast table with MO %i: bit %i', (offset, hash) => {
    const control = RCTL.SECRC | (offset << SHIFT.RCTL.MO)
    const set = (bit: number) => (guest: ReturnType<typeof setUp>) => guest.write('MTA', 1 << (bit & 31), bit >> 5)
    expect(accepted(control, multicast, set(hash))).toBe('inexact')
    expect(accepted(control, multicast, set(hash ^ 1))).toBe('dropped')
    expect(accepted(control, OTHER, set(hash))).toBe('dropped')
  })
  describe('VLAN (SDM 9.4)', () => {
    const tagged = (tag: number, length = 70): number[] => {
      const frame = frameFor(STATION, length)
      return [...frame.slice(0, 12), 0x81, 0x00, tag >> 8, tag & 0xff, ...frame.slice(12)]
    }
    test('VFE: the identifiers in VFTA, and frames without a tag', () => {
      const { write, arrive, read } = setUp(BASE | RCTL.VFE)
      write('VET', 0x8100)
      write('VFTA', 1 << (0x123 & 31), 0x123 >> 5)
      for (const frame of [tagged(0x6123), tagged(0x124), frameFor(STATION)]) arrive(frame)
      expect(read('RDH')).toBe(2)
    })
    test('CFIEN compares the canonical form bit with CFI', () => {
      const { write, arrive, read } = setUp(BASE | RCTL.VFE | RCTL.CFIEN)
      write('VET', 0x8100)
      write('VFTA', 1 << 5, 0)
      arrive(tagged(0x1005))
      expect(read('RDH')).toBe(0)
      write('RCTL', BASE | RCTL.EN | RCTL.VFE | RCTL.CFIEN | RCTL.CFI)
      arrive(tagged(0x1005))
      expect(read('RDH')).toBe(1)
    })
    test('VME strips the tag into the special field (SDM 9.2)', () => {
      const { write, read, arrive, stored } = setUp()
      write('VET', 0x8100)
      arrive(tagged(0x6123))
      write('CTRL', read('CTRL') | CTRL.VME)
      arrive(tagged(0x6123))
      arrive(tagged(0xe001, 71))
      expect(stored(0)).toMatchObject({ bytes: tagged(0x6123), special: 0 })
      expect(stored(1)).toMatchObject({ bytes: frameFor(STATION, 70), special: 0x6123 })
      expect(stored(1).status & STATUS.VP).toBe(STATUS.VP)
      expect(stored(2)).toMatchObject({ bytes: frameFor(STATION, 71), special: 0xe001 })
    })
  })
})

describe('bad frames (SDM 13.4.22, 13.7)', () => {
  test('a wrong CRC is counted and dropped; SBP stores it with CE', () => {
    const { arrive, read, write, stored, inside } = setUp()
    arrive(frameFor(STATION, 80), false)
    expect([read('CRCERRS'), read('RDH'), inside('RX_BAD')]).toEqual([1, 0, 1])
    write('RCTL', BASE | RCTL.EN | RCTL.SBP)
    arrive(frameFor(STATION, 80), false)
    expect(stored(0)).toMatchObject({ bytes: frameFor(STATION, 80), errors: ERROR.CE })
    expect(read('GPRC')).toBe(0)
  })
  test('shorter than 64 bytes: RUC, with a wrong CRC RFC; longer than 1522 without LPE: ROC and RJC', () => {
    const { arrive, read, write } = setUp()
    arrive(frameFor(STATION, 59))
    arrive(frameFor(STATION, 59), false)
    arrive(frameFor(STATION, 1519))
    arrive(frameFor(STATION, 1519), false)
    expect((['RUC', 'RFC', 'ROC', 'RJC', 'RLEC'] as const).map((name) => read(name))).toEqual([1, 1, 1, 1, 4])
    arrive(frameFor(STATION, 1518))
    expect([read('RDH'), read('TPR')]).toEqual([1, 5])
    write('RCTL', BASE | RCTL.EN | RCTL.LPE)
    arrive(frameFor(STATION, 1519))
    expect(read('RDH')).toBe(2)
  })
})

describe('receive interrupts (SDM 3.2.7)', () => {
  test('RDTR after the last frame, RADV after the first; FPD flushes', () => {
    const { arrive, read, write, wait } = setUp(BASE, 64)
    const raised = (): boolean => (read('ICR') & ICR.RXT0) !== 0
    write('RDTR', 10)
    write('RADV', 25)
    arrive(frameFor(STATION))
    wait(10)
    expect(raised()).toBe(false)
    wait(1)
    expect(raised()).toBe(true)
    for (let n = 0; n < 4; n++) {
      arrive(frameFor(STATION))
      wait(6)
      expect(raised()).toBe(false)
    }
    wait(2)
    expect(raised()).toBe(true)
    arrive(frameFor(STATION))
    write('RDTR', 10 | MASK.RDTR.FPD)
    expect([raised(), read('RDTR')]).toEqual([true, 10])
  })
  test('RSRPD: a small packet raises SRPD', () => {
    const { arrive, read, write } = setUp()
    write('RSRPD', 80)
    arrive(frameFor(STATION, 81))
    expect(read('ICR') & ICR.SRPD).toBe(0)
    arrive(frameFor(STATION, 80))
    expect(read('ICR') & ICR.SRPD).toBe(ICR.SRPD)
  })
})

describe('loopback (SDM 13.4.22)', () => {
  test('RCTL.LBM: what is sent is received, with or without a link', () => {
    const { put, transmitRing, write, stored, sent, plugIn } = setUp(BASE | (1 << SHIFT.RCTL.LBM))
    plugIn(0)
    const ring = transmitRing()
    const frame = frameFor(STATION, 100)
    put(ring.at(0), frame, 0x0b00_0000)
    write('TDT', 1)
    expect([stored(0).bytes, sent.length]).toEqual([frame, 0])
  })
  test('and that of the PHY', () => {
    const { put, transmitRing, write, stored, writePhy } = setUp()
    writePhy(0, 0x4140)
    const ring = transmitRing()
    put(ring.at(0), frameFor(STATION, 100), 0x0b00_0000)
    write('TDT', 1)
    expect(stored(0).bytes).toEqual(frameFor(STATION, 100))
  })
})

describe('checksums of received frames (SDM 3.2.9)', () => {
  const sum = (bytes: readonly number[]): number => {
    let total = 0
    for (let at = 0; at < bytes.length; at += 2) total += (bytes[at]! << 8) | (bytes[at + 1] ?? 0)
    while (total > 0xffff) total = (total & 0xffff) + (total >> 16)
    return total
  }
  const wire16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff]
  const source = [10, 0, 0, 1]
  const target = [10, 0, 0, 2]
  function ipv4(protocol: number, payload: readonly number[], flags = 0): number[] {
    const header = [0x45, 0, ...wire16(20 + payload.length), 0, 1, ...wire16(flags), 64, protocol, 0, 0]
    header.push(...source, ...target)
    header.splice(10, 2, ...wire16(~sum(header)))
    return [...STATION, 2, 0, 0, 0, 0, 1, 0x08, 0x00, ...header, ...payload]
  }
  function udp(data: readonly number[], pseudo: readonly number[] = [...source, ...target]): number[] {
    const length = 8 + data.length
    const datagram = [...wire16(1000), ...wire16(2000), ...wire16(length), 0, 0, ...data]
    datagram.splice(6, 2, ...wire16(~sum([...pseudo, 0, 17, ...wire16(length), ...datagram])))
    return datagram
  }
  const data = Array.from({ length: 41 }, (_, i) => i * 3)
  const ON = RXCSUM.IPOFLD | RXCSUM.TUOFLD
  function check(frame: readonly number[], control: number = ON) {
    const guest = setUp()
    guest.write('RXCSUM', control)
    guest.arrive(frame)
    const { status, errors } = guest.stored(0)
    return [status & ~(STATUS.DD | STATUS.EOP), errors]
  }
  test('good ones of IPv4 and UDP, wrong ones, one that UDP does not have', () => {
    const good = ipv4(17, udp(data))
    expect(check(good)).toEqual([STATUS.IPCS | STATUS.TCPCS, 0])
    expect(check(good, 0)).toEqual([STATUS.IXSM, 0])
    expect(check(good, RXCSUM.IPOFLD)).toEqual([STATUS.IPCS, 0])
    const wrongIp = [...good]
    wrongIp[22]!--
    expect(check(wrongIp)).toEqual([STATUS.IPCS | STATUS.TCPCS, ERROR.IPE])
    const wrongUdp = [...good]
    wrongUdp[60]! ^= 1
    expect(check(wrongUdp)).toEqual([STATUS.IPCS | STATUS.TCPCS, ERROR.TCPE])
    const none = [...good]
    none[40] = none[41] = 0
    expect(check(none)).toEqual([STATUS.IPCS, 0])
  })
  test('not of fragments, nor of what is no IP', () => {
    expect(check(ipv4(17, udp(data), 0x2000))).toEqual([STATUS.IPCS, 0])
    expect(check(frameFor(STATION))).toEqual([0, 0])
  })
  test('over IPv6 with IPV6OFL', () => {
    const addresses = Array.from({ length: 32 }, (_, i) => i + 1)
    const payload = udp(data, addresses)
    const header = [0x60, 0, 0, 0, ...wire16(payload.length), 17, 64, ...addresses]
    const frame = [...STATION, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, ...header, ...payload]
    expect(check(frame)).toEqual([0, 0])
    expect(check(frame, ON | RXCSUM.IPV6OFL)).toEqual([STATUS.TCPCS, 0])
  })
  test('every descriptor has the checksum of the packet from PCSS on (SDM 3.2.9)', () => {
    const { write, arrive, received, ring } = setUp()
    const frame = frameFor(STATION, 75)
    write('RXCSUM', 14)
    arrive(frame)
    write('RXCSUM', 15)
    arrive(frame)
    expect(received(ring.at(0)).checksum).toBe(~sum(frame.slice(14)) & 0xffff)
    expect(received(ring.at(1)).checksum).toBe(~sum(frame.slice(15)) & 0xffff)
  })
})
