import { describe, expect, test } from 'vitest'
import { checksum, frameCheckSequence } from './checksum'
import { ETHER_TYPE, etherType, macAddress, macText } from './ethernet'
import { ipv4Address, ipv4Text } from './ipv4'
import { MOST_UDP_PAYLOAD, putUdpFrame, readUdpFrame, UDP_PAYLOAD, writeUdpFrame } from './udp'
import { insertVlan, readVlan, removeVlan, vlanControl } from './vlan'

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/[\da-f]{2}/g)!, (byte) => parseInt(byte, 16))
/** Ones' complement sum, written another way than the one under test. */
function slowSum(bytes: readonly number[]): number {
  let sum = 0
  bytes.forEach((byte, index) => {
    sum += index % 2 ? byte : byte * 256
    if (sum > 0xffff) sum -= 0xffff
  })
  return sum
}
const ends = {
  destination: macAddress('02:00:00:00:00:02'),
  source: macAddress('02-00-00-00-00-01'),
  from: ipv4Address('10.0.0.10'),
  fromPort: 4660,
  to: ipv4Address('10.0.0.1'),
  toPort: 7,
}

describe('checksums', () => {
  test('of the example of RFC 1071, section 3: the sum of 00 01 f2 03 f4 f5 f6 f7 is ddf2', () => {
    expect(checksum(hex('0001f203f4f5f6f7'), 0, 8)).toBe(~0xddf2 & 0xffff)
  })
  test('an odd last byte is a high half', () => {
    expect(checksum(hex('123456'), 0, 3)).toBe(checksum(hex('12345600'), 0, 4))
  })
  test('of an IPv4 header that is known', () => {
    const header = hex('45000073000040004011b861c0a80001c0a800c7')
    expect(checksum(header, 0, 20)).toBe(0)
  })
  test('64 KiB of ones do not overflow', () => {
    expect(checksum(new Uint8Array(0xffff).fill(0xff), 0, 0xfffe)).toBe(0)
  })
  test('the CRC-32 of 123456789 is cbf43926', () => {
    expect(frameCheckSequence(new TextEncoder().encode('123456789'), 9)).toBe(0xcbf43926)
  })
})

describe('a UDP frame', () => {
  test('is the bytes that it should be', () => {
    const into = new Uint8Array(64).fill(0xee)
    expect(writeUdpFrame(into, { ...ends, payload: hex('68656c6c6f'), id: 0x0102 })).toBe(60)
    expect(into.subarray(0, 14)).toEqual(hex('0200000000020200000000010800'))
    // 4500+0021+0102+4000+4011+0a00+000a+0a00+0001 = da3f
    expect(into.subarray(14, 34)).toEqual(hex('45000021010240004011' + '25c0' + '0a00000a0a000001'))
    expect(into.subarray(34, 40)).toEqual(hex('12340007000d'))
    expect(into.subarray(42, 60)).toEqual(hex('68656c6c6f' + '00'.repeat(13)))
    expect(into.subarray(60)).toEqual(hex('eeeeeeee'))
  })
  test('of any payload has checksums that come out right, and reads back as it was written', () => {
    const into = new Uint8Array(2048)
    for (let size = 0; size <= MOST_UDP_PAYLOAD; size += 1 + (size >> 4)) {
      const payload = Uint8Array.from({ length: size }, (_unused, index) => index * 7 + size)
      const length = writeUdpFrame(into, { ...ends, payload })
      expect(length).toBe(Math.max(60, UDP_PAYLOAD + size))
      expect(slowSum([...into.subarray(14, 34)])).toBe(0xffff)
      const pseudo = [...into.subarray(26, 34), 0, 17, ...into.subarray(38, 40)]
      expect(slowSum([...pseudo, ...into.subarray(34, 42 + size)])).toBe(0xffff)
      expect(readUdpFrame(into, length)).toEqual({ ...ends, payload, id: 0 })
    }
  })
  test('around a payload in place is the same frame', () => {
    const [a, b] = [new Uint8Array(100), new Uint8Array(100)]
    const payload = hex('0102030405060708')
    b.set(payload, UDP_PAYLOAD)
    const length = writeUdpFrame(a, { ...ends, payload, id: 9 })
    expect(putUdpFrame(b, ends.destination, ends.source, ends.from, ends.fromPort, ends.to, ends.toPort, 8, 9)).toBe(
      length,
    )
    expect(b).toEqual(a)
  })
  test('a checksum that comes out as 0 is sent as all ones: 0 would say that there is none', () => {
    const into = new Uint8Array(64)
    writeUdpFrame(into, { ...ends, payload: hex('0000') })
    const rest = (into[40]! << 8) | into[41]!
    writeUdpFrame(into, { ...ends, payload: Uint8Array.of(rest >> 8, rest & 0xff) })
    expect([into[40], into[41]]).toEqual([0xff, 0xff])
    expect(readUdpFrame(into, 60)).toBeDefined()
  })
  test('each byte counts: a frame with a changed one is not read as a UDP frame, or as another', () => {
    const into = new Uint8Array(64)
    const payload = hex('0102030405060708090a0b0c0d0e0f101112')
    const length = writeUdpFrame(into, { ...ends, payload })
    for (let at = 14; at < length; at++) {
      into[at]! ^= 0x10
      expect(readUdpFrame(into, length), `byte ${at}`).toBeUndefined()
      into[at]! ^= 0x10
    }
    for (let cut = 0; cut < length; cut++) expect(readUdpFrame(into, cut)).toBeUndefined()
  })
})

test('addresses read back as text', () => {
  expect([macText(ends.source), ipv4Text(ends.from)]).toEqual(['02:00:00:00:00:01', '10.0.0.10'])
  expect(ipv4Address('255.255.255.255')).toBe(0xffff_ffff)
  for (const text of ['10.0.0', '10.0.0.256', 'a.b.c.d', '']) expect(() => ipv4Address(text)).toThrow(RangeError)
  for (const text of ['02:00:00:00:00', '0200.0000.0001', '']) expect(() => macAddress(text)).toThrow(RangeError)
})

test('a VLAN tag goes in behind the addresses and comes out again', () => {
  const plain = new Uint8Array(64)
  writeUdpFrame(plain, { ...ends, payload: hex('01') })
  const frame = plain.slice()
  const tag = { priority: 5, dropEligible: true, id: 100 }
  expect(insertVlan(frame, 60, vlanControl(tag))).toBe(64)
  expect(frame.subarray(0, 18)).toEqual(hex('0200000000020200000000018100b0640800'))
  expect([etherType(frame), readVlan(frame)]).toEqual([ETHER_TYPE.VLAN, tag])
  expect(removeVlan(frame, 64)).toBe(60)
  expect(frame.subarray(0, 60)).toEqual(plain.subarray(0, 60))
})
