import type { Alarm } from '../../clock/clock'
import type { Cable } from '../../wire/port'
import type { DeviceHost } from '../device'
import type { DescriptorRing } from './descriptor-ring'
import { CAUSE, FLAG, REGISTER, type Registers } from './registers'

/** Shortest frame that a driver may give, its header, and the shortest on the line: what is missing are zeros. */
const HEADER_BYTES = 14
const SHORTEST_BYTES = 60
/** Longest frame, without its check sequence. */
export const LONGEST_BYTES = 1514

/** The half of the device that sends. */
export interface Sender {
  /** Looks at the send ring, unless a frame is on its way out: then that happens by itself. */
  doorbell(): void
  /** What was begun stays unfinished. */
  stop(): void
}

interface Parts {
  readonly host: DeviceHost
  readonly registers: Registers
  readonly ring: DescriptorRing
  readonly cable: Cable
  readonly raise: (cause: number) => void
}

/** One frame at a time: its descriptor comes back when its last bit has left (data sheet, section 4.3). */
export function createSender({ host, registers, ring, cable, raise }: Parts): Sender {
  let alarm: Alarm | undefined
  let failed = false
  /** The call that rang the doorbell last. */
  let order = 0

  /** Puts the frame of the descriptor on the line. When its last bit has left, in ticks; a failure takes no time. */
  function transmit(): number {
    const { address, size } = ring
    failed = true
    if (size < HEADER_BYTES || size > LONGEST_BYTES) {
      const index = registers.get(REGISTER.SEND_NEXT)
      host.misused(
        'NicSendSize',
        `Descriptor ${index} of SEND_RING has ${size} in SIZE; a frame has ${HEADER_BYTES} to ${LONGEST_BYTES} bytes.`,
      )
      return 0
    }
    if (cable.speed() === 0) return 0
    const frame = host.frames.take()
    if (!host.memory.read(address, frame.bytes.subarray(0, size))) {
      host.frames.give(frame)
      return 0
    }
    if (size < SHORTEST_BYTES) frame.bytes.fill(0, size, SHORTEST_BYTES)
    frame.length = Math.max(size, SHORTEST_BYTES)
    frame.site = order
    failed = false
    return cable.transmit(frame)
  }
  function sendNext(): void {
    if (!ring.take()) return
    const now = host.clock.now()
    alarm = host.clock.setAlarm(Math.max(now + 1, Math.ceil(transmit())), sent)
  }
  function sent(): void {
    alarm = undefined
    const before = host.resume(order)
    if (!failed) registers.count(REGISTER.SENT_FRAMES)
    ring.giveBack(failed ? 0 : ring.size, failed ? FLAG.FAILED : 0)
    raise(CAUSE.SENT)
    if (registers.running()) sendNext()
    host.resume(before)
  }
  return {
    doorbell() {
      order = host.order()
      if (!alarm) sendNext()
    },
    stop() {
      if (alarm) host.clock.cancel(alarm)
      alarm = undefined
    },
  }
}
