import { createMachine, createSharedMemory } from '../../machine'
import { PHYSICAL_OFFSET } from '../../memory/map'
import { OWNER_DRIVER } from '../../memory/tagged-pool'
import { createFramePool, type Frame } from '../../wire/frame'
import type { LinkSpeed, WirePort } from '../../wire/port'
import type { Width } from '../device'
import { createPciBus, DEVICE_MEMORY_START, DEVICE_PORTS_START } from '../pci'
import { createPhysicalMemory } from '../physical-memory'
import { create82540em } from './82540em'
import { MASK, SHIFT, WORD, type RegisterName } from './registers'
import { INSIDE } from './state'

const TAG = 0x4d453238
const MEMORY_BYTES = 3 * 1024 * 1024
const BAR_BYTES = 0x2_0000
const TICKS_PER_US = 10
const DESCRIPTOR_BYTES = 16
const BITS_PER_BYTE = 8
/** Preamble, check sequence and gap, bytes. */
const OVERHEAD = 24

export interface Sent {
  readonly bytes: number[]
  readonly intact: boolean
  /** Virtual time at which it was given to the cable, ticks. */
  readonly time: number
}
/** A ring of descriptors in memory of the driver. */
export interface GuestRing {
  readonly virtual: number
  readonly physical: number
  readonly count: number
  /** Address of a descriptor as the driver uses it. */
  at(index: number): number
}

interface Options {
  readonly slot?: number
  /** The best that the other end of the cable can do. */
  readonly speed?: LinkSpeed
}

/** A machine with the device on its bus, and what the other end of the cable sees. */
function createBench({ slot = 0, speed = 1000 }: Options) {
  const { kernel } = createMachine({ memory: createSharedMemory(MEMORY_BYTES) })
  const { space, clock } = kernel
  const frames = createFramePool()
  const ports: WirePort[] = []
  const sent: Sent[] = []
  const misused: [rule: string, message: string][] = []
  const refused: string[] = []
  const log: string[] = []
  const state = { at: 0, partner: speed, wanted: 0 as LinkSpeed, busyUntil: 0, line: false, interrupts: 0 }
  const speedNow = (): LinkSpeed => Math.min(state.partner, state.wanted) as LinkSpeed

  const bus = createPciBus(Array(slot + 1).fill(create82540em), {
    clock,
    frames,
    memory: createPhysicalMemory({ space, end: kernel.shadow.base, refused: (message) => refused.push(message) }),
    plug: (of) => (port) => {
      ports.push(port)
      return {
        speed: () => (of === slot ? speedNow() : 0),
        negotiate(wanted) {
          if (of !== slot) return
          state.wanted = wanted
          port.linkChanged(speedNow())
        },
        transmit(frame) {
          const { length, intact } = frame
          sent.push({ bytes: Array.from(frame.bytes.slice(0, length)), intact, time: clock.now() })
          frames.give(frame)
          const ticks = ((length + OVERHEAD) * BITS_PER_BYTE * TICKS_PER_US) / (speedNow() || 1000)
          state.busyUntil = Math.max(state.busyUntil, clock.now()) + ticks
          return state.busyUntil
        },
      }
    },
    state: (of, words) => {
      const at = kernel.system.allocate(4 * words) >> 2
      if (of === slot) state.at = at
      return { words: space.i32, at }
    },
    misused: (_device, rule, message) => misused.push([rule, message]),
    site: () => 7,
    log: (text) => log.push(text),
    interruptChanged(device, asserted) {
      if (device.slot !== slot) return
      state.line = asserted
      if (asserted) state.interrupts++
    },
    messageSent: () => undefined,
    notMaster: () => undefined,
  })
  return { kernel, bus, frames, ports, sent, misused, refused, log, state, speedNow }
}

interface Access {
  readonly allocate: (bytes: number) => number
  readonly write: (name: RegisterName, value: number) => void
}

/** Rings and buffers in memory of the driver. */
function createRings({ kernel: { space } }: ReturnType<typeof createBench>, { allocate, write }: Access) {
  function ring(count: number): GuestRing {
    const virtual = Math.ceil(allocate((count + 1) * DESCRIPTOR_BYTES) / DESCRIPTOR_BYTES) * DESCRIPTOR_BYTES
    space.fill(virtual, count * DESCRIPTOR_BYTES, 0)
    const at = (index: number): number => virtual + index * DESCRIPTOR_BYTES
    return { virtual, physical: virtual + PHYSICAL_OFFSET, count, at }
  }
  /** Sets a ring up and enables its unit (SDM 14.4, 14.5). */
  function ringOf(unit: 'R' | 'T', count: number): GuestRing {
    const made = ring(count)
    write(`${unit}DBAL`, made.physical)
    write(`${unit}DBAH`, 0)
    write(`${unit}DLEN`, count * DESCRIPTOR_BYTES)
    write(`${unit}DH`, 0)
    write(`${unit}DT`, 0)
    return made
  }
  return {
    ring,
    /** SDM 14.5: a transmit ring, then TCTL.EN with padding and collision values. */
    transmitRing(count = 8, control = 0): GuestRing {
      const made = ringOf('T', count)
      write('TCTL', MASK.TCTL.EN | MASK.TCTL.PSP | (0x10 << 4) | (0x40 << 12) | control)
      return made
    },
    /** SDM 14.4: a receive ring whose descriptors have buffers; all but one are given to the device. */
    receiveRing(count = 8, bufferBytes = 2048, control: number = MASK.RCTL.BAM | MASK.RCTL.SECRC) {
      const made = ringOf('R', count)
      const buffers = Array.from({ length: count }, () => allocate(bufferBytes))
      buffers.forEach((buffer, index) => {
        space.fill(buffer, bufferBytes, 0xee)
        space.w32(made.at(index), buffer + PHYSICAL_OFFSET)
      })
      write('RDT', count - 1)
      write('RCTL', MASK.RCTL.EN | control)
      return { ...made, buffers }
    },
    /** Fills in a descriptor with words 2 and 3; its buffer are these bytes, or is at a physical address. */
    put(at: number, data: readonly number[] | number, word2: number, word3 = 0): void {
      let address = data
      if (typeof data !== 'number') {
        const buffer = allocate(Math.max(1, data.length))
        space.u8.set(data, buffer)
        address = buffer + PHYSICAL_OFFSET
        word2 |= data.length
      }
      space.w32(at, address as number)
      space.w32(at + 4, 0)
      space.w32(at + 8, word2)
      space.w32(at + 12, word3)
    },
    /** What the device wrote into a receive descriptor. */
    received(at: number) {
      const [word2, word3] = [space.r32(at + 8), space.r32(at + 12)]
      return {
        length: word2 & 0xffff,
        checksum: word2 >>> 16,
        status: word3 & 0xff,
        errors: (word3 >>> 8) & 0xff,
        special: word3 >>> 16,
      }
    },
  }
}

