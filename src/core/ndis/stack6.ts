import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { Adapter } from './adapters'
import { constant } from './constants'
import type { FrameCounters } from './frame-counters'
import { LONGEST_CHAIN } from './mdl'
import { WAY_RECEIVE, WAY_RESOURCES, type Ways } from './way'

export const LIST = layout('NET_BUFFER_LIST', 'Next', 'FirstNetBuffer', 'Status', 'SourceHandle')
const NB_NEXT = layout('NET_BUFFER', 'Next').Next
export const NDIS_STATUS_PAUSED = constant('NDIS_STATUS_PAUSED')
export const RECEIVE_RESOURCES = constant('NDIS_RECEIVE_FLAGS_RESOURCES')

/** The lower end of a stack: a script's miniport, or the workbench's own. */
export interface MiniportEnd6 {
  send(list: number, port: number, flags: number): void
  returned(list: number, flags: number): void
  cancelSend(cancelId: number): void
  /** Carries an OID request out; its status, NDIS_STATUS_PENDING when it completes later. */
  oid(request: number): number
  cancelOid(requestId: number): void
  /** undefined when it takes no direct requests. */
  directOid?(request: number): number
  cancelDirectOid?(requestId: number): void
  devicePnPEvent(event: number): void
}

/** The upper end of a stack at one binding: a script's protocol, or the workbench's own. */
export interface ProtocolEnd6 {
  receive(list: number, port: number, count: number, flags: number): void
  sendComplete(list: number, flags: number): void
  oidComplete(request: number, status: number, direct: boolean): void
  status(indication: number): void
  /** A network PnP event; its status when it is done. */
  netPnPEvent(notification: number): number
}

/** What a filter module does of what passes it; what is left out goes past. */
export interface FilterEnd6 {
  send?(list: number, port: number, flags: number): void
  sendComplete?(list: number, flags: number): void
  cancelSend?(cancelId: number): void
  receive?(list: number, port: number, count: number, flags: number): void
  returned?(list: number, flags: number): void
  oid?(request: number): number
  oidComplete?(request: number, status: number): void
  cancelOid?(requestId: number): void
  directOid?(request: number): number
  directOidComplete?(request: number, status: number): void
  cancelDirectOid?(requestId: number): void
  status?(indication: number): void
  devicePnPEvent?(event: number): void
  netPnPEvent?(notification: number): number
}

export type FlowState = 'paused' | 'restarting' | 'running' | 'pausing'

/** Whoever stands at a level of a stack. Level 0 is the miniport, 1 the lowest filter; bindings are above all filters. */
interface StationParts {
  readonly id: number
  readonly handle: number
  readonly stack: Stack6
  state: FlowState
}
export interface MiniportStation extends StationParts {
  readonly kind: 'miniport'
  readonly end: MiniportEnd6
}
export interface FilterStation extends StationParts {
  readonly kind: 'filter'
  /** Changes when the module sets other optional handlers. */
  end: FilterEnd6
}
export interface BindingStation extends StationParts {
  readonly kind: 'binding'
  readonly end: ProtocolEnd6
  /** Bits of OID_GEN_CURRENT_PACKET_FILTER that the protocol asked for. */
  packetFilter: number
  /** Multicast addresses that it asked for, six bytes each. */
  multicast: Uint8Array
  /** Lists that it sent and that are not back. */
  sent: number
  /** Received lists that it holds. */
  held: number
  /** The protocol's bind is done: pauses and restarts of the stack concern it. */
  bound: boolean
  /** NdisCloseAdapterEx was called: the handle is invalid, what is out still comes back. */
  closing: boolean
  /** Called when something that it sent is back; whoever waits for that sets it. */
  cameBack: (() => void) | undefined
}
export type Station6 = MiniportStation | FilterStation | BindingStation

/** An adapter of NDIS 6 and everything that stands above it. */
export interface Stack6 {
  readonly adapter: Adapter
  readonly miniport: MiniportStation
  /** Lowest first. */
  readonly filters: FilterStation[]
  readonly bindings: BindingStation[]
}

/** Bindings that a received list is for. */
export type Accepts = (binding: BindingStation, list: number) => boolean

/** The ways that lists take through the stacks of NDIS 6. */
export interface DataPath6 {
  /** Sends a chain downwards: lists of the station's own, and those that it holds on their way. */
  send(from: Station6, list: number, port: number, flags: number): void
  complete(from: Station6, list: number, flags: number): void
  cancelSend(from: Station6, cancelId: number): void
  indicate(from: Station6, list: number, port: number, count: number, flags: number): void
  returned(from: Station6, list: number, flags: number): void
  status(from: Station6, indication: number): void
  devicePnPEvent(from: Station6 | undefined, stack: Stack6, event: number): void
  netPnPEvent(from: Station6, notification: number): number
  /** Lists that a station sent or indicated and that are still out, or that it holds. */
  levelOf(station: Station6): number
}

