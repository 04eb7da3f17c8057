import { layout } from '../memory/layout'
import type { Adapter } from './adapters'
import { constant } from './constants'

const GENERAL = layout(
  'NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES',
  'MediaType', 'PhysicalMediumType', 'MtuSize', 'MaxXmitLinkSpeed', 'XmitLinkSpeed', 'MaxRcvLinkSpeed', 'RcvLinkSpeed',
  'MediaConnectState', 'MediaDuplexState', 'LookaheadSize', 'MacOptions', 'SupportedPacketFilters', 'MaxMulticastListSize',
  'MacAddressLength', 'PermanentMacAddress', 'CurrentMacAddress', 'AccessType', 'DirectionType', 'ConnectionType', 'IfType',
  'IfConnectorPresent', 'DataBackFillSize', 'ContextBackFillSize', 'SupportedOidList', 'SupportedOidListLength',
) // prettier-ignore
const GENERAL_TYPE = constant('NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES')
const MAC_BYTES = 6

/** What an adapter of NDIS 6 said of itself in its general attributes, which NDIS copied when it was told. */
export interface AdapterFacts {
  readonly mediaType: number
  readonly physicalMedium: number
  /** Bytes of a frame without its header. */
  readonly mtu: number
  readonly maxXmitSpeed: bigint
  readonly xmitSpeed: bigint
  readonly maxRcvSpeed: bigint
  readonly rcvSpeed: bigint
  readonly connectState: number
  readonly duplexState: number
  readonly lookahead: number
  readonly macOptions: number
  readonly packetFilters: number
  readonly maxMulticast: number
  readonly permanentAddress: Uint8Array
  readonly currentAddress: Uint8Array
  readonly accessType: number
  readonly directionType: number
  readonly connectionType: number
  readonly ifType: number
  readonly connectorPresent: boolean
  readonly dataBackFill: number
  readonly contextBackFill: number
  readonly oids: readonly number[]
}

/** The facts, all zero as long as the miniport has not given its general attributes. */
export function adapterFacts(adapter: Adapter): AdapterFacts {
  const given = adapter.attributes.get(GENERAL_TYPE)
  const bytes = new Uint8Array(GENERAL.SIZE)
  if (given) bytes.set(given.subarray(0, GENERAL.SIZE))
  const view = new DataView(bytes.buffer)
  const u32 = (offset: number): number => view.getUint32(offset, true)
  const u64 = (offset: number): bigint => view.getBigUint64(offset, true)
  const length = Math.min(view.getUint16(GENERAL.MacAddressLength, true), MAC_BYTES)
  return {
    mediaType: u32(GENERAL.MediaType),
    physicalMedium: u32(GENERAL.PhysicalMediumType),
    mtu: u32(GENERAL.MtuSize),
    maxXmitSpeed: u64(GENERAL.MaxXmitLinkSpeed),
    xmitSpeed: u64(GENERAL.XmitLinkSpeed),
    maxRcvSpeed: u64(GENERAL.MaxRcvLinkSpeed),
    rcvSpeed: u64(GENERAL.RcvLinkSpeed),
    connectState: u32(GENERAL.MediaConnectState),
    duplexState: u32(GENERAL.MediaDuplexState),
    lookahead: u32(GENERAL.LookaheadSize),
    macOptions: u32(GENERAL.MacOptions),
    packetFilters: u32(GENERAL.SupportedPacketFilters),
    maxMulticast: u32(GENERAL.MaxMulticastListSize),
    permanentAddress: bytes.slice(GENERAL.PermanentMacAddress, GENERAL.PermanentMacAddress + length),
    currentAddress: bytes.slice(GENERAL.CurrentMacAddress, GENERAL.CurrentMacAddress + length),
    accessType: u32(GENERAL.AccessType),
    directionType: u32(GENERAL.DirectionType),
    connectionType: u32(GENERAL.ConnectionType),
    ifType: view.getUint16(GENERAL.IfType, true),
    connectorPresent: bytes[GENERAL.IfConnectorPresent] !== 0,
    dataBackFill: u32(GENERAL.DataBackFillSize),
    contextBackFill: u32(GENERAL.ContextBackFillSize),
    oids: adapter.supportedOids,
  }
}

/** Where the list of supported OIDs lies in the attributes that a miniport gives; NDIS copies it in the call. */
export const OID_LIST = { type: GENERAL_TYPE, at: GENERAL.SupportedOidList, bytes: GENERAL.SupportedOidListLength }
