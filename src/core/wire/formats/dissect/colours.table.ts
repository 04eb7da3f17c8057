/** How the rows of a list are coloured: the first rule whose display filter a frame passes. The classes are tokens of the front end. */
export const COLOUR_RULES = [
  { name: 'Malformed or cut short', filter: '_ws.malformed or _ws.short', colour: 'broken' },
  {
    name: 'Wrong checksum',
    filter:
      'ip.checksum.status == Bad or tcp.checksum.status == Bad or udp.checksum.status == Bad or icmp.checksum.status == Bad or icmpv6.checksum.status == Bad',
    colour: 'broken',
  },
  { name: 'ICMP errors', filter: 'icmp.type in {3..5, 11, 12} or icmpv6.type in {1..4}', colour: 'refused' },
  { name: 'TCP reset', filter: 'tcp.flags.reset == true', colour: 'refused' },
  { name: 'Neighbour and router discovery', filter: 'arp or icmpv6.type in {133..137}', colour: 'discovery' },
  { name: 'ICMP', filter: 'icmp or icmpv6', colour: 'control' },
  { name: 'TCP', filter: 'tcp', colour: 'stream' },
  { name: 'UDP', filter: 'udp', colour: 'datagram' },
  { name: 'Broadcast and multicast', filter: 'eth.dst.ig == true', colour: 'group' },
] as const

export type PacketColour = (typeof COLOUR_RULES)[number]['colour'] | 'plain'
