import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Adapters } from '../ndis/adapters'
import { constant } from '../ndis/constants'
import type { Mdls } from '../ndis/mdl'
import { createControl5 } from '../ndis/miniport5-unit'
import type { Network } from '../ndis/network'
import { PACKET } from '../ndis/packet-layout'
import { createSerial } from '../ndis/serial'
import type { MiniportEnd5, RequestDone, Stack5 } from '../ndis/stack5'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_SUCCESS } from '../ndis/status'
import { gatherPacket } from '../ndis/packet-data'
import type { Completions } from './completions'
import type { FrameSlots5 } from './frame-slots5'
import { MOST_FRAME_BYTES } from './frame-slots6'
import { LOOPBACK_ADDRESS } from './loopback6'
import { LONGEST_DELAY, type LoopbackMiniport } from './test-end'

/** 5.1 */
const VERSION = 0x5_0001
const BUFFER_TOO_SHORT = constant('NDIS_STATUS_BUFFER_TOO_SHORT')
const MTU = 1500
const ETHERNET_HEADER = 14
/** 100 Mbit/s in units of 100 bit/s. */
const LINK_SPEED = 1_000_000
const MOST_MULTICAST = 32
/** How much of a frame is shown at first, when it is indicated without a packet. */
const LOOKAHEAD = 128
/** A frame in so many is indicated as a packet. */
const PACKETS_ONE_IN = 2

const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer)
const SETTABLE = ['OID_GEN_CURRENT_PACKET_FILTER', 'OID_GEN_CURRENT_LOOKAHEAD', 'OID_802_3_MULTICAST_LIST'].map(
  constant,
)
const ANSWERS: ReadonlyMap<number, () => Uint8Array> = new Map(
  Object.entries({
    OID_GEN_SUPPORTED_LIST: () => new Uint8Array(new Uint32Array([...ANSWERS.keys(), ...SETTABLE]).buffer),
    OID_GEN_HARDWARE_STATUS: () => u32(constant('NdisHardwareStatusReady')),
    OID_GEN_MEDIA_SUPPORTED: () => u32(constant('NdisMedium802_3')),
    OID_GEN_MEDIA_IN_USE: () => u32(constant('NdisMedium802_3')),
    OID_GEN_MAXIMUM_LOOKAHEAD: () => u32(MTU),
    OID_GEN_MAXIMUM_FRAME_SIZE: () => u32(MTU),
    OID_GEN_MAXIMUM_TOTAL_SIZE: () => u32(MTU + ETHERNET_HEADER),
    OID_GEN_LINK_SPEED: () => u32(LINK_SPEED),
    OID_GEN_MEDIA_CONNECT_STATUS: () => u32(constant('NdisMediaStateConnected')),
    OID_802_3_PERMANENT_ADDRESS: () => LOOPBACK_ADDRESS,
    OID_802_3_CURRENT_ADDRESS: () => LOOPBACK_ADDRESS,
    OID_802_3_MAXIMUM_LIST_SIZE: () => u32(MOST_MULTICAST),
  }).map(([name, answer]) => [constant(name), answer]),
)

export interface Loopback5Parts {
  readonly adapters: Adapters
  readonly network: Network
  readonly mdls: Mdls
  readonly slots: FrameSlots5
  readonly completions: Completions
}

