/** The registers of the teaching NIC, by the names of its data sheet [2], and what the driver does with them. */
import {
  CM_PARTIAL_RESOURCE_DESCRIPTOR,
  CmResourceTypeMemory,
  NDIS_PACKET_TYPE_ALL_MULTICAST,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_PACKET_TYPE_MULTICAST,
  NDIS_PACKET_TYPE_PROMISCUOUS,
  NDIS_RESOURCE_LIST,
  NDIS_STATUS_ADAPTER_NOT_FOUND,
  NDIS_STATUS_SUCCESS,
  NdisMMapIoSpace,
  NdisMUnmapIoSpace,
  out,
  READ_REGISTER_ULONG,
  sizeof,
  WRITE_REGISTER_ULONG,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PVOID,
} from 'ndis'

export const REGISTER = {
  ID: 0x00,
  CONTROL: 0x04,
  STATUS: 0x08,
  CAUSE: 0x0c,
  MASK: 0x10,
  MAC_LOW: 0x14,
  MAC_HIGH: 0x18,
  FILTER: 0x1c,
  SEND_RING: 0x20,
  SEND_COUNT: 0x24,
  SEND_DOORBELL: 0x2c,
  RECEIVE_RING: 0x30,
  RECEIVE_COUNT: 0x34,
} as const
export const CONTROL = { RUN: 1, RESET: 2 } as const
export const CAUSE = { SENT: 1, RECEIVED: 2, MISSED: 4, LINK: 8, ERROR: 16, ALL: 31 } as const
const FILTER = { OWN: 1, BROADCAST: 2, ALL_MULTICAST: 4, PROMISCUOUS: 8 } as const
/** "NDTN" */
const TEACHING_NIC = 0x4e54444e

/** Where the page is mapped; 0: it is not. */
let Page: PVOID = 0
let PageBytes = 0

export const read = (register: number): number => READ_REGISTER_ULONG(Page + register)
export const write = (register: number, value: number): void => WRITE_REGISTER_ULONG(Page + register, value)
export const isMapped = (): boolean => Page !== 0

/** Finds the register page among the resources, maps it, and looks whether the device is the right one. */
export function mapRegisters(Adapter: NDIS_HANDLE, List: PVOID): NDIS_STATUS {
  const count = List === 0 ? 0 : NDIS_RESOURCE_LIST.at(List).Count
  let start = 0n
  PageBytes = 0
  for (let i = 0; i < count; i++) {
    const resource = CM_PARTIAL_RESOURCE_DESCRIPTOR.at(List + 8 + i * sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR))
    if (resource.Type !== CmResourceTypeMemory) continue
    start = resource.u.Memory.Start.QuadPart
    PageBytes = resource.u.Memory.Length
  }
  const Mapped = out<PVOID>()
  if (PageBytes === 0 || NdisMMapIoSpace(Mapped, Adapter, start, PageBytes) !== NDIS_STATUS_SUCCESS)
    return NDIS_STATUS_ADAPTER_NOT_FOUND
  Page = Mapped.value
  if (read(REGISTER.ID) !== TEACHING_NIC) return NDIS_STATUS_ADAPTER_NOT_FOUND
  write(REGISTER.CONTROL, CONTROL.RESET)
  return NDIS_STATUS_SUCCESS
}

export function unmapRegisters(Adapter: NDIS_HANDLE): void {
  if (Page !== 0) NdisMUnmapIoSpace(Adapter, Page, PageBytes)
  Page = 0
}

/** The station address [2.4]. */
export function readAddress(): number[] {
  const [low, high] = [read(REGISTER.MAC_LOW), read(REGISTER.MAC_HIGH)]
  return [low, low >>> 8, low >>> 16, low >>> 24, high, high >>> 8].map((byte) => byte & 0xff)
}

/** What the device lets through for a packet filter of NDIS [2.5]. */
export function writeFilter(PacketFilter: number): void {
  const has = (type: number, bit: number): number => (PacketFilter & type ? bit : 0)
  const groups = NDIS_PACKET_TYPE_MULTICAST | NDIS_PACKET_TYPE_ALL_MULTICAST
  write(
    REGISTER.FILTER,
    has(NDIS_PACKET_TYPE_DIRECTED, FILTER.OWN) |
      has(NDIS_PACKET_TYPE_BROADCAST, FILTER.BROADCAST) |
      has(groups, FILTER.ALL_MULTICAST) |
      has(NDIS_PACKET_TYPE_PROMISCUOUS, FILTER.PROMISCUOUS),
  )
}
