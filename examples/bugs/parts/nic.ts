// A miniport of NDIS 5.1 that has its NIC mapped and a page of memory to share with it; a driver says what the NIC is to do.
import {
  FIELD_OFFSET,
  NDIS_ATTRIBUTE_BUS_MASTER,
  NDIS_ATTRIBUTE_DESERIALIZE,
  NDIS_MINIPORT_TIMER,
  NDIS_PHYSICAL_ADDRESS,
  NdisMAllocateSharedMemory,
  NdisMCancelTimer,
  NdisMFreeSharedMemory,
  NdisMInitializeScatterGatherDma,
  NdisMInitializeTimer,
  NdisMMapIoSpace,
  NdisMSetTimer,
  NdisMUnmapIoSpace,
  NdisReadPciSlotInformation,
  NdisZeroMemory,
  out,
  PCI_COMMON_CONFIG,
  sizeof,
  storage,
  ULONG,
  WRITE_REGISTER_ULONG,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'
import { miniport5 } from './miniport5'

/** What there is from `start` on. */
export const Nic = {
  Adapter: 0 as NDIS_HANDLE,
  /** Where its registers are mapped. */
  Registers: 0 as PVOID,
  /** Zeroed, on a border of 128 bytes: address for the driver, and for the device. */
  Shared: 0 as PVOID,
  SharedAt: 0,
}
/** Puts the words of a descriptor at an offset in the shared memory. */
export const describe = (offset: number, ...words: readonly number[]): void =>
  words.forEach((word, index) => (ULONG.at(Nic.Shared + offset + index * sizeof(ULONG)).value = word))

export const SHARED_BYTES = 0x9000
const ROUND = 128
/** Until the link of every NIC is up. */
const START_MS = 10

interface Parts {
  /** Bytes of its registers. */
  readonly bytes: number
  /** Register and value that make it ready before `start`, and let go of all that it has, at halt. */
  readonly begin: readonly (readonly [register: number, value: number])[]
  readonly end: readonly (readonly [register: number, value: number])[]
  /** At DISPATCH_LEVEL, when the link is up. */
  readonly start: () => void
  /** In MiniportInitialize, before `begin`; and first in MiniportHalt. */
  readonly registered?: () => void
  readonly halting?: () => void
  /** Members of NDIS_MINIPORT_CHARACTERISTICS. */
  readonly handlers?: object
}

export function nic(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING, of: Parts): NDIS_STATUS {
  const Timer = storage(NDIS_MINIPORT_TIMER)
  const Bar = storage(ULONG)
  const Mapped = out<PVOID>()
  const Virtual = out<PVOID>()
  const Physical = storage(NDIS_PHYSICAL_ADDRESS)
  const write = (all: Parts['begin']): void =>
    all.forEach(([register, value]) => WRITE_REGISTER_ULONG(Nic.Registers + register, value))
  return miniport5(DriverObject, RegistryPath, {
    ...(of.handlers && { handlers: of.handlers }),
    attributes: NDIS_ATTRIBUTE_BUS_MASTER | NDIS_ATTRIBUTE_DESERIALIZE,
    initialize(Adapter) {
      Nic.Adapter = Adapter
      NdisReadPciSlotInformation(
        Adapter,
        0,
        FIELD_OFFSET(PCI_COMMON_CONFIG, 'u.type0.BaseAddresses'),
        Bar,
        sizeof(ULONG),
      )
      NdisMMapIoSpace(Mapped, Adapter, BigInt(ULONG.at(Bar).value & ~15), of.bytes)
      Nic.Registers = Mapped.value
      NdisMInitializeScatterGatherDma(Adapter, false, 1514)
      NdisMAllocateSharedMemory(Adapter, SHARED_BYTES + ROUND, true, Virtual, Physical)
      const { LowPart } = NDIS_PHYSICAL_ADDRESS.at(Physical)
      const padding = -LowPart & (ROUND - 1)
      Nic.Shared = (Virtual.value + padding) as PVOID
      Nic.SharedAt = LowPart + padding
      NdisZeroMemory(Nic.Shared, SHARED_BYTES)
      of.registered?.()
      write(of.begin)
      NdisMInitializeTimer(Timer, Adapter, of.start, 0)
      NdisMSetTimer(Timer, START_MS)
    },
    halt() {
      of.halting?.()
      NdisMCancelTimer(Timer, out())
      write(of.end)
      NdisMFreeSharedMemory(
        Nic.Adapter,
        SHARED_BYTES + ROUND,
        true,
        Virtual.value,
        NDIS_PHYSICAL_ADDRESS.at(Physical).QuadPart,
      )
      NdisMUnmapIoSpace(Nic.Adapter, Nic.Registers, of.bytes)
    },
  })
}

/** Registers of the Intel 82540EM, and of the teaching NIC. */
export const EM = {
  CTRL: 0x0000,
  STATUS: 0x0008,
  IMC: 0x00d8,
  RCTL: 0x0100,
  TCTL: 0x0400,
  TDBAL: 0x3800,
  TDLEN: 0x3808,
  TDH: 0x3810,
  TDT: 0x3818,
} as const
export const EM_EN = 2
const EM_SET_LINK_UP = 0x40
const EM_RESET = 0x0400_0000
export const TEACHING = {
  CONTROL: 0x04,
  STATUS: 0x08,
  FILTER: 0x1c,
  SEND_RING: 0x20,
  SEND_COUNT: 0x24,
  SEND_DOORBELL: 0x2c,
  RECEIVE_RING: 0x30,
  RECEIVE_COUNT: 0x34,
} as const
export const RUN = 1
const TEACHING_RESET = 2

export const onEm = (DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING, start: () => void): NDIS_STATUS =>
  nic(DriverObject, RegistryPath, {
    bytes: 0x2_0000,
    begin: [[EM.CTRL, EM_SET_LINK_UP]],
    end: [[EM.CTRL, EM_RESET]],
    start,
  })
export const onTeachingNic = (
  DriverObject: PDRIVER_OBJECT,
  RegistryPath: PUNICODE_STRING,
  start: () => void,
): NDIS_STATUS =>
  nic(DriverObject, RegistryPath, { bytes: 0x1000, begin: [], end: [[TEACHING.CONTROL, TEACHING_RESET]], start })
