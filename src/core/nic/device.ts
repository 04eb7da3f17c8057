import type { Alarm } from '../clock/clock'

/** Bytes of one access to a register. */
export type Width = 1 | 2 | 4

/** What a device takes in configuration space and in the address map. Sizes of BARs are powers of two, in bytes. */
export interface PciIdentity {
  readonly vendorId: number
  readonly deviceId: number
  readonly revision: number
  /** Base class << 16 | subclass << 8 | programming interface: 0x020000 is an Ethernet controller. */
  readonly classCode: number
  readonly subsystemVendorId: number
  readonly subsystemId: number
  readonly bars: readonly BaseAddress[]
  /** Interrupt messages (MSI) that it can send: a power of two up to 32. None when left out. */
  readonly messages?: number
}
export interface BaseAddress {
  readonly kind: 'memory' | 'io'
  readonly bytes: number
}

/** Memory as a device reaches it: by physical address, which is never the address that a driver uses. */
export interface PhysicalMemory {
  /** Copies out; false, and zeroes, when the range is not memory of the driver. The reason is reported. */
  read(address: number, into: Uint8Array): boolean
  /** Copies in; false, and nothing is written, when the range is not memory of the driver. The reason is reported. */
  write(address: number, from: Uint8Array): boolean
}

/** All that a virtual device sees of the machine. */
export interface DeviceHost {
  readonly clock: {
    /** Virtual time in ticks of 100 ns. */
    now(): number
    setAlarm(due: number, fire: () => void): Alarm
    cancel(alarm: Alarm): boolean
  }
  /** The interrupt line is level-triggered: it stays as it was set. Nobody sees it while messages are enabled. */
  setInterrupt(asserted: boolean): void
  /** Sends interrupt message `n`, counted from 0. Nothing is sent while messages are not enabled. */
  setMessage(n: number): void
  readonly memory: PhysicalMemory
  log(text: string): void
}

/** A virtual device. Offsets are bytes from the start of the BAR; values are unsigned and fit the width. */
export interface Device {
  readonly name: string
  readonly identity: PciIdentity
  read(bar: number, offset: number, width: Width): number
  write(bar: number, offset: number, width: Width, value: number): void
  reset(): void
}
export type DeviceFactory = (host: DeviceHost) => Device
