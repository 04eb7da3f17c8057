import type { DeviceFactory } from './device'

/** Registers of the copying device, 32 bits each, the same in its memory BAR (0) and its I/O BAR (1). */
export const COPY_REGISTER = {
  SOURCE: 0x00,
  TARGET: 0x04,
  LENGTH: 0x08,
  DOORBELL: 0x0c,
  CAUSE: 0x10,
  MASK: 0x14,
} as const
/** Bits of CAUSE, which are cleared by writing ones, and of MASK. */
export const COPY_CAUSE = { DONE: 1, FAILED: 2 } as const
/** Longest copy, bytes: longer ones fail. */
export const MOST_COPY_BYTES = 0x1_0000

const BAR_BYTES = 0x100
const WORDS = 6

/**
 * The smallest device with everything that a driver of a bus master deals with: registers, a doorbell, a transfer by
 * physical address, and an interrupt, by line or by message, for a cause that stays until it is cleared. Writing the doorbell copies at once.
 */
export const createCopyDevice: DeviceFactory = (host) => {
  const registers = new Uint32Array(WORDS)
  const get = (offset: number): number => registers[offset >> 2] ?? 0
  let wanted = false

  /** The line stays asserted for as long as there is a cause; the message is sent when there begins to be one. */
  function updateInterrupt(): void {
    const before = wanted
    wanted = (get(COPY_REGISTER.CAUSE) & get(COPY_REGISTER.MASK)) !== 0
    if (wanted && !before) host.setMessage(0)
    host.setInterrupt(wanted)
  }

  function copy(): void {
    const data = new Uint8Array(Math.min(get(COPY_REGISTER.LENGTH), MOST_COPY_BYTES))
    const done =
      get(COPY_REGISTER.LENGTH) <= MOST_COPY_BYTES &&
      host.memory.read(get(COPY_REGISTER.SOURCE), data) &&
      host.memory.write(get(COPY_REGISTER.TARGET), data)
    registers[COPY_REGISTER.CAUSE >> 2]! |= done ? COPY_CAUSE.DONE : COPY_CAUSE.FAILED
  }
  return {
    name: 'copying device',
    identity: {
      vendorId: 0xfffe,
      deviceId: 0x00c0,
      revision: 1,
      classCode: 0x02_8000,
      subsystemVendorId: 0xfffe,
      subsystemId: 1,
      bars: [
        { kind: 'memory', bytes: BAR_BYTES },
        { kind: 'io', bytes: BAR_BYTES },
      ],
      messages: 1,
    },
    read: (_bar, offset, width) => {
      const value = get(offset) >>> ((offset & 3) * 8)
      return width === 4 ? value >>> 0 : value & (2 ** (8 * width) - 1)
    },
    write(_bar, offset, width, value) {
      if (width !== 4 || (offset & 3) !== 0 || offset >= WORDS * 4)
        return host.log(`copying device: a write of ${width} bytes at offset ${offset} is ignored`)
      if (offset === COPY_REGISTER.CAUSE) registers[offset >> 2]! &= ~value
      else registers[offset >> 2] = value
      if (offset === COPY_REGISTER.DOORBELL) copy()
      updateInterrupt()
    },
    reset() {
      registers.fill(0)
      updateInterrupt()
    },
  }
}
