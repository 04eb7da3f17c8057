/** What became of the frames that a peer host received: each is counted in one of these besides `received`. */
export interface PeerCounts {
  received: number
  /** Their check sequence is wrong. */
  damaged: number
  /** For another MAC or IP address. */
  notForMe: number
  /** Too short for what they say they are, or of a protocol that the host does not have. */
  malformed: number
  unknown: number
  badHeaderChecksum: number
  /** Of UDP, ICMP, ICMPv6. */
  badChecksum: number
  /** The host does not put fragments together. */
  fragments: number
  /** Datagrams for a port that nobody listens at. */
  unserved: number
  /** ARP requests, echo requests, neighbour solicitations that were answered; answers to its own, and others it has no use for. */
  arp: number
  echo: number
  echo6: number
  neighbor: number
  other: number
  /** Datagrams that were sent back, or thrown away, and the bytes of these. */
  udpEcho: number
  udpDiscard: number
  /** Datagrams that a scenario's own service took. */
  served: number
}
export const newPeerCounts = (): PeerCounts => ({
  received: 0,
  damaged: 0,
  notForMe: 0,
  malformed: 0,
  unknown: 0,
  badHeaderChecksum: 0,
  badChecksum: 0,
  fragments: 0,
  unserved: 0,
  arp: 0,
  echo: 0,
  echo6: 0,
  neighbor: 0,
  other: 0,
  udpEcho: 0,
  udpDiscard: 0,
  served: 0,
})
