import { MOST_FRAME_BYTES, type Frame } from '../../wire/frame'
import { copyBytes, crc32, createBytes, putByte, type Bytes } from './bytes'
import type { Chip, Handlers } from './chip'
import type { Interrupts } from './interrupts'
import { createReceiveChecksum, RECEIVED } from './receive-checksum'
import { PASSED, tagOf, type Passed, type ReceiveFilter } from './receive-filter'
import { MASK, SHIFT, WORD } from './registers'
import { createRing, DESCRIPTOR_BYTES, RECEIVE_RING } from './ring'
import { INSIDE } from './state'
import type { Statistics } from './statistics'

const { ICR, RCTL, CTRL, RSRPD } = MASK
const RCTL_BITS = Object.values(RCTL).reduce((all, mask) => all | mask, 0)
const FCS_BYTES = 4
const SHORTEST = 64
/** With tag and CRC, without RCTL.LPE. */
const LONGEST = 1522
const ADDRESS_BYTES = 12
const TAG_BYTES = 4
const ABOVE_4_GIB = 0x1_0000_0000
/** Of RCTL.BSIZE 0: it halves with each step; BSEX makes it 16 times as large (SDM 13.4.22). */
const LARGEST_BUFFER = 2048
const EXTENSION_SHIFT = 4

export interface Receiver {
  /** A frame has arrived from the cable or by loopback; it is lent. */
  receive(frame: Frame): void
  reset(): void
  readonly handlers: Handlers
}

interface Parts {
  readonly interrupts: Interrupts
  readonly statistics: Statistics
  readonly filter: ReceiveFilter
  /** PHY loopback or RCTL.LBM may have changed. */
  readonly controlChanged: () => void
}

/**
 * The receive unit (SDM 3.2): filters, then buffers of the ring, written at once; there is no FIFO in front of them, so a
 * frame that finds no descriptors is missed, as one is whose FIFO is full.
 */
