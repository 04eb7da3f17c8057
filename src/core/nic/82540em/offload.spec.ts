import { describe, expect, test } from 'vitest'
import { createGuest } from './test-82540em'
import { COMMAND, OPTION, TYPE_DATA } from './transmit-descriptor'

const { EOP, IFCS, RS, DEXT, TSE, TCP, IPV4, VLE } = COMMAND
const DATA = DEXT | TYPE_DATA | IFCS
/** Headers of the frames here: Ethernet 0, IP 14, TCP or UDP behind it. */
const ETHERNET = [0x02, 0, 0, 0, 0, 9, 0x02, 0, 0, 0, 0, 1]
const wire16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff]
const wire32 = (value: number): number[] => [...wire16(value >>> 16), ...wire16(value & 0xffff)]
const at16 = (bytes: readonly number[], at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
const at32 = (bytes: readonly number[], at: number): number => at16(bytes, at) * 0x1_0000 + at16(bytes, at + 2)
function sum(bytes: readonly number[]): number {
  let total = 0
  for (let at = 0; at < bytes.length; at += 2) total += (bytes[at]! << 8) | (bytes[at + 1] ?? 0)
  while (total > 0xffff) total = (total & 0xffff) + (total >> 16)
  return total
}
const SOURCE = [10, 0, 0, 1]
const TARGET = [10, 0, 0, 2]

/** A context descriptor (SDM 3.3.6): offsets of IP at 14, of TCP or UDP at `transport`. */
interface Context {
  readonly transport: number
  readonly checksumAt: number
  readonly command: number
  readonly ipEnd?: number
  readonly payload?: number
  readonly header?: number
  readonly mss?: number
}
function setUp() {
  const guest = createGuest()
  guest.initialize()
  guest.read('ICR')
  const ring = guest.transmitRing(16)
  let tail = 0
  const next = (): number => ring.at(tail++)
  return {
    ...guest,
    ring,
    context({ transport, checksumAt, command, ipEnd = 33, payload = 0, header = 0, mss = 0 }: Context): void {
      const at = next()
      guest.space.w32(at, 14 | (24 << 8) | (ipEnd << 16))
      guest.space.w32(at + 4, transport | (checksumAt << 8))
      guest.space.w32(at + 8, payload | DEXT | command)
      guest.space.w32(at + 12, (header << 8) | (mss << 16))
    },
    data: (bytes: readonly number[], word2: number, word3 = 0) => guest.put(next(), bytes, DATA | word2, word3),
    go: () => guest.write('TDT', tail),
  }
}
/** Headers as a stack leaves them to the device: no checksum of IP, that of the pseudo header where TCP or UDP has its own. */
function ipv4(protocol: number, transport: readonly number[], length: number, id = 0): number[] {
  const ip = [0x45, 0, ...wire16(length), ...wire16(id), 0x40, 0, 64, protocol, 0, 0, ...SOURCE, ...TARGET]
  return [...ETHERNET, 0x08, 0x00, ...ip, ...transport]
}
const pseudo = (protocol: number, length: number): number => sum([...SOURCE, ...TARGET, 0, protocol, ...wire16(length)])
const tcpHeader = (sequence: number, flags: number, checksum: number): number[] => [
  ...wire16(1000), ...wire16(80), ...wire32(sequence), ...wire32(7), 0x50, flags, ...wire16(4096), ...wire16(checksum), 0, 0,
] // prettier-ignore
const data = (length: number): number[] => Array.from({ length }, (_, i) => (i * 11 + (i >> 8)) & 0xff)

describe('checksum offload (SDM 3.3.6, 3.3.7, 3.5)', () => {
  test('IP and TCP', () => {
    const { context, data: put, go, sent, misused, ring, space, read } = setUp()
    const payload = data(101)
    context({ transport: 34, checksumAt: 50, command: TCP | IPV4 })
    put(ipv4(6, tcpHeader(1, 0x18, pseudo(6, 121)), 141), 0, OPTION.IXSM | OPTION.TXSM)
    put(payload, EOP | RS)
    go()
    const [{ bytes }] = sent as [(typeof sent)[0]]
    expect(bytes.slice(54)).toEqual(payload)
    expect(sum(bytes.slice(14, 34))).toBe(0xffff)
    expect(sum([...SOURCE, ...TARGET, 0, 6, ...wire16(121), ...bytes.slice(34)])).toBe(0xffff)
    expect(misused).toEqual([])
    expect([space.r32(ring.at(0) + 12) & 1, space.r32(ring.at(2) + 12) & 1, read('TDH')]).toEqual([0, 1, 3])
  })
  test('UDP: a checksum of 0 goes out as FFFFh', () => {
    const { context, data: put, go, sent } = setUp()
    context({ transport: 34, checksumAt: 40, command: IPV4 })
    const empty = [...wire16(1), ...wire16(2), ...wire16(10), 0, 0]
    // The two bytes of data that make the sum FFFFh.
    const rest = 0xffff - sum([...wire16(pseudo(17, 10)), ...empty])
    empty.splice(6, 2, ...wire16(pseudo(17, 10)))
    put(ipv4(17, [...empty, ...wire16(rest)], 30), EOP, OPTION.TXSM)
    go()
    expect(at16(sent[0]!.bytes, 40)).toBe(0xffff)
    expect(at16(sent[0]!.bytes, 24)).toBe(0)
  })
  test('the context holds for later frames; POPTS of the first descriptor decides', () => {
    const { context, data: put, go, sent } = setUp()
    context({ transport: 34, checksumAt: 50, command: TCP | IPV4 })
    for (const options of [OPTION.IXSM, 0, OPTION.IXSM]) {
      put(ipv4(6, tcpHeader(1, 0, 0), 40), 0, options)
      put(data(20), EOP, OPTION.TXSM)
    }
    go()
    expect(sent.map(({ bytes }) => sum(bytes.slice(14, 34)) === 0xffff)).toEqual([true, false, true])
    expect(sent.map(({ bytes }) => at16(bytes, 50))).toEqual([0, 0, 0])
  })
  test('the tag of VLE goes in behind the checksums', () => {
    const { context, data: put, go, sent, write, read } = setUp()
    write('VET', 0x8100)
    write('CTRL', read('CTRL') | (1 << 30))
    context({ transport: 34, checksumAt: 50, command: TCP | IPV4 })
    put([...ipv4(6, tcpHeader(1, 0, 0), 60), ...data(20)], EOP | VLE, OPTION.IXSM | (5 << 16))
    go()
    expect(sent[0]!.bytes.slice(12, 18)).toEqual([0x81, 0, 0, 5, 8, 0])
    expect(sum(sent[0]!.bytes.slice(18, 38))).toBe(0xffff)
  })
})

describe('TCP segmentation (SDM 3.5)', () => {
  test('over IPv4: lengths, identification, sequence, flags and checksums of every segment', () => {
    const { context, data: put, go, sent, misused, read } = setUp()
    const payload = data(3500)
    const mss = 1460
    context({ transport: 34, checksumAt: 50, command: TCP | IPV4 | TSE, payload: 3500, header: 54, mss })
    // FIN, PSH and ACK; the pseudo header is without the length (SDM 3.5.5).
    put(ipv4(6, tcpHeader(0xffff_ff00, 0x19, pseudo(6, 0)), 0, 0xffff), TSE, OPTION.IXSM | OPTION.TXSM)
    put(payload.slice(0, 1001), TSE)
    put(payload.slice(1001), TSE | EOP | RS)
    go()
    expect(sent.map(({ bytes }) => bytes.length)).toEqual([1514, 1514, 634])
    expect(sent.flatMap(({ bytes }) => bytes.slice(54))).toEqual(payload)
    sent.forEach(({ bytes }, index) => {
      const segment = bytes.length - 34
      expect(at16(bytes, 16)).toBe(bytes.length - 14)
      expect(at16(bytes, 18)).toBe((0xffff + index) & 0xffff)
      expect(at32(bytes, 38)).toBe((0xffff_ff00 + index * mss) % 0x1_0000_0000)
      expect(bytes[47]).toBe(index === 2 ? 0x19 : 0x10)
      expect(sum(bytes.slice(14, 34))).toBe(0xffff)
      expect(sum([...SOURCE, ...TARGET, 0, 6, ...wire16(segment), ...bytes.slice(34)])).toBe(0xffff)
    })
    expect([read('TSCTC'), read('GPTC'), read('TDH'), misused]).toEqual([1, 3, 4, []])
  })
  test('headers and data in one buffer, data that are a multiple of MSS', () => {
    const { context, data: put, go, sent } = setUp()
    context({ transport: 34, checksumAt: 50, command: TCP | IPV4 | TSE, payload: 400, header: 54, mss: 100 })
    put([...ipv4(6, tcpHeader(1, 0x18, 0), 0), ...data(400)], TSE | EOP, OPTION.IXSM)
    go()
    expect(sent.map(({ bytes }) => bytes.length)).toEqual([154, 154, 154, 154])
    expect(sent.map(({ bytes }) => bytes[47])).toEqual([0x10, 0x10, 0x10, 0x18])
  })
  test('over IPv6: the payload length', () => {
    const { context, data: put, go, sent } = setUp()
    context({ transport: 54, checksumAt: 70, command: TCP | TSE, ipEnd: 0, payload: 250, header: 74, mss: 100 })
    const ip = [0x60, 0, 0, 0, 0, 0, 6, 64, ...Array<number>(32).fill(1)]
    put([...ETHERNET, 0x86, 0xdd, ...ip, ...tcpHeader(9, 0x10, 0), ...data(250)], TSE | EOP, 0)
    go()
    expect(sent.map(({ bytes }) => [bytes.length, at16(bytes, 18), at32(bytes, 58)])).toEqual([
      [174, 120, 9],
      [174, 120, 109],
      [124, 70, 209],
    ])
  })
  test('UDP: its length', () => {
    const { context, data: put, go, sent } = setUp()
    context({ transport: 34, checksumAt: 40, command: IPV4 | TSE, payload: 150, header: 42, mss: 100 })
    put([...ipv4(17, [0, 1, 0, 2, 0, 0, 0, 0], 0), ...data(150)], TSE | EOP, OPTION.IXSM)
    go()
    expect(sent.map(({ bytes }) => at16(bytes, 38))).toEqual([108, 58])
  })
})

describe('contexts that do not fit', () => {
  test('none given: the frame goes out as it is, segments do not', () => {
    const { data: put, go, sent, rules, read } = setUp()
    const frame = [...ipv4(6, tcpHeader(1, 0, 0), 60), ...data(20)]
    put(frame, EOP, OPTION.IXSM)
    put(frame, TSE | EOP)
    go()
    expect(sent.map(({ bytes }) => bytes)).toEqual([frame])
    expect([rules(), read('TDH')]).toEqual([['NicDescriptorContext', 'NicDescriptorContext'], 2])
  })
  test('offsets behind the end, MSS 0, headers too long, less data than PAYLEN', () => {
    const { context, data: put, go, sent, rules } = setUp()
    const frame = [...ipv4(6, tcpHeader(1, 0, 0), 60), ...data(20)]
    context({ transport: 90, checksumAt: 100, command: TCP | IPV4 })
    put(frame, EOP, OPTION.TXSM)
    context({ transport: 34, checksumAt: 50, command: TCP | IPV4 | TSE, payload: 20, header: 54, mss: 0 })
    put(frame, TSE | EOP)
    context({ transport: 34, checksumAt: 50, command: TCP | IPV4 | TSE, payload: 20, header: 255, mss: 0xffff })
    put(frame, TSE | EOP)
    context({ transport: 34, checksumAt: 50, command: TCP | IPV4 | TSE, payload: 500, header: 54, mss: 100 })
    put(frame, TSE | EOP)
    go()
    expect(sent.map(({ bytes }) => bytes.length)).toEqual([74, 74])
    expect(rules()).toEqual(Array(4).fill('NicDescriptorContext'))
  })
})
