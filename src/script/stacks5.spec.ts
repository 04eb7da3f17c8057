/** Stacks of NDIS 5 as drivers write them: a script with a miniport and a protocol above it, from load to unload. */
import { describe, expect, test } from 'vitest'
import type { RunConfig } from '../shared/engine'
import { runScript } from './test-driver'

/** Runs a driver whose imports are found by name; lines of its output, and names of the rules that it broke. */
function run(source: string, config: Partial<RunConfig> = {}) {
  const used = new Set(
    source.match(/\b(?:Ndis|NDIS_|OID_|Ke|DbgPrint|UINT|ULONG|UCHAR|PVOID|NET_PNP|out\b|storage\b|sizeof\b)\w*/g),
  )
  const report = runScript(`import { ${[...used].join(', ')} } from 'ndis'\n${source}`, config)
  return {
    output: report.output,
    rules: report.violations.map(({ rule }) => rule),
    bugcheck: report.bugcheck,
    error: report.error,
  }
}
const clean = { bugcheck: null, error: undefined, rules: [] }

interface Parts {
  /** Members of the miniport's characteristics that replace or extend the usual ones. */
  readonly miniport?: string
  readonly protocol?: string
  /** Statements that run once the protocol is bound. */
  readonly bound?: string
  readonly top?: string
  readonly flags?: string
}

