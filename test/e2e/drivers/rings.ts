/**
 * Rings of an 82540EM, with no protocol above them: eight descriptors each, a frame sent every five milliseconds, and
 * nobody who takes what is received.
 */
// prettier-ignore
import {
  bytes, CM_PARTIAL_RESOURCE_DESCRIPTOR, CmResourceTypeMemory, NDIS_ATTRIBUTE_BUS_MASTER, NDIS_ATTRIBUTE_DESERIALIZE,
  NDIS_MINIPORT_CHARACTERISTICS, NDIS_MINIPORT_TIMER, NDIS_PHYSICAL_ADDRESS, NDIS_RESOURCE_LIST,
  NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_SUCCESS, NdisInterfacePci, NdisMAllocateSharedMemory, NdisMCancelTimer,
  NdisMFreeSharedMemory, NdisMInitializeScatterGatherDma, NdisMInitializeTimer, NdisMInitializeWrapper, NdisMMapIoSpace,
  NdisMQueryAdapterResources, NdisMRegisterMiniport, NdisMSetAttributesEx, NdisMSetPeriodicTimer, NdisMUnmapIoSpace,
  NdisReadPciSlotInformation, NdisWritePciSlotInformation, out, sizeof, storage, UCHAR, ULONG, WRITE_REGISTER_ULONG,
  type NDIS_HANDLE, type NDIS_STATUS, type PDRIVER_OBJECT, type PUNICODE_STRING, type PVOID,
} from 'ndis'

/** Registers of the 82540EM, and bits of them. */
const CTRL = 0x0000, RCTL = 0x0100, TCTL = 0x0400, RDBAL = 0x2800, RDLEN = 0x2808, RDT = 0x2818 // prettier-ignore
const TDBAL = 0x3800, TDLEN = 0x3808, TDT = 0x3818 // prettier-ignore
const SET_LINK_UP = 0x40, ENABLE = 2, PROMISCUOUS = 8, BROADCAST = 0x8000, PAD = 8 // prettier-ignore
/** Bytes 11 of a transmit descriptor: EOP, IFCS, RS. */
const SEND = 0x0b000000

const DESCRIPTORS = 8
const RING_BYTES = DESCRIPTORS * 16
const BUFFER_BYTES = 2048
const SHARED_BYTES = 2 * RING_BYTES + 2 * DESCRIPTORS * BUFFER_BYTES
const FRAME_BYTES = 64
const PERIOD_MS = 5
/** MEMORY_SPACE and BUS_MASTER in the Command register of configuration space. */
const COMMAND = 4, COMMAND_BITS = 6 // prettier-ignore

let Adapter: NDIS_HANDLE
let Registers: PVOID
let Length = 0
let Shared: PVOID
let Physical = 0
let Tail = 0
const Timer = storage(NDIS_MINIPORT_TIMER)
const Window = storage(NDIS_PHYSICAL_ADDRESS)
const SharedPhysical = storage(NDIS_PHYSICAL_ADDRESS)

const write = (register: number, value: number): void => WRITE_REGISTER_ULONG((Registers + register) as PVOID, value)
const set = (address: number, value: number): void => {
  ULONG.at(address).value = value
}
/** Offset of a buffer of the transmit ring (0) or of the receive ring (1). */
const buffer = (ring: number, index: number): number => 2 * RING_BYTES + (ring * DESCRIPTORS + index) * BUFFER_BYTES

function sendFrame(): void {
  const descriptor = Shared + Tail * 16
  bytes((Shared + buffer(0, Tail)) as PVOID, FRAME_BYTES).fill(0xff, 0, 6)
  set(descriptor, Physical + buffer(0, Tail))
  set(descriptor + 8, FRAME_BYTES | SEND)
  set(descriptor + 12, 0)
  Tail = (Tail + 1) % DESCRIPTORS
  write(TDT, Tail)
}

