/**
 * Sending. Lists wait in one queue; frames go from its head onto the ring, and come off it, in their order. A short frame is
 * copied into memory that its descriptor owns; a long one is mapped, a descriptor a piece.
 */
import {
  NDIS_GET_NET_BUFFER_LIST_CANCEL_ID,
  NDIS_LOWER_IRQL,
  NDIS_RAISE_IRQL_TO_DISPATCH,
  NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL,
  NDIS_SG_LIST_WRITE_TO_DEVICE,
  NDIS_STATUS_INVALID_LENGTH,
  NDIS_STATUS_MEDIA_DISCONNECTED,
  NDIS_STATUS_PAUSED,
  NDIS_STATUS_RESET_IN_PROGRESS,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SEND_ABORTED,
  NDIS_STATUS_SUCCESS,
  NDIS_TEST_SEND_AT_DISPATCH_LEVEL,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisMAllocateNetBufferSGList,
  NdisMFreeNetBufferSGList,
  NdisMSendNetBufferListsComplete,
  NdisMoveMemory,
  NdisQueryMdl,
  NET_BUFFER,
  NET_BUFFER_LIST,
  NormalPagePriority,
  MDL,
  out,
  SCATTER_GATHER_ELEMENT,
  FIELD_OFFSET,
  SCATTER_GATHER_LIST,
  type KIRQL,
  type NDIS_STATUS,
  type PDEVICE_OBJECT,
  type PNET_BUFFER,
  type PNET_BUFFER_LIST,
  type PSCATTER_GATHER_LIST,
  type PVOID,
} from 'ndis'
import { adapterOf, DISPATCH_LEVEL, HEADER_BYTES, MAX_FRAME_BYTES, write, type Adapter } from './adapter'
import { completePauseWhenQuiet } from './quiet'
import { COMMAND, DONE, REG, STATUS } from './registers'

/** A frame in more pieces than so many is copied. */
const MOST_PIECES = 8
const FIRST_ELEMENT = FIELD_OFFSET(SCATTER_GATHER_LIST, 'Elements')
const EVERY_PIECE = COMMAND.IFCS | COMMAND.IDE
const LAST_PIECE = EVERY_PIECE | COMMAND.EOP | COMMAND.RS

export function MiniportSendNetBufferLists(
  MiniportAdapterContext: PVOID,
  NetBufferList: PNET_BUFFER_LIST,
  _PortNumber: number,
  SendFlags: number,
): void {
  const adapter = adapterOf(MiniportAdapterContext)
  // Scatter/gather lists are made at DISPATCH_LEVEL.
  if (NDIS_TEST_SEND_AT_DISPATCH_LEVEL(SendFlags)) return sendAtDispatch(adapter, NetBufferList)
  const OldIrql = out<KIRQL>()
  NDIS_RAISE_IRQL_TO_DISPATCH(OldIrql)
  sendAtDispatch(adapter, NetBufferList)
  NDIS_LOWER_IRQL(OldIrql.value, DISPATCH_LEVEL)
}

function sendAtDispatch(adapter: Adapter, NetBufferList: PNET_BUFFER_LIST): void {
  NdisDprAcquireSpinLock(adapter.SendLock)
  if (!adapter.Running) refuse(adapter, NetBufferList, NDIS_STATUS_PAUSED)
  else if ((adapter.LinkStatus & STATUS.LU) === 0) refuse(adapter, NetBufferList, NDIS_STATUS_MEDIA_DISCONNECTED)
  else {
    accept(adapter, NetBufferList)
    pump(adapter)
  }
  giveBack(adapter)
}

/**
 * Puts lists at the end of the queue, linked as they came; one with a frame that no Ethernet has goes back at once. With SendLock
 * held.
 */
function accept(adapter: Adapter, first: PNET_BUFFER_LIST): void {
  for (let List = first, Before: PNET_BUFFER_LIST = adapter.WaitingHead === 0 ? 0 : adapter.WaitingTail; List !== 0;) {
    const list = NET_BUFFER_LIST.at(List)
    const Following = list.Next
    const valid = isSendable(list.FirstNetBuffer)
    list.Status = valid ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_LENGTH
    if (!valid) done(adapter, List)
    else {
      // The first one behind those that wait, or behind one that went back: the others are linked already.
      if (Before === 0) adapter.WaitingHead = List
      else if (List === first || adapter.DoneTail !== 0) NET_BUFFER_LIST.at(Before).Next = List
      Before = List
      adapter.WaitingTail = List
    }
    List = Following
  }
  if (adapter.WaitingHead !== 0) NET_BUFFER_LIST.at(adapter.WaitingTail).Next = 0
}

