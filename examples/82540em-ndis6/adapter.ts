/** What the driver keeps of one adapter: in C, the structure behind MiniportAdapterContext. */
import {
  FIELD_OFFSET,
  NDIS_LINK_STATE,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_INDICATION,
  NET_BUFFER,
  NET_BUFFER_LIST,
  out,
  READ_REGISTER_ULONG,
  sizeof,
  WRITE_REGISTER_ULONG,
  type NDIS_HANDLE,
  type Out,
  type PNDIS_LINK_STATE,
  type PNDIS_SPIN_LOCK,
  type PNDIS_STATUS_INDICATION,
  type PNET_BUFFER,
  type PNET_BUFFER_LIST,
  type PMDL,
  type PVOID,
} from 'ndis'
import type { Settings } from './configuration'
import { noStatistics, type Statistics } from './counters'

export const TAG = 0x45304538 // '8E0E'
export const DISPATCH_LEVEL = 2
export const MTU = 1500
export const HEADER_BYTES = 14
export const MAX_FRAME_BYTES = MTU + HEADER_BYTES
/** Bytes of a buffer of either ring: the size that RCTL.BSIZE names, and room for any frame. */
export const BUFFER_BYTES = 2048
export const MAX_MULTICAST = 64

/** Memory that driver and NIC share, with both its addresses. */
export interface SharedMemory {
  readonly Virtual: number
  readonly Physical: bigint
  readonly Length: number
}

/**
 * A transmit descriptor and what belongs to it. The cells are live on the words of the descriptor: made once, so that a frame
 * makes no garbage.
 */
export interface TransmitSlot {
  readonly AddressLow: Out<number>
  readonly AddressHigh: Out<number>
  readonly Length: Out<number>
  readonly Status: Out<number>
  /** Room for a frame that is copied: short ones, and those that have too many pieces. */
  readonly Copy: number
  readonly CopyLow: number
  readonly CopyHigh: number
  /** Set in the first slot of a frame: its last one. */
  Last: number
  /** Set in the last slot of a frame: its scatter/gather list (0: it was copied), and its NET_BUFFER. */
  SgList: number
  NetBuffer: PNET_BUFFER
  /** Set in the last slot of the last frame of a NET_BUFFER_LIST: that list, which is complete with it. */
  List: PNET_BUFFER_LIST
}

/** A receive buffer: a list with its NET_BUFFER and MDL over 2048 bytes of shared memory. */
export interface ReceiveBuffer {
  readonly Address: PNET_BUFFER_LIST
  readonly NetBufferList: NET_BUFFER_LIST
  readonly NetBuffer: NET_BUFFER
  readonly Mdl: PMDL
  /** Physical address of its memory. */
  readonly Low: number
  readonly High: number
}

/** A receive descriptor and the buffer that it has now. */
export interface ReceiveSlot {
  readonly AddressLow: Out<number>
  readonly AddressHigh: Out<number>
  readonly Length: Out<number>
  readonly Status: Out<number>
  Buffer: ReceiveBuffer
}

export interface Adapter {
  readonly Handle: NDIS_HANDLE
  /** MiniportAdapterContext: nonpaged memory that begins with the two locks. */
  readonly Context: PVOID
  /**
   * SendLock guards the transmit ring and the queue of lists, ReceiveLock the receive ring and its buffers. Who takes both takes
   * SendLock first. State is changed with both held, and so is read with either. Nothing of NDIS that may call back is called
   * with one of them held.
   */
  readonly SendLock: PNDIS_SPIN_LOCK
  readonly ReceiveLock: PNDIS_SPIN_LOCK

  // What initialize acquires, in this order; 0 or empty: not there (yet).
  readonly Settings: Settings
  Registers: PVOID
  Dma: NDIS_HANDLE
  readonly Shared: SharedMemory[]
  Pool: NDIS_HANDLE
  Interrupt: NDIS_HANDLE

  /** The EEPROM's address, and the one in use. */
  PermanentAddress: readonly number[]
  CurrentAddress: readonly number[]

  /** Between restart and pause: lists are sent and received. */
  Running: boolean
  /** Between two resets of the NIC, in a low power state, or after a surprise removal: the rings stand still. */
  Stopped: boolean
  /** The NIC is gone from the bus: no register is touched any more. */
  Removed: boolean
  /** MiniportPause returned NDIS_STATUS_PENDING. */
  Pausing: boolean

  /** The link bits of STATUS as NDIS knows them; changed with both locks held, too. */
  LinkStatus: number

