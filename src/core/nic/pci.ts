import { constant } from '../ndis/constants'
import { layout } from '../memory/layout'
import type { BaseAddress, Device, DeviceFactory, DeviceHost, DeviceState, Width } from './device'
import type { Plug } from '../wire/port'
import { createMsi, type Msi } from './pci-msi'

const CONFIG = layout(
  'PCI_COMMON_CONFIG',
  'VendorID', 'DeviceID', 'Command', 'RevisionID', 'ProgIf', 'CacheLineSize', 'LatencyTimer', 'u.type0.BaseAddresses',
  'u.type0.SubVendorID', 'u.type0.SubSystemID', 'u.type0.InterruptLine', 'u.type0.InterruptPin',
) // prettier-ignore
const BARS = CONFIG['u.type0.BaseAddresses']
const MOST_BARS = 6
const IO_SPACE = constant('PCI_ADDRESS_IO_SPACE')
const ENABLE_IO = constant('PCI_ENABLE_IO_SPACE')
const ENABLE_MEMORY = constant('PCI_ENABLE_MEMORY_SPACE')
const ENABLE_MASTER = constant('PCI_ENABLE_BUS_MASTER')
/** Bits of Command that a driver can change: what is decoded, bus master, memory write and invalidate, parity, SERR. */
const COMMAND_WRITABLE = 0x0157
const INTERRUPT_PIN_A = 1
const FIRST_VECTOR = 9

/** What configuration space reads as where there is no card. */
const ABSENT = new Uint8Array(CONFIG.SIZE).fill(0xff)

/** Where device memory begins in the physical address map: above memory, below 2^31 so that scripts may use bit operators. */
export const DEVICE_MEMORY_START = 0x7800_0000
/** Where the ports of PCI devices begin. */
export const DEVICE_PORTS_START = 0xc000

/** A base address register after the firmware gave it an address. */
export interface AssignedBar extends BaseAddress {
  readonly index: number
  readonly start: number
}

/** A device in a slot of the bus. */
export interface PciFunction {
  readonly slot: number
  readonly device: Device
  readonly vector: number
  /** As the firmware assigned them; what the driver writes to the registers moves them. */
  readonly bars: readonly AssignedBar[]
  readonly msi: Msi
  /** DeviceHost.order; 0 before the first one. */
  order: number
  /** Level of its interrupt line; never asserted while messages are enabled. */
  interrupt(): boolean
  /** true when the device may read and write memory. */
  busMaster(): boolean
  /** Bytes of configuration space: as many as there are from the offset on. */
  readConfig(offset: number, length: number): Uint8Array
  /** How many bytes were taken; read-only bits of them stay. */
  writeConfig(offset: number, bytes: Uint8Array): number
}

export interface PciBus {
  readonly functions: readonly PciFunction[]
  /** A load from the physical address map or the port space; undefined where no device answers. */
  read(kind: BaseAddress['kind'], address: number, width: Width): number | undefined
  /** A store; false where no device answers. */
  write(kind: BaseAddress['kind'], address: number, width: Width, value: number): boolean
  /** Somebody pulls all cards, for good: no interrupt, no transfer, and nobody answers. */
  removeAll(): void
}

interface Parts extends Pick<DeviceHost, 'clock' | 'memory' | 'frames' | 'log'> {
  state(slot: number, words: number): DeviceState
  readonly plug: (slot: number) => Plug
  misused(slot: PciFunction, rule: string, message: string): void
  /** The call site that executes. */
  site(): number
  /** A device changed the level of its line. */
  readonly interruptChanged: (slot: PciFunction, asserted: boolean) => void
  /** A device sent one of its messages. */
  readonly messageSent: (slot: PciFunction, message: number) => void
  /** The order of the device that reaches memory now; for who looks at transfers. */
  readonly orders?: { site: number }
  /** A device wanted memory while its bus-master bit is clear. */
  readonly notMaster: (slot: PciFunction) => void
}

/** Gives each register the next address that its size divides. Throws RangeError for a size that is no power of two. */
function assign(bars: readonly BaseAddress[], next: Record<BaseAddress['kind'], number>): AssignedBar[] {
  if (bars.length > MOST_BARS) throw new RangeError(`a PCI function has at most ${MOST_BARS} base addresses`)
  return bars.map(({ kind, bytes }, index) => {
    if (!Number.isInteger(Math.log2(bytes)) || bytes < (kind === 'io' ? 4 : 16))
      throw new RangeError(`a base address of ${bytes} bytes: the size must be a power of two`)
    const start = Math.ceil(next[kind] / bytes) * bytes
    next[kind] = start + bytes
    return { kind, bytes, index, start }
  })
}

function createConfig(device: Device, bars: readonly AssignedBar[], vector: number) {
  const config = new Uint8Array(CONFIG.SIZE)
  const writable = new Uint8Array(CONFIG.SIZE)
  const view = new DataView(config.buffer)
  const masks = new DataView(writable.buffer)
  const { identity } = device
  view.setUint16(CONFIG.VendorID, identity.vendorId, true)
  view.setUint16(CONFIG.DeviceID, identity.deviceId, true)
  // The class code is three bytes behind the revision.
  view.setUint32(CONFIG.RevisionID, (identity.classCode << 8) | identity.revision, true)
  view.setUint16(CONFIG['u.type0.SubVendorID'], identity.subsystemVendorId, true)
  view.setUint16(CONFIG['u.type0.SubSystemID'], identity.subsystemId, true)
  view.setUint8(CONFIG['u.type0.InterruptLine'], vector)
  view.setUint8(CONFIG['u.type0.InterruptPin'], INTERRUPT_PIN_A)
  view.setUint16(CONFIG.Command, ENABLE_IO | ENABLE_MEMORY | ENABLE_MASTER, true)
  masks.setUint16(CONFIG.Command, COMMAND_WRITABLE, true)
  for (const field of [CONFIG.CacheLineSize, CONFIG.LatencyTimer, CONFIG['u.type0.InterruptLine']])
    masks.setUint8(field, 0xff)
  for (const { index, kind, start, bytes } of bars) {
    view.setUint32(BARS + 4 * index, start | (kind === 'io' ? IO_SPACE : 0), true)
    // The address bits below the size stay zero: writing ones and reading back tells the size.
    masks.setUint32(BARS + 4 * index, -bytes, true)
  }
  return { config, writable, view, msi: createMsi(view, masks, identity.messages ?? 0) }
}

