// One adapter: what the driver remembers of a NIC, and how it reaches its registers.
import {
  NDIS_EVENT,
  NDIS_MINIPORT_INTERRUPT,
  NDIS_PHYSICAL_ADDRESS,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_SUCCESS,
  NdisAllocateMemoryWithTag,
  NdisAllocateSpinLock,
  NdisFreeMemory,
  NdisFreeSpinLock,
  NdisInitializeEvent,
  NdisMAllocateSharedMemory,
  NdisMFreeSharedMemory,
  NdisZeroMemory,
  READ_REGISTER_ULONG,
  ULONG,
  WRITE_REGISTER_ULONG,
  out,
  sizeof,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type Out,
  type PNDIS_BUFFER,
  type PNDIS_EVENT,
  type PNDIS_MINIPORT_INTERRUPT,
  type PNDIS_PACKET,
  type PNDIS_SPIN_LOCK,
  type Pointer,
  type PVOID,
} from 'ndis'
import { DESCRIPTOR_BYTES } from './registers'

const TAG = 0x30343545 // 'E540'
export const MTU = 1500
export const HEADER_BYTES = 14
export const FRAME_BYTES = MTU + HEADER_BYTES
/** Bytes of a buffer for one frame: the smallest size that RCTL.BSIZE knows and a frame fits in. */
export const BUFFER_BYTES = 2048
/** Received packets of one NdisMIndicateReceivePacket. */
export const BATCH = 16
/** Addresses that a protocol may want to hear; 15 are compared exactly, the others by their hash. */
export const MOST_MULTICAST = 64

/** Memory that driver and NIC share. The NIC knows it by `Physical`, which is never the address that we use. */
export interface SharedBlock {
  readonly Address: PVOID
  readonly Physical: number
  readonly Length: number
}

/**
 * A ring of descriptors in shared memory. Each word of each descriptor has a cell of its own, made once: reading and writing
 * them takes no further object.
 */
export interface Ring {
  readonly Block: SharedBlock
  /** Physical address of the first descriptor. */
  readonly Physical: number
  readonly Count: number
  readonly Address: readonly Out<ULONG>[]
  readonly AddressHigh: readonly Out<ULONG>[]
  /** Length, and behind it checksum or command. */
  readonly Length: readonly Out<ULONG>[]
  readonly Status: readonly Out<ULONG>[]
  /** The next descriptor that we hand to the NIC. */
  Next: number
  /** The oldest descriptor that we have not taken back. */
  Clean: number
  /** Descriptors that the NIC has. One always stays with us: with all of them head and tail would be equal, which means none. */
  Used: number
}

/** Packets in their order, linked through MiniportReservedEx; their status waits in the word behind the link. */
export interface PacketList {
  First: PNDIS_PACKET
  Last: PNDIS_PACKET
}

export interface Transmit {
  readonly Ring: Ring
  /** By descriptor, valid at the first one of a packet: its last one. */
  readonly LastOf: number[]
  /** By descriptor, valid at the last one of a packet. */
  readonly PacketOf: PNDIS_PACKET[]
  /** By descriptor, valid at the last one: the copy that it is sent from, -1 when it is sent from where it lies. */
  readonly CopyOf: number[]
  /** Frames for packets that lie in too many pieces. */
  readonly Copies: SharedBlock
  readonly FreeCopies: number[]
  /** Packets that the ring has no room for. */
  readonly Waiting: PacketList
  /** Sends that the NIC finished, and how many there were when somebody last looked whether it hangs. */
  Finished: number
  FinishedBefore: number
}

export interface Receive {
  readonly Ring: Ring
  /** All buffers, in one block. */
  readonly Block: SharedBlock
  readonly PacketPool: NDIS_HANDLE
  readonly BufferPool: NDIS_HANDLE
  /** By number of the buffer: its packet, its descriptor, and the flag of the packet that its counts are right. */
  readonly Packets: PNDIS_PACKET[]
  readonly Buffers: PNDIS_BUFFER[]
  readonly ValidCounts: Out<number>[]
  /** By descriptor: the number of its buffer. */
  readonly BufferOf: number[]
  /** Numbers of buffers that are neither in the ring nor with a protocol. */
  readonly Free: number[]
  /** The array of packets that NdisMIndicateReceivePacket takes. */
  readonly Array: readonly Out<ULONG>[]
  readonly ArrayAddress: PVOID
  /** Packets that protocols have. */
  Out: number
  /** One CPU takes frames from the ring at a time: that keeps them in their order. */
  Busy: boolean
  /** In the midst of a frame that is longer than a buffer. */
  Skipping: boolean
}

