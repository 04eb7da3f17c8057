import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { adapterFacts } from './adapter-facts'
import type { Adapter, Adapters } from './adapters'
import { readProtocolCharacteristics } from './characteristics6'
import { constant } from './constants'
import type { DriverLife, LoadedDriver } from './driver'
import type { HandlerCalls } from './handler-calls'
import type { Ndis6 } from './ndis6'
import { isObject, writeHeader } from './object-header'
import type { BindingStation, ProtocolEnd6, Stack6 } from './stack6'
import { WATCHDOG } from './stack6-life'
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
/** 'NDpr' */
const PROTOCOL_TAG = 0x7270444e
const PROTOCOL_BYTES = 16
const BIND = layout(
  'NDIS_BIND_PARAMETERS',
  'AdapterName', 'MediaType', 'MtuSize', 'MaxXmitLinkSpeed', 'XmitLinkSpeed', 'MaxRcvLinkSpeed', 'RcvLinkSpeed',
  'MediaConnectState', 'MediaDuplexState', 'LookaheadSize', 'SupportedPacketFilters', 'MaxMulticastListSize',
  'MacAddressLength', 'CurrentMacAddress', 'PhysicalMediumType', 'BoundIfIndex', 'LowestIfIndex', 'AccessType',
  'DirectionType', 'ConnectionType', 'IfType', 'IfConnectorPresent', 'DataBackFillSize', 'ContextBackFillSize', 'MacOptions',
  'BoundAdapterName',
) // prettier-ignore
const OPEN = layout('NDIS_OPEN_PARAMETERS', 'MediumArray', 'MediumArraySize', 'SelectedMediumIndex')
const OPEN_HEADER = {
  type: constant('NDIS_OBJECT_TYPE_OPEN_PARAMETERS'),
  size: constant('NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1'),
}
const UNSUPPORTED_MEDIA = constant('NDIS_STATUS_UNSUPPORTED_MEDIA')
const CLOSING = constant('NDIS_STATUS_CLOSING')
const PAUSE_UNBIND = constant('NDIS_PAUSE_UNBIND_PROTOCOL')
/** An open or a close in so many is pending and completes later: drivers must take both. */
const PENDS_ONE_IN = 3
/** The largest media list that is believed. */
const MOST_MEDIA = 64

/** A protocol driver of NDIS 6. */
export interface Protocol6 {
  readonly handle: number
  readonly context: number
  readonly handlers: Readonly<Record<string, number>>
  readonly owner: LoadedDriver
  readonly bound: Map<Stack6, BoundProtocol>
}
interface BoundProtocol {
  readonly protocol: Protocol6
  readonly stack: Stack6
  /** BindContext, and UnbindContext later: the handle that a pending bind is completed with. */
  readonly bindContext: number
  binding: BindingStation | undefined
  /** ProtocolBindingContext. */
  context: number
  closed: boolean
}

