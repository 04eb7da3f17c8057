import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { LONGEST_CHAIN, type Mdls } from '../ndis/mdl'
import type { Ndis6 } from '../ndis/ndis6'
import { constant } from '../ndis/constants'
import { LIST, RECEIVE_RESOURCES, type BindingStation, type ProtocolEnd6, type Stack6 } from '../ndis/stack6'
import type { Completions } from './completions'
import { gatherNetBuffer, MOST_FRAME_BYTES, type FrameSlots6 } from './frame-slots6'
import { setPacketFilter } from './packet-filter'
import type { TestProtocol } from './test-end'

const SEND_DISPATCH = constant('NDIS_SEND_FLAGS_DISPATCH_LEVEL')
const RETURN_DISPATCH = constant('NDIS_RETURN_FLAGS_DISPATCH_LEVEL')
const ETHERNET_HEADER = 14
const UNBIND = constant('NDIS_PAUSE_UNBIND_PROTOCOL')
/** A received chain in so many is kept for a while. */
const KEEPS_ONE_IN = 3
/** A frame in so many is sent in two MDLs. */
const SPLITS_ONE_IN = 2

interface Parts {
  readonly ndis: Ndis6
  readonly mdls: Mdls
  readonly slots: FrameSlots6
  readonly stack: Stack6
  readonly completions: Completions
}
interface Sent {
  readonly at: number
  readonly done: (status: number) => void
}

/** The workbench's protocol over a stack of NDIS 6; undefined when memory is short. */
export function createTestProtocol6(
  k: Kernel,
  { ndis, mdls, slots, stack, completions }: Parts,
): TestProtocol | undefined {
  const { space, random, clock, scheduler, cpus } = k
  const { i32, w32 } = space
  const next = (address: number): number => i32[address >> 2]! >>> 0
  const frame = new Uint8Array(MOST_FRAME_BYTES)
  const out = new Map<number, Sent>()
  /** Received chains that are kept: first list, and how many. */
  const kept = new Map<number, { count: number; due: number }>()

  function giveBack(list: number): void {
    const entry = kept.get(list)
    if (!entry || !binding) return
    kept.delete(list)
    binding.held -= entry.count
    ndis.path.returned(binding, list, cpus.irql() >= DISPATCH_LEVEL ? RETURN_DISPATCH : 0)
  }
  function keep(list: number, count: number): void {
    const due = clock.now() + completions.delay()
    const cpu = cpus.current()
    kept.set(list, { count, due })
    clock.setAlarm(due, () =>
      scheduler.queueDpc(cpu, {
        name: 'return of received lists',
        kind: ACTIVATION.DPC,
        irql: DISPATCH_LEVEL,
        run: () => giveBack(list),
      }),
    )
  }
  const end: ProtocolEnd6 = {
    sendComplete(list) {
      for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; links++) {
        const following = next(at + LIST.Next)
        const sent = out.get(at)
        const status = i32[(at + LIST.Status) >> 2]!
        out.delete(at)
        slots.give(at)
        sent?.done(status)
        at = following
      }
    },
    receive(list, _port, count, flags) {
      if (protocol.receive)
        for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; at = next(at + LIST.Next), links++)
          for (let nb = next(at + LIST.FirstNetBuffer); nb !== 0; nb = next(nb))
            protocol.receive(frame, gatherNetBuffer(k, mdls, nb, frame))
      if ((flags & RECEIVE_RESOURCES) !== 0 || !binding) return
      if (binding.state === 'running' && (completions.changed || random.below(KEEPS_ONE_IN) === 0))
        return keep(list, count)
      binding.held -= count
      ndis.path.returned(binding, list, cpus.irql() >= DISPATCH_LEVEL ? RETURN_DISPATCH : 0)
    },
    oidComplete: () => undefined,
    status: () => undefined,
    netPnPEvent() {
      // Whatever the event: a binding that pauses gives everything back first.
      if (binding?.state === 'pausing') {
        for (const list of [...kept.keys()]) giveBack(list)
        scheduler.runUntil(() => out.size === 0, PAUSE_WAIT_TICKS)
      }
      return 0
    },
  }
  const binding: BindingStation | undefined = ndis.addBinding(stack, end)
  if (!binding) return undefined
  const protocol: TestProtocol = {
    adapter: stack.adapter,
    receive: undefined,
    send(bytes, length, done) {
      if (binding.state !== 'running') return false
      const split = random.below(SPLITS_ONE_IN) === 0 ? ETHERNET_HEADER : 0
      const list = slots.take(bytes, length, split)
      if (list === 0) return false
      out.set(list, { at: clock.now(), done })
      w32(list + LIST.SourceHandle, binding.handle)
      ndis.path.send(binding, list, 0, cpus.irql() >= DISPATCH_LEVEL ? SEND_DISPATCH : 0)
      return true
    },
    outstanding: () => ({ sent: out.size, held: kept.size }),
    oldest() {
      // In the order in which they were sent.
      for (const { at } of out.values()) return at
      return undefined
    },
    setFilter: (bits) => setPacketFilter(stack.adapter, binding, stack.bindings, bits),
    close() {
      if (binding.state === 'running') ndis.life.pauseBinding(binding, UNBIND)
      for (const list of [...kept.keys()]) giveBack(list)
      ndis.removeBinding(binding)
    },
  }
  ndis.life.startBinding(binding)
  return protocol
}
/** How long the workbench's protocol waits for its sends when it pauses: 30 seconds, as long as a send may take. */
const PAUSE_WAIT_TICKS = 300_000_000
