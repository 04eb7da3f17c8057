// A miniport of NDIS 5 and a protocol above it, and frames for both.
import {
  bytes,
  DISPATCH_LEVEL,
  NDIS_LOWER_IRQL,
  NDIS_RAISE_IRQL_TO_DISPATCH,
  NDIS_SET_PACKET_HEADER_SIZE,
  NDIS_SET_PACKET_STATUS,
  NDIS_STATUS_SUCCESS,
  NdisChainBufferAtFront,
  NdisFreeBuffer,
  NdisFreeBufferPool,
  NdisFreeMemory,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisUnchainBufferAtFront,
  out,
  PVOID,
  storage,
  type KIRQL,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport5, type Miniport5 } from './miniport5'
import { buffer, bufferPool, memory, packet, packetPool } from './pools'
import { protocol5, type Protocol5 } from './protocol5'

const FRAME_BYTES = 60
const packets = packetPool(8)
const buffers = bufferPool(8)
const Data = memory(FRAME_BYTES)
const Old = out<KIRQL>()
const Packets = storage(PVOID)
let adapter: NDIS_HANDLE = 0
export const adapter5 = () => adapter

export const emptyPacket5 = (): PNDIS_PACKET => packet(packets)
/** The bytes of a frame to everybody. */
export function frameData5(): PVOID {
  bytes(Data, FRAME_BYTES).fill(0xff)
  return Data
}
/** The same in one buffer. */
export function frame5(): PNDIS_PACKET {
  const Packet = emptyPacket5()
  NdisChainBufferAtFront(Packet, buffer(buffers, frameData5(), FRAME_BYTES))
  NDIS_SET_PACKET_HEADER_SIZE(Packet, 14)
  NDIS_SET_PACKET_STATUS(Packet, NDIS_STATUS_SUCCESS)
  return Packet
}
export function drop5(Packet: PNDIS_PACKET): void {
  const Buffer = out<PNDIS_BUFFER>()
  NdisUnchainBufferAtFront(Packet, Buffer)
  if (Buffer.value !== 0) NdisFreeBuffer(Buffer.value)
  NdisFreePacket(Packet)
}
/** The array that holds this one packet. */
export function array5(Packet: PNDIS_PACKET): number {
  PVOID.at(Packets).value = Packet
  return Packets
}
export function atDispatch5(run: () => void): void {
  NDIS_RAISE_IRQL_TO_DISPATCH(Old)
  run()
  NDIS_LOWER_IRQL(Old.value, DISPATCH_LEVEL)
}

interface Stack5 {
  readonly initialize?: () => NDIS_STATUS | void
  readonly halt?: () => void
  readonly attributes?: number
  /** Members of the characteristics of each. */
  readonly miniport?: object
  readonly protocol?: object
  readonly bound?: (binding: NDIS_HANDLE) => void
  readonly unbinding?: (binding: NDIS_HANDLE) => void
}
/** What a module exports as `drivers`. */
export const stack5 = (of: Stack5) => ({
  miniport(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
    const own: Miniport5 = {
      initialize(Adapter) {
        adapter = Adapter
        return of.initialize?.()
      },
      handlers: { SetInformationHandler: () => NDIS_STATUS_SUCCESS, ...of.miniport },
      ...(of.halt && { halt: of.halt }),
      ...(of.attributes !== undefined && { attributes: of.attributes }),
    }
    return miniport5(DriverObject, RegistryPath, own)
  },
  protocol(DriverObject: PDRIVER_OBJECT): NDIS_STATUS {
    const own: Protocol5 = {
      ...(of.bound && { bound: of.bound }),
      ...(of.unbinding && { unbinding: of.unbinding }),
      unload() {
        NdisFreePacketPool(packets)
        NdisFreeBufferPool(buffers)
        NdisFreeMemory(Data, FRAME_BYTES, 0)
      },
      handlers: of.protocol ?? {},
    }
    return protocol5(DriverObject, own)
  },
})
