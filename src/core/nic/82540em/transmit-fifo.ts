import type { Chip } from './chip'
import { createDelay } from './delay'
import type { Outgoing } from './outgoing'
import { MASK, SHIFT, WORD } from './registers'
import { INSIDE } from './state'

const { PBA } = MASK
const KIB = 1024
/** Ticks that a byte takes at 1 Mb/s. */
const BYTE_TICKS = 80
/** Work goes on when so much of it is free: memory is read in bursts. */
const BURST = 0.25

/**
 * The transmit FIFO (SDM 13.4.16): what was fetched and has not left yet. What is in it follows from when the line will be
 * free. A frame may begin as long as there is any room, so the last one may stand out of it.
 */
export function createTransmitFifo({ host, words, at }: Chip, { lineFree }: Outgoing, drained: () => void) {
  const room = createDelay(host, drained)
  return {
    /** true: nothing goes in before the line has taken some out; then `drained` is called. */
    full(): boolean {
      const now = host.clock.now()
      const left = lineFree() - now
      if (left <= 0) return false
      const kib = (words[at + WORD.PBA]! & PBA.TXA) >>> SHIFT.PBA.TXA
      const capacity = (kib * KIB * BYTE_TICKS) / (words[at + INSIDE.LINK_SPEED]! || 1)
      if (left < capacity) return false
      room.startAt(now + Math.ceil(left - capacity * (1 - BURST)))
      return true
    },
    stop: () => room.stop(),
  }
}
