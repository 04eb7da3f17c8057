import { createAnswers } from './answer'
import { ARP, ARP_OPERATION, isArp, readArp, writeArp } from './formats/arp'
import { sameBytes, u16, u32 } from './formats/bytes'
import { ETHER_TYPE, ETHERNET, isGroupAddress, MAC_BYTES, macAddress } from './formats/ethernet'
import { ipv4Address } from './formats/ipv4'
import { linkLocalAddress } from './formats/ipv6'
import { VLAN_BYTES } from './formats/vlan'
import type { Frame, FramePool } from './frame'
import { newPeerCounts, type PeerCounts } from './peer-counts'
import { createIpv4Side, type UdpService } from './peer-ipv4'
import { createIpv6Side } from './peer-ipv6'
import type { Cable, LinkSpeed, WirePort } from './port'

/** The address of the peer host, 10.0.0.1/24; the NIC in slot n is thought of as 10.0.0.(10 + n). */
export const PEER_MAC = macAddress('02:00:00:00:00:01')
export const PEER_IPV4 = ipv4Address('10.0.0.1')
export const PEER_IPV6 = linkLocalAddress(PEER_MAC)
export const nicIpv4 = (slot: number): number => ipv4Address('10.0.0.10') + slot

export const PEER_NAME = 'peer host'

/** A host at the other end of the wire. */
export interface Peer {
  readonly port: WirePort
  readonly mac: Uint8Array
  readonly ipv4: number
  readonly ipv6: Uint8Array
  readonly counts: Readonly<PeerCounts>
  /** Bytes that its discard service (UDP port 9) has thrown away. */
  discarded(): number
  /** Sends a frame, whose slot it takes over; virtual time, ticks, at which its last bit has left. */
  send(frame: Frame): number
  linkSpeed(): LinkSpeed
  /** Gives the datagrams for a port to a service, instead of echo (7), discard (9) or nothing. */
  serve(port: number, service: UdpService): void
  /** Hears every frame before the host looks at it, also damaged ones; lent. True: the host need not look at it. */
  listen(listener: (frame: Frame) => boolean): void
  connect(cable: Cable): void
}

/**
 * Answers ARP, ICMP and ICMPv6 echo and neighbour solicitations, and sends UDP datagrams for port 7 back. Frames with a VLAN
 * tag are answered in their VLAN. What it does not answer is counted by reason.
 */
export function createPeer(frames: FramePool): Peer {
  const counts = newPeerCounts()
  const answers = createAnswers(frames, PEER_MAC)
  const listeners: ((frame: Frame) => boolean)[] = []
  let cable: Cable | undefined

  function send(frame: Frame): number {
    if (cable) return cable.transmit(frame)
    frames.give(frame)
    return 0
  }
  const parts = { counts, answers, send }
  const ipv4 = createIpv4Side({ ...parts, address: PEER_IPV4 })
  const receiveIpv6 = createIpv6Side({ ...parts, mac: PEER_MAC, address: PEER_IPV6 })

  function receiveArp(frame: Frame, at: number): void {
    const { bytes } = frame
    if (!isArp(bytes, at, frame.length)) return void counts.malformed++
    if (u32(bytes, at + ARP.TARGET_IP) !== PEER_IPV4) return void counts.notForMe++
    if (u16(bytes, at + ARP.OPERATION) !== ARP_OPERATION.REQUEST) return void counts.other++
    counts.arp++
    const { senderMac, senderIp } = readArp(bytes, at)
    const answer = answers.to(frame, 'peer host: ARP reply')
    const [operation, targetMac, targetIp] = [ARP_OPERATION.REPLY, senderMac, senderIp]
    writeArp(answer.bytes, at, { operation, senderMac: PEER_MAC, senderIp: PEER_IPV4, targetMac, targetIp })
    send(answer)
  }
  const isMine = (bytes: Uint8Array): boolean =>
    isGroupAddress(bytes) || sameBytes(bytes, ETHERNET.DESTINATION, PEER_MAC, 0, MAC_BYTES)

  function receive(frame: Frame): void {
    counts.received++
    let taken = false
    for (const listener of listeners) taken = listener(frame) || taken
    const { bytes, length } = frame
    if (!frame.intact) return void counts.damaged++
    if (taken) return void counts.served++
    if (length < ETHERNET.BYTES + VLAN_BYTES || isGroupAddress(bytes, ETHERNET.SOURCE)) return void counts.malformed++
    if (!isMine(bytes)) return void counts.notForMe++
    const tagged = u16(bytes, ETHERNET.TYPE) === ETHER_TYPE.VLAN
    const at = tagged ? ETHERNET.BYTES + VLAN_BYTES : ETHERNET.BYTES
    const type = u16(bytes, at - 2)
    if (type === ETHER_TYPE.IPV4) ipv4.receive(frame, at)
    else if (type === ETHER_TYPE.ARP) receiveArp(frame, at)
    else if (type === ETHER_TYPE.IPV6) receiveIpv6(frame, at)
    else counts.unknown++
  }
  return {
    port: { name: PEER_NAME, receive, linkChanged: () => undefined },
    mac: PEER_MAC,
    ipv4: PEER_IPV4,
    ipv6: PEER_IPV6,
    counts,
    discarded: ipv4.discarded,
    send,
    linkSpeed: () => cable?.speed() ?? 0,
    serve: ipv4.serve,
    listen: (listener) => void listeners.push(listener),
    connect: (to) => void (cable = to),
  }
}