/** A base address that is switched on, where the driver has moved it. */
interface DecodedBar {
  readonly owner: PciFunction
  readonly device: Device
  readonly kind: BaseAddress['kind']
  readonly index: number
  readonly start: number
  readonly end: number
}

function decodedBars(owner: PciFunction): DecodedBar[] {
  const { device, bars, readConfig } = owner
  const config = new DataView(readConfig(0, CONFIG.SIZE).buffer)
  const command = config.getUint16(CONFIG.Command, true)
  return bars.flatMap(({ kind, index, bytes }) => {
    const start = (config.getUint32(BARS + 4 * index, true) & -bytes) >>> 0
    const enabled = (command & (kind === 'io' ? ENABLE_IO : ENABLE_MEMORY)) !== 0
    return enabled ? [{ owner, device, kind, index, start, end: start + bytes }] : []
  })
}

/** A bus with one device a slot, in the order given, all with addresses, decoding and bus mastering on. */
export function createPciBus(factories: readonly DeviceFactory[], parts: Parts): PciBus {
  const next = { memory: DEVICE_MEMORY_START, io: DEVICE_PORTS_START }
  let removed = false

  function plug(factory: DeviceFactory, slot: number): PciFunction {
    let asserted = false
    // A device may use its host only after it was made: before that it has no slot.
    const device = factory({
      slot,
      clock: parts.clock,
      frames: parts.frames,
      plug: parts.plug(slot),
      state: (words) => parts.state(slot, words),
      misused: (rule, message) => parts.misused(plugged, rule, message),
      order: () => plugged.order,
      resume(order) {
        const before = plugged.order
        plugged.order = order
        return before
      },
      log: parts.log,
      setInterrupt(level) {
        if (level === asserted) return
        asserted = level
        if (!msi.enabled()) parts.interruptChanged(plugged, level)
      },
      setMessage(n) {
        if (msi.enabled() && n >= 0 && n < msi.messages) parts.messageSent(plugged, n)
      },
      memory: {
        read: (address, into) => (master() ? parts.memory.read(address, into) : (into.fill(0xff), false)),
        write: (address, from) => master() && parts.memory.write(address, from),
        reach: (address, length, access) => (master() ? parts.memory.reach(address, length, access) : -1),
        words: parts.memory.words,
        bytes: parts.memory.bytes,
      },
    })
    const bars = assign(device.identity.bars, next)
    const vector = FIRST_VECTOR + slot
    const { config, writable, view, msi } = createConfig(device, bars, vector)
    const busMaster = (): boolean => (view.getUint16(CONFIG.Command, true) & ENABLE_MASTER) !== 0
    function master(): boolean {
      if (parts.orders) parts.orders.site = plugged.order
      const allowed = busMaster()
      if (!allowed) parts.notMaster(plugged)
      return allowed
    }
    const plugged: PciFunction = {
      slot,
      order: 0,
      device,
      vector,
      bars,
      msi,
      interrupt: () => asserted && !msi.enabled(),
      busMaster,
      // Where no device answers all lines stay high.
      readConfig: (offset, length) => (removed ? ABSENT : config).slice(offset, offset + length),
      writeConfig(offset, bytes) {
        if (removed) return bytes.length
        const count = Math.max(0, Math.min(bytes.length, config.length - offset))
        for (let i = 0; i < count; i++) {
          const mask = writable[offset + i]!
          config[offset + i] = (config[offset + i]! & ~mask) | (bytes[i]! & mask)
        }
        decoded = functions.flatMap(decodedBars)
        return count
      },
    }
    return plugged
  }
  const functions = factories.map(plug)
  let decoded = functions.flatMap(decodedBars)

  /** Who decodes the whole access now. Nothing is made here: drivers touch registers for each frame. */
  function decode(kind: BaseAddress['kind'], address: number, width: Width): DecodedBar | undefined {
    for (let i = 0; i < decoded.length; i++) {
      const bar = decoded[i]!
      if (bar.kind === kind && address >= bar.start && address + width <= bar.end) return bar
    }
    return undefined
  }
  return {
    functions,
    removeAll() {
      for (const { device, writeConfig } of functions) {
        device.reset()
        writeConfig(CONFIG.Command, Uint8Array.of(0, 0))
      }
      removed = true
    },
    read(kind, address, width) {
      const bar = decode(kind, address, width)
      if (!bar) return undefined
      const { owner } = bar
      const before = owner.order
      owner.order = parts.site()
      const value = bar.device.read(bar.index, address - bar.start, width)
      owner.order = before
      return value
    },
    write(kind, address, width, value) {
      const bar = decode(kind, address, width)
      if (!bar) return false
      bar.owner.order = parts.site()
      bar.device.write(bar.index, address - bar.start, width, value)
      return true
    },
  }
}
