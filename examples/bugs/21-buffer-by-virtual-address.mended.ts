/**
 * Mended: a receive buffer handed to the hardware by its virtual address
 *
 * Shared memory has two addresses, one for the driver and one for the device. Everything that a descriptor or a register of a ring
 * holds is the second one. Run it with `--scenario receive --frames 1500`.
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
  describe(0, Nic.SharedAt + BUFFER, BUFFER_BYTES, 0, OWN)
  write(TEACHING.CONTROL, RUN)
}

export const DriverEntry = (DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS =>
  onTeachingNic(DriverObject, RegistryPath, startReceiving)
