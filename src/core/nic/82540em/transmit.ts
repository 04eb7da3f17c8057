import type { Frame } from '../../wire/frame'
import { copyBytes } from './bytes'
import type { Chip, Handlers } from './chip'
import type { Interrupts } from './interrupts'
import { insertLegacyChecksum, type Outgoing } from './outgoing'
import { MASK, SHIFT, WORD } from './registers'
import { createRing, DESCRIPTOR_BYTES, TRANSMIT_RING } from './ring'
import { createSegments } from './segments'
import { INSIDE } from './state'
import type { Statistics } from './statistics'
import { createTransmitContext } from './transmit-context'
import * as D from './transmit-descriptor'
import { createTransmitFifo } from './transmit-fifo'

const { ICR, TCTL, TXDCTL, STATUS } = MASK
const { COMMAND } = D
const ABOVE_4_GIB = 0x1_0000_0000
/** TXDCTL.LWTHRESH counts in eights. */
const LOW_UNIT_SHIFT = 3

export interface Transmitter {
  /** The link, or what the FIFO holds, changed: there may be work. */
  run(): void
  reset(): void
  readonly handlers: Handlers
}

interface Parts {
  readonly interrupts: Interrupts
  readonly outgoing: Outgoing
  readonly statistics: Statistics
  readonly loopback: () => boolean
}

/** Runs the unit for the call that gives it work, and what is left later in the name of that call. */
function createOrders(host: Chip['host'], run: () => void) {
  let order = 0
  return {
    follow(): void {
      order = host.order()
      run()
    },
    goOn(): void {
      const before = host.resume(order)
      run()
      host.resume(before)
    },
  }
}

/**
 * The transmit unit (SDM 3.3 to 3.5). Descriptors are fetched, gathered and written back for as long as the FIFO has room;
 * it drains with the speed of the line. Without a link nothing is fetched: descriptors wait in memory until there is one.
 */
