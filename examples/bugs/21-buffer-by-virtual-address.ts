/**
 * BUG: a receive buffer handed to the hardware by its virtual address
 *
 * The ring itself is named by its physical address, the buffer in its descriptor by the address that the driver uses. The device
 * knows nothing of the page tables: the first frame goes to whatever lies at that physical address, or nowhere. Seen at once
 * with an IOMMU, and as corrupt memory of somebody else without. The configuration beside it asks for frames that arrive.
 */
import { WRITE_REGISTER_ULONG, type NDIS_STATUS, type PDRIVER_OBJECT, type PUNICODE_STRING } from 'ndis'
import { describe, Nic, onTeachingNic, RUN, TEACHING } from './parts/nic'

/** In the shared memory: the ring is in front, the buffer behind it. */
const BUFFER = 256
const BUFFER_BYTES = 1514
/** The last word of a descriptor: it belongs to the device. */
const OWN = 0x80000000
const PROMISCUOUS = 8

const write = (register: number, value: number): void => WRITE_REGISTER_ULONG(Nic.Registers + register, value)

/** One descriptor is enough to see what arrives first. */
function startReceiving(): void {
  write(TEACHING.RECEIVE_RING, Nic.SharedAt)
  write(TEACHING.RECEIVE_COUNT, 1)
  write(TEACHING.FILTER, PROMISCUOUS)
  // Wrong: a device takes physical addresses.
  describe(0, Nic.Shared + BUFFER, BUFFER_BYTES, 0, OWN)
  WRITE_REGISTER_ULONG(Nic.Registers + TEACHING.CONTROL, RUN) // <- here
}

export const DriverEntry = (DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS =>
  onTeachingNic(DriverObject, RegistryPath, startReceiving)