/** For specs: what a driver of the 82540EM sees of the machine, and the other end of the cable. */
export function createGuest({ slot = 0, ...options }: Options = {}) {
  const bench = createBench({ slot, ...options })
  const { kernel, bus, frames, ports, misused, state, speedNow } = bench
  const { space, clock, pool } = kernel
  const start = DEVICE_MEMORY_START + slot * BAR_BYTES
  /** Lets virtual time pass, event by event. */
  function wait(microseconds: number): void {
    const end = clock.now() + microseconds * TICKS_PER_US
    while (clock.nextDue() <= end) {
      clock.advance(Math.max(0, clock.nextDue() - clock.now()))
      clock.fireDue()
    }
    clock.advance(Math.max(0, end - clock.now()))
  }
  const readAt = (offset: number, width: Width = 4): number => bus.read('memory', start + offset, width)!
  const writeAt = (offset: number, value: number, width: Width = 4): void =>
    void bus.write('memory', start + offset, width, value >>> 0)
  const read = (name: RegisterName, index = 0, stride = 4): number => readAt(WORD[name] * 4 + index * stride)
  const write = (name: RegisterName, value: number, index = 0, stride = 4): void =>
    writeAt(WORD[name] * 4 + index * stride, value)
  const allocate = (bytes: number): number => pool.allocate(bytes, TAG, OWNER_DRIVER, 0, 0)

  /** Reads or writes a register of the PHY as a driver does (SDM 13.4.7). */
  function mdic(register: number, operation: number, data = 0): number {
    write('MDIC', data | (register << SHIFT.MDIC.REGADD) | (1 << SHIFT.MDIC.PHYADD) | (operation << SHIFT.MDIC.OP))
    for (let polls = 0; polls < 100 && (read('MDIC') & MASK.MDIC.R) === 0; polls++) wait(1)
    return read('MDIC')
  }
  /** A frame arrives from the cable. */
  function arrive(bytes: readonly number[], intact = true): void {
    const frame: Frame = frames.take()
    frame.bytes.set(bytes)
    frame.length = bytes.length
    frame.intact = intact
    ports[slot]!.receive(frame)
    frames.give(frame)
  }
  return {
    ...bench,
    space,
    clock,
    device: bus.functions[slot]!.device,
    wait,
    read,
    write,
    readAt,
    writeAt,
    readPort: (offset: number, width: Width = 4) => bus.read('io', DEVICE_PORTS_START + slot * 8 + offset, width)!,
    writePort: (offset: number, value: number, width: Width = 4) =>
      void bus.write('io', DEVICE_PORTS_START + slot * 8 + offset, width, value >>> 0),
    readPhy: (register: number) => mdic(register, 2) & MASK.MDIC.DATA,
    writePhy: (register: number, data: number) => void mdic(register, 1, data),
    mdic,
    ...createRings(bench, { allocate, write }),
    allocate,
    physical: (virtual: number) => virtual + PHYSICAL_OFFSET,
    arrive,
    rules: () => misused.map(([rule]) => rule),
    /** Level of the interrupt line, and how often it rose. */
    line: () => state.line,
    interrupts: () => state.interrupts,
    inside: (name: keyof typeof INSIDE) => space.i32[state.at + INSIDE[name]]! >>> 0,
    /** The register as a debugger sees it: without reading it. */
    peek: (name: RegisterName) => space.i32[state.at + WORD[name]]! >>> 0,
    bytes: (address: number, length: number) => Array.from(space.u8.slice(address, address + length)),
    store: (address: number, bytes: readonly number[]) => space.u8.set(bytes, address),
    /** The other end, or the cable: 0 pulls it. */
    plugIn(partner: LinkSpeed): void {
      state.partner = partner
      ports[slot]!.linkChanged(speedNow())
    },
    /** SDM 14.3 and 14.4: masks interrupts, resets, waits, sets the link up and waits for it. */
    initialize(): void {
      write('IMC', 0xffff_ffff)
      write('CTRL', read('CTRL') | MASK.CTRL.RST)
      wait(10)
      write('IMC', 0xffff_ffff)
      read('ICR')
      write('CTRL', read('CTRL') | MASK.CTRL.SLU | MASK.CTRL.ASDE)
      wait(5000)
    },
  }
}
export type Guest = ReturnType<typeof createGuest>
