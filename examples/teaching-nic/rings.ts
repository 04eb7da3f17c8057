/** Rings of descriptors [3] and slots for frames, all in one block of memory that driver and device share. */
import {
  NDIS_PHYSICAL_ADDRESS,
  NdisMAllocateSharedMemory,
  NdisMFreeSharedMemory,
  NdisZeroMemory,
  out,
  storage,
  ULONG,
  type NDIS_HANDLE,
  type PVOID,
} from 'ndis'
import { REGISTER, write } from './registers'

export const MTU = 1500
export const FRAME_BYTES = MTU + 14
/** In each ring. */
export const DESCRIPTORS = 16
/** Words of a descriptor [3.2], and bits of FLAGS. */
export const WORD = { ADDRESS: 0, SIZE: 4, LENGTH: 8, FLAGS: 12 } as const
export const FLAG = { DONE: 1, FAILED: 2, OWN: 0x80000000 } as const
const DESCRIPTOR_BYTES = 16
const RING_BYTES = DESCRIPTORS * DESCRIPTOR_BYTES
/** Room for a frame; slots on round addresses. */
const SLOT_BYTES = 1536
const SHARED_BYTES = 2 * (RING_BYTES + DESCRIPTORS * SLOT_BYTES) + DESCRIPTOR_BYTES

/** A ring, and the slots behind its descriptors; `Next` is the descriptor that the driver looks at next. */
export interface Ring {
  Virtual: number
  Slots: number
  Next: number
}
let Shared: PVOID = 0
let SharedAt = 0n
export const SendRing: Ring = { Virtual: 0, Slots: 0, Next: 0 }
export const ReceiveRing: Ring = { Virtual: 0, Slots: 0, Next: 0 }

export const descriptor = (ring: Ring, index: number): number => ring.Virtual + index * DESCRIPTOR_BYTES
export const slot = (ring: Ring, index: number): number => ring.Slots + index * SLOT_BYTES
/** The device knows physical addresses only: that of an address in the shared block. */
const physical = (address: number): number => Number(SharedAt) + (address - Shared)
export const isOwnedByDevice = (at: number): boolean => (ULONG.at(at + WORD.FLAGS).value & FLAG.OWN) !== 0

/** Fills a descriptor in and gives it to the device. FLAGS comes last: from then on all of it is the device's. */
export function giveToDevice(ring: Ring, index: number, size = SLOT_BYTES): void {
  const at = descriptor(ring, index)
  ULONG.at(at + WORD.ADDRESS).value = physical(slot(ring, index))
  ULONG.at(at + WORD.SIZE).value = size
  ULONG.at(at + WORD.FLAGS).value = FLAG.OWN
}

/** One block for everything. A ring begins at a multiple of 16 [3.1], so that a few bytes more are asked for. */
export function allocateShared(Adapter: NDIS_HANDLE): boolean {
  const Virtual = out<PVOID>()
  const Physical = storage(NDIS_PHYSICAL_ADDRESS)
  NdisMAllocateSharedMemory(Adapter, SHARED_BYTES, 1, Virtual, Physical)
  Shared = Virtual.value
  SharedAt = NDIS_PHYSICAL_ADDRESS.at(Physical).QuadPart
  const padding = Number(-SharedAt & 15n)
  SendRing.Virtual = Shared + padding
  ReceiveRing.Virtual = SendRing.Virtual + RING_BYTES
  SendRing.Slots = ReceiveRing.Virtual + RING_BYTES
  ReceiveRing.Slots = SendRing.Slots + DESCRIPTORS * SLOT_BYTES
  return Shared !== 0
}

export function freeShared(Adapter: NDIS_HANDLE): void {
  if (Shared !== 0) NdisMFreeSharedMemory(Adapter, SHARED_BYTES, 1, Shared, SharedAt)
  Shared = 0
}

/** While the device is stopped: all send descriptors become the driver's, all receive descriptors the device's. */
export function setUpRings(): void {
  NdisZeroMemory(SendRing.Virtual, RING_BYTES)
  for (let index = 0; index < DESCRIPTORS; index++) giveToDevice(ReceiveRing, index)
  SendRing.Next = ReceiveRing.Next = 0
  write(REGISTER.SEND_RING, physical(SendRing.Virtual))
  write(REGISTER.SEND_COUNT, DESCRIPTORS)
  write(REGISTER.RECEIVE_RING, physical(ReceiveRing.Virtual))
  write(REGISTER.RECEIVE_COUNT, DESCRIPTORS)
}
