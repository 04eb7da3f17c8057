import { createDelay, type Delay } from './delay'
import { DELAY_TICKS, THROTTLE_TICKS, type Chip, type Handlers } from './chip'
import { MASK, WORD } from './registers'
import { INSIDE } from './state'

const { ICR: CAUSE, ITR: THROTTLE, RDTR } = MASK
const ALL_CAUSES = Object.values(CAUSE).reduce((all, cause) => all | cause, 0)

/** Two timers that gather events for one interrupt: from the last event, and from the first one (SDM 3.2.7.1, 3.4.3). */
export interface Moderation {
  /** An event that may wait. */
  event(): void
  /** Raises the cause now if an event waits. */
  flush(): void
  stop(): void
}

export interface Interrupts {
  raise(causes: number): void
  readonly receive: Moderation
  readonly transmit: Moderation
  reset(): void
  readonly handlers: Handlers
}

/** Interrupt causes, mask and throttling: the line is (ICR & IMS) != 0, not more often than ITR allows (SDM 13.4.17 to 13.4.21). */
export function createInterrupts(chip: Chip): Interrupts {
  const { host, words, at } = chip
  const { clock } = host
  const icr = at + WORD.ICR
  const ims = at + WORD.IMS
  const itr = at + WORD.ITR
  const line = at + INSIDE.INTERRUPT
  /** Virtual time before which the line must not rise again. */
  let quietUntil = 0
  const throttle = createDelay(host, update)

  function update(): void {
    if ((words[icr]! & words[ims]!) === 0) {
      if (words[line] === 0) return
      words[line] = 0
      host.setInterrupt(false)
    } else if (words[line] === 0) {
      const interval = words[itr]! & THROTTLE.INTERVAL
      if (interval !== 0) {
        if (clock.now() < quietUntil) return throttle.startAt(quietUntil)
        quietUntil = clock.now() + Math.ceil(interval * THROTTLE_TICKS)
      }
      words[line] = 1
      host.setInterrupt(true)
    }
  }
  function raise(causes: number): void {
    words[icr]! |= causes
    update()
  }

  /** Timers in units of 1.024 us; a packet timer of 0 does not wait at all. */
  function moderate(packetRegister: number, absoluteRegister: number, cause: number): Moderation {
    const happen = (): void => {
      packet.stop()
      absolute.stop()
      raise(cause)
    }
    const packet: Delay = createDelay(host, happen)
    const absolute: Delay = createDelay(host, happen)
    return {
      event() {
        const delay = words[packetRegister]! & RDTR.DELAY
        if (delay === 0) return happen()
        const longest = words[absoluteRegister]! & RDTR.DELAY
        const time = clock.now()
        packet.startAt(time + Math.ceil(delay * DELAY_TICKS))
        if (longest !== 0 && absolute.due() === Infinity) absolute.startAt(time + Math.ceil(longest * DELAY_TICKS))
      },
      flush() {
        if (packet.due() !== Infinity) happen()
      },
      stop() {
        packet.stop()
        absolute.stop()
      },
    }
  }
  const receive = moderate(at + WORD.RDTR, at + WORD.RADV, CAUSE.RXT0)
  const transmit = moderate(at + WORD.TIDV, at + WORD.TADV, CAUSE.TXDW)

  return {
    raise,
    receive,
    transmit,
    reset() {
      quietUntil = 0
      throttle.stop()
      receive.stop()
      transmit.stop()
      update()
    },
    handlers: {
      read: {
        [WORD.ICR]: () => {
          const causes = words[icr]!
          words[icr] = 0
          update()
          return causes
        },
        [WORD.ICS]: () => 0,
        [WORD.IMC]: () => 0,
      },
      write: {
        [WORD.ICR]: (value) => {
          words[icr]! &= ~value
          update()
        },
        [WORD.ICS]: (value) => raise(value & ALL_CAUSES),
        [WORD.IMS]: (value) => {
          words[ims]! |= value & ALL_CAUSES
          update()
        },
        [WORD.IMC]: (value) => {
          words[ims]! &= ~value
          update()
        },
        [WORD.RDTR]: (value) => {
          words[at + WORD.RDTR] = value & RDTR.DELAY
          if ((value & RDTR.FPD) !== 0) receive.flush()
        },
      },
    },
  }
}