function isSendable(First: PNET_BUFFER): boolean {
  let NetBuffer = First
  while (NetBuffer !== 0) {
    const netBuffer = NET_BUFFER.at(NetBuffer)
    const length = netBuffer.DataLength
    if (length < HEADER_BYTES || length > MAX_FRAME_BYTES) return false
    NetBuffer = netBuffer.Next
  }
  return First !== 0
}

function refuse(adapter: Adapter, first: PNET_BUFFER_LIST, Status: NDIS_STATUS): void {
  for (let List = first; List !== 0;) {
    const Following = NET_BUFFER_LIST.at(List).Next
    NET_BUFFER_LIST.at(List).Status = Status
    done(adapter, List)
    List = Following
  }
}

/** Its status is set, no frame of it is out: the list is to be given back. */
function done(adapter: Adapter, List: PNET_BUFFER_LIST): void {
  if (adapter.DoneHead === 0) adapter.DoneHead = List
  else NET_BUFFER_LIST.at(adapter.DoneTail).Next = List
  adapter.DoneTail = List
}

/** Gives back what is done, all in one chain. At DISPATCH_LEVEL with SendLock held, which is released. */
export function giveBack(adapter: Adapter): void {
  const List = adapter.DoneHead
  if (List === 0) return NdisDprReleaseSpinLock(adapter.SendLock)
  NET_BUFFER_LIST.at(adapter.DoneTail).Next = 0
  adapter.DoneHead = adapter.DoneTail = 0
  // A pause waits until they are really back.
  adapter.Completing++
  NdisDprReleaseSpinLock(adapter.SendLock)
  NdisMSendNetBufferListsComplete(adapter.Handle, List, NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL)
  NdisDprAcquireSpinLock(adapter.SendLock)
  adapter.Completing--
  const { Pausing } = adapter
  NdisDprReleaseSpinLock(adapter.SendLock)
  if (Pausing) completePauseWhenQuiet(adapter)
}

/** Descriptors that may be filled: one stays empty, for TDH = TDT says that there are none. */
function freeSlots({ TransmitClean, TransmitNext, Transmit }: Adapter): number {
  const free = TransmitClean - TransmitNext - 1
  return free < 0 ? free + Transmit.length : free
}

/**
 * Takes frames onto the ring for as long as there are descriptors, then tells the NIC once. At DISPATCH_LEVEL with SendLock held;
 * it is released and taken again where a frame is mapped.
 */
export function pump(adapter: Adapter): void {
  // While a frame is mapped those behind it wait, so that they stay in order. During a pause the list that was begun is finished.
  while (adapter.WaitingHead !== 0 && adapter.Mapping === 0 && (adapter.Running || adapter.WaitingFrame !== 0)) {
    if (adapter.Stopped) return
    const NetBuffer: PNET_BUFFER = adapter.WaitingFrame || NET_BUFFER_LIST.at(adapter.WaitingHead).FirstNetBuffer
    const length = NET_BUFFER.at(NetBuffer).DataLength
    const copied = length <= adapter.Settings.CopyBytes
    // What is sent is taken off by the DPC, many frames at a time, and not by each send, a few at a time.
    if (freeSlots(adapter) < (copied ? 1 : MOST_PIECES)) break
    if (copied) copy(adapter, NetBuffer, length)
    else map(adapter, NetBuffer)
  }
  tell(adapter)
}

function tell(adapter: Adapter): void {
  if (adapter.TransmitTail === adapter.TransmitNext) return
  adapter.TransmitTail = adapter.TransmitNext
  write(adapter, REG.TDT, adapter.TransmitNext)
}

/** Gathers a frame into the memory of the next descriptor. */
function copy(adapter: Adapter, NetBuffer: PNET_BUFFER, length: number): void {
  const index = adapter.TransmitNext
  const slot = adapter.Transmit[index]!
  const { PieceAddress, PieceLength } = adapter
  const netBuffer = NET_BUFFER.at(NetBuffer)
  let Mdl = netBuffer.CurrentMdl
  let skip = netBuffer.CurrentMdlOffset
  for (let copied = 0; ;) {
    // MDLs that end before the frame does are a mistake above.
    if (Mdl === 0) return dropFrame(adapter, NetBuffer)
    NdisQueryMdl(Mdl, PieceAddress, PieceLength, NormalPagePriority)
    if (PieceAddress.value === 0) return dropFrame(adapter, NetBuffer)
    const piece = Math.min(PieceLength.value - skip, length - copied)
    NdisMoveMemory(slot.Copy + copied, PieceAddress.value + skip, piece)
    copied += piece
    if (copied === length) break
    Mdl = MDL.at(Mdl).Next
    skip = 0
  }
  slot.AddressLow.value = slot.CopyLow
  slot.AddressHigh.value = slot.CopyHigh
  slot.Length.value = length | LAST_PIECE
  slot.Status.value = 0
  slot.Last = index
  posted(adapter, index, NetBuffer, 0)
}

