import { describe, expect, test } from 'vitest'
import { pseudoSum4, pseudoSum6 } from './checksum'
import { IP_PROTOCOL, ipv4Address } from './ipv4'
import { IPV6, linkLocalAddress, writeIpv6 } from './ipv6'
import { readTcp, TCP, TCP_FLAG, tcpHeaderBytes, writeTcp } from './tcp'

const header = {
  fromPort: 1234,
  toPort: 80,
  sequence: 0xffff_fff0,
  acknowledgment: 7,
  flags: TCP_FLAG.SYN | TCP_FLAG.ACK | TCP_FLAG.CWR,
  window: 65_535,
}
/** Ones' complement sum over 16-bit words: 0xffff over what holds its checksum. */
function sum(bytes: readonly number[]): number {
  let total = 0
  for (let at = 0; at < bytes.length; at += 2) {
    total += bytes[at]! * 256 + (bytes[at + 1] ?? 0)
    total = (total & 0xffff) + (total >>> 16)
  }
  return total
}

describe('a TCP segment (RFC 9293, 3.1)', () => {
  test('is the bytes that it should be', () => {
    const into = new Uint8Array(24).fill(0xee)
    expect(writeTcp(into, 2, header, 0, -1)).toBe(22)
    const bytes = '04d20050 fffffff0 00000007 5092 ffff 0000 0000'.replaceAll(' ', '')
    expect(Buffer.from(into.subarray(2, 22)).toString('hex')).toBe(bytes)
    expect([readTcp(into, 2), tcpHeaderBytes(into, 2)]).toEqual([header, TCP.BYTES])
  })
  test('over IPv4 has a checksum that comes out right, for payloads of any length', () => {
    const [from, to] = [ipv4Address('10.0.0.10'), ipv4Address('10.0.0.1')]
    for (const payload of [0, 1, 2, 999, 1460]) {
      const into = Uint8Array.from({ length: 2000 }, (_unused, index) => index * 11)
      const length = TCP.BYTES + payload
      const end = writeTcp(into, 0, header, payload, pseudoSum4(from, to, IP_PROTOCOL.TCP, length))
      expect(end).toBe(length)
      const pseudo = [10, 0, 0, 10, 10, 0, 0, 1, 0, 6, length >> 8, length & 0xff]
      expect(sum([...pseudo, ...into.subarray(0, end)])).toBe(0xffff)
    }
  })
  test('over IPv6 too', () => {
    const into = new Uint8Array(100)
    const [from, to] = [1, 2].map((last) => linkLocalAddress(Uint8Array.of(2, 0, 0, 0, 0, last)))
    const at = writeIpv6(into, 0, IP_PROTOCOL.TCP, from!, to!, TCP.BYTES)
    const end = writeTcp(into, at, header, 0, pseudoSum6(into, IPV6.SOURCE, IP_PROTOCOL.TCP, TCP.BYTES))
    expect(sum([...from!, ...to!, 0, TCP.BYTES, 0, IP_PROTOCOL.TCP, ...into.subarray(at, end)])).toBe(0xffff)
  })
})
