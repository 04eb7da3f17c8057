import { dissectArp } from './arp'
import { dissectIcmp } from './icmp'
import { dissectIcmpv6 } from './icmpv6'
import { dissectIpv4 } from './ipv4'
import { dissectIpv6 } from './ipv6'
import { dissectTcp } from './tcp'
import { dissectUdp } from './udp'
import { dissectVlan } from './vlan'
import type { Dissector, Dissectors } from './walk'

const BY_ETHER_TYPE = new Map<number, Dissector>([
  [0x0800, dissectIpv4],
  [0x0806, dissectArp],
  [0x8100, dissectVlan],
  [0x86dd, dissectIpv6],
  [0x88a8, dissectVlan],
  [0x9100, dissectVlan],
])
const BY_IP_PROTOCOL = new Map<number, Dissector>([
  [1, dissectIcmp],
  [4, dissectIpv4],
  [6, dissectTcp],
  [17, dissectUdp],
  [41, dissectIpv6],
  [58, dissectIcmpv6],
])

export const DISSECTORS: Dissectors = {
  etherType: (type) => BY_ETHER_TYPE.get(type),
  ipProtocol: (protocol) => BY_IP_PROTOCOL.get(protocol),
}
