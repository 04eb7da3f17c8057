import { putAddress, scratchHeader, u16, u32 } from './bytes'
import { ETHER_TYPE, ETHERNET, etherType, MAC_BYTES, padFrame, writeEthernet } from './ethernet'

/** Offsets of a packet for IPv4 on Ethernet (RFC 826), from its beginning. */
export const ARP = {
  HARDWARE: 0,
  PROTOCOL: 2,
  LENGTHS: 4,
  OPERATION: 6,
  SENDER_MAC: 8,
  SENDER_IP: 14,
  TARGET_MAC: 18,
  TARGET_IP: 24,
  BYTES: 28,
} as const
export const ARP_OPERATION = { REQUEST: 1, REPLY: 2 } as const
const HARDWARE_ETHERNET = 1
const LENGTHS = 0x0604

/** Addresses as macAddress() and ipv4Address() give them. */
export interface ArpPacket {
  readonly operation: number
  readonly senderMac: Uint8Array
  readonly senderIp: number
  readonly targetMac: Uint8Array
  readonly targetIp: number
}
const header = scratchHeader(ARP.BYTES)

/** Writes a packet; where it ends. */
export function writeArp(into: Uint8Array, at: number, packet: ArpPacket): number {
  const { bytes, view } = header
  view.setUint16(ARP.HARDWARE, HARDWARE_ETHERNET)
  view.setUint16(ARP.PROTOCOL, ETHER_TYPE.IPV4)
  view.setUint16(ARP.LENGTHS, LENGTHS)
  view.setUint16(ARP.OPERATION, packet.operation)
  putAddress(view, ARP.SENDER_MAC, packet.senderMac, MAC_BYTES)
  view.setUint32(ARP.SENDER_IP, packet.senderIp)
  putAddress(view, ARP.TARGET_MAC, packet.targetMac, MAC_BYTES)
  view.setUint32(ARP.TARGET_IP, packet.targetIp)
  into.set(bytes, at)
  return at + ARP.BYTES
}
/** Writes an Ethernet frame with a packet, from its sender to `destination`, padded to 60 bytes; its length. */
export function writeArpFrame(into: Uint8Array, destination: Uint8Array, packet: ArpPacket): number {
  const at = writeEthernet(into, destination, packet.senderMac, ETHER_TYPE.ARP)
  return padFrame(into, writeArp(into, at, packet))
}

/** Whether a packet for IPv4 on Ethernet lies at `at`. */
export const isArp = (bytes: Uint8Array, at: number, end: number): boolean =>
  end - at >= ARP.BYTES &&
  u16(bytes, at + ARP.HARDWARE) === HARDWARE_ETHERNET &&
  u16(bytes, at + ARP.PROTOCOL) === ETHER_TYPE.IPV4 &&
  u16(bytes, at + ARP.LENGTHS) === LENGTHS
/** The packet at `at`, which isArp() has found good. */
export const readArp = (bytes: Uint8Array, at: number): ArpPacket => ({
  operation: u16(bytes, at + ARP.OPERATION),
  senderMac: bytes.slice(at + ARP.SENDER_MAC, at + ARP.SENDER_MAC + MAC_BYTES),
  senderIp: u32(bytes, at + ARP.SENDER_IP),
  targetMac: bytes.slice(at + ARP.TARGET_MAC, at + ARP.TARGET_MAC + MAC_BYTES),
  targetIp: u32(bytes, at + ARP.TARGET_IP),
})
/** The packet of an Ethernet frame; undefined for any other frame. */
export const readArpFrame = (bytes: Uint8Array, length = bytes.length): ArpPacket | undefined =>
  etherType(bytes) === ETHER_TYPE.ARP && isArp(bytes, ETHERNET.BYTES, length)
    ? readArp(bytes, ETHERNET.BYTES)
    : undefined
