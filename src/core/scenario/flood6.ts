import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { constant } from '../ndis/constants'
import { LONGEST_CHAIN } from '../ndis/mdl'
import type { Ndis6 } from '../ndis/ndis6'
import { LIST, RECEIVE_RESOURCES, type BindingStation, type ProtocolEnd6, type Stack6 } from '../ndis/stack6'
import type { FrameSlots6 } from './frame-slots6'
import { setPacketFilter } from './packet-filter'

const SEND_DISPATCH = constant('NDIS_SEND_FLAGS_DISPATCH_LEVEL')
const RETURN_DISPATCH = constant('NDIS_RETURN_FLAGS_DISPATCH_LEVEL')
const UNBIND = constant('NDIS_PAUSE_UNBIND_PROTOCOL')
/** Lists that it has: so many sends are out at most. */
const LISTS = 256
/** Most lists of one call. */
const CHAIN = 64

/** A protocol that sends one frame over and over, as fast as it comes back, and counts what arrives. It makes nothing for a frame. */
export interface Flood {
  /** Sends so many, from a DPC. */
  send(frames: number): void
  /** Sends that are back. */
  readonly completed: number
  /** Of these, the ones that failed. */
  readonly failed: number
  readonly received: number
  close(): void
}

/** Over a stack of NDIS 6; undefined when memory is short. `frame` is what it sends. */
export function createFlood6(
  k: Kernel,
  { ndis, slots, stack, filter }: { ndis: Ndis6; slots: FrameSlots6; stack: Stack6; filter: number },
  frame: Uint8Array,
): Flood | undefined {
  const { scheduler, cpus } = k
  const { i32 } = k.space
  const next = (list: number): number => i32[(list + LIST.Next) >> 2]! >>> 0
  let wanted = 0
  let queued = false
  /** First of the lists that are here; they are chained. */
  let free = 0
  let completed = 0
  let failed = 0
  let received = 0

  const end: ProtocolEnd6 = {
    sendComplete(list) {
      let last = list
      for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; at = next(at), links++) {
        last = at
        completed++
        if (i32[(at + LIST.Status) >> 2] !== 0) failed++
      }
      i32[(last + LIST.Next) >> 2] = free
      free = list
      queue()
    },
    receive(list, _port, count, flags) {
      received += count
      if ((flags & RECEIVE_RESOURCES) !== 0 || !binding) return
      binding.held -= count
      ndis.path.returned(binding, list, cpus.irql() >= DISPATCH_LEVEL ? RETURN_DISPATCH : 0)
    },
    oidComplete: () => undefined,
    status: () => undefined,
    netPnPEvent: () => 0,
  }
  const binding: BindingStation | undefined = ndis.addBinding(stack, end)
  if (!binding) return undefined
  const lists = Array.from({ length: LISTS }, () => slots.take(frame, frame.length, 0)).filter((list) => list !== 0)
  for (const list of lists) {
    i32[(list + LIST.SourceHandle) >> 2] = binding.handle
    i32[(list + LIST.Next) >> 2] = free
    free = list
  }
  /** Takes a chain of at most CHAIN lists off the free ones and sends it. */
  function sendChain(): void {
    const first = free
    let last = first
    let count = 1
    for (; count < CHAIN && count < wanted && next(last) !== 0; count++) last = next(last)
    free = next(last)
    i32[(last + LIST.Next) >> 2] = 0
    wanted -= count
    ndis.path.send(binding!, first, 0, SEND_DISPATCH)
  }
  function queue(): void {
    if (queued || wanted === 0) return
    queued = true
    scheduler.queueDpc(cpus.current(), {
      name: 'sends of the workbench',
      kind: ACTIVATION.DPC,
      irql: DISPATCH_LEVEL,
      run() {
        queued = false
        while (wanted > 0 && free !== 0 && binding!.state === 'running') sendChain()
      },
    })
  }
  ndis.life.startBinding(binding)
  setPacketFilter(stack.adapter, binding, stack.bindings, filter)
  return {
    send(frames) {
      wanted += frames
      queue()
    },
    get completed() {
      return completed
    },
    get failed() {
      return failed
    },
    get received() {
      return received
    },
    close() {
      if (binding.state === 'running') ndis.life.pauseBinding(binding, UNBIND)
      for (const list of lists) slots.give(list)
      ndis.removeBinding(binding)
    },
  }
}