/** The workbench's own miniport of NDIS 5.1; undefined when memory is short. */
export function createLoopback5(
  k: Kernel,
  { adapters, network, mdls, slots, completions }: Loopback5Parts,
): LoopbackMiniport | undefined {
  const { random, clock, scheduler, cpus, space } = k
  const { stacks5, ndis6, receive5 } = network
  const adapter = adapters.create(VERSION, {}, 'Loopback')
  if (!adapter) return undefined
  const frame = new Uint8Array(MOST_FRAME_BYTES)
  /** Frames that are being shown, by their receive contexts: several CPUs may be at it. */
  const shown = new Map<number, { readonly at: number; readonly bytes: number }>()

  function later(run: () => void, ticks = 1 + random.below(LONGEST_DELAY)): void {
    const cpu = cpus.current()
    clock.setAlarm(clock.now() + ticks, () =>
      scheduler.queueDpc(cpu, { name: 'loopback miniport', kind: ACTIVATION.DPC, irql: DISPATCH_LEVEL, run }),
    )
  }
  const answer = (done: RequestDone, ...outcome: Parameters<RequestDone>): void =>
    completions.changed ? later(() => done(...outcome), completions.delay()) : done(...outcome)
  function indicatePacket(packet: number): void {
    ndis6.records.with(
      4,
      (array) => space.w32(array, packet),
      (array) =>
        array === 0 ? slots.give(packet) : receive5.functions.NdisMIndicateReceivePacket(adapter!.handle, array, 1),
    )
  }
  function show(packet: number, length: number): void {
    const data = mdls.systemAddress(space.r32(packet + PACKET.Head))
    const bytes = length - ETHERNET_HEADER
    const start = data + ETHERNET_HEADER
    shown.set(packet, { at: start, bytes })
    network.indicate5(adapter!.handle, packet, data, ETHERNET_HEADER, start, Math.min(bytes, LOOKAHEAD), bytes)
    for (const binding of [...stack.bindings]) binding.end.receiveComplete()
    shown.delete(packet)
    slots.give(packet)
  }
  function arrive(bytes: Uint8Array, length: number): void {
    // A frame may still be on its way when the adapter goes, and its pools with it.
    const packet = adapter!.phase === 'running' ? slots.take(bytes, length, 0) : 0
    if (packet === 0) return
    if (random.below(PACKETS_ONE_IN) === 0) indicatePacket(packet)
    else show(packet, length)
  }
  const end: MiniportEnd5 = {
    send(packets) {
      for (const packet of packets) {
        const length = gatherPacket(k.space, mdls, packet, frame)
        const copy = frame.slice(0, length)
        if (miniport.loops) later(() => arrive(copy, length))
        later(() => network.finished5(packet, NDIS_STATUS_SUCCESS), completions.delay())
      }
    },
    transferData(packet, context, offset, length) {
      const source = shown.get(context)
      if (!source) return { status: NDIS_STATUS_FAILURE, bytes: 0 }
      const bytes = Math.min(length, Math.max(0, source.bytes - offset))
      const target = mdls.systemAddress(space.r32(packet + PACKET.Head))
      const room = mdls.byteCount(space.r32(packet + PACKET.Head))
      const moved = Math.min(bytes, room)
      space.move(target, source.at + offset, moved)
      // A frame may end with the byte that fresh memory has.
      k.access.written(target, moved)
      return { status: NDIS_STATUS_SUCCESS, bytes: moved }
    },
    returnPacket: () => undefined,
    query(oid, buffer, length, done: RequestDone) {
      const bytes = ANSWERS.get(oid)?.()
      if (!bytes) return answer(done, NDIS_STATUS_NOT_SUPPORTED, 0, 0)
      if (length < bytes.length) return answer(done, BUFFER_TOO_SHORT, 0, bytes.length)
      space.u8.set(bytes, buffer)
      k.access.written(buffer, bytes.length)
      answer(done, NDIS_STATUS_SUCCESS, bytes.length, bytes.length)
    },
    set: (oid, _buffer, length, done) =>
      SETTABLE.includes(oid)
        ? answer(done, NDIS_STATUS_SUCCESS, length, 0)
        : answer(done, NDIS_STATUS_NOT_SUPPORTED, 0, 0),
    reset(done) {
      later(() => done(NDIS_STATUS_SUCCESS), completions.delay())
      return true
    },
    cancelSend: () => undefined,
  }
  const stack: Stack5 = stacks5.create(adapter, end)
  stack.address = LOOPBACK_ADDRESS
  const miniport: LoopbackMiniport = {
    adapter,
    loops: true,
    arrive: (bytes, length) => later(() => arrive(bytes, length)),
    remove() {
      adapters.stopping(adapter)
      adapters.halting(adapter)
      adapter.phase = 'halting'
      adapters.ended(adapter)
      stacks5.destroy(stack)
      adapters.destroy(adapter)
    },
  }
  adapter.attributesSet = true
  adapter.attributeFlags = constant('NDIS_ATTRIBUTE_DESERIALIZE')
  adapter.phase = 'running'
  adapter.control = createControl5(k, {
    serial: createSerial(),
    calls: network.calls,
    records: ndis6.records,
    adapter,
    end,
  })
  adapters.initialized(adapter)
  adapters.started(adapter)
  receive5.attach(adapter.handle, { context: 0, returnPacket: 0, deserialized: true, returned: slots.give })
  return miniport
}
