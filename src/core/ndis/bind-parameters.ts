import type { AddressSpace } from '../memory/address-space'
import { layout } from '../memory/layout'
import { adapterFacts } from './adapter-facts'
import type { Adapter } from './adapters'
import { constant } from './constants'
import type { NdisRecords } from './ndis-record'
import { writeHeader } from './object-header'

const BIND = layout(
  'NDIS_BIND_PARAMETERS',
  'AdapterName', 'MediaType', 'MtuSize', 'MaxXmitLinkSpeed', 'XmitLinkSpeed', 'MaxRcvLinkSpeed', 'RcvLinkSpeed',
  'MediaConnectState', 'MediaDuplexState', 'LookaheadSize', 'SupportedPacketFilters', 'MaxMulticastListSize',
  'MacAddressLength', 'CurrentMacAddress', 'PhysicalMediumType', 'BoundIfIndex', 'LowestIfIndex', 'AccessType',
  'DirectionType', 'ConnectionType', 'IfType', 'IfConnectorPresent', 'DataBackFillSize', 'ContextBackFillSize', 'MacOptions',
  'BoundAdapterName',
) // prettier-ignore

/** Bytes of the parameters of a bind, with the strings behind them. */
export const bindBytes = (records: NdisRecords, adapter: Adapter): number =>
  BIND.SIZE + records.stringBytes(adapter.name)

/** What a protocol learns of an adapter before it opens it (DDI ndis_bind_parameters). */
export function fillBind(space: AddressSpace, records: NdisRecords, at: number, adapter: Adapter): void {
  const { w8, w16, w32, w64 } = space
  const facts = adapterFacts(adapter)
  writeHeader(
    space,
    at,
    constant('NDIS_OBJECT_TYPE_BIND_PARAMETERS'),
    constant('NDIS_BIND_PARAMETERS_REVISION_1'),
    BIND.SIZE,
  )
  const name = records.putString(at + BIND.SIZE, adapter.name)
  w32(at + BIND.AdapterName, name)
  w32(at + BIND.BoundAdapterName, name)
  w32(at + BIND.MediaType, facts.mediaType)
  w32(at + BIND.MtuSize, facts.mtu)
  w64(at + BIND.MaxXmitLinkSpeed, facts.maxXmitSpeed)
  w64(at + BIND.XmitLinkSpeed, facts.xmitSpeed)
  w64(at + BIND.MaxRcvLinkSpeed, facts.maxRcvSpeed)
  w64(at + BIND.RcvLinkSpeed, facts.rcvSpeed)
  w32(at + BIND.MediaConnectState, facts.connectState)
  w32(at + BIND.MediaDuplexState, facts.duplexState)
  w32(at + BIND.LookaheadSize, facts.lookahead)
  w32(at + BIND.SupportedPacketFilters, facts.packetFilters)
  w32(at + BIND.MaxMulticastListSize, facts.maxMulticast)
  w16(at + BIND.MacAddressLength, facts.currentAddress.length)
  facts.currentAddress.forEach((byte, index) => w8(at + BIND.CurrentMacAddress + index, byte))
  w32(at + BIND.PhysicalMediumType, facts.physicalMedium)
  w32(at + BIND.BoundIfIndex, adapter.ifIndex)
  w32(at + BIND.LowestIfIndex, adapter.ifIndex)
  w32(at + BIND.AccessType, facts.accessType)
  w32(at + BIND.DirectionType, facts.directionType)
  w32(at + BIND.ConnectionType, facts.connectionType)
  w16(at + BIND.IfType, facts.ifType)
  w8(at + BIND.IfConnectorPresent, facts.connectorPresent ? 1 : 0)
  w32(at + BIND.DataBackFillSize, facts.dataBackFill)
  w32(at + BIND.ContextBackFillSize, facts.contextBackFill)
  w32(at + BIND.MacOptions, facts.macOptions)
}
