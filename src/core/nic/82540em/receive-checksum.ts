import type { Words } from '../../memory/address-space'
import { byteAt, fold, sum16, wire16 } from './bytes'
import type { Chip } from './chip'
import { MASK, WORD } from './registers'

const { RXCSUM } = MASK
/** Bits of status and errors of a receive descriptor, as they lie in its word 3 (SDM 3.2.3.1, 3.2.3.2). */
export const RECEIVED = {
  DD: 1 << 0,
  EOP: 1 << 1,
  IXSM: 1 << 2,
  VP: 1 << 3,
  TCPCS: 1 << 5,
  IPCS: 1 << 6,
  PIF: 1 << 7,
  CE: 1 << 8,
  TCPE: 1 << 13,
  IPE: 1 << 14,
  RXE: 1 << 15,
} as const
const TYPE_AT = 12
const TAG_BYTES = 4
const TYPE_IPV4 = 0x0800
const TYPE_IPV6 = 0x86dd
const IPV4 = { LENGTH: 2, FRAGMENT: 6, PROTOCOL: 9, SOURCE: 12, HEADER: 20 } as const
/** More fragments, and where this one belongs. */
const FRAGMENTED = 0x3fff
const IPV6 = { LENGTH: 4, NEXT: 6, SOURCE: 8, HEADER: 40 } as const
const PROTOCOL = { TCP: 6, UDP: 17 } as const
const TRANSPORT = { TCP: 20, UDP: 8, UDP_CHECKSUM: 6 } as const
const GOOD = 0xffff

/** Checks the checksums of a frame as RXCSUM asks (SDM 3.2.9): bits of RECEIVED. `length` is without the CRC. */
export function createReceiveChecksum({ words, at }: Chip) {
  const control = at + WORD.RXCSUM

  /** TCP or UDP from `start` to `end` - 1; the addresses of the pseudo header are the `addresses` bytes at `source`. */
  function transport(frame: Words, protocol: number, start: number, end: number, source: number, addresses: number) {
    const udp = protocol === PROTOCOL.UDP
    if ((!udp && protocol !== PROTOCOL.TCP) || end - start < (udp ? TRANSPORT.UDP : TRANSPORT.TCP)) return 0
    if (udp && wire16(frame, start + TRANSPORT.UDP_CHECKSUM) === 0) return 0
    const sum = sum16(frame, source, source + addresses) + sum16(frame, start, end) + protocol + (end - start)
    return fold(sum) === GOOD ? RECEIVED.TCPCS : RECEIVED.TCPCS | RECEIVED.TCPE
  }
  function ipv4(frame: Words, ip: number, length: number): number {
    const header = (byteAt(frame, ip) & 0xf) * 4
    const end = ip + wire16(frame, ip + IPV4.LENGTH)
    if (byteAt(frame, ip) >> 4 !== 4 || header < IPV4.HEADER || ip + header > length) return 0
    let bits = 0
    if ((words[control]! & RXCSUM.IPOFLD) !== 0)
      bits = fold(sum16(frame, ip, ip + header)) === GOOD ? RECEIVED.IPCS : RECEIVED.IPCS | RECEIVED.IPE
    const fragment = (wire16(frame, ip + IPV4.FRAGMENT) & FRAGMENTED) !== 0
    if ((words[control]! & RXCSUM.TUOFLD) === 0 || fragment || end > length) return bits
    return bits | transport(frame, byteAt(frame, ip + IPV4.PROTOCOL), ip + header, end, ip + IPV4.SOURCE, 8)
  }
  function ipv6(frame: Words, ip: number, length: number): number {
    const start = ip + IPV6.HEADER
    const end = start + wire16(frame, ip + IPV6.LENGTH)
    if ((words[control]! & RXCSUM.TUOFLD) === 0 || (words[control]! & RXCSUM.IPV6OFL) === 0 || end > length) return 0
    return transport(frame, byteAt(frame, ip + IPV6.NEXT), start, end, ip + IPV6.SOURCE, 32)
  }
  return {
    check(frame: Words, length: number, tagged: boolean): number {
      if ((words[control]! & (RXCSUM.IPOFLD | RXCSUM.TUOFLD)) === 0) return RECEIVED.IXSM
      const typeAt = tagged ? TYPE_AT + TAG_BYTES : TYPE_AT
      const ip = typeAt + 2
      const type = wire16(frame, typeAt)
      if (type === TYPE_IPV4 && length >= ip + IPV4.HEADER) return ipv4(frame, ip, length)
      if (type === TYPE_IPV6 && length >= ip + IPV6.HEADER) return ipv6(frame, ip, length)
      return 0
    },
    /** The checksum of everything from byte PCSS on, as the descriptor reports it of every frame. */
    ofPacket: (frame: Words, length: number): number => ~sum16(frame, words[control]! & RXCSUM.PCSS, length) & 0xffff,
  }
}