function findWindow(Configuration: NDIS_HANDLE): void {
  const Status = out<NDIS_STATUS>(), Bytes = out<number>() // prettier-ignore
  const List = storage(UCHAR, 256)
  Bytes.value = 256
  NdisMQueryAdapterResources(Status, Configuration, List as never, Bytes)
  for (let i = 0; i < NDIS_RESOURCE_LIST.at(List as never).Count; i++) {
    const at = (List + 8 + i * sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR)) as never
    const Resource = CM_PARTIAL_RESOURCE_DESCRIPTOR.at(at)
    if (Resource.Type !== CmResourceTypeMemory) continue
    NDIS_PHYSICAL_ADDRESS.at(Window).QuadPart = Resource.u.Memory.Start.QuadPart
    Length = Resource.u.Memory.Length
  }
}
function becomeBusMaster(): void {
  const Command = storage(UCHAR, 2)
  NdisReadPciSlotInformation(Adapter, 0, COMMAND, Command as never, 2)
  bytes(Command as never, 2)[0]! |= COMMAND_BITS
  NdisWritePciSlotInformation(Adapter, 0, COMMAND, Command as never, 2)
}
function startRings(): void {
  for (let i = 0; i < DESCRIPTORS; i++) set(Shared + RING_BYTES + i * 16, Physical + buffer(1, i))
  write(CTRL, SET_LINK_UP)
  write(TDBAL, Physical)
  write(TDLEN, RING_BYTES)
  write(TCTL, ENABLE | PAD)
  write(RDBAL, Physical + RING_BYTES)
  write(RDLEN, RING_BYTES)
  write(RDT, DESCRIPTORS - 1)
  write(RCTL, ENABLE | PROMISCUOUS | BROADCAST)
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Wrapper = out<NDIS_HANDLE>()
  NdisMInitializeWrapper(Wrapper, DriverObject, RegistryPath, 0 as PVOID)
  return NdisMRegisterMiniport(
    Wrapper.value,
    {
      MajorNdisVersion: 5,
      MinorNdisVersion: 1,
      InitializeHandler(_OpenError, SelectedMediumIndex, _Media, _Count, MiniportAdapterHandle, Configuration) {
        const Virtual = out<PVOID>()
        Adapter = MiniportAdapterHandle
        SelectedMediumIndex.value = 0
        const Attributes = NDIS_ATTRIBUTE_BUS_MASTER | NDIS_ATTRIBUTE_DESERIALIZE
        NdisMSetAttributesEx(Adapter, 1 as NDIS_HANDLE, 0, Attributes, NdisInterfacePci)
        findWindow(Configuration)
        becomeBusMaster()
        NdisMInitializeScatterGatherDma(Adapter, 0, BUFFER_BYTES)
        NdisMMapIoSpace(Virtual, Adapter, NDIS_PHYSICAL_ADDRESS.at(Window).QuadPart, Length)
        Registers = Virtual.value
        NdisMAllocateSharedMemory(Adapter, SHARED_BYTES, 1, Virtual, SharedPhysical)
        Shared = Virtual.value
        bytes(Shared, SHARED_BYTES).fill(0)
        Physical = Number(NDIS_PHYSICAL_ADDRESS.at(SharedPhysical).QuadPart)
        startRings()
        NdisMInitializeTimer(Timer, Adapter, sendFrame, 0 as PVOID)
        NdisMSetPeriodicTimer(Timer, PERIOD_MS)
        return NDIS_STATUS_SUCCESS
      },
      HaltHandler() {
        NdisMCancelTimer(Timer, out<number>() as never)
        write(TCTL, 0)
        write(RCTL, 0)
        NdisMUnmapIoSpace(Adapter, Registers, Length)
        const QuadPart = NDIS_PHYSICAL_ADDRESS.at(SharedPhysical).QuadPart
        NdisMFreeSharedMemory(Adapter, SHARED_BYTES, 1, Shared, QuadPart)
      },
      ResetHandler: () => NDIS_STATUS_SUCCESS,
      QueryInformationHandler: () => NDIS_STATUS_NOT_SUPPORTED,
      SetInformationHandler: () => NDIS_STATUS_NOT_SUPPORTED,
      SendHandler: () => NDIS_STATUS_SUCCESS,
    },
    sizeof(NDIS_MINIPORT_CHARACTERISTICS),
  )
}