export function createProtocols6(
  k: Kernel,
  parts: {
    readonly adapters: Adapters
    readonly ndis: Ndis6
    readonly driver: DriverLife
    readonly calls: HandlerCalls
  },
) {
  const { space, objects, preempt, random, scheduler, cpus } = k
  const { r32, w8, w16, w32, w64 } = space
  const { put32 } = k.cells
  const { adapters, ndis, driver, calls } = parts
  const { pending, records, life } = ndis
  const protocols = new Map<number, Protocol6>()
  const bindings = new Map<BindingStation, BoundProtocol>()

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
        const owner = bound.binding.handle
        pending.expect(owner)
        const status = call('NetPnPEventHandler', 'PROTOCOL_NET_PNP_EVENT', notification)
        return pending.settle(owner, status, 'ProtocolNetPnPEvent', WATCHDOG.PROTOCOL_PAUSE)
      },
    }
  }

  function fillBind(at: number, adapter: Adapter): void {
    const facts = adapterFacts(adapter)
    writeHeader(
      space,
      at,
      constant('NDIS_OBJECT_TYPE_BIND_PARAMETERS'),
      constant('NDIS_BIND_PARAMETERS_REVISION_1'),
      BIND.SIZE,
    )
    const name = records.putString(at + BIND.SIZE, adapter.name)
    w32(at + BIND.AdapterName, name)
    w32(at + BIND.BoundAdapterName, name)
    w32(at + BIND.MediaType, facts.mediaType)
    w32(at + BIND.MtuSize, facts.mtu)
    w64(at + BIND.MaxXmitLinkSpeed, facts.maxXmitSpeed)
    w64(at + BIND.XmitLinkSpeed, facts.xmitSpeed)
    w64(at + BIND.MaxRcvLinkSpeed, facts.maxRcvSpeed)
    w64(at + BIND.RcvLinkSpeed, facts.rcvSpeed)
    w32(at + BIND.MediaConnectState, facts.connectState)
    w32(at + BIND.MediaDuplexState, facts.duplexState)
    w32(at + BIND.LookaheadSize, facts.lookahead)
    w32(at + BIND.SupportedPacketFilters, facts.packetFilters)
    w32(at + BIND.MaxMulticastListSize, facts.maxMulticast)
    w16(at + BIND.MacAddressLength, facts.currentAddress.length)
    facts.currentAddress.forEach((byte, index) => w8(at + BIND.CurrentMacAddress + index, byte))
    w32(at + BIND.PhysicalMediumType, facts.physicalMedium)
    w32(at + BIND.BoundIfIndex, adapter.ifIndex)
    w32(at + BIND.LowestIfIndex, adapter.ifIndex)
    w32(at + BIND.AccessType, facts.accessType)
    w32(at + BIND.DirectionType, facts.directionType)
    w32(at + BIND.ConnectionType, facts.connectionType)
    w16(at + BIND.IfType, facts.ifType)
    w8(at + BIND.IfConnectorPresent, facts.connectorPresent ? 1 : 0)
    w32(at + BIND.DataBackFillSize, facts.dataBackFill)
    w32(at + BIND.ContextBackFillSize, facts.contextBackFill)
    w32(at + BIND.MacOptions, facts.macOptions)
  }

  /** Asks a protocol to bind to a stack (DDI protocol_bind_adapter_ex). */
  function bind(protocol: Protocol6, stack: Stack6): void {
    const bindContext = objects.create('bind context', PROTOCOL_TAG, PROTOCOL_BYTES, false)
    if (bindContext === 0) return
    const bound: BoundProtocol = { protocol, stack, bindContext, binding: undefined, context: 0, closed: false }
    protocol.bound.set(stack, bound)
    pending.expect(bindContext)
    const given = records.with(
      BIND.SIZE + records.stringBytes(stack.adapter.name),
      (at) => fillBind(at, stack.adapter),
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
    if (given === NDIS_STATUS_SUCCESS && bound.binding && !bound.closed) return life.startBinding(bound.binding)
    if (bound.binding && !bound.closed)
      k.verifier.violation(
        'BindFailedWithOpenBinding',
        'ProtocolBindAdapterEx',
        'ProtocolBindAdapterEx failed and left the binding open that NdisOpenAdapterEx made.',
      )
    if (bound.binding && !bound.closed) release(bound)
    forget(bound)
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
    if (binding?.state === 'running') life.pauseBinding(binding, PAUSE_UNBIND)
    pending.expect(bound.bindContext)
    pending.settle(
      bound.bindContext,
      calls.callAt(PASSIVE_LEVEL, protocol.handlers['UnbindAdapterHandlerEx']!, 'PROTOCOL_UNBIND_ADAPTER_EX', [
        bound.bindContext,
        bound.context,
      ]),
      'ProtocolUnbindAdapterEx',
      WATCHDOG.UNBIND,
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
    if (random.below(PENDS_ONE_IN) !== 0) return false
    scheduler.queueThread(cpus.current(), { name, kind: ACTIVATION.THREAD, irql: PASSIVE_LEVEL, run: done })
    return true
  }
  /** The index of the adapter's medium in the driver's array; -1 when it is not there. */
  function selectMedium(parameters: number, stack: Stack6): number {
    const count = Math.min(r32(parameters + OPEN.MediumArraySize), MOST_MEDIA)
    const array = r32(parameters + OPEN.MediumArray)
    const wanted = adapterFacts(stack.adapter).mediaType
    for (let i = 0; i < count; i++) if (r32(array + 4 * i) === wanted) return i
    return -1
  }
  function open(bound: BoundProtocol, context: number, parameters: number, handle: OutParam): number {
    const index = selectMedium(parameters, bound.stack)
    if (index < 0) return UNSUPPORTED_MEDIA
    put32(r32(parameters + OPEN.SelectedMediumIndex), index)
    bound.context = context
    const binding = ndis.addBinding(bound.stack, endOf(bound))
    if (!binding) return NDIS_STATUS_RESOURCES
    bound.binding = binding
    bindings.set(binding, bound)
    put32(handle, binding.handle)
    const address = bound.protocol.handlers['OpenAdapterCompleteHandlerEx']!
    return maybeLater(
      'open of a binding',
      () => void calls.call(address, 'PROTOCOL_OPEN_ADAPTER_COMPLETE_EX', [context, NDIS_STATUS_SUCCESS]),
    )
      ? NDIS_STATUS_PENDING
      : NDIS_STATUS_SUCCESS
  }
  /** Nothing of the binding is out any more. */
  const quiet = (binding: BindingStation): boolean =>
    binding.sent === 0 && binding.held === 0 && ndis.oids.sentBy(binding).length === 0
  function close(bound: BoundProtocol): number {
    const binding = bound.binding!
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
  /** DDI ndiscloseadapterex: NDIS completes the close when all that the binding sent and holds is back. */
  function whenQuiet(binding: BindingStation, done: () => void): void {
    const look = (): void => {
      if (quiet(binding))
        scheduler.queueThread(cpus.current(), {
          name: 'close of a binding',
          kind: ACTIVATION.THREAD,
          irql: PASSIVE_LEVEL,
          run: done,
        })
      else k.clock.setAlarm(k.clock.now() + CLOSE_LOOK_TICKS, look)
    }
    look()
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
  const boundOf = (handle: number): BoundProtocol | undefined => {
    const station = ndis.station(handle)
    return station?.kind === 'binding' ? bindings.get(station) : undefined
  }

  return {
    protocols,
    /** What a bind context stands for. */
    binding: (bindContext: number): BoundProtocol | undefined =>
      [...protocols.values()]
        .flatMap((protocol) => [...protocol.bound.values()])
        .find((bound) => bound.bindContext === bindContext),
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
        protocols.set(handle, { handle, context, handlers, owner: driver.current, bound: new Map() })
        const setOptions = handlers['SetOptionsHandler']!
        const options =
          setOptions === 0
            ? NDIS_STATUS_SUCCESS
            : calls.callAt(PASSIVE_LEVEL, setOptions, 'SET_OPTIONS', [handle, context])
        if (options === NDIS_STATUS_SUCCESS) return NDIS_STATUS_SUCCESS
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
        if (!bound || bound.binding) return NDIS_STATUS_FAILURE
        if (!isObject(space, OpenParameters, OPEN_HEADER)) return NDIS_STATUS_INVALID_PARAMETER
        return open(bound, ProtocolBindingContext, OpenParameters, NdisBindingHandle)
      },
      NdisCloseAdapterEx(NdisBindingHandle: number): number {
        preempt()
        const bound = boundOf(NdisBindingHandle)
        return bound ? close(bound) : CLOSING
      },
      NdisUnbindAdapter(NdisBindingHandle: number): number {
        preempt()
        const bound = boundOf(NdisBindingHandle)
        if (!bound) return NDIS_STATUS_FAILURE
        scheduler.queueThread(cpus.current(), {
          name: 'unbind',
          kind: ACTIVATION.THREAD,
          irql: PASSIVE_LEVEL,
          run: () => (bound.closed ? undefined : unbind(bound)),
        })
        return NDIS_STATUS_SUCCESS
      },
      NdisReEnumerateProtocolBindings(NdisProtocolHandle: number): void {
        preempt()
        const protocol = protocols.get(NdisProtocolHandle)
        if (!protocol) return
        for (const stack of ndis.stacks)
          if (stack.miniport.state === 'running' && !protocol.bound.has(stack)) bind(protocol, stack)
      },
      NdisCompleteBindAdapterEx(BindAdapterContext: number, Status: number): void {
        pending.complete(BindAdapterContext, Status | 0)
        preempt()
      },
      NdisCompleteUnbindAdapterEx(UnbindContext: number): void {
        pending.complete(UnbindContext, NDIS_STATUS_SUCCESS)
        preempt()
      },
      NdisCompleteNetPnPEvent(NdisBindingHandle: number, _NetPnPEventNotification: number, Status: number): void {
        pending.complete(NdisBindingHandle, Status | 0)
        preempt()
      },
    },
  }
}
/** How often NDIS looks whether a binding that closes is quiet: every 100 microseconds. */
const CLOSE_LOOK_TICKS = 1000
