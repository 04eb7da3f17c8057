import type { Frame } from '../../wire/frame'
import type { DeviceHost } from '../device'
import type { DescriptorRing } from './descriptor-ring'
import { CAUSE, FILTER, FLAG, REGISTER, type Registers } from './registers'
import { LONGEST_BYTES } from './sender'

interface Parts {
  readonly host: DeviceHost
  readonly registers: Registers
  readonly ring: DescriptorRing
  readonly raise: (cause: number) => void
  /** The call that started the device. */
  readonly order: () => number
}

const ALL_ONES = 0xffff_ffff
const GROUP_BIT = 1

/** The half of the device that receives: called with each frame that arrives (data sheet, section 4.4). */
export function createReceiver({ host, registers, ring, raise, order }: Parts): (frame: Frame) => void {
  function wanted({ words }: Frame): boolean {
    const filter = registers.get(REGISTER.FILTER)
    if (filter & FILTER.PROMISCUOUS) return true
    const low = words[0]! >>> 0
    const high = words[1]! & 0xffff
    if ((low & GROUP_BIT) === 0)
      return (
        (filter & FILTER.OWN) !== 0 &&
        low === registers.get(REGISTER.MAC_LOW) &&
        high === (registers.get(REGISTER.MAC_HIGH) & 0xffff)
      )
    return (filter & (low === ALL_ONES && high === 0xffff ? FILTER.BROADCAST : FILTER.ALL_MULTICAST)) !== 0
  }
  /** Writes the frame to the buffer of the descriptor that was taken; false when it does not fit or there is no memory. */
  function store(frame: Frame): boolean {
    const { address, size } = ring
    if (frame.length <= size) return host.memory.write(address, frame.bytes.subarray(0, frame.length))
    host.misused(
      'NicReceiveSize',
      `Descriptor ${registers.get(REGISTER.RECEIVE_NEXT)} of RECEIVE_RING has ${size} in SIZE; a frame of ${frame.length} bytes arrived. Frames have up to ${LONGEST_BYTES} bytes.`,
    )
    return false
  }
  function receive(frame: Frame): void {
    if (!frame.intact || frame.length > LONGEST_BYTES) return registers.count(REGISTER.DAMAGED_FRAMES)
    if (!wanted(frame)) return
    if (!ring.take()) {
      registers.count(REGISTER.MISSED_FRAMES)
      return raise(CAUSE.MISSED)
    }
    const stored = store(frame)
    registers.count(stored ? REGISTER.RECEIVED_FRAMES : REGISTER.MISSED_FRAMES)
    ring.giveBack(stored ? frame.length : 0, stored ? 0 : FLAG.FAILED)
    raise(CAUSE.RECEIVED)
  }
  return (frame) => {
    if (!registers.running()) return
    const before = host.resume(order())
    receive(frame)
    host.resume(before)
  }
}
