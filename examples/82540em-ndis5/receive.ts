// The receive half: buffers go into the ring, frames come out of it and go up as packets.
import {
  FIELD_OFFSET,
  NDIS_PACKET,
  NDIS_SET_PACKET_HEADER_SIZE,
  NDIS_SET_PACKET_STATUS,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAdjustBufferLength,
  NdisAllocateBuffer,
  NdisAllocateBufferPool,
  NdisAllocatePacket,
  NdisAllocatePacketPool,
  NdisChainBufferAtFront,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisFreeBuffer,
  NdisFreeBufferPool,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisMIndicateReceivePacket,
  NdisReleaseSpinLock,
  NdisSetEvent,
  NdisUnchainBufferAtFront,
  UCHAR,
  ULONG,
  out,
  sizeof,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
} from 'ndis'
import {
  BATCH,
  BUFFER_BYTES,
  FRAME_BYTES,
  HEADER_BYTES,
  adapterOf,
  allocateShared,
  createRing,
  freeShared,
  packetArrayOf,
  write,
  type Adapter,
  type Receive,
} from './adapter'
import { DESCRIPTOR_BYTES, REG, RX_STATUS } from './registers'

/** What a packet reserves for protocols: four pointers (PV NdisAllocatePacketPool). */
const RESERVED_BYTES = 16
/** Our packets carry the number of their buffer here. */
const NUMBER = FIELD_OFFSET(NDIS_PACKET, 'MiniportReservedEx')
const VALID_COUNTS = FIELD_OFFSET(NDIS_PACKET, 'Private.ValidCounts')
/** With fewer buffers than this left for the NIC, protocols must copy what they want and give the packets back at once. */
const FEW_BUFFERS = 2 * BATCH
/** Buffers that are returned one by one go to the NIC together: one write of RDT for so many. */
const REFILL = 8
/** Interrupt delays, units of 1.024 microseconds (SDM 13.4.30). */
const RECEIVE_DELAY = 0
const LONGEST_RECEIVE_DELAY = 0

/** A ring, and twice as many buffers: protocols may keep half of them. undefined when memory is short. */
export function createReceive(a: Adapter, Count: number): Receive | undefined {
  const Status = out<NDIS_STATUS>()
  const PacketPool = out<NDIS_HANDLE>()
  const BufferPool = out<NDIS_HANDLE>()
  const buffers = 2 * Count
  const ring = createRing(a, Count)
  if (!ring) return undefined
  const Block = allocateShared(a, buffers * BUFFER_BYTES)
  if (Block) {
    NdisAllocatePacketPool(Status, PacketPool, buffers, RESERVED_BYTES)
    if (Status.value === NDIS_STATUS_SUCCESS) {
      NdisAllocateBufferPool(Status, BufferPool, buffers)
      if (Status.value === NDIS_STATUS_SUCCESS) {
        const array = packetArrayOf(a)
        const r: Receive = {
          Ring: ring,
          Block,
          PacketPool: PacketPool.value,
          BufferPool: BufferPool.value,
          Packets: [],
          Buffers: [],
          ValidCounts: [],
          BufferOf: Array.from({ length: Count }, () => 0),
          Free: [],
          Array: Array.from({ length: BATCH }, (_unused, i) => ULONG.at(array + i * sizeof(ULONG))),
          ArrayAddress: array,
          Out: 0,
          Busy: false,
          Skipping: false,
        }
        while (r.Packets.length < buffers && allocatePacket(r));
        if (r.Packets.length === buffers) return r
        freeReceive(a, r)
        return undefined
      }
      NdisFreePacketPool(PacketPool.value)
    }
    freeShared(a, Block)
  }
  freeShared(a, ring.Block)
  return undefined
}

