import { u16 } from '../bytes'
import { ipv4Text, macText } from './addresses'
import { ARP_OPERATIONS } from './names.table'
import { columnsOf, needs, tooShort, type Walk } from './walk'

const FIXED = 8
const ETHERNET = 1
const IPV4 = 0x0800
const REQUEST = 1
const REPLY = 2

/** RFC 826. */
export function dissectArp(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  if (columns) columns.protocol = 'ARP'
  if (!needs(walk, at, FIXED, 'the ARP packet')) return
  const [hardware, protocol] = [u16(bytes, at), u16(bytes, at + 2)]
  const [hardwareSize, protocolSize] = [bytes[at + 4]!, bytes[at + 5]!]
  const operation = u16(bytes, at + 6)
  const size = FIXED + 2 * (hardwareSize + protocolSize)
  sink.open('arp', at, Math.min(size, walk.end - at), walk.end)
  if (sink.worded) sink.describe(ARP_OPERATIONS[operation] ?? `operation ${operation}`)
  sink.number('arp.hw.type', at, 2, hardware, 0)
  sink.number('arp.proto.type', at + 2, 2, protocol, 0)
  sink.number('arp.hw.size', at + 4, 1, hardwareSize, 0)
  sink.number('arp.proto.size', at + 5, 1, protocolSize, 0)
  sink.number('arp.opcode', at + 6, 2, operation, 0)
  if (columns) columns.info = ARP_OPERATIONS[operation] ?? `operation ${operation}`
  if (at + size > walk.end) tooShort(walk, at + FIXED, 'the ARP packet')
  else if (hardware === ETHERNET && protocol === IPV4 && hardwareSize === 6 && protocolSize === 4)
    ethernetAddresses(walk, at + FIXED, operation)
  else otherAddresses(walk, at + FIXED, hardwareSize, protocolSize)
  sink.close()
  walk.end = Math.min(walk.end, at + size)
}

function ethernetAddresses(walk: Walk, at: number, operation: number): void {
  const { bytes, sink } = walk
  const gratuitous = bytes[at + 6] === bytes[at + 16] && ipv4Text(bytes, at + 6) === ipv4Text(bytes, at + 16)
  sink.bytes('arp.src.hw_mac', at, 6)
  sink.bytes('arp.src.proto_ipv4', at + 6, 4)
  sink.bytes('arp.dst.hw_mac', at + 10, 6)
  sink.bytes('arp.dst.proto_ipv4', at + 16, 4)
  sink.number('arp.isgratuitous', at + 6, 14, gratuitous ? 1 : 0, 0)
  const columns = columnsOf(walk)
  if (!columns) return
  const [sender, target] = [ipv4Text(bytes, at + 6), ipv4Text(bytes, at + 16)]
  if (gratuitous) columns.info = `ARP announcement for ${sender}`
  else if (operation === REQUEST) columns.info = `Who has ${target}? Tell ${sender}`
  else if (operation === REPLY) columns.info = `${sender} is at ${macText(bytes, at)}`
}

function otherAddresses({ sink }: Walk, start: number, hardwareSize: number, protocolSize: number): void {
  let at = start
  for (const side of ['src', 'dst'] as const) {
    sink.bytes(`arp.${side}.hw`, at, hardwareSize)
    sink.bytes(`arp.${side}.proto`, at + hardwareSize, protocolSize)
    at += hardwareSize + protocolSize
  }
}
