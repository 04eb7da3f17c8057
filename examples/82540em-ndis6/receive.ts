/**
 * Receiving. Every descriptor has a buffer. A frame goes up in its buffer while a spare one can take its place; when there is none,
 * the frame goes up with NDIS_RECEIVE_FLAGS_RESOURCES, and the descriptor keeps its buffer.
 */
import {
  NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL,
  NDIS_RECEIVE_FLAGS_RESOURCES,
  NdisAcquireSpinLock,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisMIndicateReceiveNetBufferLists,
  NdisReleaseSpinLock,
  NDIS_TEST_RETURN_AT_DISPATCH_LEVEL,
  ULONG,
  type PNET_BUFFER_LIST,
  type PVOID,
} from 'ndis'
import {
  adapterOf,
  MAX_FRAME_BYTES,
  NBL_BUFFER,
  write,
  type Adapter,
  type ReceiveBuffer,
  type ReceiveSlot,
} from './adapter'
import { completePauseWhenQuiet } from './quiet'
import { DONE, RECEIVE_EOP, RECEIVE_ERRORS, REG } from './registers'

/** DONE and EOP without an error: a whole frame in one buffer. */
const FRAME = DONE | RECEIVE_EOP
const FRAME_BITS = FRAME | RECEIVE_ERRORS
const INDICATE = NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL
const INDICATE_AND_TAKE_BACK = NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL | NDIS_RECEIVE_FLAGS_RESOURCES

/**
 * Hands up what the NIC has received, in its order. What comes meanwhile interrupts again, and finds more company by then. From the
 * DPC, at DISPATCH_LEVEL, with no lock held.
 */
export function receive(adapter: Adapter): void {
  // At most the ring as it is now.
  for (let left = adapter.Receive.length; left > 0;) left = receiveChain(adapter, left)
}

/** Hands up one chain of at most so many. @returns how many may be left: none, unless the spare buffers ran out on the way */
function receiveChain(adapter: Adapter, most: number): number {
  NdisDprAcquireSpinLock(adapter.ReceiveLock)
  const { ReceiveNext, ReceiveEpoch } = adapter
  const isShort = adapter.Spare.length === 0
  const taken = isShort ? collectLent(adapter, most) : collect(adapter, most)
  const left = !isShort && adapter.Spare.length === 0 ? most - taken : 0
  if (taken > 0) {
    if (!isShort) tell(adapter)
    indicate(adapter, isShort)
    // Unless a reset has given all of them to the NIC meanwhile.
    if (isShort && !adapter.Stopped && ReceiveEpoch === adapter.ReceiveEpoch) takeBack(adapter, ReceiveNext)
  }
  const { Pausing } = adapter
  NdisDprReleaseSpinLock(adapter.ReceiveLock)
  if (Pausing) completePauseWhenQuiet(adapter)
  return left
}

/** Hands up the chain, with ReceiveLock given up meanwhile. */
function indicate(adapter: Adapter, isShort: boolean): void {
  const { ChainHead, ChainLists } = adapter
  if (ChainLists === 0) return
  adapter.Indicating++
  NdisDprReleaseSpinLock(adapter.ReceiveLock)
  const Flags = isShort ? INDICATE_AND_TAKE_BACK : INDICATE
  NdisMIndicateReceiveNetBufferLists(adapter.Handle, ChainHead, 0, ChainLists, Flags)
  NdisDprAcquireSpinLock(adapter.ReceiveLock)
  adapter.Indicating--
}

/** Puts frames together in a chain while spare buffers can take their place. With ReceiveLock held. @returns descriptors that were done */
function collect(adapter: Adapter, most: number): number {
  const { Receive, Spare } = adapter
  let taken = 0
  let tail: ReceiveBuffer | undefined
  adapter.ChainLists = 0
  for (; taken < most && Spare.length > 0 && !adapter.Stopped; taken++) {
    const slot = Receive[adapter.ReceiveNext]!
    const status = slot.Status.value
    if ((status & DONE) === 0) break
    const length = slot.Length.value & 0xffff
    if (isGood(adapter, status, length)) {
      tail = append(adapter, slot.Buffer, length, tail)
      give(slot, Spare.pop()!)
    } else slot.Status.value = 0
    next(adapter)
  }
  return taken
}