export function createDataPath6(k: Kernel, ways: Ways<Station6>, counters: FrameCounters, accepts: Accepts): DataPath6 {
  const { i32 } = k.space
  const get = (address: number): number => i32[address >> 2]! >>> 0
  const set = (address: number, value: number): void => {
    i32[address >> 2] = value
  }
  const next = (list: number): number => get(list + LIST.Next)
  const levelOf = (station: Station6): number =>
    station.kind === 'miniport'
      ? 0
      : station.kind === 'filter'
        ? station.stack.filters.indexOf(station) + 1
        : station.stack.filters.length + 1

  function each(list: number, visit: (list: number) => void): number {
    let count = 0
    for (let at = list; at !== 0 && count < LONGEST_CHAIN; count++) {
      const following = next(at)
      visit(at)
      at = following
    }
    return count
  }
  function isTakenBack(list: number): boolean {
    for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; at = next(at), links++)
      if (ways.isOut(at) && ways.has(at, WAY_RESOURCES)) return true
    return false
  }
  /** The lists are where they came from; how many they are. */
  function endAll(list: number): number {
    let count = 0
    for (let at = list; at !== 0 && count < LONGEST_CHAIN; at = next(at), count++) ways.end(at)
    return count
  }
  function frames(list: number): number {
    let count = 0
    for (let nb = get(list + LIST.FirstNetBuffer); nb !== 0 && count < LONGEST_CHAIN; nb = get(nb + NB_NEXT)) count++
    return count
  }
  /** Cuts the chain into stretches of one origin each, in order. */
  function byOrigin(list: number, take: (origin: Station6 | undefined, first: number) => void): void {
    let first = list
    for (let links = 0; first !== 0 && links < LONGEST_CHAIN; links++) {
      const origin = ways.origin(first)
      let last = first
      let following = next(last)
      for (; following !== 0 && ways.origin(following) === origin && links < LONGEST_CHAIN; links++) {
        last = following
        following = next(last)
      }
      set(last + LIST.Next, 0)
      take(ways.station(origin), first)
      first = following
    }
  }
  function hand(list: number, to: Station6): void {
    for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; at = next(at), links++) ways.move(at, to.id)
  }
  /** NDIS itself completes what comes to a part that does not run. */
  function refuse(stack: Stack6, level: number, list: number): void {
    each(list, (at) => {
      set(at + LIST.Status, NDIS_STATUS_PAUSED)
      counters.dropped += frames(at)
    })
    up(stack, level, list, 0)
  }

  function down(stack: Stack6, level: number, list: number, port: number, flags: number): void {
    for (let i = level - 2; i >= 0; i--) {
      const filter = stack.filters[i]!
      if (filter.state !== 'running' && filter.state !== 'pausing') return refuse(stack, i + 1, list)
      if (filter.state === 'pausing' && filter.end.send) return refuse(stack, i + 1, list)
      if (filter.end.send) {
        hand(list, filter)
        return filter.end.send(list, port, flags)
      }
    }
    if (stack.miniport.state !== 'running') return refuse(stack, 0, list)
    hand(list, stack.miniport)
    stack.miniport.end.send(list, port, flags)
  }
  /** A stretch of one origin on its way back from a level. */
  function upTo(stack: Stack6, level: number, origin: Station6 | undefined, list: number, flags: number): void {
    for (let i = level; i < stack.filters.length; i++) {
      const filter = stack.filters[i]!
      if (filter === origin) {
        endAll(list)
        return filter.end.sendComplete?.(list, flags)
      }
      if (filter.end.sendComplete) {
        hand(list, filter)
        return filter.end.sendComplete(list, flags)
      }
    }
    const count = endAll(list)
    if (origin?.kind !== 'binding') return
    origin.sent -= count
    origin.end.sendComplete(list, flags)
    origin.cameBack?.()
  }
  function up(stack: Stack6, level: number, list: number, flags: number): void {
    byOrigin(list, (origin, first) => upTo(stack, level, origin, first, flags))
  }

  function deliverEach(stack: Stack6, takers: BindingStation[], list: number, port: number, flags: number): void {
    let back = 0
    let backTail = 0
    const chain: number[] = []
    each(list, (at) => chain.push(at))
    for (const at of chain) {
      set(at + LIST.Next, 0)
      const wanted = takers.filter((binding) => accepts(binding, at))
      wanted.forEach((binding, index) => {
        // Only one can keep it: the others have to copy what they want.
        const last = index === wanted.length - 1
        deliverTo(binding, at, port, 1, last ? flags : flags | RECEIVE_RESOURCES)
      })
      if (wanted.length > 0) continue
      counters.dropped += frames(at)
      if (back === 0) back = at
      else set(backTail + LIST.Next, at)
      backTail = at
    }
    if ((flags & RECEIVE_RESOURCES) !== 0) chain.forEach((at, index) => set(at + LIST.Next, chain[index + 1] ?? 0))
    else if (back !== 0) fall(stack, stack.filters.length + 1, back, 0)
  }
  function deliverTo(binding: BindingStation, list: number, port: number, count: number, flags: number): void {
    if ((flags & RECEIVE_RESOURCES) === 0) {
      hand(list, binding)
      binding.held += count
    }
    binding.end.receive(list, port, count, flags)
  }
  /** Everything is above the filters now: the bindings get what is for them. */
  function deliver(stack: Stack6, list: number, port: number, count: number, flags: number): void {
    // A binding that pauses still gets what is on its way; it gives it back at once.
    const takers = stack.bindings.filter(({ state, packetFilter }) => state !== 'paused' && packetFilter !== 0)
    const [only] = takers
    if (takers.length === 1 && acceptsAll(only!, list)) deliverTo(only!, list, port, count, flags)
    else deliverEach(stack, takers, list, port, flags)
  }
  function acceptsAll(binding: BindingStation, list: number): boolean {
    for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; at = next(at), links++)
      if (!accepts(binding, at)) return false
    return true
  }
  function rise(stack: Stack6, level: number, list: number, port: number, count: number, flags: number): void {
    for (let i = level; i < stack.filters.length; i++) {
      const filter = stack.filters[i]!
      if (filter.state !== 'running') {
        each(list, (at) => (counters.dropped += frames(at)))
        return (flags & RECEIVE_RESOURCES) !== 0 ? undefined : fall(stack, i + 1, list, 0)
      }
      if (filter.end.receive) {
        hand(list, filter)
        return filter.end.receive(list, port, count, flags)
      }
    }
    deliver(stack, list, port, count, flags)
  }
  function fall(stack: Stack6, level: number, list: number, flags: number): void {
    byOrigin(list, (origin, first) => {
      for (let i = level - 2; i >= 0; i--) {
        const filter = stack.filters[i]!
        if (filter === origin) {
          endAll(first)
          return filter.end.returned?.(first, flags)
        }
        if (filter.end.returned) {
          hand(first, filter)
          return filter.end.returned(first, flags)
        }
      }
      endAll(first)
      stack.miniport.end.returned(first, flags)
    })
  }

  return {
    levelOf,
    send(from, list, port, flags) {
      let count = 0
      for (let at = list; at !== 0 && count < LONGEST_CHAIN; at = next(at), count++)
        if (!ways.isOut(at)) ways.begin(at, from.id, 0)
      if (from.kind === 'binding') from.sent += count
      // What is below runs when NetEventRestart comes, so that a protocol may send while it handles that.
      if (from.kind === 'binding' && from.state !== 'running' && from.state !== 'restarting')
        refuse(from.stack, from.stack.filters.length, list)
      else down(from.stack, levelOf(from), list, port, flags)
    },
    complete(from, list, flags) {
      if (from.kind === 'miniport')
        for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; at = next(at), links++)
          if (get(at + LIST.Status) === 0) counters.sent += frames(at)
          else counters.dropped += frames(at)
      up(from.stack, levelOf(from), list, flags)
    },
    cancelSend(from, cancelId) {
      const { stack } = from
      for (let i = levelOf(from) - 2; i >= 0; i--) {
        const filter = stack.filters[i]!
        if (filter.end.cancelSend) return filter.end.cancelSend(cancelId)
      }
      stack.miniport.end.cancelSend(cancelId)
    },
    indicate(from, list, port, count, given) {
      // What the driver below takes back when its call returns nobody above can keep, whatever a filter says.
      const flags = isTakenBack(list) ? given | RECEIVE_RESOURCES : given
      const mine = (flags & RECEIVE_RESOURCES) !== 0
      const bits = mine ? WAY_RECEIVE | WAY_RESOURCES : WAY_RECEIVE
      for (let at = list, links = 0; at !== 0 && links < LONGEST_CHAIN; at = next(at), links++) {
        // What a filter passes on keeps its origin.
        if (from.kind === 'miniport') counters.received += frames(at)
        if (!ways.isOut(at)) ways.begin(at, from.id, bits)
      }
      if (!mine) return rise(from.stack, levelOf(from), list, port, count, flags)
      const chain: number[] = []
      each(list, (at) => chain.push(at))
      rise(from.stack, levelOf(from), list, port, count, flags)
      for (const at of chain) {
        if (ways.origin(at) === from.id) ways.end(at)
        else ways.move(at, from.id)
      }
    },
    returned: (from, list, flags) => fall(from.stack, levelOf(from), list, flags),
    status(from, indication) {
      const { stack } = from
      for (let i = levelOf(from); i < stack.filters.length; i++) {
        const filter = stack.filters[i]!
        if (filter.end.status) return filter.end.status(indication)
      }
      for (const binding of [...stack.bindings]) binding.end.status(indication)
    },
    devicePnPEvent(from, stack, event) {
      const level = from ? levelOf(from) : stack.filters.length + 1
      for (let i = level - 2; i >= 0; i--) {
        const filter = stack.filters[i]!
        if (filter.end.devicePnPEvent) return filter.end.devicePnPEvent(event)
      }
      stack.miniport.end.devicePnPEvent(event)
    },
    netPnPEvent(from, notification) {
      const { stack } = from
      for (let i = levelOf(from); i < stack.filters.length; i++) {
        const filter = stack.filters[i]!
        if (filter.end.netPnPEvent) return filter.end.netPnPEvent(notification)
      }
      let worst = 0
      for (const binding of [...stack.bindings]) {
        const status = binding.end.netPnPEvent(notification)
        if (status !== 0) worst = status
      }
      return worst
    },
  }
}
