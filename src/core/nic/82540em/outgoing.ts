import type { Cable } from '../../wire/port'
import type { Frame } from '../../wire/frame'
import { crc32, putWire16, sum16, fold, wire16, zeroBytes } from './bytes'
import type { Chip } from './chip'
import { MASK, WORD } from './registers'
import { INSIDE } from './state'
import type { Statistics } from './statistics'
import { COMMAND, CSO_SHIFT, CSS_SHIFT } from './transmit-descriptor'

const { CTRL, TCTL } = MASK
/** Shortest frame without its CRC. */
const SHORTEST = 60
const FCS_BYTES = 4
/** Addresses of an Ethernet frame, which a VLAN tag stands behind. */
const ADDRESS_BYTES = 12
const TAG_BYTES = 4
const TAG_WORD = ADDRESS_BYTES >> 2

export interface Outgoing {
  /**
   * Sends a frame that is whole in its slot: tag, padding, CRC as the command of its last descriptor says; the slot is gone.
   *
   * @param tag - VLAN tag for VLE
   */
  send(frame: Frame, command: number, tag: number): void
  /** Virtual time at which the line has sent all that it was given, ticks. */
  lineFree(): number
}

interface Parts {
  readonly statistics: Statistics
  readonly cable: () => Cable
  readonly loopback: () => boolean
  /** What is sent comes back: the frame is lent. */
  readonly looped: (frame: Frame) => void
}

/**
 * Adds up the bytes from `start` to `end` - 1 and puts the complement at `at` (SDM 3.5); `extra` is added to the sum.
 * A checksum of UDP that would be 0 is FFFFh, because 0 says that there is none.
 */
export function insertChecksum(
  { words }: Pick<Frame, 'words'>,
  start: number,
  end: number,
  at: number,
  extra: number,
  udp: boolean,
): void {
  const checksum = ~fold(sum16(words, start, end) + extra) & 0xffff
  putWire16(words, at, udp && checksum === 0 ? 0xffff : checksum)
}

/** IC of a legacy descriptor: from CSS to the end, put at CSO (SDM 3.3.3.2). False: one of them does not fit. */
export function insertLegacyChecksum(frame: Frame, word2: number, word3: number): boolean {
  const start = (word3 >>> CSS_SHIFT) & 0xff
  const place = (word2 >>> CSO_SHIFT) & 0xff
  if (start >= frame.length || place + 2 > frame.length) return false
  insertChecksum(frame, start, frame.length, place, 0, false)
  return true
}

/** The last steps of a frame on its way out (SDM 3.3.3.1, 9.3, 13.4.33). */
export function createOutgoing({ host, words, at }: Chip, { statistics, cable, loopback, looped }: Parts): Outgoing {
  let lineFree = 0

  /** The tag goes between the addresses and the type: both halves as they are on the wire (SDM 9.3). */
  function insertTag(frame: Frame, tag: number): void {
    frame.bytes.copyWithin(ADDRESS_BYTES + TAG_BYTES, ADDRESS_BYTES, frame.length)
    frame.words[TAG_WORD] = 0
    putWire16(frame.words, ADDRESS_BYTES, words[at + WORD.VET]!)
    putWire16(frame.words, ADDRESS_BYTES + 2, tag)
    frame.length += TAG_BYTES
  }
  return {
    lineFree: () => lineFree,
    send(frame, command, tag) {
      const contents = frame.words
      if ((command & COMMAND.VLE) !== 0 && (words[at + WORD.CTRL]! & CTRL.VME) !== 0) insertTag(frame, tag)
      if ((command & COMMAND.IFCS) === 0) {
        // The driver has put the CRC at the end itself.
        frame.length = Math.max(0, frame.length - FCS_BYTES)
        const end = frame.length
        const given = (wire16(contents, end + 2) << 16) | wire16(contents, end)
        const swapped = ((given & 0x00ff_00ff) << 8) | ((given >>> 8) & 0x00ff_00ff)
        frame.intact = swapped === crc32(contents, end)
      } else if (frame.length < SHORTEST && (words[at + WORD.TCTL]! & TCTL.PSP) !== 0) {
        zeroBytes(contents, frame.length, SHORTEST)
        frame.length = SHORTEST
      }
      statistics.sent(contents[0]!, contents[1]!, frame.length + FCS_BYTES)
      words[at + INSIDE.TX_FRAMES]!++
      if (!loopback()) {
        lineFree = cable().transmit(frame)
        return
      }
      looped(frame)
      host.frames.give(frame)
    },
  }
}
