/**
 * Mended: a lookahead read past the frame's end
 *
 * Only the bytes of the lookahead are read.
 */
import {
  DbgPrint,
  NDIS_MINIPORT_TIMER,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_SUCCESS,
  NdisFreeMemory,
  NdisMCancelTimer,
  NdisMEthIndicateReceive,
  NdisMEthIndicateReceiveComplete,
  NdisMInitializeTimer,
  NdisMSetTimer,
  bytes,
  out,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'
import { miniport5 } from './parts/miniport5'
import { memory } from './parts/pools'
import { listen5, protocol5 } from './parts/protocol5'

const Timer = storage(NDIS_MINIPORT_TIMER)
const HEADER_BYTES = 14
const LOOKAHEAD_BYTES = 18
const PACKET_BYTES = 46
let Adapter: NDIS_HANDLE = 0
let Frame: PVOID = 0
let received: number[] = []

function ProtocolReceive(
  _Context: NDIS_HANDLE,
  _MacReceiveContext: NDIS_HANDLE,
  _Header: PVOID,
  _HeaderSize: number,
  LookAhead: PVOID,
  LookaheadSize: number,
  PacketSize: number,
): NDIS_STATUS {
  if (received.length === 0) DbgPrint('%u bytes, %u of them here\n', PacketSize, LookaheadSize)
  received = [...bytes(LookAhead, LookaheadSize)]
  return NDIS_STATUS_SUCCESS
}

/** A frame of which the NIC shows the beginning. */
function NicTick(): void {
  NdisMEthIndicateReceive(Adapter, 0, Frame, HEADER_BYTES, Frame + HEADER_BYTES, LOOKAHEAD_BYTES, PACKET_BYTES)
  NdisMEthIndicateReceiveComplete(Adapter)
}

function miniport(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize(MiniportAdapterHandle) {
      Adapter = MiniportAdapterHandle
      Frame = memory(HEADER_BYTES + LOOKAHEAD_BYTES)
      bytes(Frame, HEADER_BYTES + LOOKAHEAD_BYTES).fill(0xff)
      NdisMInitializeTimer(Timer, Adapter, NicTick, 0)
      NdisMSetTimer(Timer, 100)
    },
    halt() {
      NdisMCancelTimer(Timer, out<number>())
      NdisFreeMemory(Frame, HEADER_BYTES + LOOKAHEAD_BYTES, 0)
    },
    attributes: 0,
    handlers: { SetInformationHandler: () => NDIS_STATUS_SUCCESS, TransferDataHandler: () => NDIS_STATUS_FAILURE },
  })
}

export const drivers = {
  miniport,
  protocol: (DriverObject: PDRIVER_OBJECT) =>
    protocol5(DriverObject, {
      bound: (binding) => void listen5(binding),
      handlers: { ReceiveHandler: ProtocolReceive },
    }),
}