/** Sums of the NIC's counters, which have 32 bits only and are cleared when they are read. */
export interface Statistics {
  Sent: number
  Received: number
  SendErrors: number
  ReceiveErrors: number
  NoBuffer: number
  Alignment: number
  OneCollision: number
  MoreCollisions: number
  Deferred: number
  LateCollisions: number
}

/**
 * The lock order is SendLock, then ReceiveLock. No lock is held while NDIS is called back (completions, indications), and no lock
 * guards what the ISR touches: that is done by NdisMSynchronizeWithInterrupt.
 */
export interface Adapter {
  readonly Handle: NDIS_HANDLE
  /** Nonpaged memory with everything that NDIS has pointers to. Its address is our MiniportAdapterContext. */
  readonly Context: PVOID
  /** Guards Transmit, SendStatus and LinkUp. */
  readonly SendLock: PNDIS_SPIN_LOCK
  /** Guards Receive, PacketFilter, Multicast and the registers of the receive unit. */
  readonly ReceiveLock: PNDIS_SPIN_LOCK
  readonly StatisticsLock: PNDIS_SPIN_LOCK
  readonly Interrupt: PNDIS_MINIPORT_INTERRUPT
  /** Signaled by the last packet that comes back while the adapter halts. */
  readonly AllReturned: PNDIS_EVENT
  InterruptRegistered: boolean
  /** Where NdisMMapIoSpace mapped the registers; 0 before. */
  Registers: PVOID
  Transmit: Transmit | undefined
  Receive: Receive | undefined
  /** From the EEPROM, and the one in use, which the keyword NetworkAddress may have set. */
  PermanentAddress: readonly number[]
  CurrentAddress: readonly number[]
  PacketFilter: number
  Multicast: readonly (readonly number[])[]
  Lookahead: number
  readonly Statistics: Statistics
  /** NDIS_STATUS_SUCCESS while packets may be sent; else what they are completed with. */
  SendStatus: NDIS_STATUS
  LinkUp: boolean
  /** The NIC is set up: rings, filters and interrupts may be touched. */
  Running: boolean
  /** The card was pulled: its registers must not be touched. */
  Removed: boolean
  Halting: boolean
  /** For the ISR, and for what runs under NdisMSynchronizeWithInterrupt. */
  InterruptMasked: boolean
  Causes: number
  /** NDIS queues no DPC while MiniportInitialize runs; the first one that comes tells that it does now. */
  DpcsCome: boolean
}

/** By MiniportAdapterContext. */
const adapters = new Map<PVOID, Adapter>()
/** Handlers get back the context that NdisMSetAttributesEx gave to NDIS. */
export const adapterOf = (Context: PVOID): Adapter => adapters.get(Context)!

export const read = (a: Adapter, register: number): number => READ_REGISTER_ULONG((a.Registers + register) as Register)
export const write = (a: Adapter, register: number, value: number): void =>
  WRITE_REGISTER_ULONG((a.Registers + register) as Register, value)
type Register = Pointer<'ULONG'>

/** What lies in the context block, and where. */
const AT = (() => {
  const SendLock = 0
  const ReceiveLock = SendLock + sizeof(NDIS_SPIN_LOCK)
  const StatisticsLock = ReceiveLock + sizeof(NDIS_SPIN_LOCK)
  const Physical = StatisticsLock + sizeof(NDIS_SPIN_LOCK)
  const AllReturned = Physical + sizeof(NDIS_PHYSICAL_ADDRESS)
  const Interrupt = AllReturned + sizeof(NDIS_EVENT)
  const PacketArray = Interrupt + sizeof(NDIS_MINIPORT_INTERRUPT)
  const Size = PacketArray + BATCH * sizeof(ULONG)
  return { SendLock, ReceiveLock, StatisticsLock, Physical, AllReturned, Interrupt, PacketArray, Size }
})()
export const packetArrayOf = (a: Adapter): PVOID => (a.Context + AT.PacketArray) as PVOID

