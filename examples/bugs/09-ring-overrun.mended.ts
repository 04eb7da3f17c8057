/**
 * Mended: a descriptor ring overrun by one
 *
 * The loop stops before the length.
 */
import { NdisFreeMemory, bytes, type NDIS_STATUS, type PDRIVER_OBJECT, type PUNICODE_STRING, type PVOID } from 'ndis'
import { miniport6 } from './parts/miniport6'
import { memory } from './parts/pools'

const DESCRIPTORS = 16
const DESCRIPTOR_BYTES = 16
const RING_BYTES = DESCRIPTORS * DESCRIPTOR_BYTES

function clearRing(Ring: PVOID): void {
  for (let i = 0; i < DESCRIPTORS; i++) bytes(Ring + i * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES).fill(0)
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  let Ring: PVOID = 0
  return miniport6(DriverObject, RegistryPath, {
    initialize() {
      Ring = memory(RING_BYTES)
      clearRing(Ring)
    },
    halt: () => NdisFreeMemory(Ring, RING_BYTES, 0),
  })
}
