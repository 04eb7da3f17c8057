import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Adapters } from './adapters'
import { bindBytes, fillBind } from './bind-parameters'
import { readProtocolCharacteristics } from './characteristics6'
import { constant } from './constants'
import type { DriverLife, LoadedDriver } from './driver'
import type { HandlerCalls } from './handler-calls'
import type { Ndis6 } from './ndis6'
import { isObject } from './object-header'
import { OPEN_HEADER, selectMedium } from './open-parameters'
import type { BindingStation, ProtocolEnd6, Stack6 } from './stack6'
import { createPending, TRANSITION_TICKS, WATCHDOG } from './stack6-life'
import {
  NDIS_STATUS_BAD_CHARACTERISTICS,
  NDIS_STATUS_BAD_VERSION,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

export const PROTOCOL_OBJECT = 'protocol registration'
export const BIND_CONTEXT_OBJECT = 'bind context'
/** 'NDpr' */
const PROTOCOL_TAG = 0x7270444e
const PROTOCOL_BYTES = 16
const UNSUPPORTED_MEDIA = constant('NDIS_STATUS_UNSUPPORTED_MEDIA')
const CLOSING = constant('NDIS_STATUS_CLOSING')
const PAUSE_UNBIND = constant('NDIS_PAUSE_UNBIND_PROTOCOL')
/** An open or a close in so many is pending and completes later: drivers must take both. */
const PENDS_ONE_IN = 3
/** Second parameter of bug check 0x7C, code 0x27. */
const NBL_TRACKER = 1

/** A protocol driver of NDIS 6. */
export interface Protocol6 {
  readonly handle: number
  readonly context: number
  readonly handlers: Readonly<Record<string, number>>
  readonly owner: LoadedDriver
  readonly bound: Map<Stack6, BoundProtocol>
  /** Binds, unbinds and PnP events of bindings that it carries out now. */
  busy: number
}
export interface BoundProtocol {
  readonly protocol: Protocol6
  readonly stack: Stack6
  /** BindContext, and UnbindContext later: the handle that a pending bind is completed with. */
  readonly bindContext: number
  binding: BindingStation | undefined
  /** ProtocolBindingContext. */
  context: number
  phase: 'binding' | 'bound' | 'unbinding'
  /** NdisOpenAdapterEx returned NDIS_STATUS_PENDING and is not completed. */
  opening: boolean
  closed: boolean
}

/** Finds what handles of bindings and binds stand for. */
function createLookup(
  ndis: Ndis6,
  protocols: ReadonlyMap<number, Protocol6>,
  bindings: ReadonlyMap<BindingStation, BoundProtocol>,
) {
  const boundOf = (handle: number): BoundProtocol | undefined => {
    const station = ndis.station(handle)
    return station?.kind === 'binding' ? bindings.get(station) : undefined
  }
  /** What a bind context stands for. */
  const binding = (bindContext: number): BoundProtocol | undefined =>
    [...protocols.values()]
      .flatMap((protocol) => [...protocol.bound.values()])
      .find((bound) => bound.bindContext === bindContext)
  return {
    boundOf,
    binding,
    /** What goes on with a binding or a bind, by the handle of either. */
    phaseOf: (handle: number): BoundProtocol['phase'] | undefined => (boundOf(handle) ?? binding(handle))?.phase,
    /** Sends and OID requests of a binding that are not back. */
    outOf(handle: number): number {
      const station = boundOf(handle)?.binding
      return station ? station.sent + ndis.oids.sentBy(station).length : 0
    },
  }
}

interface Parts {
  readonly adapters: Adapters
  readonly ndis: Ndis6
  readonly driver: DriverLife
  readonly calls: HandlerCalls
}

export function createProtocols6(k: Kernel, parts: Parts) {
  const { space, objects, preempt, random, scheduler, clock, late } = k
  const { put32 } = k.cells
  const { adapters, ndis, driver, calls } = parts
  const { pending, records, life } = ndis
  const events = createPending(k)
  const protocols = new Map<number, Protocol6>()
  const bindings = new Map<BindingStation, BoundProtocol>()
  const lookup = createLookup(ndis, protocols, bindings)
  const { boundOf } = lookup
  const thread = scheduler.queuePassive

  function endOf(bound: BoundProtocol): ProtocolEnd6 {
    const { handlers } = bound.protocol
    const call = (member: string, entry: string, ...args: unknown[]): number => {
      const address = handlers[member]!
      return address === 0 ? 0 : calls.call(address, entry, [bound.context, ...args])
    }
    return {
      receive: (list, port, count, flags) =>
        void call('ReceiveNetBufferListsHandler', 'PROTOCOL_RECEIVE_NET_BUFFER_LISTS', list, port, count, flags),
      sendComplete: (list, flags) =>
        void call('SendNetBufferListsCompleteHandler', 'PROTOCOL_SEND_NET_BUFFER_LISTS_COMPLETE', list, flags),
      oidComplete: (request, status, direct) =>
        void (direct
          ? call('DirectOidRequestCompleteHandler', 'PROTOCOL_DIRECT_OID_REQUEST_COMPLETE', request, status)
          : call('OidRequestCompleteHandler', 'PROTOCOL_OID_REQUEST_COMPLETE', request, status)),
      status: (indication) => void call('StatusHandlerEx', 'PROTOCOL_STATUS_EX', indication),
      netPnPEvent(notification) {
        if (!handlers['NetPnPEventHandler'] || !bound.binding) return NDIS_STATUS_SUCCESS
        events.expect(notification)
        bound.protocol.busy++
        const status = events.settle(
          notification,
          call('NetPnPEventHandler', 'PROTOCOL_NET_PNP_EVENT', notification),
          'ProtocolNetPnPEvent',
          WATCHDOG.PNP,
        )
        bound.protocol.busy--
        if (bound.binding.state === 'pausing') drain(bound.binding)
        return status
      },
    }
  }

  /** NET "pausing a binding": it is paused when all that it sent is back. */
  function drain(binding: BindingStation): void {
    if (binding.sent === 0 || scheduler.runUntil(() => binding.sent === 0, TRANSITION_TICKS)) return
    k.bugcheck(
      'BUGCODE_NDIS_DRIVER',
      [NDIS_BUGCHECK.WATCHDOG, WATCHDOG.PROTOCOL_PAUSE, binding.handle],
      `A binding pauses, and ${binding.sent} of the lists that it sent were not completed in ten minutes.`,
    )
  }

  /** Asks a protocol to bind to a stack (DDI protocol_bind_adapter_ex). */
  function bind(protocol: Protocol6, stack: Stack6): void {
    const bindContext = objects.create(BIND_CONTEXT_OBJECT, PROTOCOL_TAG, PROTOCOL_BYTES, false)
    if (bindContext === 0) return
    const bound: BoundProtocol = {
      protocol,
      stack,
      bindContext,
      binding: undefined,
      context: 0,
      phase: 'binding',
      opening: false,
      closed: false,
    }
    protocol.bound.set(stack, bound)
    pending.expect(bindContext)
    protocol.busy++
    const given = records.with(
      bindBytes(records, stack.adapter),
      (at) => fillBind(space, records, at, stack.adapter),
      (at) =>
        at === 0
          ? NDIS_STATUS_RESOURCES
          : pending.settle(
              bindContext,
              calls.callAt(PASSIVE_LEVEL, protocol.handlers['BindAdapterHandlerEx']!, 'PROTOCOL_BIND_ADAPTER_EX', [
                protocol.context,
                bindContext,
                at,
              ]),
              'ProtocolBindAdapterEx',
              WATCHDOG.PNP,
            ),
    )
    protocol.busy--
    if (given === NDIS_STATUS_SUCCESS && bound.binding && !bound.closed) return begin(bound, bound.binding)
    if (bound.binding && !bound.closed)
      k.verifier.violation(
        'BindFailedWithOpenBinding',
        'ProtocolBindAdapterEx',
        'ProtocolBindAdapterEx failed and left the binding open that NdisOpenAdapterEx made.',
      )
    if (bound.binding && !bound.closed) release(bound)
    forget(bound)
  }
  /** The bind succeeded. */
  function begin(bound: BoundProtocol, binding: BindingStation): void {
    if (bound.opening) {
      k.verifier.violation(
        'BindBeforeOpenComplete',
        'ProtocolBindAdapterEx',
        'ProtocolBindAdapterEx succeeded while NdisOpenAdapterEx was pending: ProtocolOpenAdapterCompleteEx comes first.',
      )
      scheduler.runUntil(() => !bound.opening, TRANSITION_TICKS)
    }
    bound.phase = 'bound'
    binding.bound = true
    // A stack that is paused restarts its bindings when it restarts.
    if (bound.stack.miniport.state === 'running') life.startBinding(binding)
  }
  function forget(bound: BoundProtocol): void {
    bound.protocol.bound.delete(bound.stack)
    objects.destroy(bound.bindContext)
  }
  function release(bound: BoundProtocol): void {
    if (!bound.binding) return
    bindings.delete(bound.binding)
    ndis.removeBinding(bound.binding)
    bound.closed = true
  }
  function unbind(bound: BoundProtocol): void {
    const { binding, protocol } = bound
    if (bound.phase !== 'bound') return
    bound.phase = 'unbinding'
    if (binding?.state === 'running') life.pauseBinding(binding, PAUSE_UNBIND)
    pending.expect(bound.bindContext)
    protocol.busy++
    pending.settle(
      bound.bindContext,
      calls.callAt(PASSIVE_LEVEL, protocol.handlers['UnbindAdapterHandlerEx']!, 'PROTOCOL_UNBIND_ADAPTER_EX', [
        bound.bindContext,
        bound.context,
      ]),
      'ProtocolUnbindAdapterEx',
      WATCHDOG.UNBIND,
    )
    protocol.busy--
    if (binding && binding.held > 0)
      k.bugcheck(
        'BUGCODE_NDIS_DRIVER',
        [NDIS_BUGCHECK.LEAKED_NBL, NBL_TRACKER, binding.handle, binding.held],
        `The protocol is unbound and did not return ${binding.held} of the lists that it received.`,
      )
    if (!bound.closed)
      k.verifier.violation(
        'UnbindWithoutClose',
        'ProtocolUnbindAdapterEx',
        'ProtocolUnbindAdapterEx is done and did not close the binding with NdisCloseAdapterEx.',
      )
    if (!bound.closed) release(bound)
    forget(bound)
  }
  /** Now, or later as a piece of work; drivers must take both. */
  function maybeLater(name: string, done: () => void): boolean {
    if (late) clock.setAlarm(clock.now() + late.delay(), () => thread(name, done))
    else if (random.below(PENDS_ONE_IN) !== 0) return false
    else thread(name, done)
    return true
  }
  function open(bound: BoundProtocol, context: number, parameters: number, handle: OutParam): number {
    if (!selectMedium(k, parameters, bound.stack.adapter)) return UNSUPPORTED_MEDIA
    bound.context = context
    const binding = ndis.addBinding(bound.stack, endOf(bound))
    if (!binding) return NDIS_STATUS_RESOURCES
    bound.binding = binding
    bindings.set(binding, bound)
    put32(handle, binding.handle)
    const address = bound.protocol.handlers['OpenAdapterCompleteHandlerEx']!
    bound.opening = maybeLater('open of a binding', () => {
      bound.opening = false
      calls.call(address, 'PROTOCOL_OPEN_ADAPTER_COMPLETE_EX', [context, NDIS_STATUS_SUCCESS])
    })
    return bound.opening ? NDIS_STATUS_PENDING : NDIS_STATUS_SUCCESS
  }
  /** Nothing that the binding sent is out any more. What it holds of others is checked when it is unbound. */
  const quiet = (binding: BindingStation): boolean => binding.sent === 0 && ndis.oids.sentBy(binding).length === 0
  function close(bound: BoundProtocol): number {
    const binding = bound.binding!
    binding.closing = true
    const finish = (): void => release(bound)
    if (quiet(binding) && !maybeLater('close of a binding', complete)) {
      finish()
      return NDIS_STATUS_SUCCESS
    }
    if (!quiet(binding)) whenQuiet(binding, complete)
    return NDIS_STATUS_PENDING
    function complete(): void {
      finish()
      calls.callAt(
        PASSIVE_LEVEL,
        bound.protocol.handlers['CloseAdapterCompleteHandlerEx']!,
        'PROTOCOL_CLOSE_ADAPTER_COMPLETE_EX',
        [bound.context],
      )
    }
  }
  /** DDI ndiscloseadapterex: NDIS completes the close when all that the binding sent is back. */
  function whenQuiet(binding: BindingStation, done: () => void): void {
    binding.cameBack = () => {
      if (!quiet(binding)) return
      binding.cameBack = undefined
      thread('close of a binding', done)
    }
  }
  /** Adapters that run already when a protocol registers. */
  function bindToRunning(protocol: Protocol6): void {
    for (const stack of [...ndis.stacks])
      if (stack.miniport.state === 'running' && !protocol.bound.has(stack)) bind(protocol, stack)
  }

  adapters.watch({
    started(adapter) {
      const stack = ndis.of(adapter)
      if (!stack) return
      for (const protocol of protocols.values())
        if (!protocol.owner.failed && !protocol.bound.has(stack)) bind(protocol, stack)
    },
    stopping(adapter) {
      for (const protocol of protocols.values())
        for (const bound of [...protocol.bound.values()]) if (bound.stack.adapter === adapter) unbind(bound)
    },
  })
  const needPending = (fn: string, expected: boolean): void => {
    if (!expected)
      k.verifier.violation('NothingPending', fn, `${fn} is called while nothing is pending that it could complete.`)
  }
  return {
    protocols,
    ...lookup,
    functions: {
      NdisRegisterProtocolDriver(
        ProtocolDriverContext: number,
        ProtocolCharacteristics: number,
        NdisProtocolHandle: OutParam,
      ): number {
        preempt()
        put32(NdisProtocolHandle, 0)
        const { isOne, version, handlers, missing } = readProtocolCharacteristics(space, ProtocolCharacteristics)
        if (!isOne) return NDIS_STATUS_BAD_CHARACTERISTICS
        if (version === 0) return NDIS_STATUS_BAD_VERSION
        if (missing.length > 0) return NDIS_STATUS_BAD_CHARACTERISTICS
        const handle = objects.create(PROTOCOL_OBJECT, PROTOCOL_TAG, PROTOCOL_BYTES)
        if (handle === 0) return NDIS_STATUS_RESOURCES
        const context = ProtocolDriverContext ?? 0
        put32(NdisProtocolHandle, handle)
        const protocol: Protocol6 = { handle, context, handlers, owner: driver.current, bound: new Map(), busy: 0 }
        protocols.set(handle, protocol)
        const setOptions = handlers['SetOptionsHandler']!
        const options =
          setOptions === 0
            ? NDIS_STATUS_SUCCESS
            : calls.callAt(PASSIVE_LEVEL, setOptions, 'SET_OPTIONS', [handle, context])
        if (options === NDIS_STATUS_SUCCESS) {
          if (ndis.stacks.length > 0)
            thread('binds of a protocol', () =>
              protocols.has(handle) && !protocol.owner.failed ? bindToRunning(protocol) : undefined,
            )
          return NDIS_STATUS_SUCCESS
        }
        protocols.delete(handle)
        objects.destroy(handle)
        put32(NdisProtocolHandle, 0)
        return NDIS_STATUS_FAILURE
      },
      /** Unbinds the protocol from everything first (DDI ndisderegisterprotocoldriver). */
      NdisDeregisterProtocolDriver(NdisProtocolHandle: number): void {
        preempt()
        const protocol = protocols.get(NdisProtocolHandle)
        if (!protocol) return
        for (const bound of [...protocol.bound.values()]) unbind(bound)
        protocols.delete(NdisProtocolHandle)
        objects.destroy(NdisProtocolHandle)
      },
      NdisOpenAdapterEx(
        NdisProtocolHandle: number,
        ProtocolBindingContext: number,
        OpenParameters: number,
        BindContext: number,
        NdisBindingHandle: OutParam,
      ): number {
        preempt()
        put32(NdisBindingHandle, 0)
        const protocol = protocols.get(NdisProtocolHandle)
        const bound = [...(protocol?.bound.values() ?? [])].find((candidate) => candidate.bindContext === BindContext)
        if (!bound || bound.phase !== 'binding' || bound.binding) return NDIS_STATUS_FAILURE
        if (!isObject(space, OpenParameters, OPEN_HEADER)) return NDIS_STATUS_INVALID_PARAMETER
        return open(bound, ProtocolBindingContext, OpenParameters, NdisBindingHandle)
      },
      NdisCloseAdapterEx(NdisBindingHandle: number): number {
        preempt()
        const bound = boundOf(NdisBindingHandle)
        return bound && !bound.binding?.closing ? close(bound) : CLOSING
      },
      NdisUnbindAdapter(NdisBindingHandle: number): number {
        preempt()
        const bound = boundOf(NdisBindingHandle)
        if (!bound) return NDIS_STATUS_FAILURE
        thread('unbind', () => unbind(bound))
        return NDIS_STATUS_SUCCESS
      },
      NdisReEnumerateProtocolBindings(NdisProtocolHandle: number): void {
        preempt()
        const protocol = protocols.get(NdisProtocolHandle)
        if (protocol) bindToRunning(protocol)
      },
      NdisCompleteBindAdapterEx(BindAdapterContext: number, Status: number): void {
        needPending('NdisCompleteBindAdapterEx', pending.complete(BindAdapterContext, Status | 0))
        preempt()
      },
      NdisCompleteUnbindAdapterEx(UnbindContext: number): void {
        needPending('NdisCompleteUnbindAdapterEx', pending.complete(UnbindContext, NDIS_STATUS_SUCCESS))
        preempt()
      },
      NdisCompleteNetPnPEvent(_NdisBindingHandle: number, NetPnPEventNotification: number, Status: number): void {
        needPending('NdisCompleteNetPnPEvent', events.complete(NetPnPEventNotification, Status | 0))
        preempt()
      },
    },
  }
}
