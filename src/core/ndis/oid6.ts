import type { Kernel } from '../kernel/kernel'
import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import { adapterFacts } from './adapter-facts'
import { constant } from './constants'
import { ndisAnswer } from './oid-answers'
import { OID_KIND, type OidRequests } from './oid-request'
import type { FilterStation, Stack6, Station6 } from './stack6'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './status'

const NDIS_STATUS_BUFFER_TOO_SHORT = constant('NDIS_STATUS_BUFFER_TOO_SHORT')
const NDIS_STATUS_REQUEST_ABORTED = constant('NDIS_STATUS_REQUEST_ABORTED')

/** An OID request on its way. */
export interface OidFlight {
  readonly request: number
  readonly stack: Stack6
  readonly direct: boolean
  /** Who sent it; undefined: NDIS itself. */
  readonly origin: Station6 | undefined
  /** Who has it now: a filter module or the miniport; undefined while it waits in NDIS. */
  holder: Station6 | undefined
  /** Call site that sent it. */
  readonly site: number
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
  /** Requests that were sent by a station and are not back. */
  sentBy(station: Station6): readonly OidFlight[]
}

interface Queue {
  current: OidFlight | undefined
  readonly waiting: OidFlight[]
  pumping: boolean
}

export function createOidPath6(k: Kernel, requests: OidRequests, levelOf: (station: Station6) => number): OidPath6 {
  const { space, cpus, scheduler } = k
  const flights = new Map<number, OidFlight>()
  const queues = new Map<Stack6, Queue>()

  function queueOf(stack: Stack6): Queue {
    const known = queues.get(stack)
    if (known) return known
    const queue: Queue = { current: undefined, waiting: [], pumping: false }
    queues.set(stack, queue)
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
    if (!origin) flight.done?.(status)
    else if (origin.kind === 'binding') origin.end.oidComplete(request, status, direct)
    else if (origin.kind === 'filter')
      (direct ? origin.end.directOidComplete : origin.end.oidComplete)?.(request, status)
  }
  /** The miniport has a request; NDIS gives it the next one when that is over. */
  function call(queue: Queue, flight: OidFlight): number {
    queue.current = flight
    flight.holder = flight.stack.miniport
    const status = flight.stack.miniport.end.oid(flight.request)
    if (status !== NDIS_STATUS_PENDING && queue.current === flight) queue.current = undefined
    return status
  }
  function pump(stack: Stack6): void {
    const queue = queueOf(stack)
    if (queue.pumping || queue.current || queue.waiting.length === 0) return
    queue.pumping = true
    scheduler.queueThread(cpus.current(), {
      name: 'OID requests',
      kind: ACTIVATION.THREAD,
      irql: PASSIVE_LEVEL,
      run() {
        queue.pumping = false
        while (!queue.current && queue.waiting.length > 0) {
          const flight = queue.waiting.shift()!
          const status = call(queue, flight)
          if (status !== NDIS_STATUS_PENDING) finish(flight, status)
        }
      },
    })
  }
  function atMiniport(flight: OidFlight): number {
    const { stack, request, direct } = flight
    const own = answer(flight)
    if (own !== undefined) return own
    if (direct) {
      flight.holder = stack.miniport
      return stack.miniport.end.directOid?.(request) ?? NDIS_STATUS_NOT_SUPPORTED
    }
    const queue = queueOf(stack)
    if (queue.current || queue.waiting.length > 0 || cpus.irql() > PASSIVE_LEVEL) {
      queue.waiting.push(flight)
      pump(stack)
      return NDIS_STATUS_PENDING
    }
    const status = call(queue, flight)
    if (status !== NDIS_STATUS_PENDING) pump(stack)
    return status
  }
  function down(flight: OidFlight, level: number): number {
    const { stack, request, direct } = flight
    for (let i = level - 2; i >= 0; i--) {
      const filter: FilterStation = stack.filters[i]!
      const handler = direct ? filter.end.directOid : filter.end.oid
      if (!handler) continue
      flight.holder = filter
      return handler(request)
    }
    return atMiniport(flight)
  }

  return {
    find: (request) => flights.get(request),
    sentBy: (station) => [...flights.values()].filter((flight) => flight.origin === station),
    send(stack, from, request, direct, done) {
      if (flights.has(request)) return NDIS_STATUS_FAILURE
      const flight: OidFlight = { request, stack, direct, origin: from, holder: undefined, site: k.site.s, done }
      flights.set(request, flight)
      const status = down(flight, from ? levelOf(from) : stack.filters.length + 1)
      if (status !== NDIS_STATUS_PENDING) flights.delete(request)
      return status
    },
    complete(from, request, status, direct) {
      const flight = flights.get(request)
      if (!flight || flight.holder !== from || flight.direct !== direct) return false
      flight.holder = undefined
      if (from.kind === 'miniport' && !direct) {
        const queue = queueOf(from.stack)
        if (queue.current === flight) queue.current = undefined
        finish(flight, status)
        pump(from.stack)
      } else finish(flight, status)
      return true
    },
    cancel(from, requestId, direct) {
      const { stack } = from
      const queue = queueOf(stack)
      const [dropped, kept] = [
        queue.waiting.filter((flight) => requests.id(flight.request) === requestId),
        queue.waiting.filter((flight) => requests.id(flight.request) !== requestId),
      ]
      if (requestId !== 0 && !direct) {
        queue.waiting.splice(0, queue.waiting.length, ...kept)
        for (const flight of dropped) finish(flight, NDIS_STATUS_REQUEST_ABORTED)
      }
      for (let i = levelOf(from) - 2; i >= 0; i--) {
        const handler = direct ? stack.filters[i]!.end.cancelDirectOid : stack.filters[i]!.end.cancelOid
        if (handler) return handler(requestId)
      }
      if (direct) stack.miniport.end.cancelDirectOid?.(requestId)
      else stack.miniport.end.cancelOid(requestId)
    },
  }
}
