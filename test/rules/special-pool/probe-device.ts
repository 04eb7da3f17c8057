import type { DeviceFactory } from '../../../src/core/nic/device'

/** Registers of the probe, 32 bits each, in its memory BAR. */
export const PROBE = { ADDRESS: 0, LENGTH: 4, COMMAND: 8 } as const
/** What COMMAND makes it do with LENGTH bytes at the physical ADDRESS; SMASH writes as if nobody looked at transfers. */
export const PROBE_COMMAND = { READ: 1, WRITE: 2, SMASH: 3 } as const

const WRITTEN = 0x5a

/** A bus master that reaches whatever it is told to. */
export const createProbeDevice: DeviceFactory = ({ memory }) => {
  const registers = new Uint32Array(3)
  const get = (offset: number): number => registers[offset >> 2] ?? 0
  const commands: Readonly<Record<number, (address: number, data: Uint8Array) => void>> = {
    [PROBE_COMMAND.READ]: (address, data) => void memory.read(address, data),
    [PROBE_COMMAND.WRITE]: (address, data) => void memory.write(address, data),
    [PROBE_COMMAND.SMASH]: (address, data) => memory.bytes.set(data, address - 0x4000_0000),
  }
  return {
    name: 'probe',
    identity: {
      vendorId: 0xfffe,
      deviceId: 0x00c1,
      revision: 1,
      classCode: 0x02_8000,
      subsystemVendorId: 0xfffe,
      subsystemId: 2,
      bars: [{ kind: 'memory', bytes: 0x100 }],
    },
    read: (_bar, offset) => get(offset),
    write(_bar, offset, _width, value) {
      registers[offset >> 2] = value
      if (offset === PROBE.COMMAND)
        commands[value]?.(get(PROBE.ADDRESS), new Uint8Array(get(PROBE.LENGTH)).fill(WRITTEN))
    },
    reset: () => void registers.fill(0),
  }
}
