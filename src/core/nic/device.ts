import type { Alarm } from '../clock/clock'
import type { Words } from '../memory/address-space'
import type { FramePool } from '../wire/frame'
import type { Plug } from '../wire/port'
import type { NicRuleName } from './rules.table'

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
  /**
   * Where the range lies in `words` (by index * 4) and `bytes`, for devices that copy it themselves; -1 when it is not memory of
   * the driver, which is reported as by read() and write(). For 'write' the caller writes all of it.
   */
  reach(address: number, length: number, access: 'read' | 'write'): number
  readonly words: Words
  /** Write whole ranges with set(), copyWithin() or fill(): single bytes are slow in a sandboxed thread. */
  readonly bytes: Uint8Array
}

/** Words of a device that a debugger may look at while the machine stands still: `words[at + n]`. */
export interface DeviceState {
  readonly words: Words
  /** Index of the first one. */
  readonly at: number
}

/** All that a virtual device sees of the machine. */
export interface DeviceHost {
  /** Its slot on the bus, from 0: what makes one NIC's address differ from the next one's. */
  readonly slot: number
  readonly clock: {
    /** Virtual time in ticks of 100 ns. */
    now(): number
    setAlarm(due: number, fire: () => void): Alarm
    /** An alarm that is not set yet, and setting it, again and again: neither allocates. */
    createAlarm(fire: () => void): Alarm
    resetAlarm(alarm: Alarm, due: number): void
    cancel(alarm: Alarm): boolean
  }
  /** The interrupt line is level-triggered: it stays as it was set. Nobody sees it while messages are enabled. */
  setInterrupt(asserted: boolean): void
  /** Sends interrupt message `n`, counted from 0. Nothing is sent while messages are not enabled. */
  setMessage(n: number): void
  readonly memory: PhysicalMemory
  /** Zeroed words in shared memory, once a device: its registers by offset, and what it remembers behind them. */
  state(words: number): DeviceState
  /** Slots for the frames that it sends. */
  readonly frames: FramePool
  /** Plugs the device into the wire. */
  readonly plug: Plug
  /** Wrong use of the device by the driver: a violation at the line that gave the order. */
  misused(rule: NicRuleName, message: string): void
  /**
   * Call site of the order that the device carries out, for Frame.site too: that of the access to its registers that is under way, else of
   * the last write. What it does to memory meanwhile is blamed on that line.
   */
  order(): number
  /** Goes on with an earlier order. The one of now is given back, to be resumed when that is done. */
  resume(order: number): number
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
