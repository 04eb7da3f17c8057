import { IPV4 } from './formats/ipv4'
import { copyFrame, type Frame, type FramePool } from './frame'

/** Makes and sends the answers of a host. */
export interface Answers {
  /** A copy of a frame that goes back to who sent it. */
  to(frame: Frame, origin: string): Frame
}

const HALF = 16
const LOW_HALF = 0xffff

/** Half of a little-endian word: the two bytes at `at` of an address. */
const half = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8)

/** Answers of the host with this MAC address. Words at a time: nothing is allocated. */
export function createAnswers(frames: FramePool, mac: Uint8Array): Answers {
  const macLow = half(mac, 0)
  const macHigh = half(mac, 2) | (half(mac, 4) << HALF)
  return {
    to(frame, origin) {
      const answer = frames.take()
      copyFrame(answer, frame)
      answer.site = 0
      answer.origin = origin
      const { words } = answer
      const middle = words[1]!
      const high = words[2]!
      words[0] = (middle >>> HALF) | (high << HALF)
      words[1] = (high >>> HALF) | (macLow << HALF)
      words[2] = macHigh
      return answer
    },
  }
}

/** Swaps the addresses of the IPv4 header at `ip`: its checksum and those over the pseudo header stay right. */
export function swapIpv4({ words }: Frame, ip: number): void {
  const first = (ip + IPV4.SOURCE) >> 2
  const a = words[first]!
  const b = words[first + 1]!
  const c = words[first + 2]!
  words[first] = (a & LOW_HALF) | (b & ~LOW_HALF)
  words[first + 1] = (c & LOW_HALF) | (a & ~LOW_HALF)
  words[first + 2] = (c & ~LOW_HALF) | (b & LOW_HALF)
}
/** Swaps the ports of the UDP header at `udp`; its checksum stays right. */
export function swapPorts({ words }: Frame, udp: number): void {
  const first = udp >> 2
  const a = words[first]!
  const b = words[first + 1]!
  words[first] = (a & LOW_HALF) | (b << HALF)
  words[first + 1] = (b & ~LOW_HALF) | (a >>> HALF)
}
