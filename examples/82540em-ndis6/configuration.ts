/** Keywords of the registry: the standardized ones of the INF, which a user sees in the advanced properties of the NIC. */
import {
  bytes,
  NDIS_CONFIGURATION_OBJECT,
  NDIS_CONFIGURATION_OBJECT_REVISION_1,
  NDIS_CONFIGURATION_PARAMETER,
  NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT,
  NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1,
  NDIS_STATUS_SUCCESS,
  NDIS_STRING_CONST,
  NdisCloseConfiguration,
  NdisOpenConfigurationEx,
  NdisParameterInteger,
  NdisReadConfiguration,
  NdisReadNetworkAddress,
  out,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PNDIS_CONFIGURATION_PARAMETER,
  type PNDIS_STRING,
  type PVOID,
  type UINT,
} from 'ndis'
import { RING_GRANULE } from './registers'

export interface Settings {
  /** Descriptors of the rings, multiples of eight. */
  readonly TransmitBuffers: number
  readonly ReceiveBuffers: number
  /** Receive buffers beyond those of the ring: so many may be on their way up. */
  readonly SpareBuffers: number
  /** Frames up to so many bytes are copied instead of mapped. */
  readonly CopyBytes: number
  /** Shortest time between two interrupts, units of 256 ns. */
  readonly InterruptGap: number
  /** What the user wants instead of the address in the EEPROM. */
  readonly NetworkAddress: readonly number[] | undefined
}

const TRANSMIT_BUFFERS = NDIS_STRING_CONST('*TransmitBuffers')
const RECEIVE_BUFFERS = NDIS_STRING_CONST('*ReceiveBuffers')
const INTERRUPT_MODERATION = NDIS_STRING_CONST('*InterruptModeration')
const SPARE_BUFFERS = NDIS_STRING_CONST('SpareBuffers')
const COPY_BYTES = NDIS_STRING_CONST('CopyBytes')

/** 64 microseconds: some 15600 interrupts a second at most. */
export const MODERATE_GAP = 250

const ConfigObject = storage(NDIS_CONFIGURATION_OBJECT)

function readNumber(
  Handle: NDIS_HANDLE,
  Keyword: PNDIS_STRING,
  otherwise: number,
  least: number,
  most: number,
): number {
  const Status = out<NDIS_STATUS>()
  const Parameter = out<PNDIS_CONFIGURATION_PARAMETER>()
  NdisReadConfiguration(Status, Parameter, Handle, Keyword, NdisParameterInteger)
  if (Status.value !== NDIS_STATUS_SUCCESS) return otherwise
  // A registry may hold anything.
  const value = NDIS_CONFIGURATION_PARAMETER.at(Parameter.value).ParameterData.IntegerData
  return Math.min(most, Math.max(least, value))
}

/** A user's address, if there is one, and one that a NIC may have: six bytes, not a group's, locally administered. */
function readAddress(Handle: NDIS_HANDLE): number[] | undefined {
  const Status = out<NDIS_STATUS>()
  const Address = out<PVOID>()
  const Length = out<UINT>()
  NdisReadNetworkAddress(Status, Address, Length, Handle)
  if (Status.value !== NDIS_STATUS_SUCCESS || Length.value !== 6) return undefined
  const address = bytes(Address.value, 6).slice()
  return ((address[0] ?? 0) & 3) === 2 ? address : undefined
}

/** At PASSIVE_LEVEL, from MiniportInitializeEx. */
export function readSettings(NdisMiniportHandle: NDIS_HANDLE): Settings {
  const object = NDIS_CONFIGURATION_OBJECT.at(ConfigObject)
  object.Header.Type = NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT
  object.Header.Revision = NDIS_CONFIGURATION_OBJECT_REVISION_1
  object.Header.Size = NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1
  object.NdisHandle = NdisMiniportHandle
  object.Flags = 0
  const Handle = out<NDIS_HANDLE>()
  const isOpen = NdisOpenConfigurationEx(ConfigObject, Handle) === NDIS_STATUS_SUCCESS
  const number = (Keyword: PNDIS_STRING, otherwise: number, least: number, most: number): number =>
    isOpen ? readNumber(Handle.value, Keyword, otherwise, least, most) : otherwise
  const ring = (Keyword: PNDIS_STRING): number => {
    const value = number(Keyword, 128, 2 * RING_GRANULE, 4096)
    return value - (value % RING_GRANULE)
  }
  const settings: Settings = {
    TransmitBuffers: ring(TRANSMIT_BUFFERS),
    ReceiveBuffers: ring(RECEIVE_BUFFERS),
    SpareBuffers: number(SPARE_BUFFERS, 128, 0, 4096),
    CopyBytes: number(COPY_BYTES, 256, 0, 1514),
    InterruptGap: number(INTERRUPT_MODERATION, 1, 0, 1) === 0 ? 0 : MODERATE_GAP,
    NetworkAddress: isOpen ? readAddress(Handle.value) : undefined,
  }
  // What was read lives until here.
  if (isOpen) NdisCloseConfiguration(Handle.value)
  return settings
}
