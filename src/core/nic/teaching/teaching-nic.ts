import type { DeviceFactory, PciIdentity } from '../device'
import { createDescriptorRing, DESCRIPTOR_BYTES, MOST_DESCRIPTORS } from './descriptor-ring'
import { createReceiver } from './receiver'
import { ACCESS, CAUSE, CONTROL, createRegisters, NAMES, REGISTER, REGISTER_BYTES, STATUS } from './registers'
import { TEACHING_NIC_NAME } from './registers.table'
import { createSender } from './sender'

/** Megabits a second. */
const FASTEST = 1000
const IDENTITY: PciIdentity = {
  vendorId: 0xfffe,
  deviceId: 0x7eac,
  revision: 1,
  classCode: 0x02_0000,
  subsystemVendorId: 0xfffe,
  subsystemId: 1,
  bars: [{ kind: 'memory', bytes: 0x1000 }],
}
const RING_REGISTERS: readonly number[] = [
  REGISTER.SEND_RING,
  REGISTER.SEND_COUNT,
  REGISTER.RECEIVE_RING,
  REGISTER.RECEIVE_COUNT,
]
const hex = (value: number): string => `0x${value.toString(16).padStart(3, '0')}`

/**
 * The NIC for first lessons: one page of registers, two rings of one kind of descriptor, one interrupt. Its data sheet is
 * docs/teaching-nic.md.
 */
export const createTeachingNic: DeviceFactory = (host) => {
  const registers = createRegisters(host.state(REGISTER_BYTES / 4), host.slot)
  const { get, set } = registers

  /** The call that set RUN. */
  let started = 0

  const updateLine = (): void => host.setInterrupt((get(REGISTER.CAUSE) & get(REGISTER.MASK)) !== 0)
  function raise(cause: number): void {
    set(REGISTER.CAUSE, get(REGISTER.CAUSE) | cause)
    updateLine()
  }
  function stop(): void {
    set(REGISTER.CONTROL, 0)
    sender.stop()
  }
  function stopWithError(): void {
    stop()
    raise(CAUSE.ERROR)
  }
  const parts = { host, registers, raise, stop: stopWithError }
  const receive = createReceiver({ ...parts, order: () => started, ring: createDescriptorRing(parts, 'RECEIVE') })
  const cable = host.plug({
    name: TEACHING_NIC_NAME,
    receive,
    linkChanged(speed) {
      set(REGISTER.STATUS, speed === 0 ? 0 : STATUS.LINK | (speed * STATUS.SPEED))
      raise(CAUSE.LINK)
    },
  })
  const sender = createSender({ ...parts, cable, ring: createDescriptorRing(parts, 'SEND') })

  /** Whether a ring can be used; what is wrong with it is reported. */
  function fits(prefix: 'SEND' | 'RECEIVE'): boolean {
    const [base, count] = [get(REGISTER[`${prefix}_RING`]), get(REGISTER[`${prefix}_COUNT`])]
    if (base % DESCRIPTOR_BYTES !== 0)
      host.misused('NicRingBase', `${prefix}_RING is ${hex(base)}, no multiple of ${DESCRIPTOR_BYTES}: RUN stays 0.`)
    else if (count > MOST_DESCRIPTORS)
      host.misused('NicRingLength', `${prefix}_COUNT is ${count}, more than ${MOST_DESCRIPTORS}: RUN stays 0.`)
    else return true
    return false
  }
  function run(): void {
    if (!fits('SEND') || !fits('RECEIVE')) return
    set(REGISTER.SEND_NEXT, 0)
    set(REGISTER.RECEIVE_NEXT, 0)
    set(REGISTER.CONTROL, CONTROL.RUN)
    started = host.order()
  }
  function reset(): void {
    stop()
    registers.reset()
    updateLine()
  }
  function control(value: number): void {
    if (value & CONTROL.RESET) reset()
    else if ((value & CONTROL.RUN) === 0) stop()
    else if (!registers.running()) run()
  }
  function store(offset: number, value: number): void {
    if (offset === REGISTER.CONTROL) return control(value)
    if (offset === REGISTER.SEND_DOORBELL) {
      if (registers.running()) return sender.doorbell()
      return host.misused('NicNotRunning', 'SEND_DOORBELL was written while RUN in CONTROL is 0: nothing is sent.')
    }
    if (RING_REGISTERS.includes(offset) && registers.running())
      return host.misused(
        'NicRingInUse',
        `${NAMES[offset >> 2]} was written while RUN in CONTROL is 1: it keeps its value.`,
      )
    set(offset, offset === REGISTER.CAUSE ? get(offset) & ~value : value)
    updateLine()
  }
  reset()
  cable.negotiate(FASTEST)

  return {
    name: TEACHING_NIC_NAME,
    identity: IDENTITY,
    read(_bar, offset, width) {
      const name = NAMES[offset >> 2]
      if (!name) host.log(`${TEACHING_NIC_NAME}: a read at ${hex(offset)}, where there is no register, gives 0`)
      if (!name || ACCESS[name] === 'WO') return 0
      const value = get(offset) >>> ((offset & 3) * 8)
      return width === 4 ? value : value & (2 ** (8 * width) - 1)
    },
    write(_bar, offset, width, value) {
      const name = NAMES[offset >> 2]
      if (!name)
        return host.log(`${TEACHING_NIC_NAME}: a write at ${hex(offset)}, where there is no register, is ignored`)
      if (width !== 4 || offset % 4 !== 0)
        return host.misused(
          'NicRegisterWidth',
          `${name} was written with ${width * 8} bits at ${hex(offset)}; it takes 32.`,
        )
      if (ACCESS[name] === 'RO') return host.misused('NicRegisterReadOnly', `${name} was written; it can only be read.`)
      store(offset, value)
    },
    reset,
  }
}