export function createTransmitter(chip: Chip, { interrupts, outgoing, statistics, loopback }: Parts): Transmitter {
  const { host, words, at } = chip
  const { memory } = host
  const context = createTransmitContext(chip)
  const { follow, goOn } = createOrders(host, run)
  let frame: Frame | undefined
  let fill = 0
  /** Options of the first data descriptor of a frame hold for all of it, command and tag of it for all segments. */
  let options = 0
  let command = 0
  let tag = 0
  let segmenting = false
  /** The frame cannot be sent; its descriptors are taken all the same. */
  let spoiled = false
  let running = false
  let causes = 0

  function take(): Frame {
    const slot = host.frames.take()
    slot.site = host.order()
    return slot
  }
  const segments = createSegments(chip, {
    context,
    take,
    emit(segment) {
      // The driver's checksum of the pseudo header is without the length, which differs from segment to segment.
      const length = segment.length - context.transportStart()
      if (!context.insertChecksums(segment, options, length)) badContext('an offset lies behind the end of a segment')
      outgoing.send(segment, command, tag)
    },
  })
  const ring = createRing(chip, TRANSMIT_RING, {
    moved: follow,
    headSet: forget,
  })
  const fifo = createTransmitFifo(chip, outgoing, goOn)

  function forget(): void {
    if (frame) host.frames.give(frame)
    frame = undefined
    segments.forget()
    segmenting = spoiled = false
    fill = words[at + INSIDE.TX_GATHERED] = 0
  }
  function badContext(why: string): void {
    host.misused('NicDescriptorContext', `transmit descriptor ${words[at + WORD.TDH]}: ${why} (SDM 3.3.6).`)
  }
  /** No answer from memory: a master abort ends the work until the unit is enabled again. */
  function stall(): false {
    words[at + INSIDE.TX_STALLED] = 1
    return false
  }

  function badLength(length: number): void {
    const what = length === 0 ? 'a length of 0' : `a length of ${length} bytes: at most ${D.MOST_SENT}`
    host.misused('NicDescriptorLength', `transmit descriptor ${words[at + WORD.TDH]} has ${what} (SDM 3.3.3.1).`)
  }
  /** Copies a buffer behind what the frame has; false when memory does not answer. */
  function gather(low: number, high: number, length: number): boolean {
    if (length === 0 || length > D.MOST_SENT) {
      badLength(length)
      spoiled ||= length !== 0
      return true
    }
    const from = memory.reach((low >>> 0) + (high >>> 0) * ABOVE_4_GIB, length, 'read')
    if (from < 0) return stall()
    if (segmenting) segments.gather(from, length)
    else if (fill + length > D.MOST_SENT) {
      if (!spoiled) host.misused('NicSendSize', `a frame of more than ${D.MOST_SENT} bytes is not sent (SDM 3.3.3.1).`)
      spoiled = true
    } else {
      copyBytes(frame!, fill, memory, from, length)
      fill += length
    }
    return true
  }
  /** The last descriptor of a frame was gathered. */
  function finish(last: number, special: number): void {
    const whole = frame
    frame = undefined
    if (segmenting) {
      if (!segments.end()) badContext('the data to segment are not as many bytes as PAYLEN says')
      statistics.count(WORD.TSCTC)
    } else if (whole && !spoiled && fill > 0) {
      whole.length = fill
      if ((last & COMMAND.DEXT) === 0) {
        if ((last & COMMAND.IC) !== 0 && !insertLegacyChecksum(whole, last, special))
          badContext('CSS or CSO lies behind the end of the frame')
      } else if (options !== 0 && !context.insertChecksums(whole, options, 0))
        badContext('an offset of its context lies behind the end of the frame')
      outgoing.send(whole, last, special >>> D.SPECIAL_SHIFT)
    } else if (whole) host.frames.give(whole)
    fill = words[at + INSIDE.TX_GATHERED] = 0
    segmenting = spoiled = false
  }
  function begin(word2: number, word3: number): void {
    const extended = (word2 & COMMAND.DEXT) !== 0
    options = extended ? word3 & (D.OPTION.IXSM | D.OPTION.TXSM) : 0
    command = word2
    tag = word3 >>> D.SPECIAL_SHIFT
    segmenting = spoiled = false
    fill = 0
    if (extended && (options !== 0 || (word2 & COMMAND.TSE) !== 0) && !context.known()) {
      badContext('it asks for offload, but there was no context')
      options = 0
      spoiled = (word2 & COMMAND.TSE) !== 0
    } else if (extended && (word2 & COMMAND.TSE) !== 0) {
      segmenting = context.segments() && segments.begin()
      spoiled = !segmenting
      if (spoiled) badContext('TSE, but its context has no TSE, or no fitting MSS and HDRLEN')
      else return
    }
    frame = take()
  }

  /** One descriptor; false when memory does not answer. */
  function process(address: number): boolean {
    const from = memory.reach(address, DESCRIPTOR_BYTES, 'read')
    if (from < 0) return stall()
    const index = from >> 2
    const word2 = memory.words[index + 2]!
    const word3 = memory.words[index + 3]!
    const type = (word2 & COMMAND.DEXT) === 0 ? D.TYPE_DATA : word2 & D.TYPE_MASK
    if (type === D.TYPE_CONTEXT)
      for (let i = 0; i < 4; i++) words[at + INSIDE.TX_CONTEXT + i] = memory.words[index + i]!
    else if (type === D.TYPE_DATA) {
      if (!frame && !segmenting) begin(word2, word3)
      const length = word2 & ((word2 & COMMAND.DEXT) === 0 ? D.LEGACY_LENGTH : D.EXTENDED_LENGTH)
      if (!gather(memory.words[index]!, memory.words[index + 1]!, length)) return false
      if ((word2 & COMMAND.EOP) !== 0) finish(word2, word3)
      else words[at + INSIDE.TX_GATHERED] = fill
    } else
      host.misused(
        'NicDescriptorType',
        `transmit descriptor ${words[at + WORD.TDH]} has DTYP ${type >>> 20}: there are 0, context, and 1, data (SDM 3.3.5).`,
      )
    return (word2 & COMMAND.RS) === 0 || writeBack(address, word2)
  }
  function writeBack(address: number, word2: number): boolean {
    const to = memory.reach(address + 12, 4, 'write')
    if (to < 0) return stall()
    memory.words[to >> 2]! |= D.DD
    if ((word2 & COMMAND.IDE) !== 0) interrupts.transmit.event()
    else causes |= ICR.TXDW
    return true
  }
  const ready = (): boolean =>
    (words[at + WORD.TCTL]! & TCTL.EN) !== 0 &&
    words[at + INSIDE.TX_STALLED] === 0 &&
    ((words[at + WORD.STATUS]! & STATUS.LU) !== 0 || loopback())

  function run(): void {
    // A frame that comes back, or an interrupt, may lead here again: the loop below sees the new tail.
    if (running || !ready()) return
    const count = ring.usable()
    let head = words[at + WORD.TDH]!
    if (count === 0 || head === words[at + WORD.TDT]) return
    running = true
    const before = ring.owned(head, count)
    while (head !== words[at + WORD.TDT]) {
      if (frame === undefined && !segmenting && fifo.full()) break
      if (!process(ring.address(head))) break
      head = head + 1 === count ? 0 : head + 1
      words[at + WORD.TDH] = head
    }
    running = false
    settle(before, ring.owned(head, count))
  }
  /** Causes of what was done: descriptors left before and after it. */
  function settle(before: number, after: number): void {
    if (after === 0 && before !== 0) causes |= ICR.TXQE
    const low = ((words[at + WORD.TXDCTL]! & TXDCTL.LWTHRESH) >>> SHIFT.TXDCTL.LWTHRESH) << LOW_UNIT_SHIFT
    if (before > low && after <= low && low !== 0) causes |= ICR.TXD_LOW
    if (causes === 0) return
    const raised = causes
    causes = 0
    interrupts.raise(raised)
  }
  return {
    run,
    reset() {
      forget()
      fifo.stop()
      causes = 0
      words[at + INSIDE.TX_STALLED] = 0
      for (let i = 0; i < 4; i++) words[at + INSIDE.TX_CONTEXT + i] = 0
    },
    handlers: {
      write: {
        ...ring.handlers.write,
        [WORD.TCTL](value) {
          const enabled = (value & ~words[at + WORD.TCTL]! & TCTL.EN) !== 0
          words[at + WORD.TCTL] = value & ~TCTL.SWXOFF
          if (!enabled) return
          words[at + INSIDE.TX_STALLED] = 0
          ring.checkEnabled()
          follow()
        },
      },
    },
  }
}
