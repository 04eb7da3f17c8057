// Frames in NET_BUFFER_LISTs, and something that happens a little later.
import {
  bytes,
  NdisAllocateNetBufferList,
  NdisAllocateTimerObject,
  NdisFreeNetBufferList,
  NdisFreeNetBufferListPool,
  NdisFreeTimerObject,
  NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS,
  NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1,
  NDIS_TIMER_CHARACTERISTICS_REVISION_1,
  NdisGetDataBuffer,
  NdisRetreatNetBufferDataStart,
  NdisSetTimerObject,
  NET_BUFFER_LIST,
  out,
  type NDIS_HANDLE,
  type PNET_BUFFER_LIST,
} from 'ndis'
import { listPool } from './net-buffers'

const FRAME_BYTES = 60
const TAG = 0x73677542 // 'Bugs'
let pool: NDIS_HANDLE = 0

/** A broadcast frame in a list of its own. */
export function frame6(SourceHandle: NDIS_HANDLE): PNET_BUFFER_LIST {
  pool ||= listPool(1, FRAME_BYTES)
  const List = NdisAllocateNetBufferList(pool, 0, 0)
  const { FirstNetBuffer } = NET_BUFFER_LIST.at(List)
  NdisRetreatNetBufferDataStart(FirstNetBuffer, FRAME_BYTES, 0, 0)
  const frame = bytes(NdisGetDataBuffer(FirstNetBuffer, FRAME_BYTES, 0, 1, 0), FRAME_BYTES)
  frame.fill(0)
  frame.fill(0xff, 0, 6)
  NET_BUFFER_LIST.at(List).SourceHandle = SourceHandle
  return List
}
/** With the last list its pool goes. */
export function freeFrame6(List: PNET_BUFFER_LIST): void {
  NdisFreeNetBufferList(List)
  NdisFreeNetBufferListPool(pool)
  pool = 0
}

/** Calls once, at DISPATCH_LEVEL, so many milliseconds later. */
export function later6(handle: NDIS_HANDLE, milliseconds: number, call: () => void): void {
  const Timer = out<NDIS_HANDLE>()
  NdisAllocateTimerObject(
    handle,
    {
      Header: {
        Type: NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS,
        Revision: NDIS_TIMER_CHARACTERISTICS_REVISION_1,
        Size: NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1,
      },
      AllocationTag: TAG,
      TimerFunction() {
        NdisFreeTimerObject(Timer.value)
        call()
      },
    },
    Timer,
  )
  NdisSetTimerObject(Timer.value, BigInt(milliseconds) * -10_000n, 0, 0)
}