/** One more packet over the next piece of shared memory; false when descriptors are short. */
function allocatePacket(r: Receive): boolean {
  const Status = out<NDIS_STATUS>()
  const Packet = out<PNDIS_PACKET>()
  const Buffer = out<PNDIS_BUFFER>()
  const number = r.Packets.length
  NdisAllocatePacket(Status, Packet, r.PacketPool)
  if (Status.value !== NDIS_STATUS_SUCCESS) return false
  NdisAllocateBuffer(Status, Buffer, r.BufferPool, r.Block.Address + number * BUFFER_BYTES, BUFFER_BYTES)
  if (Status.value !== NDIS_STATUS_SUCCESS) {
    NdisFreePacket(Packet.value)
    return false
  }
  // Made once, used again for every frame: only length and status of a packet change.
  NdisChainBufferAtFront(Packet.value, Buffer.value)
  NDIS_SET_PACKET_HEADER_SIZE(Packet.value, HEADER_BYTES)
  ULONG.at(Packet.value + NUMBER).value = number
  r.Packets.push(Packet.value)
  r.Buffers.push(Buffer.value)
  r.ValidCounts.push(UCHAR.at(Packet.value + VALID_COUNTS))
  r.Free.push(number)
  return true
}

function freeReceive(a: Adapter, r: Receive): void {
  const Unchained = out<PNDIS_BUFFER>()
  r.Packets.forEach((Packet, number) => {
    // A packet does not own its buffers; they come off it first, with the length that they were allocated with.
    NdisUnchainBufferAtFront(Packet, Unchained)
    NdisAdjustBufferLength(r.Buffers[number]!, BUFFER_BYTES)
    NdisFreeBuffer(r.Buffers[number]!)
    NdisFreePacket(Packet)
  })
  NdisFreeBufferPool(r.BufferPool)
  NdisFreePacketPool(r.PacketPool)
  freeShared(a, r.Block)
  freeShared(a, r.Ring.Block)
}
/** Nothing is with a protocol any more. */
export function destroyReceive(a: Adapter): void {
  if (a.Receive) freeReceive(a, a.Receive)
  a.Receive = undefined
}

/** Takes all buffers out of the ring. Under ReceiveLock; the NIC no longer looks at it. */
export function drainReceive(r: Receive): void {
  const { Ring: ring } = r
  for (; ring.Used > 0; ring.Used--) {
    r.Free.push(r.BufferOf[ring.Clean]!)
    ring.Clean = ring.Clean + 1 === ring.Count ? 0 : ring.Clean + 1
  }
  r.Skipping = false
}

/** Programs the ring and fills it (SDM 14.4). RCTL.EN is set with the packet filter. Under ReceiveLock. */
export function startReceive(a: Adapter, r: Receive): void {
  const { Ring: ring } = r
  ring.Next = ring.Clean = ring.Used = 0
  write(a, REG.RDBAL, ring.Physical)
  write(a, REG.RDBAH, 0)
  write(a, REG.RDLEN, ring.Count * DESCRIPTOR_BYTES)
  write(a, REG.RDH, 0)
  write(a, REG.RDT, 0)
  write(a, REG.RDTR, RECEIVE_DELAY)
  write(a, REG.RADV, LONGEST_RECEIVE_DELAY)
  refill(a, r)
}

/** Gives the NIC all buffers that are free, as far as the ring has room. Under ReceiveLock. */
function refill(a: Adapter, r: Receive): void {
  const { Ring: ring, Free, Block } = r
  const before = ring.Next
  while (Free.length > 0 && ring.Used + 1 < ring.Count) {
    const number = Free.pop()!
    const index = ring.Next
    ring.Address[index]!.value = Block.Physical + number * BUFFER_BYTES
    ring.AddressHigh[index]!.value = 0
    ring.Status[index]!.value = 0
    r.BufferOf[index] = number
    ring.Next = index + 1 === ring.Count ? 0 : index + 1
    ring.Used++
  }
  if (ring.Next !== before) write(a, REG.RDT, ring.Next)
}

