import { TICKS_PER_MS } from './clock/clock'
import { DISPATCH_LEVEL } from './kernel/irql'
import { createSharedMemory, type MachineOptions } from './machine'
import type { Cell, OutParam } from './memory/cell'
import { functionMembers, layout } from './memory/layout'
import { constant } from './ndis/constants'
import { NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_PENDING, NDIS_STATUS_SUCCESS } from './ndis/status'
import { cell, createGuest, type Guest } from './test-guest'

export type Handler5 = (...args: never[]) => unknown
/** Handlers by the names of their members in the characteristics. */
export type Handlers5 = Readonly<Record<string, Handler5>>

export const REQUEST5 = layout(
  'NDIS_REQUEST',
  'RequestType',
  'DATA.QUERY_INFORMATION.Oid',
  'DATA.QUERY_INFORMATION.InformationBuffer',
  'DATA.QUERY_INFORMATION.InformationBufferLength',
  'DATA.QUERY_INFORMATION.BytesWritten',
  'DATA.QUERY_INFORMATION.BytesNeeded',
)
const EVENT = layout('NET_PNP_EVENT', 'NetEvent')
export const OWN_ADDRESS = [2, 0, 0, 0, 0, 1]
export const BROADCAST = [255, 255, 255, 255, 255, 255]
export const HEADER_BYTES = 14
/** Enough for one miniport, a few protocols and their packets. */
const MEMORY_BYTES = 3 * 1024 * 1024
const ADDRESS_OID = constant('OID_802_3_CURRENT_ADDRESS')
/** What the miniports and protocols of specs are called with. */
export const CONTEXT = { MINIPORT: 7, PROTOCOL: 9 } as const

/** A driver in the stack: adapter or binding, and registration. */
export interface Part5 {
  handle: number
  driver: number
}
export interface Miniport5Options {
  /** major << 16 | minor; NDIS 5.1 when left out. */
  readonly version?: number
  readonly deserialized?: boolean
}

/** For specs: a guest with miniport and protocol drivers of NDIS 3 to 5 whose handlers are given as functions. */
export interface Stack5Guest extends Guest {
  /** Callbacks in order: 'miniport send', 'tcp receive'. */
  readonly log: string[]
  zeroed(bytes: number): number
  /** Serialized and with MiniportSend unless handlers and options say otherwise. It succeeds whatever it is asked. */
  miniport(handlers?: Handlers5, options?: Miniport5Options): Part5
  /** Opens and closes its bindings, pending or not, takes no packets. */
  protocol(name: string, handlers?: Handlers5): Part5
  characteristics(kind: 'MINIPORT' | 'PROTOCOL', handlers: Handlers5, version: number): number
  /** Starts what is loaded, and waits until the binds are done. */
  start(): void
  /** Lets time pass. */
  idle(ms: number): void
  unload(): void
  /** Meanwhile there is no memory for records of so many bytes, which NDIS gives to handlers. */
  starving<T>(bytes: number, run: () => T): T
  atDispatch<T>(run: () => T): T
  /** A packet with one buffer of these bytes. */
  packet(bytes: readonly number[]): number
  /** Addresses of packets, one behind the other. */
  array(...packets: readonly number[]): number
  /** The status that NdisSend gives. */
  send(protocol: Part5, packet: number): number
  request(kind: string, oid: string, data: readonly number[]): number
  /** The status that NdisRequest gives. */
  ask(protocol: Part5, request: number): number
  /** Sets the packet filter of a binding. */
  listen(protocol: Part5, ...bits: readonly string[]): void
  /** A frame to an address: its header, and as many bytes behind it, 0 1 2 ... */
  frame(to: readonly number[], bytes: number): number
  /** NdisMEthIndicateReceive of a frame with so many bytes behind the header, the first of them as lookahead. */
  indicate(miniport: Part5, frame: number, bytes: number, lookahead?: number, context?: number): void
}

