import type { Answers } from './answer'
import { sameBytes, u16 } from './formats/bytes'
import { pseudoSum6 } from './formats/checksum'
import { ICMP, writeEcho } from './formats/icmp'
import { ICMPV6_TYPE, icmpv6ChecksumGood, NEIGHBOR, NEIGHBOR_FLAG, writeNeighbor } from './formats/icmpv6'
import { IP_PROTOCOL } from './formats/ipv4'
import {
  ALL_NODES,
  HOP_LIMIT,
  IPV6,
  IPV6_ADDRESS_BYTES,
  ipv6End,
  multicastMac,
  solicitedNode,
  writeIpv6,
} from './formats/ipv6'
import type { Frame } from './frame'
import type { PeerCounts } from './peer-counts'

interface Parts {
  readonly mac: Uint8Array
  readonly address: Uint8Array
  readonly counts: PeerCounts
  readonly answers: Answers
  readonly send: (frame: Frame) => void
}

const isUnspecified = (address: Uint8Array): boolean => address.every((byte) => byte === 0)

/** The half of a peer host that speaks IPv6: neighbour discovery (RFC 4861, 7.2.4) and ICMPv6 echo (RFC 4443, 4). */
export function createIpv6Side({ mac, address, counts, answers, send }: Parts): (frame: Frame, ip: number) => void {
  const sought = solicitedNode(address)

  const isAt = (bytes: Uint8Array, at: number, wanted: Uint8Array): boolean =>
    sameBytes(bytes, at, wanted, 0, IPV6_ADDRESS_BYTES)
  const sourceOf = (bytes: Uint8Array, ip: number): Uint8Array =>
    bytes.slice(ip + IPV6.SOURCE, ip + IPV6.SOURCE + IPV6_ADDRESS_BYTES)

  function neighbor(frame: Frame, ip: number, at: number, end: number): void {
    const { bytes } = frame
    if (end - at < NEIGHBOR.OPTION || bytes[ip + IPV6.HOP_LIMIT] !== HOP_LIMIT) return void counts.malformed++
    if (!isAt(bytes, at + NEIGHBOR.TARGET, address)) return void counts.notForMe++
    counts.neighbor++
    const asker = sourceOf(bytes, ip)
    // Who has no address yet asks whether somebody has the one that it wants: all are told.
    const probe = isUnspecified(asker)
    const answer = answers.to(frame, 'peer host: neighbor advertisement')
    writeIpv6(answer.bytes, ip, IP_PROTOCOL.ICMPV6, address, probe ? ALL_NODES : asker, NEIGHBOR.BYTES)
    if (probe) answer.bytes.set(multicastMac(ALL_NODES))
    const flags = NEIGHBOR_FLAG.OVERRIDE | (probe ? 0 : NEIGHBOR_FLAG.SOLICITED)
    answer.length = writeNeighbor(answer.bytes, ip, ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT, flags, address, mac)
    send(answer)
  }
  function echo(frame: Frame, ip: number, at: number, end: number): void {
    counts.echo6++
    const { bytes } = frame
    const answer = answers.to(frame, 'peer host: ICMPv6 echo reply')
    writeIpv6(answer.bytes, ip, IP_PROTOCOL.ICMPV6, address, sourceOf(bytes, ip), end - at)
    const pseudo = pseudoSum6(answer.bytes, ip + IPV6.SOURCE, IP_PROTOCOL.ICMPV6, end - at)
    const [id, sequence] = [u16(bytes, at + ICMP.ID), u16(bytes, at + ICMP.SEQUENCE)]
    writeEcho(answer.bytes, at, ICMPV6_TYPE.ECHO_REPLY, id, sequence, end - at - ICMP.BYTES, pseudo)
    send(answer)
  }
  return (frame, ip) => {
    const { bytes } = frame
    const end = ipv6End(bytes, ip, frame.length)
    const at = ip + IPV6.BYTES
    if (end < 0) return void counts.malformed++
    const [mine, group] = [isAt(bytes, ip + IPV6.DESTINATION, address), isAt(bytes, ip + IPV6.DESTINATION, sought)]
    if (!mine && !group && !isAt(bytes, ip + IPV6.DESTINATION, ALL_NODES)) return void counts.notForMe++
    if (bytes[ip + IPV6.NEXT_HEADER] !== IP_PROTOCOL.ICMPV6) return void counts.unknown++
    if (end - at < ICMP.BYTES) return void counts.malformed++
    if (!icmpv6ChecksumGood(bytes, ip, at, end)) return void counts.badChecksum++
    if (bytes[at] === ICMPV6_TYPE.NEIGHBOR_SOLICITATION) neighbor(frame, ip, at, end)
    else if (bytes[at] === ICMPV6_TYPE.ECHO_REQUEST) echo(frame, ip, at, end)
    else counts.other++
  }
}
