// The transmit half: packets of protocols become descriptors, and come back when the NIC has sent them.
import {
  DISPATCH_LEVEL,
  FIELD_OFFSET,
  NDIS_GET_PACKET_CANCEL_ID,
  NDIS_LOWER_IRQL,
  NDIS_PACKET,
  NDIS_PER_PACKET_INFO_FROM_PACKET,
  NDIS_RAISE_IRQL_TO_DISPATCH,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_LENGTH,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_REQUEST_ABORTED,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisGetNextBuffer,
  NdisMoveMemory,
  NdisMSendComplete,
  NdisQueryBufferSafe,
  NdisQueryPacket,
  NdisReleaseSpinLock,
  NormalPagePriority,
  SCATTER_GATHER_ELEMENT,
  SCATTER_GATHER_LIST,
  ScatterGatherListPacketInfo,
  ULONG,
  out,
  sizeof,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
  type PVOID,
} from 'ndis'
import {
  BUFFER_BYTES,
  FRAME_BYTES,
  adapterOf,
  allocateShared,
  createRing,
  freeShared,
  read,
  write,
  type Adapter,
  type PacketList,
  type Ring,
  type Transmit,
} from './adapter'
import { DESCRIPTOR_BYTES, REG, TCTL, TX_COMMAND, TX_STATUS } from './registers'

/** A packet in more pieces than this is copied together: most of its descriptors would carry next to nothing. */
const MOST_PIECES = 8
const COPIES = 8
const COUNT = FIELD_OFFSET(SCATTER_GATHER_LIST, 'NumberOfElements')
const FIRST_ELEMENT = FIELD_OFFSET(SCATTER_GATHER_LIST, 'Elements')
const ELEMENT_LENGTH = FIELD_OFFSET(SCATTER_GATHER_ELEMENT, 'Length')
const ELEMENT_BYTES = sizeof(SCATTER_GATHER_ELEMENT)
/** A packet that is ours may carry a link and its status here (deserialized miniports: MiniportReservedEx, the first two pointers). */
const LINK = FIELD_OFFSET(NDIS_PACKET, 'MiniportReservedEx')
const STATUS = LINK + sizeof(ULONG)
/** Interrupt delays, units of 1.024 microseconds: one interrupt reports many frames (SDM 13.4.44). */
const SEND_DELAY = 32
const LONGEST_SEND_DELAY = 128
/** Inter packet gap for copper: 10, 8, 6 (SDM 13.4.34). */
const TIPG = 10 | (8 << 10) | (6 << 20)
const COLLISION_THRESHOLD = 15
const COLLISION_DISTANCE = 64

/** undefined when memory is short; nothing is left behind then. */
export function createTransmit(a: Adapter, Count: number): Transmit | undefined {
  const ring = createRing(a, Count)
  if (!ring) return undefined
  const Copies = allocateShared(a, COPIES * BUFFER_BYTES)
  if (!Copies) {
    freeShared(a, ring.Block)
    return undefined
  }
  return {
    Ring: ring,
    LastOf: Array.from({ length: Count }, () => 0),
    PacketOf: Array.from({ length: Count }, (): PNDIS_PACKET => 0),
    CopyOf: Array.from({ length: Count }, () => -1),
    Copies,
    FreeCopies: Array.from({ length: COPIES }, (_unused, copy) => copy),
    Waiting: { First: 0, Last: 0 },
    Finished: 0,
    FinishedBefore: 0,
  }
}
export function destroyTransmit(a: Adapter): void {
  if (!a.Transmit) return
  freeShared(a, a.Transmit.Copies)
  freeShared(a, a.Transmit.Ring.Block)
  a.Transmit = undefined
}