/** Takes up to BATCH frames out of the ring and puts their packets into the array: how many. Under ReceiveLock. */
function collect(r: Receive): number {
  const { Ring: ring } = r
  let count = 0
  while (count < BATCH && ring.Used > 0) {
    const index = ring.Clean
    const status = ring.Status[index]!.value
    if ((status & RX_STATUS.DD) === 0) break
    const number = r.BufferOf[index]!
    const length = ring.Length[index]!.value & 0xffff
    ring.Clean = index + 1 === ring.Count ? 0 : index + 1
    ring.Used--
    const whole = (status & RX_STATUS.EOP) !== 0 && !r.Skipping
    r.Skipping = (status & RX_STATUS.EOP) === 0
    if (!whole || (status & RX_STATUS.ERRORS) !== 0 || length < HEADER_BYTES || length > FRAME_BYTES) {
      // Longer than a frame may be, or damaged: the buffer is used again.
      r.Free.push(number)
      continue
    }
    NdisAdjustBufferLength(r.Buffers[number]!, length)
    // The length changed behind the packet's back: what it remembers of its buffers no longer holds.
    r.ValidCounts[number]!.value = 0
    r.Array[count++]!.value = r.Packets[number]!
  }
  r.Out += count
  return count
}

/** Buffers of packets that were only lent are ours again when the indication returns. Under ReceiveLock. */
function takeBack(r: Receive, count: number): void {
  for (let i = 0; i < count; i++) r.Free.push(ULONG.at(r.Array[i]!.value + NUMBER).value)
  r.Out -= count
}

/** From MiniportHandleInterrupt, at DISPATCH_LEVEL: gives all frames that have arrived to NDIS, a batch at a time. */
export function handleReceived(a: Adapter): void {
  const r = a.Receive!
  NdisDprAcquireSpinLock(a.ReceiveLock)
  // The CPU that is at it takes what has arrived meanwhile, too.
  if (r.Busy) return NdisDprReleaseSpinLock(a.ReceiveLock)
  r.Busy = true
  for (let count = a.Running ? collect(r) : 0; count > 0; count = a.Running ? collect(r) : 0) {
    const lent = r.Ring.Used + r.Free.length < FEW_BUFFERS
    const Status = lent ? NDIS_STATUS_RESOURCES : NDIS_STATUS_SUCCESS
    if (!lent) refill(a, r)
    NdisDprReleaseSpinLock(a.ReceiveLock)
    for (let i = 0; i < count; i++) NDIS_SET_PACKET_STATUS(r.Array[i]!.value as PNDIS_PACKET, Status)
    NdisMIndicateReceivePacket(a.Handle, r.ArrayAddress, count)
    // The others come back through MiniportReturnPacket: a deserialized miniport does not look at their status.
    NdisDprAcquireSpinLock(a.ReceiveLock)
    if (lent) takeBack(r, count)
    if (lent && a.Running) refill(a, r)
  }
  r.Busy = false
  if (a.Running) refill(a, r)
  if (a.Halting && r.Out === 0) NdisSetEvent(a.AllReturned)
  NdisDprReleaseSpinLock(a.ReceiveLock)
}

/** A protocol is done with a packet. IRQL <= DISPATCH_LEVEL, on several CPUs at once. */
export function MiniportReturnPacket(MiniportAdapterContext: NDIS_HANDLE, Packet: PNDIS_PACKET): void {
  const a = adapterOf(MiniportAdapterContext)
  const r = a.Receive!
  const number = ULONG.at(Packet + NUMBER).value
  NdisAcquireSpinLock(a.ReceiveLock)
  r.Free.push(number)
  r.Out--
  if (a.Running && (r.Free.length >= REFILL || r.Ring.Used < REFILL)) refill(a, r)
  if (a.Halting && r.Out === 0) NdisSetEvent(a.AllReturned)
  NdisReleaseSpinLock(a.ReceiveLock)
}