  // Under SendLock.
  readonly Transmit: TransmitSlot[]
  TransmitRing: bigint
  /** Next descriptor to fill, and what TDT was told last: a batch is filled first, then told. */
  TransmitNext: number
  TransmitTail: number
  /** Oldest descriptor that is not done; TransmitNext when the ring is empty. */
  TransmitClean: number
  /** Lists that wait for descriptors, linked through NET_BUFFER_LIST.Next. */
  WaitingHead: PNET_BUFFER_LIST
  WaitingTail: PNET_BUFFER_LIST
  /** The next frame of the first of them, once one was taken; 0: none was. */
  WaitingFrame: PNET_BUFFER
  /** The frame whose scatter/gather list is being made; 0: none. */
  Mapping: PNET_BUFFER
  /** Lists that are done and not given back yet, linked likewise. */
  DoneHead: PNET_BUFFER_LIST
  DoneTail: PNET_BUFFER_LIST
  /** Calls that give lists back now. */
  Completing: number
  /** What NdisQueryMdl says of a piece. */
  readonly PieceAddress: Out<PVOID>
  readonly PieceLength: Out<number>
  /** TransmitClean at the last hang check; -1: the ring was empty then. */
  HangMark: number

  // Under ReceiveLock.
  readonly Receive: ReceiveSlot[]
  ReceiveRing: bigint
  /** Oldest descriptor that the driver has not looked at. */
  ReceiveNext: number
  /** Counts the times that the ring began anew. */
  ReceiveEpoch: number
  /** The chain that is put together, and how many lists it has. */
  ChainHead: PNET_BUFFER_LIST
  ChainLists: number
  readonly Buffers: ReceiveBuffer[]
  /** Those that no descriptor has and nobody above holds. */
  readonly Spare: ReceiveBuffer[]
  /** Calls that hand lists up now. */
  Indicating: number
  PacketFilter: number
  /** Of ITR, units of 256 ns. */
  InterruptGap: number
  Multicast: readonly (readonly number[])[]
  readonly Statistics: Statistics

  /** Added to by the service routine, taken by the DPC; both at DIRQL. */
  Causes: number
  TakenCauses: number
}

/** What lies behind MiniportAdapterContext, one behind the other, each where a 64-bit member may begin. */
const align = (bytes: number): number => (bytes + 7) & ~7
const LOCK_BYTES = align(sizeof(NDIS_SPIN_LOCK))
const LINK_STATE_AT = 2 * LOCK_BYTES
const INDICATION_AT = LINK_STATE_AT + align(sizeof(NDIS_LINK_STATE))
export const CONTEXT_BYTES = INDICATION_AT + sizeof(NDIS_STATUS_INDICATION)
/** What the DPC tells NDIS of the link with. */
export const linkStateOf = (Context: PVOID): PNDIS_LINK_STATE => (Context + LINK_STATE_AT) as PNDIS_LINK_STATE
export const statusIndicationOf = (Context: PVOID): PNDIS_STATUS_INDICATION =>
  (Context + INDICATION_AT) as PNDIS_STATUS_INDICATION

/** An adapter that has its context and its settings, and nothing else yet. */
export const newAdapter = (Handle: NDIS_HANDLE, Context: PVOID, Settings: Settings): Adapter => ({
  Handle,
  Context,
  SendLock: Context as PNDIS_SPIN_LOCK,
  ReceiveLock: (Context + LOCK_BYTES) as PNDIS_SPIN_LOCK,
  Settings,
  Registers: 0,
  Dma: 0,
  Shared: [],
  Pool: 0,
  Interrupt: 0,
  PermanentAddress: [],
  CurrentAddress: [],
  Running: false,
  Stopped: true,
  Removed: false,
  Pausing: false,
  Transmit: [],
  TransmitRing: 0n,
  TransmitNext: 0,
  TransmitTail: 0,
  TransmitClean: 0,
  WaitingHead: 0,
  WaitingTail: 0,
  WaitingFrame: 0,
  Mapping: 0,
  DoneHead: 0,
  DoneTail: 0,
  Completing: 0,
  PieceAddress: out<PVOID>(),
  PieceLength: out<number>(),
  HangMark: -1,
  Receive: [],
  ReceiveRing: 0n,
  ReceiveNext: 0,
  ReceiveEpoch: 0,
  ChainHead: 0,
  ChainLists: 0,
  Buffers: [],
  Spare: [],
  Indicating: 0,
  PacketFilter: 0,
  InterruptGap: Settings.InterruptGap,
  Multicast: [],
  Statistics: noStatistics(),
  LinkStatus: 0,
  Causes: 0,
  TakenCauses: 0,
})

const adapters = new Map<PVOID, Adapter>()
export const remember = (adapter: Adapter): void => void adapters.set(adapter.Context, adapter)
export const forget = (adapter: Adapter): void => void adapters.delete(adapter.Context)
/** The adapter of a MiniportAdapterContext. */
export const adapterOf = (Context: PVOID): Adapter => adapters.get(Context)!

export const read = (adapter: Adapter, register: number): number => READ_REGISTER_ULONG(adapter.Registers + register)
export const write = (adapter: Adapter, register: number, value: number): void =>
  WRITE_REGISTER_ULONG(adapter.Registers + register, value)

export const lowOf = (address: bigint): number => Number(address & 0xffff_ffffn)
export const highOf = (address: bigint): number => Number(address >> 32n)

/** Where a receive list of this driver has the number of its buffer. */
export const NBL_BUFFER = FIELD_OFFSET(NET_BUFFER_LIST, 'MiniportReserved')