/** Programs an empty ring and starts the transmit unit (SDM 14.5). The NIC was reset, or its transmit unit is off. */
export function startTransmit(a: Adapter, { Ring: ring }: Transmit): void {
  ring.Next = ring.Clean = ring.Used = 0
  write(a, REG.TDBAL, ring.Physical)
  write(a, REG.TDBAH, 0)
  write(a, REG.TDLEN, ring.Count * DESCRIPTOR_BYTES)
  write(a, REG.TDH, 0)
  write(a, REG.TDT, 0)
  write(a, REG.TIDV, SEND_DELAY)
  write(a, REG.TADV, LONGEST_SEND_DELAY)
  write(a, REG.TIPG, TIPG)
  const collisions = (COLLISION_THRESHOLD << TCTL.CT_SHIFT) | (COLLISION_DISTANCE << TCTL.COLD_SHIFT)
  write(a, REG.TCTL, TCTL.EN | TCTL.PSP | collisions)
}

const append = (list: PacketList, Packet: PNDIS_PACKET): void => {
  ULONG.at(Packet + LINK).value = 0
  if (list.First === 0) list.First = Packet
  else ULONG.at(list.Last + LINK).value = Packet
  list.Last = Packet
}
function appendEnded(list: PacketList, Packet: PNDIS_PACKET, Status: NDIS_STATUS): void {
  ULONG.at(Packet + STATUS).value = Status >>> 0
  append(list, Packet)
}
const emptyList = (): PacketList => ({ First: 0, Last: 0 })

/** Gives packets back. IRQL <= DISPATCH_LEVEL; no lock is held: a protocol may send the next one from inside. */
export function completeAll(a: Adapter, ended: PacketList): void {
  const OldIrql = out<number>()
  if (ended.First === 0) return
  NDIS_RAISE_IRQL_TO_DISPATCH(OldIrql)
  complete(a, ended)
  NDIS_LOWER_IRQL(OldIrql.value, DISPATCH_LEVEL)
}
/** The same at DISPATCH_LEVEL, which NdisMSendComplete asks for. */
function complete(a: Adapter, ended: PacketList): void {
  for (let Packet = ended.First; Packet !== 0;) {
    // NdisMSendComplete takes the packet away, and what we wrote into it.
    const Next = ULONG.at(Packet + LINK).value as PNDIS_PACKET
    NdisMSendComplete(a.Handle, Packet, ULONG.at(Packet + STATUS).value | 0)
    Packet = Next
  }
}

/** The one function that fills descriptors. Under SendLock, and there is room. */
function fill(ring: Ring, PhysicalAddress: number, Length: number, command: number): number {
  const index = ring.Next
  ring.Address[index]!.value = PhysicalAddress
  ring.AddressHigh[index]!.value = 0
  ring.Length[index]!.value = (Length | command) >>> 0
  ring.Status[index]!.value = 0
  ring.Next = index + 1 === ring.Count ? 0 : index + 1
  ring.Used++
  return index
}
/** The NIC is asked to write the status back for the last descriptor of a packet only: one look tells about all of them. */
const LAST = (TX_COMMAND.EOP | TX_COMMAND.IFCS | TX_COMMAND.RS | TX_COMMAND.IDE) >>> 0
const NOT_LAST = TX_COMMAND.IFCS

/**
 * Puts a packet into the ring; the NIC does not see it before TDT is written. Under SendLock. NDIS_STATUS_PENDING: there is no
 * room now; any other failure: it can never be sent.
 */
function place(t: Transmit, Packet: PNDIS_PACKET): NDIS_STATUS {
  const ring = t.Ring
  const List = NDIS_PER_PACKET_INFO_FROM_PACKET(Packet, ScatterGatherListPacketInfo)
  const pieces = List === 0 ? 0 : ULONG.at(List + COUNT).value
  if (pieces === 0 || pieces > MOST_PIECES) return placeCopy(t, Packet)
  if (ring.Used + pieces >= ring.Count) return NDIS_STATUS_PENDING
  const first = ring.Next
  let last = first
  for (let piece = 0, at = List + FIRST_ELEMENT; piece < pieces; piece++, at += ELEMENT_BYTES)
    last = fill(ring, ULONG.at(at).value, ULONG.at(at + ELEMENT_LENGTH).value, piece + 1 === pieces ? LAST : NOT_LAST)
  t.LastOf[first] = last
  t.PacketOf[last] = Packet
  t.CopyOf[last] = -1
  return NDIS_STATUS_SUCCESS
}