/** undefined when memory is short. */
export function createAdapter(Handle: NDIS_HANDLE): Adapter | undefined {
  const Memory = out<PVOID>()
  if (NdisAllocateMemoryWithTag(Memory, AT.Size, TAG) !== NDIS_STATUS_SUCCESS) return undefined
  const Context = Memory.value
  NdisZeroMemory(Context, AT.Size)
  const a: Adapter = {
    Handle,
    Context,
    SendLock: (Context + AT.SendLock) as PNDIS_SPIN_LOCK,
    ReceiveLock: (Context + AT.ReceiveLock) as PNDIS_SPIN_LOCK,
    StatisticsLock: (Context + AT.StatisticsLock) as PNDIS_SPIN_LOCK,
    Interrupt: (Context + AT.Interrupt) as PNDIS_MINIPORT_INTERRUPT,
    AllReturned: (Context + AT.AllReturned) as PNDIS_EVENT,
    InterruptRegistered: false,
    Registers: 0,
    Transmit: undefined,
    Receive: undefined,
    PermanentAddress: [],
    CurrentAddress: [],
    PacketFilter: 0,
    Multicast: [],
    Lookahead: MTU,
    Statistics: {
      Sent: 0,
      Received: 0,
      SendErrors: 0,
      ReceiveErrors: 0,
      NoBuffer: 0,
      Alignment: 0,
      OneCollision: 0,
      MoreCollisions: 0,
      Deferred: 0,
      LateCollisions: 0,
    },
    SendStatus: NDIS_STATUS_SUCCESS,
    LinkUp: false,
    Running: false,
    Removed: false,
    Halting: false,
    InterruptMasked: true,
    Causes: 0,
    DpcsCome: false,
  }
  NdisAllocateSpinLock(a.SendLock)
  NdisAllocateSpinLock(a.ReceiveLock)
  NdisAllocateSpinLock(a.StatisticsLock)
  NdisInitializeEvent(a.AllReturned)
  adapters.set(Context, a)
  return a
}

export function destroyAdapter(a: Adapter): void {
  adapters.delete(a.Context)
  NdisFreeSpinLock(a.SendLock)
  NdisFreeSpinLock(a.ReceiveLock)
  NdisFreeSpinLock(a.StatisticsLock)
  NdisFreeMemory(a.Context, AT.Size, 0)
}

/**
 * undefined when memory is short. Not cached: what one side writes the other sees at once. On machines whose DMA is coherent, as
 * those with an x86 processor, that costs nothing.
 */
export function allocateShared(a: Adapter, Length: number): SharedBlock | undefined {
  const Address = out<PVOID>()
  const Physical = a.Context + AT.Physical
  NdisMAllocateSharedMemory(a.Handle, Length, false, Address, Physical as Pointer<'LARGE_INTEGER'>)
  // Dma64BitAddresses was FALSE, so that the upper half is zero.
  return Address.value === 0 ? undefined : { Address: Address.value, Physical: ULONG.at(Physical).value, Length }
}
export const freeShared = (a: Adapter, { Address, Physical, Length }: SharedBlock): void =>
  NdisMFreeSharedMemory(a.Handle, Length, false, Address, Physical)

/** A ring of `Count` descriptors, which must be a multiple of 8. undefined when memory is short. */
export function createRing(a: Adapter, Count: number): Ring | undefined {
  // A ring begins at a multiple of 16 (SDM 13.4.25): the block is that much longer than it.
  const Block = allocateShared(a, (Count + 1) * DESCRIPTOR_BYTES)
  if (!Block) return undefined
  NdisZeroMemory(Block.Address, Block.Length)
  const shift = -Block.Physical & (DESCRIPTOR_BYTES - 1)
  const words = (word: number): Out<ULONG>[] => {
    const cells: Out<ULONG>[] = []
    for (let i = 0; i < Count; i++) cells.push(ULONG.at(Block.Address + shift + i * DESCRIPTOR_BYTES + 4 * word))
    return cells
  }
  return {
    Block,
    Physical: Block.Physical + shift,
    Count,
    Address: words(0),
    AddressHigh: words(1),
    Length: words(2),
    Status: words(3),
    Next: 0,
    Clean: 0,
    Used: 0,
  }
}
