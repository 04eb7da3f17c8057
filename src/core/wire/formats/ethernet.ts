import { putAddress, scratchHeader, u16 } from './bytes'

/** Bytes of a MAC address. */
export const MAC_BYTES = 6
/** Offsets of the header (IEEE 802.3, 3.2). */
export const ETHERNET = { DESTINATION: 0, SOURCE: 6, TYPE: 12, BYTES: 14 } as const
/** Bytes of a frame without its check sequence: the shortest, which shorter ones are padded to, and the longest. */
export const SHORTEST_FRAME = 60
export const LONGEST_FRAME = 1514
export const FCS_BYTES = 4
export const ETHER_TYPE = { IPV4: 0x0800, ARP: 0x0806, VLAN: 0x8100, IPV6: 0x86dd, LOCAL_EXPERIMENT: 0x88b5 } as const
export const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
const GROUP = 0x01

/**
 * A MAC address from text: '02:00:00:00:00:01', '02-00-00-00-00-01'.
 *
 * @throws RangeError when it is none.
 */
export function macAddress(text: string): Uint8Array {
  if (!/^[\da-f]{2}([:-][\da-f]{2}){5}$/i.test(text))
    throw new RangeError(`'${text}' is no MAC address like 02:00:00:00:00:01`)
  return Uint8Array.from(text.split(/[:-]/), (part) => parseInt(part, 16))
}
export const macText = (bytes: Uint8Array, at = 0): string =>
  Array.from(bytes.subarray(at, at + MAC_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(':')
/** Broadcast or multicast. */
export const isGroupAddress = (bytes: Uint8Array, at = 0): boolean => (bytes[at]! & GROUP) !== 0

const header = scratchHeader(ETHERNET.BYTES)
/** Writes the header at the beginning; where the payload begins. */
export function writeEthernet(into: Uint8Array, destination: Uint8Array, source: Uint8Array, type: number): number {
  const { bytes, view } = header
  putAddress(view, ETHERNET.DESTINATION, destination, MAC_BYTES)
  putAddress(view, ETHERNET.SOURCE, source, MAC_BYTES)
  view.setUint16(ETHERNET.TYPE, type)
  into.set(bytes)
  return ETHERNET.BYTES
}
export const etherType = (bytes: Uint8Array): number => u16(bytes, ETHERNET.TYPE)

/** Zeros behind a frame that is too short for the line; its length then. */
export function padFrame(bytes: Uint8Array, length: number): number {
  if (length >= SHORTEST_FRAME) return length
  bytes.fill(0, length, SHORTEST_FRAME)
  return SHORTEST_FRAME
}
