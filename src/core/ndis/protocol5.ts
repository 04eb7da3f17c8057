import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { LiveCell, type OutParam } from '../memory/cell'
import { functionMembers, layout } from '../memory/layout'
import type { Adapters } from './adapters'
import { constant } from './constants'
import type { DriverLife, LoadedDriver } from './driver'
import type { HandlerCalls } from './handler-calls'
import type { NdisRecords } from './ndis-record'
import { isQuiet, type Binding5, type ProtocolEnd5, type Stack5, type Stacks5 } from './stack5'
import { WATCHDOG, type Pending } from './stack6-life'
import {
  NDIS_STATUS_BAD_CHARACTERISTICS,
  NDIS_STATUS_BAD_VERSION,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

export const PROTOCOL5_OBJECT = 'NDIS 5 protocol registration'
/** 'NDpr' */
const PROTOCOL_TAG = 0x7270444e
const PROTOCOL_BYTES = 16
const STATUS_BYTES = 4
const CHARACTERISTICS = layout(
  'NDIS_PROTOCOL_CHARACTERISTICS',
  'MajorNdisVersion',
  'MinorNdisVersion',
  'ReceivePacketHandler',
  'CoSendCompleteHandler',
)
const HANDLERS = functionMembers('NDIS_PROTOCOL_CHARACTERISTICS')
/** Bytes of the characteristics that a driver of a version (major << 16 | minor) gives. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [0x3_0000, CHARACTERISTICS.ReceivePacketHandler],
  [0x4_0000, CHARACTERISTICS.CoSendCompleteHandler],
  [0x5_0000, CHARACTERISTICS.SIZE],
  [0x5_0001, CHARACTERISTICS.SIZE],
])
export const sizeOfProtocol5 = (version: number): number | undefined => SIZES.get(version)
const REQUIRED = [
  'OpenAdapterCompleteHandler',
  'CloseAdapterCompleteHandler',
  'SendCompleteHandler',
  'ResetCompleteHandler',
  'RequestCompleteHandler',
  'ReceiveHandler',
  'ReceiveCompleteHandler',
  'StatusHandler',
  'StatusCompleteHandler',
]
/** Handlers that a protocol must have and this one has not, by name (PV NDIS_PROTOCOL_CHARACTERISTICS). */
export const missingOfProtocol5 = (handlers: Readonly<Record<string, number>>): string[] =>
  REQUIRED.filter((name) => !handlers[name])
export const BIND_CONTEXT5_OBJECT = 'bind context'
const EVENT = layout('NET_PNP_EVENT', 'NetEvent')
const ADAPTER_NOT_FOUND = constant('NDIS_STATUS_ADAPTER_NOT_FOUND')
const UNSUPPORTED_MEDIA = constant('NDIS_STATUS_UNSUPPORTED_MEDIA')
const ETHERNET = constant('NdisMedium802_3')
const PENDS_ONE_IN = 3
const MOST_MEDIA = 64

/** A protocol driver of NDIS 3 to 5. */
export interface Protocol5 {
  readonly handle: number
  readonly handlers: Readonly<Record<string, number>>
  readonly owner: LoadedDriver
  readonly bound: Map<Stack5, Bound5>
}
interface Bound5 {
  readonly protocol: Protocol5
  readonly stack: Stack5
  readonly bindContext: number
  /** Where handlers write their status: kept from the beginning, so that an unbind needs no memory. */
  readonly status: number
  binding: Binding5 | undefined
  context: number
  closed: boolean
  /** ProtocolUnbindAdapter was called for it. */
  unbinding: boolean
}

export interface Protocols5Parts {
  readonly adapters: Adapters
  readonly driver: DriverLife
  readonly calls: HandlerCalls
  readonly records: NdisRecords
  readonly pending: Pending
  readonly stacks5: Stacks5
}

/** Protocol drivers of NDIS 3 to 5 (PV NdisRegisterProtocol, ProtocolBindAdapter, NdisOpenAdapter, NdisCloseAdapter). */
export function createProtocols5(k: Kernel, parts: Protocols5Parts) {
  const { space, objects, preempt, random, scheduler, cpus, clock, late } = k
  const { r8, r16, r32, w32 } = space
  const { put32 } = k.cells
  const { adapters, driver, calls, records, pending, stacks5 } = parts
  const protocols = new Map<number, Protocol5>()
  const bounds = new Map<Binding5, Bound5>()

  function endOf(bound: Bound5): ProtocolEnd5 {
    const { handlers } = bound.protocol
    const call = (irql: number, member: string, entry: string, ...args: unknown[]): number => {
      const address = handlers[member]!
      return address === 0 ? 0 : calls.callAt(irql, address, entry, [bound.context, ...args])
    }
    const here = (): number => cpus.irql()
    return {
      sendComplete: (packet, status) =>
        void call(here(), 'SendCompleteHandler', 'ProtocolSendComplete', packet, status),
      receive: (...args) => call(DISPATCH_LEVEL, 'ReceiveHandler', 'ProtocolReceive', ...args),
      receivePacket: handlers['ReceivePacketHandler']
        ? (packet) => call(DISPATCH_LEVEL, 'ReceivePacketHandler', 'ProtocolReceivePacket', packet)
        : undefined,
      receiveComplete: () => void call(DISPATCH_LEVEL, 'ReceiveCompleteHandler', 'ProtocolReceiveComplete'),
      transferComplete: (packet, status, bytes) =>
        void call(DISPATCH_LEVEL, 'TransferDataCompleteHandler', 'ProtocolTransferDataComplete', packet, status, bytes),
      status: (code, buffer, bytes) => void call(here(), 'StatusHandler', 'ProtocolStatus', code, buffer, bytes),
      statusComplete: () => void call(here(), 'StatusCompleteHandler', 'ProtocolStatusComplete'),
      requestComplete: (request, status) =>
        void call(here(), 'RequestCompleteHandler', 'ProtocolRequestComplete', request, status),
      resetComplete: (status) => void call(here(), 'ResetCompleteHandler', 'ProtocolResetComplete', status),
      pnpEvent(event) {
        if (!handlers['PnPEventHandler'] || !bound.binding) return NDIS_STATUS_SUCCESS
        const owner = bound.binding.handle
        return records.with(
          EVENT.SIZE,
          (at) => w32(at + EVENT.NetEvent, event),
          (at) => {
            pending.expect(owner)
            return pending.settle(
              owner,
              call(PASSIVE_LEVEL, 'PnPEventHandler', 'ProtocolPnPEvent', at),
              'ProtocolPnPEvent',
              WATCHDOG.PNP,
            )
          },
        )
      },
    }
  }
  function release(bound: Bound5): void {
    if (bound.binding) {
      bounds.delete(bound.binding)
      stacks5.unbind(bound.binding)
    }
    bound.closed = true
  }
  function forget(bound: Bound5): void {
    bound.protocol.bound.delete(bound.stack)
    objects.destroy(bound.bindContext)
    records.free(bound.status)
  }

  /** Calls a handler with an out parameter for its status; what it says in the end. */
  function withStatus(
    { bindContext, status }: Bound5,
    what: string,
    watchdog: number,
    run: (cell: LiveCell) => void,
  ): number {
    pending.expect(bindContext)
    w32(status, NDIS_STATUS_SUCCESS)
    run(new LiveCell(k, status, 'i32'))
    return pending.settle(bindContext, r32(status) | 0, what, watchdog)
  }
  /** A binding that begins: its context is what the protocol opens the adapter with. Undefined when memory is short. */
  function begin(protocol: Protocol5, stack: Stack5): Bound5 | undefined {
    const bindContext = objects.create(BIND_CONTEXT5_OBJECT, PROTOCOL_TAG, PROTOCOL_BYTES, false)
    const status = bindContext === 0 ? 0 : records.allocate(STATUS_BYTES)
    if (status === 0) {
      if (bindContext !== 0) objects.destroy(bindContext)
      return undefined
    }
    const bound: Bound5 = {
      protocol,
      stack,
      bindContext,
      status,
      binding: undefined,
      context: 0,
      closed: false,
      unbinding: false,
    }
    protocol.bound.set(stack, bound)
    return bound
  }
  function bind(protocol: Protocol5, stack: Stack5): void {
    const bound = begin(protocol, stack)
    if (!bound) return
    const { bindContext } = bound
    const { name } = stack.adapter
    const status = records.with(
      records.stringBytes(name),
      (at) => void records.putString(at, name),
      (at) =>
        at === 0
          ? NDIS_STATUS_RESOURCES
          : withStatus(bound, 'ProtocolBindAdapter', WATCHDOG.PNP, (cell) =>
              calls.callAt(PASSIVE_LEVEL, protocol.handlers['BindAdapterHandler']!, 'ProtocolBindAdapter', [
                cell,
                bindContext,
                at,
                0,
                0,
              ]),
            ),
    )
    if (status === NDIS_STATUS_SUCCESS && bound.binding) return
    if (bound.binding && !bound.closed) {
      k.verifier.violation(
        'BindFailedWithOpenBinding',
        'ProtocolBindAdapter',
        'ProtocolBindAdapter failed and left the binding open that NdisOpenAdapter made.',
      )
      release(bound)
    }
    forget(bound)
  }
  function unbind(bound: Bound5): void {
    const { protocol } = bound
    bound.unbinding = true
    const handler = protocol.handlers['UnbindAdapterHandler']
    if (handler)
      withStatus(bound, 'ProtocolUnbindAdapter', WATCHDOG.UNBIND, (cell) =>
        calls.callAt(PASSIVE_LEVEL, handler, 'ProtocolUnbindAdapter', [cell, bound.context, bound.bindContext]),
      )
    if (!bound.closed) {
      k.verifier.violation(
        'UnbindWithoutClose',
        'ProtocolUnbindAdapter',
        'ProtocolUnbindAdapter is done and did not close the binding with NdisCloseAdapter.',
      )
      release(bound)
    }
    forget(bound)
  }
  const { queuePassive } = scheduler
  const maybe = (): boolean => late !== undefined || random.below(PENDS_ONE_IN) === 0
  function thread(name: string, run: () => void): void {
    if (late) clock.setAlarm(clock.now() + late.delay(), () => queuePassive(name, run))
    else queuePassive(name, run)
  }

  function selectMedium(array: number, count: number): number {
    for (let i = 0; i < Math.min(count >>> 0, MOST_MEDIA); i++) if (r32(array + 4 * i) === ETHERNET) return i
    return -1
  }
  function nameAt(string: number): string {
    const length = r16(string) >> 1
    const text = r32(string + 4)
    return Array.from({ length }, (_unused, index) => String.fromCharCode(r16(text + 2 * index))).join('')
  }
  /** An open inside of ProtocolBindAdapter, or by name at any time (PV NdisOpenAdapter). */
  function boundFor(protocol: Protocol5, name: string): Bound5 | undefined {
    const waiting = [...protocol.bound.values()].find((bound) => bound.stack.adapter.name === name && !bound.binding)
    if (waiting) return waiting
    const stack = stacks5.all.find((candidate) => candidate.adapter.name === name)
    if (!stack || protocol.bound.has(stack)) return undefined
    return begin(protocol, stack)
  }
  /** NDIS calls ProtocolCloseAdapterComplete when nothing of the binding is out any more (PV ProtocolCloseAdapterComplete). */
  function closeWhenQuiet(bound: Bound5, binding: Binding5): void {
    if (!isQuiet(binding)) return void (binding.whenQuiet = () => closeWhenQuiet(bound, binding))
    thread('close of a binding', () => {
      release(bound)
      calls.callAt(
        PASSIVE_LEVEL,
        bound.protocol.handlers['CloseAdapterCompleteHandler']!,
        'ProtocolCloseAdapterComplete',
        [bound.context, NDIS_STATUS_SUCCESS],
      )
    })
  }

  function completed(fn: string, owner: number, status: number): void {
    if (!pending.complete(owner, status | 0))
      k.verifier.violation(
        'CompleteNothingPending',
        fn,
        `${fn} is called while nothing that it could complete is pending.`,
      )
  }

  adapters.watch({
    started(adapter) {
      const stack = stacks5.of(adapter.handle)
      if (!stack) return
      for (const protocol of protocols.values())
        if (!protocol.owner.failed && protocol.handlers['BindAdapterHandler'] && !protocol.bound.has(stack))
          bind(protocol, stack)
    },
    stopping(adapter) {
      for (const protocol of protocols.values())
        for (const bound of [...protocol.bound.values()]) if (bound.stack.adapter === adapter) unbind(bound)
    },
  })

  return {
    protocols,
    functions: {
      NdisRegisterProtocol(
        Status: OutParam,
        NdisProtocolHandle: OutParam,
        ProtocolCharacteristics: number,
        CharacteristicsLength: number,
      ): void {
        preempt()
        put32(NdisProtocolHandle, 0)
        const version =
          (r8(ProtocolCharacteristics + CHARACTERISTICS.MajorNdisVersion) << 16) |
          r8(ProtocolCharacteristics + CHARACTERISTICS.MinorNdisVersion)
        const size = sizeOfProtocol5(version)
        if (size === undefined) return put32(Status, NDIS_STATUS_BAD_VERSION)
        if (CharacteristicsLength >>> 0 < size) return put32(Status, NDIS_STATUS_BAD_CHARACTERISTICS)
        const handlers = Object.fromEntries(
          HANDLERS.map(({ name, offset }) => [name, offset < size ? r32(ProtocolCharacteristics + offset) : 0]),
        )
        if (missingOfProtocol5(handlers).length > 0) return put32(Status, NDIS_STATUS_BAD_CHARACTERISTICS)
        const handle = objects.create(PROTOCOL5_OBJECT, PROTOCOL_TAG, PROTOCOL_BYTES)
        if (handle === 0) return put32(Status, NDIS_STATUS_RESOURCES)
        protocols.set(handle, { handle, handlers, owner: driver.current, bound: new Map() })
        put32(NdisProtocolHandle, handle)
        put32(Status, NDIS_STATUS_SUCCESS)
      },
      NdisDeregisterProtocol(Status: OutParam, NdisProtocolHandle: number): void {
        preempt()
        const protocol = protocols.get(NdisProtocolHandle)
        if (!protocol) return put32(Status, NDIS_STATUS_FAILURE)
        // A protocol may call it for its last binding from ProtocolUnbindAdapter (PV NdisDeregisterProtocol).
        for (const bound of [...protocol.bound.values()].filter(({ unbinding }) => !unbinding))
          if (k.traits.deregisterUnbinds) unbind(bound)
          else {
            release(bound)
            forget(bound)
          }
        protocols.delete(NdisProtocolHandle)
        objects.destroy(NdisProtocolHandle)
        put32(Status, NDIS_STATUS_SUCCESS)
      },
      NdisOpenAdapter(
        Status: OutParam,
        OpenErrorStatus: OutParam,
        NdisBindingHandle: OutParam,
        SelectedMediumIndex: OutParam,
        MediumArray: number,
        MediumArraySize: number,
        NdisProtocolHandle: number,
        ProtocolBindingContext: number,
        AdapterName: number,
        _OpenOptions: number,
        _AddressingInformation: number,
      ): void {
        preempt()
        put32(NdisBindingHandle, 0)
        put32(OpenErrorStatus, NDIS_STATUS_SUCCESS)
        const protocol = protocols.get(NdisProtocolHandle)
        const bound = protocol && boundFor(protocol, nameAt(AdapterName))
        if (!bound) return put32(Status, ADAPTER_NOT_FOUND)
        const index = selectMedium(MediumArray, MediumArraySize)
        if (index < 0) return put32(Status, UNSUPPORTED_MEDIA)
        bound.context = ProtocolBindingContext
        const binding = stacks5.bind(bound.stack, endOf(bound))
        if (!binding) return put32(Status, NDIS_STATUS_RESOURCES)
        bound.binding = binding
        bounds.set(binding, bound)
        put32(NdisBindingHandle, binding.handle)
        put32(SelectedMediumIndex, index)
        if (!maybe()) return put32(Status, NDIS_STATUS_SUCCESS)
        put32(Status, NDIS_STATUS_PENDING)
        thread('open of a binding', () =>
          calls.callAt(
            PASSIVE_LEVEL,
            bound.protocol.handlers['OpenAdapterCompleteHandler']!,
            'ProtocolOpenAdapterComplete',
            [bound.context, NDIS_STATUS_SUCCESS, NDIS_STATUS_SUCCESS],
          ),
        )
      },
      NdisCloseAdapter(Status: OutParam, NdisBindingHandle: number): void {
        preempt()
        const binding = stacks5.binding(NdisBindingHandle)
        const bound = binding && bounds.get(binding)
        if (!bound || binding.closing) return put32(Status, NDIS_STATUS_FAILURE)
        binding.closing = true
        if (isQuiet(binding) && !maybe()) {
          release(bound)
          return put32(Status, NDIS_STATUS_SUCCESS)
        }
        put32(Status, NDIS_STATUS_PENDING)
        closeWhenQuiet(bound, binding)
      },
      NdisCompleteBindAdapter(BindAdapterContext: number, Status: number, _OpenStatus: number): void {
        completed('NdisCompleteBindAdapter', BindAdapterContext, Status)
        preempt()
      },
      NdisCompleteUnbindAdapter(UnbindAdapterContext: number, Status: number): void {
        completed('NdisCompleteUnbindAdapter', UnbindAdapterContext, Status)
        preempt()
      },
      NdisCompletePnPEvent(Status: number, NdisBindingHandle: number, _NetPnPEvent: number): void {
        completed('NdisCompletePnPEvent', NdisBindingHandle, Status)
        preempt()
      },
    },
  }
}