export function createStack5Guest(options: MachineOptions = {}): Stack5Guest {
  const guest = createGuest({ memory: createSharedMemory(MEMORY_BYTES), ...options })
  const { kernel, driver } = guest.machine
  const { space, text, scheduler } = kernel
  const { r16, r32, w8, w16, w32 } = space
  const log: string[] = []
  let pool = 0

  function zeroed(bytes: number): number {
    const address = guest.memory(bytes)
    space.fill(address, bytes, 0)
    return address
  }
  function characteristics(kind: 'MINIPORT' | 'PROTOCOL', handlers: Handlers5, version: number): number {
    const struct = `NDIS_${kind}_CHARACTERISTICS`
    const at = layout(struct, 'MajorNdisVersion', 'MinorNdisVersion')
    const address = zeroed(at.SIZE)
    w8(address + at.MajorNdisVersion, version >> 16)
    w8(address + at.MinorNdisVersion, version & 0xff)
    for (const { name, offset } of functionMembers(struct))
      if (handlers[name]) w32(address + offset, text.addressOf(handlers[name]))
    return address
  }
  /** The same handlers, with an entry in the log first. */
  const logged = (part: string, handlers: Handlers5): Handlers5 =>
    Object.fromEntries(
      Object.entries(handlers).map(([member, handler]) => {
        const what = member.replace(/Handler$/, '')
        const run: Handler5 = (...args) => {
          log.push(`${part} ${what.charAt(0).toLowerCase()}${what.slice(1)}`)
          return handler(...args)
        }
        return [member, run]
      }),
    )
  const nothing = (): number => NDIS_STATUS_SUCCESS

  function queryAddress(
    _context: number,
    oid: number,
    buffer: number,
    length: number,
    written: Cell,
    _needed: Cell,
  ): number {
    if (oid !== ADDRESS_OID || length < OWN_ADDRESS.length) return NDIS_STATUS_NOT_SUPPORTED
    OWN_ADDRESS.forEach((byte, i) => w8(buffer + i, byte))
    written.value = OWN_ADDRESS.length
    return NDIS_STATUS_SUCCESS
  }
  function miniport(
    handlers: Handlers5 = {},
    { version = 0x5_0001, deserialized = false }: Miniport5Options = {},
  ): Part5 {
    const part: Part5 = { handle: 0, driver: 0 }
    const own = logged('miniport', {
      ResetHandler: nothing,
      QueryInformationHandler: queryAddress,
      SetInformationHandler: nothing,
      ...(handlers['SendPacketsHandler'] ? {} : { SendHandler: nothing }),
      ReturnPacketHandler: nothing,
      ...handlers,
    })
    const quiet: Handlers5 = {
      InitializeHandler(_error: Cell, index: Cell, _media: number, _count: number, adapter: number) {
        part.handle = adapter
        index.value = 0
        const flags = deserialized ? constant('NDIS_ATTRIBUTE_DESERIALIZE') : 0
        guest.call('NdisMSetAttributesEx', adapter, CONTEXT.MINIPORT, 0, flags, 0)
        return NDIS_STATUS_SUCCESS
      },
      HaltHandler: nothing,
      // The address is asked for before any protocol binds: nothing that a spec waits for.
      QueryInformationHandler: (
        context: number,
        oid: number,
        buffer: number,
        length: number,
        written: Cell,
        needed: Cell,
      ) =>
        (oid === ADDRESS_OID ? queryAddress : (own['QueryInformationHandler'] as typeof queryAddress))(
          context,
          oid,
          buffer,
          length,
          written,
          needed,
        ),
    }
    driver.load((object, path) => {
      const wrapper = cell()
      guest.call('NdisMInitializeWrapper', wrapper, object, path, 0)
      part.driver = wrapper.value >>> 0
      const all = { ...own, ...quiet, ...(handlers['HaltHandler'] && { HaltHandler: own['HaltHandler']! }) }
      const at = characteristics('MINIPORT', all, version)
      return guest.call('NdisMRegisterMiniport', wrapper.value, at, layout('NDIS_MINIPORT_CHARACTERISTICS').SIZE)
    }, 'Miniport')
    return part
  }
  /** What a protocol does when it is asked to bind and unbind. */
  function lifeOf(name: string, part: Part5): Handlers5 {
    let context = 0
    const medium = zeroed(4)
    w32(medium, constant('NdisMedium802_3'))
    return {
      BindAdapterHandler(status: Cell, bindContext: number, device: number) {
        context = bindContext
        const [error, binding, index] = [cell(), cell(), cell()]
        guest.call(
          'NdisOpenAdapter', status, error, binding, index, medium, 1, part.driver, CONTEXT.PROTOCOL, device, 0, 0,
        ) // prettier-ignore
        part.handle = binding.value >>> 0
      },
      OpenAdapterCompleteHandler: (_context: number, status: number, error: number) =>
        guest.call('NdisCompleteBindAdapter', context, status, error),
      UnbindAdapterHandler(status: OutParam, _context: number, unbindContext: number) {
        context = unbindContext
        guest.call('NdisCloseAdapter', status, part.handle)
      },
      CloseAdapterCompleteHandler: (_context: number, status: number) =>
        guest.call('NdisCompleteUnbindAdapter', context, status),
      PnPEventHandler(_context: number, event: number) {
        log.push(`${name} event ${r32(event + EVENT.NetEvent)}`)
        return NDIS_STATUS_SUCCESS
      },
    }
  }
  function protocol(name: string, handlers: Handlers5 = {}): Part5 {
    const part: Part5 = { handle: 0, driver: 0 }
    const all = {
      ...lifeOf(name, part),
      ...logged(name, {
        SendCompleteHandler: nothing,
        TransferDataCompleteHandler: nothing,
        ResetCompleteHandler: nothing,
        RequestCompleteHandler: nothing,
        ReceiveHandler: nothing,
        ReceiveCompleteHandler: nothing,
        StatusHandler: nothing,
        StatusCompleteHandler: nothing,
        ...handlers,
      }),
    }
    driver.load(() => {
      const [status, handle] = [cell(), cell()]
      driver.setUnload(() => guest.call('NdisDeregisterProtocol', cell(), part.driver))
      const at = characteristics('PROTOCOL', all, 0x5_0000)
      guest.call('NdisRegisterProtocol', status, handle, at, layout('NDIS_PROTOCOL_CHARACTERISTICS').SIZE)
      part.driver = handle.value >>> 0
      return status.value
    }, name)
    return part
  }
  function packet(bytes: readonly number[]): number {
    const [status, out] = [cell(), cell()]
    if (pool === 0) {
      guest.call('NdisAllocatePacketPool', status, out, 32, 16)
      pool = out.value
    }
    guest.call('NdisAllocatePacket', status, out, pool)
    const data = guest.memory(Math.max(1, bytes.length))
    bytes.forEach((byte, i) => w8(data + i, byte))
    guest.call('NdisChainBufferAtFront', out.value, guest.call('NdisAllocateMdl', 0, data, bytes.length))
    guest.call('NDIS_SET_PACKET_HEADER_SIZE', out.value, HEADER_BYTES)
    return out.value
  }
  function array(...packets: readonly number[]): number {
    const address = zeroed(Math.max(4, 4 * packets.length))
    packets.forEach((each, i) => w32(address + 4 * i, each))
    return address
  }
  function request(kind: string, oid: string, data: readonly number[]): number {
    const buffer = zeroed(Math.max(4, data.length))
    data.forEach((byte, i) => w8(buffer + i, byte))
    const address = zeroed(REQUEST5.SIZE)
    w32(address + REQUEST5.RequestType, constant(kind))
    w32(address + REQUEST5['DATA.QUERY_INFORMATION.Oid'], constant(oid))
    w32(address + REQUEST5['DATA.QUERY_INFORMATION.InformationBuffer'], buffer)
    w32(address + REQUEST5['DATA.QUERY_INFORMATION.InformationBufferLength'], data.length)
    return address
  }
  function ask(part: Part5, at: number): number {
    const status = cell()
    guest.call('NdisRequest', status, part.handle, at)
    return status.value
  }
  function frame(to: readonly number[], bytes: number): number {
    const address = guest.memory(HEADER_BYTES + bytes)
    to.forEach((byte, i) => w8(address + i, byte))
    OWN_ADDRESS.forEach((byte, i) => w8(address + to.length + i, byte))
    w16(address + 12, r16(address + 12) & 0xffff)
    for (let i = 0; i < bytes; i++) w8(address + HEADER_BYTES + i, i & 0xff)
    return address
  }
  const idle = (ms: number): void => driver.idle(ms * TICKS_PER_MS)
  function atDispatch<T>(run: () => T): T {
    const before = scheduler.raise(DISPATCH_LEVEL)
    const result = run()
    scheduler.lower(before)
    return result
  }
  function starving<T>(bytes: number, run: () => T): T {
    const { pool } = kernel
    const { allocate } = pool
    Object.assign(pool, {
      allocate: (...args: Parameters<typeof allocate>) => (args[0] === bytes ? 0 : allocate(...args)),
    })
    const result = run()
    Object.assign(pool, { allocate })
    return result
  }

  return {
    ...guest,
    log,
    zeroed,
    miniport,
    protocol,
    characteristics,
    packet,
    array,
    request,
    ask,
    frame,
    idle,
    atDispatch,
    starving,
    start() {
      driver.start()
      idle(1)
    },
    unload: () => driver.unload(),
    send(part, at) {
      const status = cell()
      guest.call('NdisSend', status, part.handle, at)
      return status.value
    },
    listen(part, ...bits) {
      const filter = bits.reduce((sum, bit) => sum | constant(bit), 0)
      const at = request('NdisRequestSetInformation', 'OID_GEN_CURRENT_PACKET_FILTER', [filter, 0, 0, 0])
      if (ask(part, at) === NDIS_STATUS_PENDING) idle(1)
    },
    indicate(part, at, bytes, lookahead = bytes, context = 5) {
      const rest = at + HEADER_BYTES
      atDispatch(() => {
        guest.call('NdisMEthIndicateReceive', part.handle, context, at, HEADER_BYTES, rest, lookahead, bytes)
        guest.call('NdisMEthIndicateReceiveComplete', part.handle)
      })
    },
  }
}
