import type { Kernel } from '../kernel/kernel'
import { PASSIVE_LEVEL } from '../kernel/irql'
import { adapterFacts } from './adapter-facts'
import { constant } from './constants'
import { ndisAnswer } from './oid-answers'
import { checkMustSucceed } from './oid-must-succeed'
import { OID_KIND, type OidRequests } from './oid-request'
import type { FilterStation, MiniportStation, Stack6, Station6 } from './stack6'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './status'

const NDIS_STATUS_BUFFER_TOO_SHORT = constant('NDIS_STATUS_BUFFER_TOO_SHORT')
const NDIS_STATUS_REQUEST_ABORTED = constant('NDIS_STATUS_REQUEST_ABORTED')

/** Whoever gets OID requests. */
type Taker = FilterStation | MiniportStation

/** An OID request on its way. */
export interface OidFlight {
  readonly request: number
  readonly stack: Stack6
  readonly direct: boolean
  /** Who sent it; undefined: NDIS itself. */
  readonly origin: Station6 | undefined
  /** Who has it now: a filter module or the miniport; undefined while it waits in NDIS. */
  holder: Taker | undefined
  /** Call site that sent it. */
  readonly site: number
  /** Virtual time since which its holder has it, ticks. */
  heldSince: number
  /** For requests of NDIS itself. */
  readonly done: ((status: number) => void) | undefined
}

/** OID requests in stacks of NDIS 6. */
export interface OidPath6 {
  /** Sends a request down from a station, or from NDIS above all; its status, NDIS_STATUS_PENDING when it completes later. */
  send(
    stack: Stack6,
    from: Station6 | undefined,
    request: number,
    direct: boolean,
    done?: (status: number) => void,
  ): number
  /** The holder ends a request that was pending; false when it holds no such request. */
  complete(from: Station6, request: number, status: number, direct: boolean): boolean
  cancel(from: Station6, requestId: number, direct: boolean): void
  find(request: number): OidFlight | undefined
  forEach(visit: (flight: OidFlight) => void): void
  /** Requests that were sent by a station and are not back. */
  sentBy(station: Station6): readonly OidFlight[]
  /** The station goes away: what it has is aborted. */
  forget(station: Station6): void
}

interface Queue {
  current: OidFlight | undefined
  readonly waiting: OidFlight[]
  pumping: boolean
}

