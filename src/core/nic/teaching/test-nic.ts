import type { Kernel } from '../../kernel/kernel'
import { createMachine, createSharedMemory } from '../../machine'
import { PHYSICAL_OFFSET } from '../../memory/map'
import { OWNER_DRIVER } from '../../memory/tagged-pool'
import { createFramePool } from '../../wire/frame'
import type { LinkSpeed, WirePort } from '../../wire/port'
import { createPciBus, DEVICE_MEMORY_START } from '../pci'
import { createPhysicalMemory } from '../physical-memory'
import { DESCRIPTOR_BYTES } from './descriptor-ring'
import { FLAG, REGISTER, type RegisterName } from './registers'
import { createTeachingNic } from './teaching-nic'

const TAG = 0x74736554
const MEMORY_BYTES = 3 * 1024 * 1024
/** Ticks that a frame is on its way out here. */
export const LINE_TICKS = 100

/** Words of a descriptor, as a driver writes and reads them. */
export interface Descriptor {
  readonly address: number
  readonly size: number
  readonly length: number
  readonly flags: number
}
/** A ring in memory of the driver. */
export interface Ring {
  /** As the driver uses it, and as the device does. */
  readonly virtual: number
  readonly physical: number
  put(index: number, descriptor: Partial<Descriptor>): void
  get(index: number): Descriptor
}

/** Memory as the driver has it. */
function createDriverMemory({ space, pool }: Kernel) {
  const allocate = (bytes: number): number => pool.allocate(bytes, TAG, OWNER_DRIVER, 0, 0)
  function ring(count: number): Ring {
    const virtual = Math.ceil(allocate((count + 1) * DESCRIPTOR_BYTES) / DESCRIPTOR_BYTES) * DESCRIPTOR_BYTES
    space.fill(virtual, count * DESCRIPTOR_BYTES, 0)
    const at = (index: number): number => virtual + index * DESCRIPTOR_BYTES
    return {
      virtual,
      physical: virtual + PHYSICAL_OFFSET,
      put(index, { address, size, length, flags }) {
        for (const [offset, value] of [address, size, length, flags].entries())
          if (value !== undefined) space.w32(at(index) + 4 * offset, value)
      },
      get: (index) => ({
        address: space.r32(at(index)) >>> 0,
        size: space.r32(at(index) + 4) >>> 0,
        length: space.r32(at(index) + 8) >>> 0,
        flags: space.r32(at(index) + 12) >>> 0,
      }),
    }
  }
  return {
    ring,
    /** Memory of the driver with these bytes: its virtual address. */
    buffer(bytes: readonly number[]): number {
      const at = allocate(Math.max(4, bytes.length))
      bytes.forEach((byte, index) => space.w8(at + index, byte))
      return at
    },
    memory: (at: number, length: number) => Array.from({ length }, (_unused, index) => space.r8(at + index)),
  }
}

/** For specs: a guest program's view of a teaching NIC, and the other end of its cable. */
export function createTestNic({ slot = 0, speed = 1000 }: { slot?: number; speed?: LinkSpeed } = {}) {
  const { kernel } = createMachine({ memory: createSharedMemory(MEMORY_BYTES) })
  const { space, clock } = kernel
  const frames = createFramePool()
  const ports: WirePort[] = []
  const sent: { readonly bytes: number[]; readonly site: number }[] = []
  const misused: string[] = []
  const refused: string[] = []
  const log: string[] = []
  const transfers: { readonly from: number; readonly to: number; readonly access: 'read' | 'write' }[] = []
  let current: LinkSpeed = 0
  let line = false
  const state = { from: 0, to: 0 }

  const bus = createPciBus(Array(slot + 1).fill(createTeachingNic), {
    clock,
    frames,
    memory: createPhysicalMemory({
      space,
      end: kernel.shadow.base,
      refused: (message) => refused.push(message),
      transfer: (address, length, access) =>
        transfers.push({ from: address - PHYSICAL_OFFSET, to: address - PHYSICAL_OFFSET + length, access }),
    }),
    plug: () => (port) => {
      ports.push(port)
      return {
        speed: () => current,
        negotiate: () => undefined,
        transmit(frame) {
          sent.push({ bytes: Array.from(frame.bytes.slice(0, frame.length)), site: frame.site })
          frames.give(frame)
          return clock.now() + LINE_TICKS
        },
      }
    },
    state(of, words) {
      const at = kernel.system.allocate(4 * words)
      if (of === slot) Object.assign(state, { from: at, to: at + 4 * words })
      return { words: space.i32, at: at >> 2 }
    },
    misused: (_device, rule) => misused.push(rule),
    site: () => kernel.site.s,
    log: (text) => log.push(text),
    interruptChanged: (device, asserted) => void (device.slot === slot && (line = asserted)),
    messageSent: () => undefined,
    notMaster: () => undefined,
  })
  const start = DEVICE_MEMORY_START + slot * 0x1000
  function link(to: LinkSpeed): void {
    current = to
    ports[slot]!.linkChanged(to)
  }
  const nic = {
    ...createDriverMemory(kernel),
    kernel,
    sent,
    misused,
    refused,
    log,
    /** What the device did with memory, as virtual addresses; where its registers are. */
    transfers,
    state,
    link,
    line: () => line,
    write: (name: RegisterName, value: number) => void bus.write('memory', start + REGISTER[name], 4, value),
    read: (name: RegisterName) => bus.read('memory', start + REGISTER[name], 4)!,
    store: (offset: number, width: 1 | 2 | 4, value: number) => bus.write('memory', start + offset, width, value),
    load: (offset: number, width: 1 | 2 | 4) => bus.read('memory', start + offset, width),
    /** Lets virtual time pass. */
    pass(ticks: number) {
      for (const end = clock.now() + ticks; clock.now() < end;) {
        clock.advance(Math.min(end, clock.nextDue()) - clock.now())
        clock.fireDue()
      }
    },
    /** A frame arrives at the connector. */
    arrive(bytes: readonly number[], intact = true) {
      const frame = frames.take()
      frame.bytes.set(bytes)
      frame.length = bytes.length
      frame.intact = intact
      ports[slot]!.receive(frame)
      frames.give(frame)
    },
  }
  if (speed !== 0) link(speed)
  nic.write('CAUSE', 0xffff_ffff)
  return nic
}
export type TestNic = ReturnType<typeof createTestNic>

/** Physical address of the driver's memory. */
export const physical = (virtual: number): number => virtual + PHYSICAL_OFFSET

/** A frame whose payload counts up from its length. */
export function testFrame(to: readonly number[], length: number): number[] {
  const from = [2, 0, 0, 0, 0, 0x99]
  return Array.from({ length }, (_unused, index) => [...to, ...from, 0x88, 0xb5][index] ?? (length + index) & 0xff)
}

/** A device that runs with both rings; the receive ring's buffers are the device's. */
export function startNic(nic: TestNic, descriptors = 4, room = 1514) {
  const send = nic.ring(descriptors)
  const receive = nic.ring(descriptors)
  const buffers = Array.from({ length: descriptors }, () => nic.buffer(Array<number>(room).fill(0xee)))
  buffers.forEach((buffer, index) =>
    receive.put(index, { address: physical(buffer), size: room, length: 0, flags: FLAG.OWN }),
  )
  nic.write('SEND_RING', send.physical)
  nic.write('SEND_COUNT', descriptors)
  nic.write('RECEIVE_RING', receive.physical)
  nic.write('RECEIVE_COUNT', descriptors)
  nic.write('CONTROL', 1)
  return { send, receive, buffers }
}
