import { TICKS_PER_MS } from './clock/clock'
import { DISPATCH_LEVEL } from './kernel/irql'
import type { MachineOptions } from './machine'
import { functionMembers, layout } from './memory/layout'
import { constant } from './ndis/constants'
import { NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './ndis/status'
import { cell, createGuest, type Guest } from './test-guest'
import { listPool } from './test-net-buffer-pool'

export type Handler = (...args: never[]) => unknown
/** Handlers by the names of their members in the characteristics; undefined takes a default one away. */
export type Handlers = Readonly<Record<string, Handler | undefined>>

export const LIST = layout('NET_BUFFER_LIST', 'Next', 'FirstNetBuffer', 'Status', 'SourceHandle')
export const OID = layout(
  'NDIS_OID_REQUEST',
  'RequestType', 'RequestId', 'DATA.QUERY_INFORMATION.Oid', 'DATA.QUERY_INFORMATION.InformationBuffer',
  'DATA.QUERY_INFORMATION.InformationBufferLength', 'DATA.QUERY_INFORMATION.BytesWritten',
  'DATA.QUERY_INFORMATION.BytesNeeded',
) // prettier-ignore
const HEADER = layout('NDIS_OBJECT_HEADER', 'Type', 'Revision', 'Size')
const EVENT = layout('NET_PNP_EVENT_NOTIFICATION', 'NetPnPEvent.NetEvent')
export const RESOURCES = constant('NDIS_RECEIVE_FLAGS_RESOURCES')
export const OWN_ADDRESS = [2, 0, 0, 0, 0, 1]
export const BROADCAST = [255, 255, 255, 255, 255, 255]

/** A driver in the stack: the handle that it talks to NDIS with, once it has one. */
export interface Part {
  /** Adapter, filter module or binding. */
  handle: number
  /** Registration. */
  driver: number
}

/** For specs: a guest with miniport, filter and protocol drivers of NDIS 6 whose handlers are given as functions. */
export interface StackGuest extends Guest {
  /** Callbacks in order: 'miniport send 2', that is, the part, what is asked of it, and how many lists. */
  readonly log: string[]
  /** Zeroed memory that begins with an NDIS_OBJECT_HEADER. */
  object(struct: string, type: string, members?: Readonly<Record<string, number>>, size?: number): number
  /** Completes what it is sent at once, succeeds sets; handlers given replace those. */
  miniport(handlers?: Handlers): Part
  /** Attaches and lets everything past, in the same order. */
  filter(name: string, handlers?: Handlers): Part
  /** Handlers of a filter that hand on all that comes. */
  passing(filter: () => Part): Handlers
  /** Opens and closes its bindings, gives back what it receives. */
  protocol(name: string, handlers?: Handlers): Part
  /** Characteristics of a driver with these handlers. */
  characteristics(kind: 'MINIPORT' | 'PROTOCOL' | 'FILTER', handlers: Handlers): number
  /** Starts what is loaded, and waits until the binds are done. */
  start(): void
  /** Lets time pass. */
  idle(ms: number): void
  unload(): void
  /** Runs at DISPATCH_LEVEL. */
  atDispatch<T>(run: () => T): T
  /** A chain of lists of one NET_BUFFER each, from a handle, with frames that begin with these bytes. */
  lists(source: number, ...frames: readonly (readonly number[])[]): number
  /** Lists of a chain. */
  chain(list: number): number[]
  request(kind: string, oid: string, data: readonly number[], id?: number): number
  /** Sets the packet filter of a binding. */
  listen(protocol: Part, ...bits: readonly string[]): void
}

const chainLimit = 100

export function createStackGuest(options: MachineOptions = {}): StackGuest {
  const guest = createGuest(options)
  const { kernel, driver } = guest.machine
  const { space, text, scheduler } = kernel
  const { r32, w8, w16, w32 } = space
  const log: string[] = []
  let pool = 0

  function zeroed(bytes: number): number {
    const address = guest.memory(bytes)
    space.fill(address, bytes, 0)
    return address
  }
  function object(
    struct: string,
    type: string,
    members: Readonly<Record<string, number>> = {},
    size = layout(struct).SIZE,
  ): number {
    const address = zeroed(layout(struct).SIZE)
    w8(address + HEADER.Type, constant(`NDIS_OBJECT_TYPE_${type}`))
    w8(address + HEADER.Revision, 1)
    w16(address + HEADER.Size, size)
    for (const [name, value] of Object.entries(members)) w32(address + layout(struct, name)[name]!, value)
    return address
  }
  function characteristics(kind: 'MINIPORT' | 'PROTOCOL' | 'FILTER', handlers: Handlers): number {
    const struct = `NDIS_${kind}_DRIVER_CHARACTERISTICS`
    const address = object(struct, `${kind}_DRIVER_CHARACTERISTICS`)
    w8(address + layout(struct, 'MajorNdisVersion').MajorNdisVersion, 6)
    w8(address + layout(struct, 'MinorNdisVersion').MinorNdisVersion, 20)
    for (const { name, offset } of functionMembers(struct)) w32(address + offset, text.addressOf(handlers[name]))
    return address
  }
  const chain = (list: number): number[] => {
    const all: number[] = []
    for (let at = list; at !== 0 && all.length < chainLimit; at = r32(at + LIST.Next)) all.push(at)
    return all
  }
  /** The same handlers, with an entry in the log first. */
  function logged(part: string, handlers: Handlers): Handlers {
    return Object.fromEntries(
      Object.entries(handlers).flatMap(([member, handler]) => {
        if (!handler) return []
        const what = member.replace(/Handler(Ex)?$/, '').replace(/^SetOptions$/, 'options')
        const short = what.charAt(0).toLowerCase() + what.slice(1).replace('NetBufferLists', '')
        const lists = /^(send|sendComplete|receive|return)$/.test(short)
        const run: Handler = (...args: readonly number[]) => {
          log.push(`${part} ${short}${lists ? ` ${chain(args[1]!).length}` : ''}`)
          return handler(...(args as never[]))
        }
        return [[member, run] as const]
      }),
    )
  }
  const nothing = (): number => NDIS_STATUS_SUCCESS
  const load = (name: string, entry: (object: number, path: number) => number): void => {
    driver.load(entry, name)
  }
  function general(adapter: number): void {
    const struct = 'NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES'
    const GENERAL = layout(struct, 'MacAddressLength', 'CurrentMacAddress', 'PermanentMacAddress')
    const at = object(struct, 'MINIPORT_ADAPTER_GENERAL_ATTRIBUTES', {
      MediaType: constant('NdisMedium802_3'),
      MtuSize: 1500,
      LookaheadSize: 1500,
      MaxMulticastListSize: 32,
      MediaConnectState: constant('MediaConnectStateConnected'),
    })
    w16(at + GENERAL.MacAddressLength, OWN_ADDRESS.length)
    OWN_ADDRESS.forEach((byte, i) => w8(at + GENERAL.CurrentMacAddress + i, byte))
    OWN_ADDRESS.forEach((byte, i) => w8(at + GENERAL.PermanentMacAddress + i, byte))
    guest.call('NdisMSetMiniportAttributes', adapter, at)
  }
  function miniport(handlers: Handlers = {}): Part {
    const part: Part = { handle: 0, driver: 0 }
    const all = logged('miniport', {
      InitializeHandlerEx(adapter: number) {
        part.handle = adapter
        const registration = object(
          'NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES',
          'MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES',
          { MiniportAdapterContext: 7 },
        )
        guest.call('NdisMSetMiniportAttributes', adapter, registration)
        general(adapter)
        return NDIS_STATUS_SUCCESS
      },
      HaltHandlerEx: nothing,
      PauseHandler: nothing,
      RestartHandler: nothing,
      OidRequestHandler: nothing,
      SendNetBufferListsHandler: (_context: number, list: number, _port: number, flags: number) =>
        guest.call('NdisMSendNetBufferListsComplete', part.handle, list, flags & 1),
      ReturnNetBufferListsHandler: nothing,
      CancelSendHandler: nothing,
      DevicePnPEventNotifyHandler: nothing,
      ShutdownHandlerEx: nothing,
      CancelOidRequestHandler: nothing,
      ...handlers,
      UnloadHandler: () => guest.call('NdisMDeregisterMiniportDriver', part.driver),
    })
    load('Miniport', (object_, path) => {
      const handle = cell()
      const status = guest.call(
        'NdisMRegisterMiniportDriver', object_, path, 0, characteristics('MINIPORT', all), handle,
      ) // prettier-ignore
      part.driver = handle.value
      return status
    })
    return part
  }
  function filter(name: string, handlers: Handlers = {}): Part {
    const part: Part = { handle: 0, driver: 0 }
    const all = logged(name, {
      AttachHandler(handle: number) {
        part.handle = handle
        return guest.call('NdisFSetAttributes', handle, 8, object('NDIS_FILTER_ATTRIBUTES', 'FILTER_ATTRIBUTES'))
      },
      DetachHandler: nothing,
      RestartHandler: nothing,
      PauseHandler: nothing,
      ...handlers,
    })
    load(name, (object_) => {
      const handle = cell()
      driver.setUnload(() => guest.call('NdisFDeregisterFilterDriver', part.driver))
      const status = guest.call('NdisFRegisterFilterDriver', object_, 0, characteristics('FILTER', all), handle)
      part.driver = handle.value
      return status
    })
    return part
  }
  const passing = (of: () => Part): Handlers => ({
    SendNetBufferListsHandler: (_context: number, list: number, port: number, flags: number) =>
      guest.call('NdisFSendNetBufferLists', of().handle, list, port, flags),
    SendNetBufferListsCompleteHandler: (_context: number, list: number, flags: number) =>
      guest.call('NdisFSendNetBufferListsComplete', of().handle, list, flags),
    ReceiveNetBufferListsHandler: (_context: number, list: number, port: number, count: number, flags: number) =>
      guest.call('NdisFIndicateReceiveNetBufferLists', of().handle, list, port, count, flags),
    ReturnNetBufferListsHandler: (_context: number, list: number, flags: number) =>
      guest.call('NdisFReturnNetBufferLists', of().handle, list, flags),
    StatusHandler: (_context: number, indication: number) => guest.call('NdisFIndicateStatus', of().handle, indication),
  })
  function openParameters(): number {
    const medium = zeroed(4)
    w32(medium, constant('NdisMedium802_3'))
    return object('NDIS_OPEN_PARAMETERS', 'OPEN_PARAMETERS', {
      MediumArray: medium,
      MediumArraySize: 1,
      SelectedMediumIndex: zeroed(4),
    })
  }
  function protocol(name: string, handlers: Handlers = {}): Part {
    const part: Part = { handle: 0, driver: 0 }
    const binding = cell()
    let context = 0
    const all = logged(name, {
      BindAdapterHandlerEx(_driver: number, bindContext: number) {
        context = bindContext
        const status = guest.call('NdisOpenAdapterEx', part.driver, 9, openParameters(), bindContext, binding)
        part.handle = binding.value >>> 0
        return status
      },
      OpenAdapterCompleteHandlerEx(_context: number, status: number) {
        guest.call('NdisCompleteBindAdapterEx', context, status)
      },
      UnbindAdapterHandlerEx(unbindContext: number) {
        context = unbindContext
        return guest.call('NdisCloseAdapterEx', part.handle)
      },
      CloseAdapterCompleteHandlerEx: () => guest.call('NdisCompleteUnbindAdapterEx', context),
      NetPnPEventHandler(_context: number, event: number) {
        log.push(`${name} event ${r32(event + EVENT['NetPnPEvent.NetEvent'])}`)
        return NDIS_STATUS_SUCCESS
      },
      OidRequestCompleteHandler: nothing,
      StatusHandlerEx: nothing,
      ReceiveNetBufferListsHandler(_context: number, list: number, _port: number, _count: number, flags: number) {
        if ((flags & RESOURCES) === 0) guest.call('NdisReturnNetBufferLists', part.handle, list, 0)
      },
      SendNetBufferListsCompleteHandler: nothing,
      ...handlers,
    })
    load(name, () => {
      const handle = cell()
      driver.setUnload(() => guest.call('NdisDeregisterProtocolDriver', part.driver))
      const status = guest.call('NdisRegisterProtocolDriver', 0, characteristics('PROTOCOL', all), handle)
      part.driver = handle.value
      return status
    })
    return part
  }
  function list(source: number, frame: readonly number[]): number {
    const data = zeroed(64)
    frame.forEach((byte, i) => w8(data + i, byte))
    const mdl = guest.call('NdisAllocateMdl', 0, data, 64)
    pool ||= listPool(guest, { netBuffer: true })
    const address = guest.call('NdisAllocateNetBufferAndNetBufferList', pool, 0, 0, mdl, 0, Math.max(14, frame.length))
    w32(address + LIST.SourceHandle, source)
    return address
  }
  function request(kind: string, oid: string, data: readonly number[], id = 0): number {
    const buffer = zeroed(Math.max(4, data.length))
    data.forEach((byte, i) => w8(buffer + i, byte))
    const address = object('NDIS_OID_REQUEST', 'OID_REQUEST')
    w32(address + OID.RequestType, constant(kind))
    w32(address + OID.RequestId, id)
    w32(address + OID['DATA.QUERY_INFORMATION.Oid'], constant(oid))
    w32(address + OID['DATA.QUERY_INFORMATION.InformationBuffer'], buffer)
    w32(address + OID['DATA.QUERY_INFORMATION.InformationBufferLength'], data.length)
    return address
  }
  const idle = (ms: number): void => driver.idle(ms * TICKS_PER_MS)

  return {
    ...guest,
    log,
    object,
    characteristics,
    miniport,
    filter,
    passing,
    protocol,
    chain,
    request,
    idle,
    start() {
      driver.start()
      idle(1)
    },
    unload: () => driver.unload(),
    atDispatch(run) {
      const before = scheduler.raise(DISPATCH_LEVEL)
      const result = run()
      scheduler.lower(before)
      return result
    },
    lists(source, ...frames) {
      const all = frames.map((frame) => list(source, frame))
      all.forEach((address, i) => w32(address + LIST.Next, all[i + 1] ?? 0))
      return all[0] ?? 0
    },
    listen(part, ...bits) {
      const filterBits = bits.reduce((sum, bit) => sum | constant(bit), 0)
      const status = guest.call(
        'NdisOidRequest',
        part.handle,
        request('NdisRequestSetInformation', 'OID_GEN_CURRENT_PACKET_FILTER', [filterBits, 0, 0, 0]),
      )
      if (status === NDIS_STATUS_PENDING) idle(1)
    },
  }
}