export function createOidPath6(k: Kernel, requests: OidRequests, levelOf: (station: Station6) => number): OidPath6 {
  const { space, cpus, scheduler } = k
  const flights = new Map<number, OidFlight>()
  const queues = new Map<Station6, Queue>()
  /** Stations that went away with requests of theirs still out: nobody is told of them. */
  const gone = new WeakSet<Station6>()
  const isOut = (flight: OidFlight): boolean => flights.get(flight.request) === flight

  function queueOf(station: Taker): Queue {
    const known = queues.get(station)
    if (known) return known
    const queue: Queue = { current: undefined, waiting: [], pumping: false }
    queues.set(station, queue)
    return queue
  }
  function answer(flight: OidFlight): number | undefined {
    const kind = requests.kind(flight.request)
    if (flight.direct || (kind !== OID_KIND.QUERY && kind !== OID_KIND.STATISTICS)) return undefined
    const bytes = ndisAnswer(requests.oid(flight.request), adapterFacts(flight.stack.adapter))
    // What the miniport lists and NDIS cannot answer is asked of the miniport: it gave no general attributes.
    if (!bytes || flight.stack.adapter.attributes.size === 0) return undefined
    requests.setNeeded(flight.request, bytes.length)
    if (requests.length(flight.request) < bytes.length) {
      requests.setDone(flight.request, 0)
      return NDIS_STATUS_BUFFER_TOO_SHORT
    }
    space.u8.set(bytes, requests.buffer(flight.request))
    requests.setDone(flight.request, bytes.length)
    return NDIS_STATUS_SUCCESS
  }
  function finish(flight: OidFlight, status: number): void {
    const { request, origin, direct } = flight
    flights.delete(request)
    if (origin && gone.has(origin)) return
    if (!origin) flight.done?.(status)
    else if (origin.kind === 'binding') {
      origin.end.oidComplete(request, status, direct)
      origin.cameBack?.()
    } else if (origin.kind === 'filter')
      (direct ? origin.end.directOidComplete : origin.end.oidComplete)?.(request, status)
  }
  /** What a handler returned. When it has completed the request in the call, that is what counts. */
  function returned(flight: OidFlight, station: Taker, status: number): number {
    if (status === NDIS_STATUS_PENDING) return status
    if (!isOut(flight) || flight.holder !== station) {
      const who = station.kind === 'filter' ? 'Filter' : 'Miniport'
      const name = `${who}${flight.direct ? 'Direct' : ''}OidRequest`
      k.verifier.violation(
        'DoubleComplete',
        name,
        `${name} completed the request at 0x${flight.request.toString(16)} and returned 0x${(status >>> 0).toString(16)}, which completes it again: it returns NDIS_STATUS_PENDING then.`,
      )
      return NDIS_STATUS_PENDING
    }
    flight.holder = undefined
    if (station.kind === 'miniport')
      checkMustSucceed(k, `Miniport${flight.direct ? 'Direct' : ''}OidRequest`, requests.oid(flight.request), status)
    return status
  }
  function give(flight: OidFlight, station: Taker): void {
    flight.holder = station
    flight.heldSince = k.clock.now()
  }
  /** The station has a request; NDIS gives it the next one when that is over. */
  function call(queue: Queue, flight: OidFlight, station: Taker): number {
    const handler = station.end.oid
    // A module may have taken its handler back while the request waited.
    if (!handler) return down(flight, levelOf(station))
    queue.current = flight
    give(flight, station)
    const status = returned(flight, station, handler(flight.request))
    if (status !== NDIS_STATUS_PENDING && queue.current === flight) queue.current = undefined
    return status
  }
  function pump(station: Taker): void {
    const queue = queueOf(station)
    if (queue.pumping || queue.current || queue.waiting.length === 0) return
    queue.pumping = true
    scheduler.queuePassive('OID requests', () => {
      queue.pumping = false
      while (!queue.current && queue.waiting.length > 0) {
        const flight = queue.waiting.shift()!
        const status = call(queue, flight, station)
        if (status !== NDIS_STATUS_PENDING) finish(flight, status)
      }
    })
  }
  /** NDIS serializes requests: each filter module and the miniport has one at a time, the miniport at PASSIVE_LEVEL. */
  function enter(flight: OidFlight, station: Taker): number {
    const queue = queueOf(station)
    const tooHigh = station.kind === 'miniport' && cpus.irql() > PASSIVE_LEVEL
    if (queue.current || queue.waiting.length > 0 || tooHigh) {
      queue.waiting.push(flight)
      pump(station)
      return NDIS_STATUS_PENDING
    }
    const status = call(queue, flight, station)
    if (status !== NDIS_STATUS_PENDING) pump(station)
    return status
  }
  function atMiniport(flight: OidFlight): number {
    const own = answer(flight)
    if (own !== undefined) return own
    const { miniport } = flight.stack
    if (!flight.direct) return enter(flight, miniport)
    if (!miniport.end.directOid) return NDIS_STATUS_NOT_SUPPORTED
    give(flight, miniport)
    return returned(flight, miniport, miniport.end.directOid(flight.request))
  }
  function down(flight: OidFlight, level: number): number {
    const { stack, request, direct } = flight
    for (let i = level - 2; i >= 0; i--) {
      const filter: FilterStation = stack.filters[i]!
      if (!direct && filter.end.oid) return enter(flight, filter)
      if (!direct || !filter.end.directOid) continue
      give(flight, filter)
      return returned(flight, filter, filter.end.directOid(request))
    }
    return atMiniport(flight)
  }
  function abortWaiting(queue: Queue, which: (flight: OidFlight) => boolean): void {
    const aborted = queue.waiting.filter(which)
    const kept = queue.waiting.filter((flight) => !which(flight))
    queue.waiting.splice(0, queue.waiting.length, ...kept)
    for (const flight of aborted) finish(flight, NDIS_STATUS_REQUEST_ABORTED)
  }

  return {
    find: (request) => flights.get(request),
    forEach: (visit) => flights.forEach(visit),
    sentBy: (station) => [...flights.values()].filter((flight) => flight.origin === station),
    send(stack, from, request, direct, done) {
      if (flights.has(request)) return NDIS_STATUS_FAILURE
      const flight: OidFlight = {
        request,
        stack,
        direct,
        origin: from,
        holder: undefined,
        site: k.site.s,
        heldSince: k.clock.now(),
        done,
      }
      flights.set(request, flight)
      const status = down(flight, from ? levelOf(from) : stack.filters.length + 1)
      if (status !== NDIS_STATUS_PENDING && isOut(flight)) flights.delete(request)
      return status
    },
    complete(from, request, status, direct) {
      const flight = flights.get(request)
      const holder = flight?.holder
      if (!flight || !holder || holder !== from || flight.direct !== direct) return false
      flight.holder = undefined
      const queue = queueOf(holder)
      if (queue.current === flight) queue.current = undefined
      finish(flight, status)
      if (!direct) pump(holder)
      return true
    },
    cancel(from, requestId, direct) {
      const { stack } = from
      const level = levelOf(from)
      if (requestId !== 0 && !direct)
        for (const station of [stack.miniport, ...stack.filters])
          if (levelOf(station) < level)
            abortWaiting(queueOf(station), (flight) => requests.id(flight.request) === requestId)
      for (let i = level - 2; i >= 0; i--) {
        const handler = direct ? stack.filters[i]!.end.cancelDirectOid : stack.filters[i]!.end.cancelOid
        if (handler) return handler(requestId)
      }
      if (direct) stack.miniport.end.cancelDirectOid?.(requestId)
      else stack.miniport.end.cancelOid(requestId)
    },
    forget(station) {
      const queue = queues.get(station)
      queues.delete(station)
      gone.add(station)
      if (queue) abortWaiting(queue, () => true)
      for (const flight of [...flights.values()])
        if (flight.holder === station) finish(flight, NDIS_STATUS_REQUEST_ABORTED)
    },
  }
}