export function createReceiver(chip: Chip, { interrupts, statistics, filter, controlChanged }: Parts): Receiver {
  const { host, words, at } = chip
  const { memory } = host
  const rctl = at + WORD.RCTL
  const head = at + WORD.RDH
  const checksum = createReceiveChecksum(chip)
  /** What is stored where that is not the frame as it arrived: tag stripped, CRC behind it. */
  const changed = createBytes(MOST_FRAME_BYTES + 2 * FCS_BYTES)
  /** The call that gave the unit descriptors last, or enabled it. */
  let order = 0
  const ordered = (): void => void (order = host.order())
  const ring = createRing(chip, RECEIVE_RING, { moved: ordered, headSet: () => undefined })

  function bufferBytes(): number {
    const control = words[rctl]!
    const size = LARGEST_BUFFER >> ((control & RCTL.BSIZE) >> SHIFT.RCTL.BSIZE)
    return (control & RCTL.BSEX) !== 0 ? Math.min(size << EXTENSION_SHIFT, MOST_FRAME_BYTES) : size
  }
  /** Error bits of a frame that is none, after counting it; 0: it is good (SDM 13.7.1, 13.7.15, 13.7.34 to 37). */
  function faultsOf(frame: Frame, bytes: number): number {
    const short = bytes < SHORTEST
    const long = bytes > ((words[rctl]! & RCTL.LPE) !== 0 ? MOST_FRAME_BYTES : LONGEST)
    if (frame.intact && !short && !long) return 0
    if (short) statistics.count(frame.intact ? WORD.RUC : WORD.RFC)
    else if (long) statistics.count(frame.intact ? WORD.ROC : WORD.RJC)
    if (short || long) statistics.count(WORD.RLEC)
    else statistics.count(WORD.CRCERRS)
    return frame.intact ? RECEIVED.RXE : RECEIVED.CE
  }
  function copyWithoutTag(frame: Frame, length: number): void {
    copyBytes(changed, 0, frame, 0, ADDRESS_BYTES)
    copyBytes(changed, ADDRESS_BYTES, frame, ADDRESS_BYTES + TAG_BYTES, length - ADDRESS_BYTES)
  }
  function appendCrc(frame: Frame, length: number): void {
    // A CRC that does not belong to its bytes: any other one.
    const crc = frame.intact ? crc32(frame.words, frame.length) : ~crc32(frame.words, frame.length)
    for (let i = 0; i < FCS_BYTES; i++) putByte(changed.words, length + i, crc >>> (8 * i))
  }
  /** Fills buffers from the head on; false when memory does not answer. */
  function fill(from: Bytes, length: number, size: number, status: number, sum: number): boolean {
    const count = ring.usable()
    for (let done = 0; done < length;) {
      const n = Math.min(size, length - done)
      const index = words[head]!
      const descriptor = memory.reach(ring.address(index), DESCRIPTOR_BYTES, 'read')
      if (descriptor < 0) return false
      const low = memory.words[descriptor >> 2]! >>> 0
      const high = memory.words[(descriptor >> 2) + 1]! >>> 0
      const buffer = memory.reach(low + high * ABOVE_4_GIB, n, 'write')
      if (buffer < 0) return false
      copyBytes(memory, buffer, from, done, n)
      done += n
      const written = memory.reach(ring.address(index) + 8, 8, 'write') >> 2
      memory.words[written] = n | (sum << 16)
      memory.words[written + 1] = done === length ? status : RECEIVED.DD
      words[head] = index + 1 === count ? 0 : index + 1
    }
    return true
  }
  function missed(): void {
    words[at + INSIDE.RX_MISSED]!++
    statistics.count(WORD.MPC)
    statistics.count(WORD.RNBC)
    interrupts.raise(ICR.RXO)
  }
  function store(frame: Frame, passed: Passed, faults: number): void {
    const tagged = filter.tagged(frame.words)
    const strip = tagged && (words[at + WORD.CTRL]! & CTRL.VME) !== 0
    const keepCrc = (words[rctl]! & RCTL.SECRC) === 0
    const data = strip ? frame.length - TAG_BYTES : frame.length
    const length = keepCrc ? data + FCS_BYTES : data
    const size = bufferBytes()
    const count = ring.usable()
    const before = count === 0 ? 0 : ring.owned(words[head]!, count)
    if (before * size < length) return missed()

    let from: Bytes = frame
    if (strip || keepCrc) {
      if (strip) copyWithoutTag(frame, data)
      else copyBytes(changed, 0, frame, 0, data)
      if (keepCrc) appendCrc(frame, data)
      from = changed
    }
    const status =
      RECEIVED.DD |
      RECEIVED.EOP |
      faults |
      (passed === PASSED.INEXACT ? RECEIVED.PIF : 0) |
      (strip ? RECEIVED.VP | (tagOf(frame.words) << 16) : 0) |
      (faults === 0 ? checksum.check(frame.words, frame.length, tagged) : RECEIVED.IXSM)
    if (!fill(from, length, size, status, checksum.ofPacket(from.words, data))) {
      words[at + INSIDE.RX_STALLED] = 1
      words[at + INSIDE.RX_OFF]!++
      return
    }
    words[at + INSIDE.RX_STORED]!++
    if (faults === 0) statistics.received(frame.words[0]!, frame.words[1]!, frame.length + FCS_BYTES)
    interrupt(data, before, count)
  }
  function interrupt(data: number, before: number, count: number): void {
    const threshold = count >> (1 + Math.min(2, (words[rctl]! & RCTL.RDMTS) >> SHIFT.RCTL.RDMTS))
    if (before > threshold && ring.owned(words[head]!, count) <= threshold) interrupts.raise(ICR.RXDMT0)
    const small = words[at + WORD.RSRPD]! & RSRPD.SIZE
    if (data <= small) interrupts.raise(ICR.SRPD)
    interrupts.receive.event()
  }
  return {
    receive(frame) {
      const bytes = frame.length + FCS_BYTES
      words[at + INSIDE.RX_FRAMES]!++
      if ((words[rctl]! & RCTL.EN) === 0 || words[at + INSIDE.RX_STALLED] !== 0) {
        words[at + INSIDE.RX_OFF]!++
        return
      }
      statistics.arrived(bytes)
      const passed = filter.passes(frame.words)
      if (passed === PASSED.NO) {
        words[at + INSIDE.RX_FILTERED]!++
        return
      }
      const faults = faultsOf(frame, bytes)
      if (faults !== 0 && (words[rctl]! & RCTL.SBP) === 0) words[at + INSIDE.RX_BAD]!++
      else {
        const before = host.resume(order)
        store(frame, passed, faults)
        host.resume(before)
      }
    },
    reset() {
      words[at + INSIDE.RX_STALLED] = 0
      filter.update()
    },
    handlers: {
      write: {
        ...ring.handlers.write,
        [WORD.RCTL](value) {
          const enabled = (value & ~words[rctl]! & RCTL.EN) !== 0
          words[rctl] = value & RCTL_BITS
          if (enabled) {
            ordered()
            words[at + INSIDE.RX_STALLED] = 0
            ring.checkEnabled()
          }
          controlChanged()
        },
      },
    },
  }
}
