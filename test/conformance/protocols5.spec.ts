import { conform } from './conformance'

interface Parts {
  /** Statements at the top of the module. */
  readonly top?: string
  readonly bound?: string
  readonly unbinding?: string
  /** Members of the characteristics of each. */
  readonly protocol?: string
  readonly miniport?: string
  readonly initialize?: string
  readonly halt?: string
}
/** A miniport of NDIS 5 and a protocol above it. */
const stack = ({
  top = '',
  bound = '',
  unbinding = '',
  protocol = '',
  miniport = '',
  ...of
}: Parts): string => `let adapter = 0
const pool = packetPool(8), buffers = bufferPool(8), Data = memory(64), Old = out()
/** A frame to everybody, in one buffer. */
function frame(Length = 60) {
  bytes(Data, 64).fill(0xff)
  const Packet = packet(pool)
  NdisChainBufferAtFront(Packet, buffer(buffers, Data, Length))
  NDIS_SET_PACKET_HEADER_SIZE(Packet, 14)
  return Packet
}
function drop(Packet) {
  const Buffer = out()
  NdisUnchainBufferAtFront(Packet, Buffer); NdisFreeBuffer(Buffer.value); NdisFreePacket(Packet)
}
const free = () => { NdisFreePacketPool(pool); NdisFreeBufferPool(buffers); NdisFreeMemory(Data, 64, 0) }
const atDispatch = (run) => { NDIS_RAISE_IRQL_TO_DISPATCH(Old); run(); NDIS_LOWER_IRQL(Old.value, DISPATCH_LEVEL) }
${top}
export const drivers = {
  miniport: (DriverObject, RegistryPath) => miniport5(DriverObject, RegistryPath, {
    initialize(Adapter) { adapter = Adapter
      ${of.initialize ?? ''} },
    halt() { ${of.halt ?? ''} },
    handlers: { ${miniport} } }),
  protocol: (DriverObject) => protocol5(DriverObject, {
    bound(binding) { ${bound} },
    unbinding(binding) { ${unbinding} },
    unload: free,
    handlers: { ${protocol} } }),
}`
/** The packet of a receive indication goes up with this status, from DISPATCH_LEVEL. */
const indicate = (status: string): string => `const Packet = frame(), Packets = storage(PVOID)
PVOID.at(Packets).value = Packet
NDIS_SET_PACKET_STATUS(Packet, ${status})
atDispatch(() => NdisMIndicateReceivePacket(adapter, Packets, 1))`