/** One script with both drivers in it; the protocol sends and asks once it is bound. */
const stack = ({ miniport = '', protocol = '', bound = '', top = '', flags = '0' }: Parts): string => `
let Wrapper = 0, adapter = 0, Protocol = 0, binding = 0, bindContext = 0, unbindContext = 0, pool = 0
const log = (...what) => DbgPrint('%s\\n', what.join(' '))
const NAMES = new Map([[0, 'SUCCESS'], [259, 'PENDING'], [NDIS_STATUS_RESOURCES, 'RESOURCES'], [NDIS_STATUS_FAILURE, 'FAILURE']])
const nameOf = (status) => NAMES.get(status) ?? status
const packets = [], buffers = []
function packet(...bytes) {
  const [status, handle] = [out(), out()]
  const data = storage(UCHAR, 64)
  if (pool === 0) { NdisAllocatePacketPool(status, handle, 16, 16); pool = handle.value }
  NdisAllocatePacket(status, handle, pool)
  const buffer = NdisAllocateMdl(0, data, bytes.length)
  NdisMoveMemory(data, bytesAt(bytes), bytes.length)
  NdisChainBufferAtFront(handle.value, buffer)
  NDIS_SET_PACKET_HEADER_SIZE(handle.value, 14)
  packets.push(handle.value)
  buffers.push(buffer)
  return handle.value
}
const scratch = storage(UCHAR, 256)
function bytesAt(bytes) {
  bytes.forEach((byte, i) => { UCHAR.at(scratch + i).value = byte })
  return scratch
}
function free() {
  for (const each of packets.splice(0)) { NdisUnchainBufferAtFront(each, out()); NdisFreePacket(each) }
  for (const buffer of buffers.splice(0)) NdisFreeMdl(buffer)
  if (pool) NdisFreePacketPool(pool)
  pool = 0
}
function send(...bytes) {
  const status = out()
  NdisSend(status, binding, packet(...bytes))
  log('sent', nameOf(status.value))
}
const request = storage(NDIS_REQUEST), value = storage(ULONG)
function set(oid, what) {
  const status = out(), view = NDIS_REQUEST.at(request)
  ULONG.at(value).value = what
  view.RequestType = NdisRequestSetInformation
  view.DATA.SET_INFORMATION.Oid = oid
  view.DATA.SET_INFORMATION.InformationBuffer = value
  view.DATA.SET_INFORMATION.InformationBufferLength = 4
  NdisRequest(status, binding, request)
  return status.value
}
${top}
function onBound() {
  ${bound}
}
function bindDone(status, later) {
  if (status === NDIS_STATUS_SUCCESS) onBound()
  if (later) NdisCompleteBindAdapter(bindContext, status, status)
}
const medium = storage(ULONG)
const opened = out()
export function DriverEntry(DriverObject, RegistryPath) {
  const handle = out(), status = out()
  ULONG.at(medium).value = NdisMedium802_3
  NdisRegisterProtocol(status, handle, {
    MajorNdisVersion: 5, MinorNdisVersion: 0,
    BindAdapterHandler(Status, BindContext, DeviceName) {
      bindContext = BindContext
      const index = out()
      NdisOpenAdapter(Status, out(), opened, index, medium, 1, Protocol, 9, DeviceName, 0, 0)
      binding = opened.value
      if (Status.value === NDIS_STATUS_SUCCESS) bindDone(NDIS_STATUS_SUCCESS, false)
    },
    OpenAdapterCompleteHandler(context, Status) { binding = opened.value; bindDone(Status, true) },
    UnbindAdapterHandler(Status, context, UnbindContext) {
      unbindContext = UnbindContext
      NdisCloseAdapter(Status, binding)
    },
    CloseAdapterCompleteHandler(context, Status) { NdisCompleteUnbindAdapter(unbindContext, Status) },
    SendCompleteHandler(context, Packet, Status) { log('send complete', nameOf(Status)) },
    TransferDataCompleteHandler() {},
    ResetCompleteHandler(context, Status) { log('reset complete', nameOf(Status)) },
    RequestCompleteHandler(context, Request, Status) { log('request complete', nameOf(Status)) },
    ReceiveHandler() { return NDIS_STATUS_SUCCESS },
    ReceiveCompleteHandler() {},
    StatusHandler(context, Status) { log('status', Status === NDIS_STATUS_RESET_START ? 'start' : 'end') },
    StatusCompleteHandler() {},
    PnPEventHandler() { return NDIS_STATUS_SUCCESS },
    ${protocol}
  }, sizeof(NDIS_PROTOCOL_CHARACTERISTICS))
  Protocol = handle.value
  NdisMInitializeWrapper(handle, DriverObject, RegistryPath, 0)
  Wrapper = handle.value
  NdisMRegisterUnloadHandler(Wrapper, () => {
    NdisDeregisterProtocol(status, Protocol)
    free()
    log('unload', nameOf(status.value))
  })
  return NdisMRegisterMiniport(Wrapper, {
    MajorNdisVersion: 5, MinorNdisVersion: 1,
    InitializeHandler(OpenError, SelectedMediumIndex, MediumArray, size, MiniportAdapterHandle) {
      adapter = MiniportAdapterHandle
      NdisMSetAttributesEx(adapter, 77, 0, ${flags}, 0)
      SelectedMediumIndex.value = 0
      return NDIS_STATUS_SUCCESS
    },
    HaltHandler() { log('halt') },
    ResetHandler() { return NDIS_STATUS_SUCCESS },
    QueryInformationHandler() { return NDIS_STATUS_NOT_SUPPORTED },
    SetInformationHandler() { return NDIS_STATUS_SUCCESS },
    SendHandler() { return NDIS_STATUS_SUCCESS },
    ReturnPacketHandler(context, Packet) { log('packet back') },
    ${miniport}
  }, sizeof(NDIS_MINIPORT_CHARACTERISTICS))
}
// NDIS_MINIPORT_CHARACTERISTICS NDIS_PROTOCOL_CHARACTERISTICS NdisMedium802_3 NdisRequestSetInformation NDIS_STATUS_RESET_START`

const SEEDS = [1, 2, 3, 4, 5]

