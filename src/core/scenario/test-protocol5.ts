import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { constant } from '../ndis/constants'
import type { Mdls } from '../ndis/mdl'
import type { Receive5 } from '../ndis/receive5'
import type { Binding5, ProtocolEnd5, Stack5, Stacks5 } from '../ndis/stack5'
import { OOB, PACKET } from '../ndis/packet-layout'
import { NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from '../ndis/status'
import { gatherPacket } from '../ndis/packet-data'
import type { Completions } from './completions'
import type { FrameSlots5 } from './frame-slots5'
import { MOST_FRAME_BYTES } from './frame-slots6'
import { setPacketFilter } from './packet-filter'
import type { TestProtocol } from './test-end'

const CURRENT_ADDRESS = constant('OID_802_3_CURRENT_ADDRESS')
const ADDRESS_BYTES = 6
const ETHERNET_HEADER = 14
const KEEPS_ONE_IN = 3
const SPLITS_ONE_IN = 2

interface Parts {
  readonly stacks5: Stacks5
  readonly receive5: Receive5
  readonly mdls: Mdls
  readonly slots: FrameSlots5
  readonly stack: Stack5
  readonly completions: Completions
}

/** The workbench's protocol over an adapter of NDIS 3 to 5; undefined when memory is short. */
export function createTestProtocol5(k: Kernel, parts: Parts): TestProtocol | undefined {
  const { random, clock, scheduler, cpus, space } = k
  const { stacks5, receive5, mdls, slots, stack, completions } = parts
  const { ways } = stacks5
  const out = new Map<number, { readonly at: number; readonly done: (status: number) => void }>()
  const kept = new Set<number>()
  const frame = new Uint8Array(MOST_FRAME_BYTES)

  function finish(packet: number, status: number): void {
    const sent = out.get(packet)
    out.delete(packet)
    slots.give(packet)
    sent?.done(status)
  }
  function keep(packet: number): void {
    const cpu = cpus.current()
    kept.add(packet)
    clock.setAlarm(clock.now() + completions.delay(), () =>
      scheduler.queueDpc(cpu, {
        name: 'return of a packet',
        kind: ACTIVATION.DPC,
        irql: DISPATCH_LEVEL,
        run: () => void (kept.delete(packet) && receive5.giveBack(packet)),
      }),
    )
  }
  /** The start of a frame, and the rest by NdisTransferData. */
  function receive(
    context: number,
    header: number,
    headerBytes: number,
    lookahead: number,
    lookaheadBytes: number,
    bytes: number,
  ): number {
    const here = Math.min(lookaheadBytes, bytes, MOST_FRAME_BYTES - headerBytes)
    // One for each call: fetching the rest may be preempted by another indication.
    const frame = new Uint8Array(MOST_FRAME_BYTES)
    frame.set(space.u8.subarray(header, header + headerBytes), 0)
    frame.set(space.u8.subarray(lookahead, lookahead + here), headerBytes)
    if (here < bytes && !transferRest(frame, context, headerBytes + here, here, bytes - here))
      return NDIS_STATUS_SUCCESS
    protocol.receive?.(frame, headerBytes + bytes)
    return NDIS_STATUS_SUCCESS
  }
  /** Fetches what the lookahead does not show; false when it could not at once. */
  function transferRest(frame: Uint8Array, context: number, at: number, offset: number, bytes: number): boolean {
    if (at + bytes > MOST_FRAME_BYTES) return false
    const packet = slots.take(frame, bytes, 0)
    if (packet === 0) return false
    const result = stack.end.transferData(packet, context, offset, bytes)
    if (result.status === NDIS_STATUS_PENDING) {
      transfers.set(packet, { start: frame.slice(0, at), bytes: at + bytes })
      return false
    }
    const rest = new Uint8Array(bytes)
    gatherPacket(k.space, mdls, packet, rest)
    slots.give(packet)
    frame.set(rest, at)
    return result.status === NDIS_STATUS_SUCCESS && result.bytes === bytes
  }
  const transfers = new Map<number, { readonly start: Uint8Array; readonly bytes: number }>()
  const end: ProtocolEnd5 = {
    sendComplete: finish,
    receive,
    receivePacket(packet) {
      const length = gatherPacket(k.space, mdls, packet, frame)
      protocol.receive?.(frame, length)
      const status = space.r32(packet + space.r16(packet + PACKET.NdisPacketOobOffset) + OOB.Status) | 0
      if (status === NDIS_STATUS_RESOURCES || (!completions.changed && random.below(KEEPS_ONE_IN) !== 0)) return 0
      keep(packet)
      return 1
    },
    receiveComplete: () => undefined,
    transferComplete(packet, status, bytes) {
      const transfer = transfers.get(packet)
      transfers.delete(packet)
      if (transfer && status === NDIS_STATUS_SUCCESS) {
        const whole = new Uint8Array(transfer.start.length + bytes)
        whole.set(transfer.start)
        gatherPacket(k.space, mdls, packet, whole.subarray(transfer.start.length))
        protocol.receive?.(whole, whole.length)
      }
      slots.give(packet)
    },
    status: () => undefined,
    statusComplete: () => undefined,
    requestComplete: () => undefined,
    resetComplete: () => undefined,
    pnpEvent: () => NDIS_STATUS_SUCCESS,
  }
  const binding: Binding5 | undefined = stacks5.bind(stack, end)
  if (!binding) return undefined
  const protocol: TestProtocol = {
    adapter: stack.adapter,
    receive: undefined,
    send(bytes, length, done) {
      const packet = slots.take(bytes, length, random.below(SPLITS_ONE_IN) === 0 ? ETHERNET_HEADER : 0)
      if (packet === 0) return false
      out.set(packet, { at: clock.now(), done })
      ways.begin(packet, binding.id, 0)
      binding.sent++
      stack.end.send([packet])
      return true
    },
    outstanding: () => ({ sent: out.size, held: kept.size }),
    oldest() {
      for (const { at } of out.values()) return at
      return undefined
    },
    setFilter(bits) {
      if (stack.address.length === 0)
        stack.address = stack.adapter.control?.query(CURRENT_ADDRESS, ADDRESS_BYTES)?.data ?? stack.address
      return setPacketFilter(stack.adapter, binding, stack.bindings, bits)
    },
    close() {
      for (const packet of [...kept]) {
        kept.delete(packet)
        receive5.giveBack(packet)
      }
      stacks5.unbind(binding)
    },
  }
  return protocol
}