/** Puts frames together whose buffers stay with their descriptors, which come back to the NIC after the indication. */
function collectLent(adapter: Adapter, most: number): number {
  const { Receive } = adapter
  let taken = 0
  let tail: ReceiveBuffer | undefined
  adapter.ChainLists = 0
  for (; taken < most && !adapter.Stopped; taken++) {
    const { Status, Length, Buffer } = Receive[adapter.ReceiveNext]!
    const status = Status.value
    if ((status & DONE) === 0) break
    const length = Length.value & 0xffff
    if (isGood(adapter, status, length)) tail = append(adapter, Buffer, length, tail)
    next(adapter)
  }
  return taken
}

/** A frame that arrived whole; while paused there are none. */
const isGood = ({ Running }: Adapter, status: number, length: number): boolean =>
  (status & FRAME_BITS) === FRAME && length <= MAX_FRAME_BYTES && Running

function append(
  adapter: Adapter,
  buffer: ReceiveBuffer,
  length: number,
  tail: ReceiveBuffer | undefined,
): ReceiveBuffer {
  buffer.NetBuffer.DataLength = length
  buffer.NetBufferList.Next = 0
  if (tail === undefined) adapter.ChainHead = buffer.Address
  else tail.NetBufferList.Next = buffer.Address
  adapter.ChainLists++
  return buffer
}

function next(adapter: Adapter): void {
  adapter.ReceiveNext = adapter.ReceiveNext + 1 === adapter.Receive.length ? 0 : adapter.ReceiveNext + 1
}

/** Gives a descriptor a buffer to receive into. */
function give(slot: ReceiveSlot, buffer: ReceiveBuffer): void {
  slot.Buffer = buffer
  slot.AddressLow.value = buffer.Low
  slot.AddressHigh.value = buffer.High
  slot.Status.value = 0
}

/** Tells the NIC which descriptors are its own: up to the one before the next. */
function tell(adapter: Adapter): void {
  write(adapter, REG.RDT, (adapter.ReceiveNext || adapter.Receive.length) - 1)
}

/** Those who looked at the frames are done with them: the descriptors from `first` on go back to the NIC as they are. */
function takeBack(adapter: Adapter, first: number): void {
  const { Receive } = adapter
  for (let index = first; index !== adapter.ReceiveNext; index = index + 1 === Receive.length ? 0 : index + 1)
    Receive[index]!.Status.value = 0
  tell(adapter)
}

/** The ring begins anew: every descriptor is to be the NIC's, but for the last one. With ReceiveLock held. */
export function fillRing(adapter: Adapter): void {
  for (const slot of adapter.Receive) give(slot, slot.Buffer)
  adapter.ReceiveNext = 0
  adapter.ReceiveEpoch++
}

export function MiniportReturnNetBufferLists(
  MiniportAdapterContext: PVOID,
  NetBufferLists: PNET_BUFFER_LIST,
  ReturnFlags: number,
): void {
  const adapter = adapterOf(MiniportAdapterContext)
  const { ReceiveLock, Spare, Buffers } = adapter
  const atDispatch = NDIS_TEST_RETURN_AT_DISPATCH_LEVEL(ReturnFlags)
  if (atDispatch) NdisDprAcquireSpinLock(ReceiveLock)
  else NdisAcquireSpinLock(ReceiveLock)
  for (let List = NetBufferLists; List !== 0;) {
    const buffer = Buffers[ULONG.at(List + NBL_BUFFER).value]!
    Spare.push(buffer)
    List = buffer.NetBufferList.Next
  }
  const { Pausing } = adapter
  if (atDispatch) NdisDprReleaseSpinLock(ReceiveLock)
  else NdisReleaseSpinLock(ReceiveLock)
  if (Pausing) completePauseWhenQuiet(adapter)
}