describe('a serialized miniport with MiniportSend', () => {
  test.each(SEEDS)('sends, and all of it is unbound, halted and unloaded in this order, seed %i', (seed) => {
    const { output, ...rest } = run(stack({ bound: 'send(1, 2, 3)' }), { seed })
    expect(rest).toEqual(clean)
    expect(output).toEqual(['sent SUCCESS', 'halt', 'unload SUCCESS'])
  })
  test.each(SEEDS)('without room for more: NDIS offers again what it refused, seed %i', (seed) => {
    const { output, ...rest } = run(
      stack({
        top: `let busy = 0, timer = storage(NDIS_MINIPORT_TIMER)
          function done() { const each = busy; busy = 0; NdisMSendComplete(adapter, each, NDIS_STATUS_SUCCESS) }`,
        miniport: `SendHandler(context, Packet) {
            if (busy) { log('no room'); return NDIS_STATUS_RESOURCES }
            busy = Packet
            NdisMSetTimer(timer, 10)
            return NDIS_STATUS_PENDING
          },
          HaltHandler() { NdisMCancelTimer(timer, out()); log('halt') },`,
        bound: 'NdisMInitializeTimer(timer, adapter, done, 0); send(1); send(2); send(3)',
      }),
      { seed },
    )
    expect(rest).toEqual(clean)
    expect(output).toEqual([
      'sent PENDING', 'no room', 'sent PENDING', 'sent PENDING', 'send complete SUCCESS', 'no room', 'send complete SUCCESS',
      'send complete SUCCESS', 'halt', 'unload SUCCESS',
    ]) // prettier-ignore
  })
})

describe('a serialized miniport with MiniportSendPackets', () => {
  test('sets the status of each', () => {
    const { output, ...rest } = run(
      stack({
        top: 'const array = storage(PVOID, 2)',
        miniport: `SendPacketsHandler(context, PacketArray, count) {
            for (let i = 0; i < count; i++)
              NDIS_SET_PACKET_STATUS(PVOID.at(PacketArray + 4 * i).value, i === 0 ? NDIS_STATUS_SUCCESS : NDIS_STATUS_FAILURE)
          },`,
        bound: `PVOID.at(array).value = packet(1); PVOID.at(array + 4).value = packet(2)
          NdisSendPackets(binding, array, 2)
          send(3)`,
      }),
    )
    expect(rest).toEqual(clean)
    expect(output).toEqual(['send complete SUCCESS', 'send complete FAILURE', 'sent SUCCESS', 'halt', 'unload SUCCESS'])
  })
  test('one that forgets a status is told', () => {
    const { rules } = run(
      stack({
        miniport: 'SendPacketsHandler(c, array) { NdisMSendComplete(adapter, PVOID.at(array).value, 0) },',
        bound: 'send(1)',
      }),
    )
    expect(rules).toEqual([])
    expect(run(stack({ miniport: 'SendPacketsHandler() {},', bound: 'send(1)' })).rules).toContain('SendStatusNotSet')
  })
})

describe('a deserialized miniport', () => {
  test.each(SEEDS)('completes what it queued in a DPC of its own, seed %i', (seed) => {
    const { output, ...rest } = run(
      stack({
        flags: 'NDIS_ATTRIBUTE_DESERIALIZE',
        top: `const timer = storage(NDIS_MINIPORT_TIMER), queue = []
          function done() { for (const each of queue.splice(0)) NdisMSendComplete(adapter, each, NDIS_STATUS_SUCCESS) }`,
        miniport: `SendPacketsHandler(context, array, count) {
            for (let i = 0; i < count; i++) queue.push(PVOID.at(array + 4 * i).value)
            NdisMInitializeTimer(timer, adapter, done, 0)
            NdisMSetTimer(timer, 5)
          },`,
        bound: 'send(1)',
      }),
      { seed },
    )
    expect(rest).toEqual(clean)
    expect(output).toEqual(['sent PENDING', 'send complete SUCCESS', 'halt', 'unload SUCCESS'])
  })
  test('must not answer NDIS_STATUS_RESOURCES', () => {
    const { output, rules } = run(
      stack({
        flags: 'NDIS_ATTRIBUTE_DESERIALIZE',
        miniport: 'SendHandler() { return NDIS_STATUS_RESOURCES },',
        bound: 'send(1)',
      }),
    )
    expect(rules).toEqual(['SendResourcesDeserialized'])
    expect(output[0]).toBe('sent RESOURCES')
  })
})