/** Has the scatter/gather list of a frame made: MiniportProcessSGList gets it, within the call or later. */
function map(adapter: Adapter, NetBuffer: PNET_BUFFER): void {
  adapter.Mapping = NetBuffer
  adapter.WaitingFrame = NetBuffer
  NdisDprReleaseSpinLock(adapter.SendLock)
  const Status = NdisMAllocateNetBufferSGList(
    adapter.Dma,
    NetBuffer,
    adapter.Context,
    NDIS_SG_LIST_WRITE_TO_DEVICE,
    0,
    0,
  )
  NdisDprAcquireSpinLock(adapter.SendLock)
  if (Status === NDIS_STATUS_SUCCESS) return
  // Short of map registers or memory: copying takes neither.
  adapter.Mapping = 0
  if (!adapter.Stopped) copy(adapter, NetBuffer, NET_BUFFER.at(NetBuffer).DataLength)
  else if (adapter.Removed) abandon(adapter)
}

export function MiniportProcessSGList(
  _DeviceObject: PDEVICE_OBJECT,
  _Reserved: PVOID,
  SgList: PSCATTER_GATHER_LIST,
  Context: PVOID,
): void {
  const adapter = adapterOf(Context)
  NdisDprAcquireSpinLock(adapter.SendLock)
  const NetBuffer = adapter.Mapping
  adapter.Mapping = 0
  // The NIC was reset or taken away meanwhile: the frame stays where it is in the queue.
  const usable = !adapter.Stopped
  const mapped = usable && SCATTER_GATHER_LIST.at(SgList).NumberOfElements <= MOST_PIECES
  if (mapped) postPieces(adapter, NetBuffer, SgList)
  else NdisMFreeNetBufferSGList(adapter.Dma, SgList, NetBuffer)
  if (usable && !mapped) copy(adapter, NetBuffer, NET_BUFFER.at(NetBuffer).DataLength)
  if (adapter.Removed) abandon(adapter)
  else pump(adapter)
  giveBack(adapter)
}

/** A descriptor for each piece. The list begins with the MDL: what lies in front of the frame is skipped. */
function postPieces(adapter: Adapter, NetBuffer: PNET_BUFFER, SgList: PSCATTER_GATHER_LIST): void {
  const { Transmit } = adapter
  const first = adapter.TransmitNext
  let skip = NET_BUFFER.at(NetBuffer).CurrentMdlOffset
  let left = NET_BUFFER.at(NetBuffer).DataLength
  let index = first
  let last = first
  for (let Element = SgList + FIRST_ELEMENT; left > 0; Element += SCATTER_GATHER_ELEMENT.size) {
    const bytes = SCATTER_GATHER_ELEMENT.at(Element).Length
    if (bytes <= skip) {
      skip -= bytes
      continue
    }
    const slot = Transmit[index]!
    const piece = Math.min(bytes - skip, left)
    const { LowPart, HighPart } = SCATTER_GATHER_ELEMENT.at(Element).Address
    slot.AddressLow.value = (LowPart + skip) >>> 0
    slot.AddressHigh.value = LowPart + skip > 0xffff_ffff ? HighPart + 1 : HighPart
    left -= piece
    slot.Length.value = piece | (left === 0 ? LAST_PIECE : EVERY_PIECE)
    slot.Status.value = 0
    skip = 0
    last = index
    index = index + 1 === Transmit.length ? 0 : index + 1
  }
  Transmit[first]!.Last = last
  posted(adapter, last, NetBuffer, SgList)
}

/** A frame is on the ring, up to and with the descriptor `last`. */
function posted(adapter: Adapter, last: number, NetBuffer: PNET_BUFFER, SgList: number): void {
  const slot = adapter.Transmit[last]!
  adapter.TransmitNext = last + 1 === adapter.Transmit.length ? 0 : last + 1
  slot.SgList = SgList
  slot.NetBuffer = NetBuffer
  slot.List = advance(adapter, NetBuffer)
}

/** Goes on to the frame behind `NetBuffer`. @returns the list, when that was its last one, else 0 */
function advance(adapter: Adapter, NetBuffer: PNET_BUFFER): PNET_BUFFER_LIST {
  adapter.WaitingFrame = NET_BUFFER.at(NetBuffer).Next
  if (adapter.WaitingFrame !== 0) return 0
  const List = adapter.WaitingHead
  adapter.WaitingHead = NET_BUFFER_LIST.at(List).Next
  return List
}