conform([
  {
    page: 'PV NdisRegisterProtocol',
    cases: [
      {
        says: 'a version that there is not is refused',
        script: `const Status = out(), Protocol = out()
NdisRegisterProtocol(Status, Protocol, { MajorNdisVersion: 7, MinorNdisVersion: 0 }, sizeof(NDIS_PROTOCOL_CHARACTERISTICS))
say(Status.value === NDIS_STATUS_BAD_VERSION)`,
        output: ['true'],
        violations: ['ProtocolCharacteristics'],
      },
      {
        says: 'characteristics without their handlers are refused',
        script: `const Status = out(), Protocol = out()
NdisRegisterProtocol(Status, Protocol, { MajorNdisVersion: 5, MinorNdisVersion: 0 }, sizeof(NDIS_PROTOCOL_CHARACTERISTICS))
say(Status.value === NDIS_STATUS_BAD_CHARACTERISTICS)`,
        output: ['true'],
        violations: ['ProtocolCharacteristics'],
      },
    ],
  },
  {
    page: 'PV ProtocolBindAdapter, NdisOpenAdapter, NdisCloseAdapter',
    cases: [
      {
        says: 'a protocol is bound when the adapter runs, and unbound before it is halted',
        script: stack({
          bound: `say('bound', binding !== 0)`,
          unbinding: `say('unbind')`,
          initialize: `say('initialize')`,
          halt: `say('halt')`,
        }),
        output: ['initialize', 'bound true', 'unbind', 'halt'],
      },
      {
        says: 'a medium that the adapter has not is refused',
        script: `export const drivers = {
  miniport: (DriverObject, RegistryPath) => miniport5(DriverObject, RegistryPath, {}),
  protocol: (DriverObject) => protocol5(DriverObject, { medium: NdisMediumWan, bound: () => say('bound'),
    refused: (Status) => say(Status === NDIS_STATUS_UNSUPPORTED_MEDIA) }),
}`,
        output: ['true'],
      },
      {
        says: 'a handle is no handle once NdisCloseAdapter was called',
        script: stack({
          unbinding: `wait5((Close) => NdisCloseAdapter(Close, binding)); listen5(binding)`,
        }),
        // The close that follows uses it once more.
        violations: ['InvalidHandle', 'InvalidHandle'],
      },
    ],
  },
  {
    page: 'PV NdisSend, NdisSendPackets, ProtocolSendComplete',
    cases: [
      {
        says: 'what NdisSend gives is the end, unless it is NDIS_STATUS_PENDING',
        script: stack({
          bound: `const Packet = frame(), Status = out()
NdisSend(Status, binding, Packet); say(nameOf(Status.value)); drop(Packet)`,
          protocol: `SendCompleteHandler() { say('complete') }`,
        }),
        output: ['SUCCESS'],
      },
      {
        says: 'a pending send ends in ProtocolSendComplete',
        script: stack({
          top: 'const Timer = storage(NDIS_MINIPORT_TIMER); let sent = 0',
          initialize: `NdisMInitializeTimer(Timer, adapter, () => { say('sent'); NdisMSendComplete(adapter, sent, NDIS_STATUS_FAILURE) }, 0)`,
          miniport: `SendHandler(Context, Packet) { sent = Packet; NdisMSetTimer(Timer, 1); return NDIS_STATUS_PENDING }`,
          bound: `const Packet = frame(); say(nameOf(send5(binding, Packet))); drop(Packet)`,
        }),
        output: ['sent', 'FAILURE'],
      },
      {
        says: 'of an array each packet ends in ProtocolSendComplete, whatever became of it',
        script: stack({
          top: 'const Packets = storage(PVOID, 2); let left = 2',
          bound: `for (let i = 0; i < 2; i++) PVOID.at(Packets + 4 * i).value = frame()
NdisSendPackets(binding, Packets, 2)`,
          protocol: `SendCompleteHandler(Context, Packet, Status) { say(nameOf(Status)); drop(Packet) }`,
        }),
        output: ['SUCCESS', 'SUCCESS'],
      },
      {
        says: 'a packet that is being sent belongs to those below',
        script: stack({
          top: 'const Timer = storage(NDIS_MINIPORT_TIMER); let sent = 0',
          initialize: `NdisMInitializeTimer(Timer, adapter, () => NdisMSendComplete(adapter, sent, NDIS_STATUS_SUCCESS), 0)`,
          miniport: `SendHandler(Context, Packet) { sent = Packet; NdisMSetTimer(Timer, 1); return NDIS_STATUS_PENDING }`,
          bound: `const Packet = frame(), Status = out()
wait5((Result) => { NdisSend(Result, binding, Packet); NdisSend(Status, binding, Packet) })
drop(Packet)`,
        }),
        violations: ['PacketInUse'],
      },
      {
        says: 'a packet without buffers is nothing to send',
        script: stack({
          bound: `const Packet = packet(pool); send5(binding, Packet); NdisFreePacket(Packet)`,
        }),
        violations: ['SendEmptyPacket'],
      },
      {
        says: 'a send may not be completed twice (NdisMSendComplete)',
        script: stack({
          miniport: `SendHandler(Context, Packet) { atDispatch(() => { NdisMSendComplete(adapter, Packet, NDIS_STATUS_SUCCESS)
        NdisMSendComplete(adapter, Packet, NDIS_STATUS_SUCCESS) }); return NDIS_STATUS_PENDING }`,
          bound: `const Packet = frame(); send5(binding, Packet); drop(Packet)`,
        }),
        violations: ['SendCompleteTwice'],
      },
    ],
  },
  {
    page: 'PV NdisRequest, ProtocolRequestComplete',
    cases: [
      {
        says: 'a query comes back with what the miniport wrote, and how much',
        script: stack({
          miniport: `QueryInformationHandler(Context, Oid, Buffer, Length, BytesWritten) {
      if (Oid !== OID_GEN_LINK_SPEED) return NDIS_STATUS_NOT_SUPPORTED
      ULONG.at(Buffer).value = 10000000; BytesWritten.value = 4; return NDIS_STATUS_SUCCESS }`,
          bound: `say(nameOf(request5(binding, NdisRequestQueryInformation, OID_GEN_LINK_SPEED, Data, 4)),
  ULONG.at(Data).value, lastRequest5().DATA.QUERY_INFORMATION.BytesWritten)`,
        }),
        output: ['SUCCESS 10000000 4'],
      },
      {
        says: 'a buffer that is too short is refused with the bytes that it takes',
        script: stack({
          miniport: `QueryInformationHandler(Context, Oid, Buffer, Length, BytesWritten, BytesNeeded) {
      BytesNeeded.value = 6; return NDIS_STATUS_BUFFER_TOO_SHORT }`,
          bound: `say(nameOf(request5(binding, NdisRequestQueryInformation, OID_802_3_PERMANENT_ADDRESS, Data, 2)),
  lastRequest5().DATA.QUERY_INFORMATION.BytesNeeded)`,
        }),
        output: ['BUFFER_TOO_SHORT 6'],
      },
      {
        says: 'a set that is pending ends with NdisMSetInformationComplete',
        script: stack({
          top: 'const Timer = storage(NDIS_MINIPORT_TIMER)',
          initialize: `NdisMInitializeTimer(Timer, adapter, () => { say('done'); NdisMSetInformationComplete(adapter, NDIS_STATUS_SUCCESS) }, 0)`,
          miniport: `SetInformationHandler() { NdisMSetTimer(Timer, 1); return NDIS_STATUS_PENDING }`,
          bound: `say(nameOf(listen5(binding)))`,
        }),
        output: ['done', 'SUCCESS'],
      },
      {
        says: 'an OID that nobody knows is not supported',
        script: stack({
          bound: `say(nameOf(request5(binding, NdisRequestQueryInformation, 0xfffffffe, Data, 4)))`,
        }),
        output: ['NOT_SUPPORTED'],
      },
      {
        says: 'a buffer that is not there is found before the miniport writes to it',
        script: stack({
          bound: `request5(binding, NdisRequestQueryInformation, OID_GEN_LINK_SPEED, 8, 4)`,
        }),
        violations: ['NullCheck'],
        bugcheck: 'PAGE_FAULT_IN_NONPAGED_AREA',
      },
    ],
  },
  {
    page: 'PV ProtocolReceivePacket, NdisReturnPackets, MiniportReturnPacket',
    cases: [
      {
        says: 'a protocol that returns 0 has copied what it wants; a deserialized miniport hears that the packet is back',
        script: stack({
          miniport: `ReturnPacketHandler(Context, Packet) { say('back'); drop(Packet) }, SetInformationHandler: () => NDIS_STATUS_SUCCESS`,
          protocol: `ReceivePacketHandler(Context, Packet) { say('packet', nameOf(NDIS_GET_PACKET_STATUS(Packet))); return 0 }`,
          bound: `listen5(binding)
${indicate('NDIS_STATUS_SUCCESS')}`,
        }),
        output: ['packet SUCCESS', 'back'],
      },
      {
        says: 'a packet that is kept comes back when the protocol returns it',
        script: stack({
          top: 'const Back = storage(PVOID)',
          miniport: `ReturnPacketHandler(Context, Packet) { say('back'); drop(Packet) }, SetInformationHandler: () => NDIS_STATUS_SUCCESS`,
          protocol: `ReceivePacketHandler(Context, Packet) { PVOID.at(Back).value = Packet; return 1 }`,
          bound: `listen5(binding)
${indicate('NDIS_STATUS_SUCCESS')}
say(nameOf(NDIS_GET_PACKET_STATUS(Packet)))
NdisReturnPackets(Back, 1)`,
        }),
        output: ['PENDING', 'back'],
      },
      {
        says: 'with NDIS_STATUS_RESOURCES nobody may keep it: the miniport has it back at once, and hears nothing',
        script: stack({
          miniport: `ReturnPacketHandler() { say('back') }, SetInformationHandler: () => NDIS_STATUS_SUCCESS`,
          protocol: `ReceivePacketHandler(Context, Packet) { say(nameOf(NDIS_GET_PACKET_STATUS(Packet))); return 0 }`,
          bound: `listen5(binding)
${indicate('NDIS_STATUS_RESOURCES')}
drop(Packet)`,
        }),
        output: ['RESOURCES'],
      },
      {
        says: 'who keeps it in spite of that is told',
        script: stack({
          miniport: `ReturnPacketHandler() {}, SetInformationHandler: () => NDIS_STATUS_SUCCESS`,
          protocol: `ReceivePacketHandler: () => 1`,
          bound: `listen5(binding)
${indicate('NDIS_STATUS_RESOURCES')}
drop(Packet)`,
        }),
        violations: ['ReceiveResources'],
      },
      {
        says: 'a packet is returned once for each time that it was kept',
        script: stack({
          top: 'const Back = storage(PVOID)',
          miniport: `ReturnPacketHandler(Context, Packet) { drop(Packet) }, SetInformationHandler: () => NDIS_STATUS_SUCCESS`,
          protocol: `ReceivePacketHandler(Context, Packet) { PVOID.at(Back).value = Packet; return 1 }`,
          bound: `listen5(binding)
${indicate('NDIS_STATUS_SUCCESS')}
const again = frame()
PVOID.at(Back + 0).value = Packet
NdisReturnPackets(Back, 1)
PVOID.at(Back).value = again
NdisReturnPackets(Back, 1)
drop(again)`,
        }),
        violations: ['ReturnPacketNotHeld'],
      },
      {
        says: 'frames that the packet filter keeps out do not arrive',
        script: stack({
          miniport: `ReturnPacketHandler(Context, Packet) { say('back'); drop(Packet) }, SetInformationHandler: () => NDIS_STATUS_SUCCESS`,
          protocol: `ReceivePacketHandler() { say('packet'); return 0 }`,
          bound: indicate('NDIS_STATUS_SUCCESS'),
        }),
        output: ['back'],
      },
      {
        says: 'a status that is neither SUCCESS nor RESOURCES is no status for a receive indication (PV ff546718)',
        script: stack({
          miniport: `ReturnPacketHandler(Context, Packet) { drop(Packet) }, SetInformationHandler: () => NDIS_STATUS_SUCCESS`,
          bound: indicate('NDIS_STATUS_FAILURE'),
        }),
        violations: ['ReceivePacketStatus'],
      },
    ],
  },
  {
    page: 'PV ProtocolReceive, NdisTransferData, NdisMEthIndicateReceive',
    cases: [
      {
        says: 'the header and the start of a frame come first, then ProtocolReceiveComplete',
        script: stack({
          miniport: `SetInformationHandler: () => NDIS_STATUS_SUCCESS`,
          protocol: `ReceiveHandler(Context, Receive, Header, HeaderSize, Lookahead, LookaheadSize, PacketSize) {
      say(HeaderSize, LookaheadSize, PacketSize); return NDIS_STATUS_SUCCESS },
    ReceiveCompleteHandler() { say('complete') }`,
          bound: `listen5(binding); bytes(Data, 64).fill(0xff)
atDispatch(() => { NdisMEthIndicateReceive(adapter, 1, Data, 14, Data + 14, 20, 46); NdisMEthIndicateReceiveComplete(adapter) })`,
        }),
        output: ['14 20 46', 'complete'],
      },
      {
        says: 'NdisTransferData fetches the rest from the miniport',
        script: stack({
          top: 'let into = 0',
          miniport: `SetInformationHandler: () => NDIS_STATUS_SUCCESS,
    TransferDataHandler(Packet, BytesTransferred, Context, Receive, Offset, Bytes) {
      say('transfer', Receive, Offset, Bytes); BytesTransferred.value = Bytes; return NDIS_STATUS_SUCCESS }`,
          protocol: `ReceiveHandler(Context, Receive, Header, HeaderSize, Lookahead, LookaheadSize, PacketSize) {
      const Status = out(), Bytes = out()
      NdisTransferData(Status, lastBinding, Receive, LookaheadSize, PacketSize - LookaheadSize, into, Bytes)
      say(nameOf(Status.value), Bytes.value)
      return NDIS_STATUS_SUCCESS }`,
          bound: `lastBinding = binding; listen5(binding); into = frame(26); bytes(Data, 64).fill(0xff)
atDispatch(() => { NdisMEthIndicateReceive(adapter, 1, Data, 14, Data + 14, 20, 46); NdisMEthIndicateReceiveComplete(adapter) })
drop(into)`,
        }).replace('let into = 0', 'let into = 0, lastBinding = 0'),
        output: ['transfer 1 20 26', 'SUCCESS 26'],
      },
      {
        says: 'only inside of ProtocolReceive: afterwards the miniport does not have the frame any more',
        script: stack({
          miniport: `SetInformationHandler: () => NDIS_STATUS_SUCCESS, TransferDataHandler: () => NDIS_STATUS_SUCCESS`,
          bound: `const into = frame(26); atDispatch(() => NdisTransferData(out(), binding, 1, 0, 26, into, out())); drop(into)`,
        }),
        violations: ['TransferOutsideReceive'],
      },
      {
        says: 'ProtocolReceive may return SUCCESS and NOT_ACCEPTED and nothing else',
        script: stack({
          miniport: `SetInformationHandler: () => NDIS_STATUS_SUCCESS`,
          protocol: `ReceiveHandler: () => NDIS_STATUS_FAILURE`,
          bound: `listen5(binding); bytes(Data, 64).fill(0xff)
atDispatch(() => { NdisMEthIndicateReceive(adapter, 1, Data, 14, Data + 14, 46, 46); NdisMEthIndicateReceiveComplete(adapter) })`,
        }),
        violations: ['ProtocolReceiveStatus'],
      },
    ],
  },
  {
    page: 'PV ProtocolUnbindAdapter, NdisDeregisterProtocol',
    cases: [
      {
        says: 'a protocol that keeps its binding when it is told to unbind is reported',
        script: stack({ protocol: `UnbindAdapterHandler(Status) { Status.value = NDIS_STATUS_SUCCESS }` }),
        violations: ['UnbindWithoutClose'],
      },
      {
        says: 'one that does not deregister is left behind at unload',
        script: `export function DriverEntry(DriverObject) {
  const Status = protocol5(DriverObject, {})
  DRIVER_OBJECT.at(DriverObject).DriverUnload = () => say('unload')
  return Status
}`,
        output: ['unload'],
        violations: ['DV:LeakAtUnload'],
        leaks: ['NDIS 5 protocol registration x1'],
      },
    ],
  },
])