describe('requests and resets', () => {
  test.each(SEEDS)('a set may be pending; a reset makes NDIS set the filter again, seed %i', (seed) => {
    const { output, ...rest } = run(
      stack({
        miniport: `SetInformationHandler(context, oid, buffer, length, read) {
            log('set', ULONG.at(buffer).value)
            read.value = length
            return NDIS_STATUS_SUCCESS
          },
          ResetHandler(AddressingReset) { AddressingReset.value = 1; return NDIS_STATUS_SUCCESS },`,
        bound: `log('filter', nameOf(set(OID_GEN_CURRENT_PACKET_FILTER, NDIS_PACKET_TYPE_DIRECTED)))
          const status = out()
          NdisReset(status, binding)
          log('reset', nameOf(status.value))`,
      }),
      { seed },
    )
    expect(rest).toEqual(clean)
    expect(output).toEqual([
      'set 1', 'filter SUCCESS', 'status start', 'set 1', 'status end', 'reset SUCCESS', 'halt', 'unload SUCCESS',
    ]) // prettier-ignore
  })
  test('a reset that is completed twice stops the machine', () => {
    const { bugcheck } = run(
      stack({
        miniport:
          'ResetHandler() { NdisMResetComplete(adapter, 0, 0); NdisMResetComplete(adapter, 0, 0); return 259 },',
        bound: 'NdisReset(out(), binding)',
      }),
    )
    expect(bugcheck).toMatchObject({ name: 'BUGCODE_NDIS_DRIVER', parameters: [0x0f, expect.any(Number), 0, 0] })
  })
})