/** The same from a copy of the packet. */
function placeCopy(t: Transmit, Packet: PNDIS_PACKET): NDIS_STATUS {
  const First = out<PNDIS_BUFFER>()
  const Total = out<number>()
  NdisQueryPacket(Packet, 0, 0, First, Total)
  if (Total.value === 0 || Total.value > FRAME_BYTES) return NDIS_STATUS_INVALID_LENGTH
  if (t.Ring.Used + 1 >= t.Ring.Count) return NDIS_STATUS_PENDING
  const copy = t.FreeCopies.pop()
  if (copy === undefined) return NDIS_STATUS_PENDING
  if (!gather(First.value, (t.Copies.Address + copy * BUFFER_BYTES) as PVOID)) {
    t.FreeCopies.push(copy)
    return NDIS_STATUS_RESOURCES
  }
  const index = fill(t.Ring, t.Copies.Physical + copy * BUFFER_BYTES, Total.value, LAST)
  t.LastOf[index] = index
  t.PacketOf[index] = Packet
  t.CopyOf[index] = copy
  return NDIS_STATUS_SUCCESS
}

/** false when a buffer could not be mapped: the system is short of memory. */
function gather(FirstBuffer: PNDIS_BUFFER, Destination: PVOID): boolean {
  const Address = out<PVOID>()
  const Length = out<number>()
  const Next = out<PNDIS_BUFFER>()
  let to: number = Destination
  for (let Buffer = FirstBuffer; Buffer !== 0; Buffer = Next.value) {
    NdisQueryBufferSafe(Buffer, Address, Length, NormalPagePriority)
    if (Address.value === 0) return false
    NdisMoveMemory(to, Address.value, Length.value)
    to += Length.value
    NdisGetNextBuffer(Buffer, Next)
  }
  return true
}

/** Tells the NIC what is new. Under SendLock. */
function announce(a: Adapter, ring: Ring, before: number): void {
  if (ring.Next !== before) write(a, REG.TDT, ring.Next)
}

/**
 * A deserialized miniport takes whatever it is given: what does not fit into the ring waits here. NDIS does not look at the
 * status of the packets, each ends with NdisMSendComplete. IRQL <= DISPATCH_LEVEL, on several CPUs at once.
 */
export function MiniportSendPackets(
  MiniportAdapterContext: NDIS_HANDLE,
  PacketArray: PVOID,
  NumberOfPackets: number,
): void {
  const a = adapterOf(MiniportAdapterContext)
  const t = a.Transmit!
  let refused: PacketList | undefined
  NdisAcquireSpinLock(a.SendLock)
  const before = t.Ring.Next
  for (let i = 0; i < NumberOfPackets; i++) {
    const Packet = ULONG.at(PacketArray + i * sizeof(ULONG)).value as PNDIS_PACKET
    let Status = a.SendStatus
    // Packets stay in their order: behind one that waits the others wait, too.
    if (Status === NDIS_STATUS_SUCCESS) Status = t.Waiting.First === 0 ? place(t, Packet) : NDIS_STATUS_PENDING
    if (Status === NDIS_STATUS_PENDING) append(t.Waiting, Packet)
    else if (Status !== NDIS_STATUS_SUCCESS) appendEnded((refused ??= emptyList()), Packet, Status)
  }
  // One write for all of them.
  announce(a, t.Ring, before)
  NdisReleaseSpinLock(a.SendLock)
  if (refused) completeAll(a, refused)
}

/** Takes a finished packet out of the ring. Under SendLock. */
function take(t: Transmit, last: number): PNDIS_PACKET {
  const { Ring: ring } = t
  const count = last - ring.Clean + 1
  ring.Used -= count > 0 ? count : count + ring.Count
  ring.Clean = last + 1 === ring.Count ? 0 : last + 1
  const copy = t.CopyOf[last]!
  if (copy >= 0) t.FreeCopies.push(copy)
  return t.PacketOf[last]!
}

