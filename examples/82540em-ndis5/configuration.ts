// What the system knows of the NIC before the driver does: PCI, resources, keywords.
import {
  CM_PARTIAL_RESOURCE_DESCRIPTOR,
  CmResourceTypeInterrupt,
  CmResourceTypeMemory,
  FIELD_OFFSET,
  NDIS_CONFIGURATION_PARAMETER,
  NDIS_RESOURCE_LIST,
  NDIS_STATUS_SUCCESS,
  NDIS_STRING_CONST,
  NdisAllocateMemoryWithTag,
  NdisCloseConfiguration,
  NdisFreeMemory,
  NdisMQueryAdapterResources,
  NdisOpenConfiguration,
  NdisParameterInteger,
  NdisReadConfiguration,
  NdisReadNetworkAddress,
  NdisReadPciSlotInformation,
  NdisWritePciSlotInformation,
  PCI_COMMON_CONFIG,
  PCI_ENABLE_BUS_MASTER,
  PCI_ENABLE_MEMORY_SPACE,
  USHORT,
  bytes,
  out,
  sizeof,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PNDIS_CONFIGURATION_PARAMETER,
  type PNDIS_RESOURCE_LIST,
  type PNDIS_STRING,
  type PVOID,
  type UINT,
} from 'ndis'
import { DEVICE_82540EM, REGISTER_BYTES, VENDOR_INTEL } from './registers'

const TAG = 0x30343545 // 'E540'
const RECEIVE_BUFFERS = NDIS_STRING_CONST('*ReceiveBuffers')
const TRANSMIT_BUFFERS = NDIS_STRING_CONST('*TransmitBuffers')
/** Descriptors of a ring: a multiple of 8, because the NIC takes lengths that 128 divides (SDM 13.4.27). */
const RING = { least: 32, most: 1024, multiple: 8, usual: 128 }
const Config = storage(PCI_COMMON_CONFIG)
const COMMAND = FIELD_OFFSET(PCI_COMMON_CONFIG, 'Command')

/** true when the slot holds an 82540EM; then it may reach memory. */
export function readPciSlot(Handle: NDIS_HANDLE): boolean {
  const length = sizeof(PCI_COMMON_CONFIG)
  if (NdisReadPciSlotInformation(Handle, 0, 0, Config, length) < COMMAND + sizeof(USHORT)) return false
  const { VendorID, DeviceID, Command } = PCI_COMMON_CONFIG.at(Config)
  if (VendorID !== VENDOR_INTEL || DeviceID !== DEVICE_82540EM) return false
  const wanted = Command | PCI_ENABLE_MEMORY_SPACE | PCI_ENABLE_BUS_MASTER
  if (wanted === Command) return true
  PCI_COMMON_CONFIG.at(Config).Command = wanted
  return NdisWritePciSlotInformation(Handle, 0, COMMAND, Config + COMMAND, sizeof(USHORT)) === sizeof(USHORT)
}

export interface Resources {
  readonly Registers: bigint
  readonly Level: number
  readonly Vector: number
}

/** undefined when the registers or the interrupt are missing. */
export function queryResources(Context: NDIS_HANDLE): Resources | undefined {
  const Status = out<NDIS_STATUS>()
  const Size = out<UINT>(0)
  const Memory = out<PVOID>()
  // The first call says how many bytes there are.
  NdisMQueryAdapterResources(Status, Context, 0, Size)
  if (Size.value === 0) return undefined
  if (NdisAllocateMemoryWithTag(Memory, Size.value, TAG) !== NDIS_STATUS_SUCCESS) return undefined
  const length = Size.value
  NdisMQueryAdapterResources(Status, Context, Memory.value as PNDIS_RESOURCE_LIST, Size)
  const found = Status.value === NDIS_STATUS_SUCCESS ? readResources(Memory.value) : undefined
  NdisFreeMemory(Memory.value, length, 0)
  return found
}

function readResources(list: PVOID): Resources | undefined {
  let registers: bigint | undefined
  let interrupt: { Level: number; Vector: number } | undefined
  for (let i = 0; i < NDIS_RESOURCE_LIST.at(list).Count; i++) {
    const at =
      list + FIELD_OFFSET(NDIS_RESOURCE_LIST, 'PartialDescriptors') + i * sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR)
    const { Type, u } = CM_PARTIAL_RESOURCE_DESCRIPTOR.at(at)
    // The NIC has ports, too; they are for those who cannot map memory.
    if (Type === CmResourceTypeMemory && u.Memory.Length === REGISTER_BYTES) registers = u.Memory.Start.QuadPart
    if (Type === CmResourceTypeInterrupt) interrupt = { Level: u.Interrupt.Level, Vector: u.Interrupt.Vector }
  }
  return registers === undefined || interrupt === undefined ? undefined : { Registers: registers, ...interrupt }
}

export interface Keywords {
  readonly ReceiveDescriptors: number
  readonly TransmitDescriptors: number
  /** Instead of the one in the EEPROM. */
  readonly NetworkAddress: readonly number[] | undefined
}

/** What is not set, or out of range, has its usual value. undefined when the registry cannot be read. */
export function readKeywords(Context: NDIS_HANDLE): Keywords | undefined {
  const Status = out<NDIS_STATUS>()
  const Handle = out<NDIS_HANDLE>()
  NdisOpenConfiguration(Status, Handle, Context)
  if (Status.value !== NDIS_STATUS_SUCCESS) return undefined
  const keywords = {
    ReceiveDescriptors: readRingSize(Handle.value, RECEIVE_BUFFERS),
    TransmitDescriptors: readRingSize(Handle.value, TRANSMIT_BUFFERS),
    NetworkAddress: readAddress(Handle.value),
  }
  NdisCloseConfiguration(Handle.value)
  return keywords
}

function readRingSize(Handle: NDIS_HANDLE, Keyword: PNDIS_STRING): number {
  const Status = out<NDIS_STATUS>()
  const Parameter = out<PNDIS_CONFIGURATION_PARAMETER>()
  NdisReadConfiguration(Status, Parameter, Handle, Keyword, NdisParameterInteger)
  if (Status.value !== NDIS_STATUS_SUCCESS) return RING.usual
  const wanted = NDIS_CONFIGURATION_PARAMETER.at(Parameter.value).ParameterData.IntegerData
  return Math.min(RING.most, Math.max(RING.least, wanted - (wanted % RING.multiple)))
}

function readAddress(Handle: NDIS_HANDLE): readonly number[] | undefined {
  const Status = out<NDIS_STATUS>()
  const Address = out<PVOID>()
  const Length = out<UINT>()
  NdisReadNetworkAddress(Status, Address, Length, Handle)
  if (Status.value !== NDIS_STATUS_SUCCESS || Length.value !== 6) return undefined
  const address = Array.from(bytes(Address.value, 6))
  // An address of a group, or none at all, is nobody's.
  return (address[0]! & 1) !== 0 || address.every((byte) => byte === 0) ? undefined : address
}