describe('received frames', () => {
  /** The miniport indicates a frame of 64 bytes, to all, from a timer. */
  const arriving = (indicate: string, parts: Parts): string =>
    stack({
      ...parts,
      top: `${parts.top ?? ''}
        const frame = storage(UCHAR, 128), arrival = storage(NDIS_MINIPORT_TIMER)
        function arrive() {
          for (let i = 0; i < 128; i++) UCHAR.at(frame + i).value = i < 6 ? 255 : i
          ${indicate}
        }`,
      bound: `set(OID_GEN_CURRENT_PACKET_FILTER, NDIS_PACKET_TYPE_BROADCAST)
        NdisMInitializeTimer(arrival, adapter, arrive, 0)
        NdisMSetTimer(arrival, 3)
        ${parts.bound ?? ''}`,
    })
  const whole = `NdisMEthIndicateReceive(adapter, 5, frame, 14, frame + 14, 20, 50)
    NdisMEthIndicateReceiveComplete(adapter)`
  const packetOf = `const array = storage(PVOID)
    PVOID.at(array).value = packet(...Array.from({ length: 60 }, (_, i) => (i < 6 ? 255 : i)))
    NdisMIndicateReceivePacket(adapter, array, 1)
    log('then', nameOf(NDIS_GET_PACKET_STATUS(PVOID.at(array).value)))`

  test.each(SEEDS)('lookahead first, the rest through NdisTransferData, seed %i', (seed) => {
    const { output, ...rest } = run(
      arriving(whole, {
        miniport: `TransferDataHandler(Packet, BytesTransferred, context, mac, offset, bytes) {
            const from = packet(...Array.from({ length: 50 }, (_, i) => 14 + i))
            NdisCopyFromPacketToPacket(Packet, 0, bytes, from, offset, BytesTransferred)
            log('transfer', mac, offset, bytes)
            return NDIS_STATUS_SUCCESS
          },`,
        protocol: `ReceiveHandler(context, mac, header, headerSize, lookahead, size, total) {
            log('receive', UCHAR.at(header).value, UCHAR.at(lookahead).value, size, total)
            const status = out(), bytes = out(), into = packet(...Array.from({ length: 50 }, () => 0))
            NdisTransferData(status, binding, mac, 20, 30, into, bytes)
            log('got', nameOf(status.value), bytes.value)
            return NDIS_STATUS_SUCCESS
          },
          ReceiveCompleteHandler() { log('receive complete') },`,
      }),
      { seed },
    )
    expect(rest).toEqual(clean)
    expect(output).toEqual([
      'receive 255 14 20 50', 'transfer 5 20 30', 'got SUCCESS 30', 'receive complete', 'halt', 'unload SUCCESS',
    ]) // prettier-ignore
  })
  test('a lookahead that is read past its size, and one that is kept', () => {
    const { rules } = run(
      arriving(whole, {
        top: 'let kept = 0',
        protocol: `ReceiveHandler(context, mac, header, headerSize, lookahead, size) {
            UCHAR.at(lookahead + size).value
            kept = lookahead
            return NDIS_STATUS_SUCCESS
          },
          ReceiveCompleteHandler() { UCHAR.at(kept).value },`,
      }),
    )
    expect(rules).toEqual(['DV:SpecialPoolOverrun', 'DV:SpecialPoolUseAfterFree'])
  })
  test.each(SEEDS)('a packet is kept and given back, seed %i', (seed) => {
    const { output, ...rest } = run(
      arriving(packetOf, {
        top: `const back = storage(PVOID), later = storage(NDIS_TIMER)
          function giveBack() { log('return'); NdisReturnPackets(back, 1) }`,
        protocol: `ReceivePacketHandler(context, Packet) {
            PVOID.at(back).value = Packet
            NdisSetTimer(later, 4)
            return 1
          },`,
        bound: 'NdisInitializeTimer(later, giveBack, 0)',
      }),
      { seed },
    )
    expect(rest).toEqual(clean)
    expect(output).toEqual(['then PENDING', 'return', 'packet back', 'halt', 'unload SUCCESS'])
  })
  test('a packet that is never given back', () => {
    const { output, rules } = run(arriving(packetOf, { protocol: 'ReceivePacketHandler() { return 1 },' }))
    expect(rules).toEqual(['CloseWithPacketsHeld', 'PacketsNotReturned'])
    expect(output).toEqual(['then PENDING', 'packet back', 'halt', 'unload SUCCESS'])
  })
  test('a protocol without ProtocolReceivePacket sees the packet as a frame', () => {
    const { output, ...rest } = run(
      arriving(packetOf, {
        protocol: `ReceiveHandler(context, mac, header, headerSize, lookahead, size, total) {
            log('receive', size, total, NdisGetReceivedPacket(binding, mac) === mac)
            return NDIS_STATUS_NOT_ACCEPTED
          },`,
      }),
    )
    expect(rest).toEqual(clean)
    expect(output).toEqual(['receive 46 46 true', 'then SUCCESS', 'halt', 'unload SUCCESS'])
  })
})

describe('ends that go wrong', () => {
  test('an unbind without a close', () => {
    const { rules } = run(stack({ protocol: 'UnbindAdapterHandler(Status) { Status.value = 0 },' }))
    expect(rules).toEqual(['UnbindWithoutClose'])
  })
  test('a send that is completed twice', () => {
    const { rules } = run(
      stack({
        miniport: `SendHandler(context, Packet) {
            NdisMSendComplete(adapter, Packet, 0)
            NdisMSendComplete(adapter, Packet, 0)
            return NDIS_STATUS_PENDING
          },`,
        bound: 'send(1)',
      }),
    )
    expect(rules).toEqual(['SendCompleteTwice'])
  })
  test('a packet that is freed while it is sent', () => {
    const { rules } = run(
      stack({
        miniport: `SendHandler(context, Packet) {
            NdisFreePacket(Packet)
            return NDIS_STATUS_SUCCESS
          },`,
        bound: 'send(1)',
      }),
    )
    expect(rules).toEqual(['PacketInUse'])
  })
})
