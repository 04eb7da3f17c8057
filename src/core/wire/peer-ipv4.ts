import { swapIpv4, swapPorts, type Answers } from './answer'
import { u16 } from './formats/bytes'
import { checksum, pseudoSum4 } from './formats/checksum'
import { ICMP, ICMP_TYPE, writeEcho } from './formats/icmp'
import {
  IP_PROTOCOL,
  IPV4,
  ipv4ChecksumGood,
  ipv4Destination,
  ipv4End,
  ipv4HeaderBytes,
  ipv4Source,
  isFragment,
} from './formats/ipv4'
import { UDP, UDP_PORT, udpChecksumGood, udpFits } from './formats/udp'
import type { Frame } from './frame'
import type { PeerCounts } from './peer-counts'

/** Takes a datagram of `length` bytes at `at` of a frame that is lent. */
export type UdpService = (frame: Frame, at: number, length: number) => void

export interface Ipv4Side {
  /** A packet begins at `ip`. */
  receive(frame: Frame, ip: number): void
  /** Gives the datagrams for a port to a service instead. */
  serve(port: number, service: UdpService): void
  /** Bytes that the discard service has thrown away. */
  discarded(): number
}

interface Parts {
  readonly address: number
  readonly counts: PeerCounts
  readonly answers: Answers
  readonly send: (frame: Frame) => void
}

/** The half of a peer host that speaks IPv4: ICMP echo, and UDP with echo (RFC 862) and discard (RFC 863). */
export function createIpv4Side({ address, counts, answers, send }: Parts): Ipv4Side {
  const services = new Map<number, UdpService>()
  let discarded = 0

  function icmp(frame: Frame, ip: number, at: number, end: number): void {
    const { bytes } = frame
    if (end - at < ICMP.BYTES) return void counts.malformed++
    if (checksum(bytes, at, end) !== 0) return void counts.badChecksum++
    if (bytes[at] !== ICMP_TYPE.ECHO_REQUEST) return void counts.other++
    counts.echo++
    const answer = answers.to(frame, 'peer host: ICMP echo reply')
    swapIpv4(answer, ip)
    const [id, sequence] = [u16(bytes, at + ICMP.ID), u16(bytes, at + ICMP.SEQUENCE)]
    writeEcho(answer.bytes, at, ICMP_TYPE.ECHO_REPLY, id, sequence, end - at - ICMP.BYTES)
    send(answer)
  }
  /** What is summed stays the same when both ends change places: the checksums of the request are those of the answer. */
  function echo(frame: Frame, ip: number, at: number): void {
    counts.udpEcho++
    const answer = answers.to(frame, 'peer host: UDP echo')
    swapIpv4(answer, ip)
    swapPorts(answer, at)
    send(answer)
  }
  function udp(frame: Frame, ip: number, at: number, end: number): void {
    const { bytes } = frame
    if (!udpFits(bytes, at, end)) return void counts.malformed++
    const length = u16(bytes, at + UDP.LENGTH)
    if (!udpChecksumGood(bytes, at, pseudoSum4(ipv4Source(bytes, ip), address, IP_PROTOCOL.UDP, length)))
      return void counts.badChecksum++
    const port = u16(bytes, at + UDP.DESTINATION)
    const service = services.get(port)
    if (service) {
      counts.served++
      service(frame, at + UDP.BYTES, length - UDP.BYTES)
    } else if (port === UDP_PORT.ECHO) echo(frame, ip, at)
    else if (port === UDP_PORT.DISCARD) {
      counts.udpDiscard++
      discarded += length - UDP.BYTES
    } else counts.unserved++
  }
  return {
    receive(frame, ip) {
      const { bytes } = frame
      const end = ipv4End(bytes, ip, frame.length)
      if (end < 0) return void counts.malformed++
      if (!ipv4ChecksumGood(bytes, ip)) return void counts.badHeaderChecksum++
      if (ipv4Destination(bytes, ip) !== address) return void counts.notForMe++
      if (isFragment(bytes, ip)) return void counts.fragments++
      const at = ip + ipv4HeaderBytes(bytes, ip)
      const protocol = bytes[ip + IPV4.PROTOCOL]
      if (protocol === IP_PROTOCOL.UDP) udp(frame, ip, at, end)
      else if (protocol === IP_PROTOCOL.ICMP) icmp(frame, ip, at, end)
      else counts.unknown++
    },
    serve: (port, service) => void services.set(port, service),
    discarded: () => discarded,
  }
}