/** Moves packets that wait into the ring. Under SendLock. */
function placeWaiting(a: Adapter, t: Transmit, ended: PacketList): void {
  const before = t.Ring.Next
  while (t.Waiting.First !== 0) {
    const Packet = t.Waiting.First
    const Following = ULONG.at(Packet + LINK).value as PNDIS_PACKET
    const Status = place(t, Packet)
    if (Status === NDIS_STATUS_PENDING) break
    t.Waiting.First = Following
    if (Status !== NDIS_STATUS_SUCCESS) appendEnded(ended, Packet, Status)
  }
  announce(a, t.Ring, before)
}

/** From MiniportHandleInterrupt, at DISPATCH_LEVEL: gives back what was sent, and sends what waits. */
export function handleSent(a: Adapter): void {
  const t = a.Transmit!
  const ended = emptyList()
  NdisDprAcquireSpinLock(a.SendLock)
  if (a.Running) {
    while (t.Ring.Used > 0) {
      const last = t.LastOf[t.Ring.Clean]!
      const status = t.Ring.Status[last]!.value
      if ((status & TX_STATUS.DD) === 0) break
      t.Finished++
      const failed = (status & (TX_STATUS.EC | TX_STATUS.LC)) !== 0
      appendEnded(ended, take(t, last), failed ? NDIS_STATUS_FAILURE : NDIS_STATUS_SUCCESS)
    }
    placeWaiting(a, t, ended)
  }
  NdisDprReleaseSpinLock(a.SendLock)
  complete(a, ended)
}

/**
 * All packets that we have, sent or not, ended with a status. Under SendLock; the NIC no longer looks at the ring, which is
 * empty then. The caller completes them once the lock is released.
 */
export function drainSends(a: Adapter, Status: NDIS_STATUS): PacketList {
  const ended = emptyList()
  const t = a.Transmit
  if (!t) return ended
  while (t.Ring.Used > 0) appendEnded(ended, take(t, t.LastOf[t.Ring.Clean]!), Status)
  for (let Packet = t.Waiting.First; Packet !== 0;) {
    const Following = ULONG.at(Packet + LINK).value as PNDIS_PACKET
    appendEnded(ended, Packet, Status)
    Packet = Following
  }
  t.Waiting.First = 0
  return ended
}

/** The cable was pulled: nothing that is in the ring will be sent. Under SendLock. */
export function restartTransmit(a: Adapter, Status: NDIS_STATUS): PacketList {
  write(a, REG.TCTL, read(a, REG.TCTL) & ~TCTL.EN)
  const ended = drainSends(a, Status)
  startTransmit(a, a.Transmit!)
  return ended
}

/** true when the NIC had packets to send all the time since the last look, and sent none. Under SendLock. */
export function sendsHang({ Transmit: t, LinkUp }: Adapter): boolean {
  if (!t) return false
  const stuck = LinkUp && t.Ring.Used > 0 && t.Finished === t.FinishedBefore
  t.FinishedBefore = t.Ring.Used > 0 ? t.Finished : -1
  return stuck
}

/** What is in the ring is sent; what still waits is given back (PV MiniportCancelSendPackets). */
export function MiniportCancelSendPackets(MiniportAdapterContext: NDIS_HANDLE, CancelId: PVOID): void {
  const a = adapterOf(MiniportAdapterContext)
  const t = a.Transmit!
  const cancelled = emptyList()
  NdisAcquireSpinLock(a.SendLock)
  let Packet = t.Waiting.First
  t.Waiting.First = 0
  while (Packet !== 0) {
    const Following = ULONG.at(Packet + LINK).value as PNDIS_PACKET
    if (NDIS_GET_PACKET_CANCEL_ID(Packet) === CancelId) appendEnded(cancelled, Packet, NDIS_STATUS_REQUEST_ABORTED)
    else append(t.Waiting, Packet)
    Packet = Following
  }
  NdisReleaseSpinLock(a.SendLock)
  completeAll(a, cancelled)
}