/** A frame whose memory cannot be reached: the others of its list are sent all the same, and the list says why it failed. */
function dropFrame(adapter: Adapter, NetBuffer: PNET_BUFFER): void {
  const List = adapter.WaitingHead
  const isFirst = NetBuffer === NET_BUFFER_LIST.at(List).FirstNetBuffer
  NET_BUFFER_LIST.at(List).Status = NDIS_STATUS_RESOURCES
  if (advance(adapter, NetBuffer) === 0) return
  // The frames before it may still be on the ring: then the list is complete with the last of them.
  if (isFirst || adapter.TransmitClean === adapter.TransmitNext) return done(adapter, List)
  const last = (adapter.TransmitNext || adapter.Transmit.length) - 1
  adapter.Transmit[last]!.List = List
}

/** Takes what the NIC has sent off the ring. With SendLock held; the lists are done then, and still to be given back. */
export function reclaim(adapter: Adapter): void {
  const { Transmit } = adapter
  while (adapter.TransmitClean !== adapter.TransmitNext) {
    const last = Transmit[adapter.TransmitClean]!.Last
    const slot = Transmit[last]!
    if ((slot.Status.value & DONE) === 0) return
    takeOff(adapter, last)
  }
}

/** Takes a frame off the ring. */
function takeOff(adapter: Adapter, last: number): void {
  const slot = adapter.Transmit[last]!
  if (slot.SgList !== 0) NdisMFreeNetBufferSGList(adapter.Dma, slot.SgList as PSCATTER_GATHER_LIST, slot.NetBuffer)
  adapter.TransmitClean = last + 1 === adapter.Transmit.length ? 0 : last + 1
  if (slot.List !== 0) done(adapter, slot.List)
}

/** After a reset of the NIC: what it had not sent is lost. The ring begins anew; lists in the queue stay there. With SendLock held. */
export function emptyRing(adapter: Adapter): void {
  reclaim(adapter)
  while (adapter.TransmitClean !== adapter.TransmitNext) {
    const { Last } = adapter.Transmit[adapter.TransmitClean]!
    const { List } = adapter.Transmit[Last]!
    if (List !== 0) NET_BUFFER_LIST.at(List).Status = NDIS_STATUS_RESET_IN_PROGRESS
    takeOff(adapter, Last)
  }
  // Of the first list in the queue some frames may have been on the ring.
  const Head = adapter.WaitingHead
  if (adapter.WaitingFrame !== 0 && adapter.WaitingFrame !== NET_BUFFER_LIST.at(Head).FirstNetBuffer)
    NET_BUFFER_LIST.at(Head).Status = NDIS_STATUS_RESET_IN_PROGRESS
  adapter.TransmitNext = adapter.TransmitTail = adapter.TransmitClean = 0
  adapter.HangMark = -1
}

/** Refuses the lists of the queue; one that is being sent stays, and is the only one then. With SendLock held. */
export function refuseWaiting(adapter: Adapter, Status: NDIS_STATUS): void {
  const Head = adapter.WaitingHead
  if (Head === 0) return
  const isBegun = adapter.WaitingFrame !== 0
  const First = isBegun ? NET_BUFFER_LIST.at(Head).Next : Head
  if (isBegun) NET_BUFFER_LIST.at(Head).Next = 0
  adapter.WaitingHead = isBegun ? Head : 0
  adapter.WaitingTail = adapter.WaitingHead
  refuse(adapter, First, Status)
}

/** The NIC is gone, and nothing of it reads memory any more: all that can go back goes back. With SendLock held. */
export function abandon(adapter: Adapter): void {
  emptyRing(adapter)
  // What is being mapped goes when its scatter/gather list has come.
  if (adapter.Mapping === 0) adapter.WaitingFrame = 0
  refuseWaiting(adapter, NDIS_STATUS_SEND_ABORTED)
}

/** Lists on the ring are sent: only what waits can still be taken back. */
export function MiniportCancelSend(MiniportAdapterContext: PVOID, CancelId: PVOID): void {
  const adapter = adapterOf(MiniportAdapterContext)
  const OldIrql = out<KIRQL>()
  NDIS_RAISE_IRQL_TO_DISPATCH(OldIrql)
  NdisDprAcquireSpinLock(adapter.SendLock)
  let Before: PNET_BUFFER_LIST = adapter.WaitingFrame === 0 ? 0 : adapter.WaitingHead
  for (let List = Before === 0 ? adapter.WaitingHead : NET_BUFFER_LIST.at(Before).Next; List !== 0;) {
    const Following = NET_BUFFER_LIST.at(List).Next
    if (NDIS_GET_NET_BUFFER_LIST_CANCEL_ID(List) !== CancelId) Before = List
    else {
      if (Before === 0) adapter.WaitingHead = Following
      else NET_BUFFER_LIST.at(Before).Next = Following
      if (adapter.WaitingTail === List) adapter.WaitingTail = Before
      NET_BUFFER_LIST.at(List).Status = NDIS_STATUS_SEND_ABORTED
      done(adapter, List)
    }
    List = Following
  }
  giveBack(adapter)
  NDIS_LOWER_IRQL(OldIrql.value, DISPATCH_LEVEL)
}
