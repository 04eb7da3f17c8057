import type { AdapterFacts } from './adapter-facts'
import { constant } from './constants'

/** Bytes of an Ethernet header. */
const HEADER_BYTES = 14
/** NDIS states link speeds of the old form in units of 100 bit/s. */
const SPEED_UNIT = 100n
const CONNECTED = constant('MediaConnectStateConnected')

const u32 = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => view.setUint32(4 * index, value, true))
  return bytes
}

/**
 * Queries that NDIS answers from the general attributes, so that miniports of NDIS 6 never see them (DDI "NDIS handles this
 * OID for miniport drivers").
 */
const ANSWERS: Readonly<Record<string, (facts: AdapterFacts) => Uint8Array>> = {
  OID_GEN_SUPPORTED_LIST: (facts) => u32(...facts.oids),
  OID_GEN_MEDIA_SUPPORTED: (facts) => u32(facts.mediaType),
  OID_GEN_MEDIA_IN_USE: (facts) => u32(facts.mediaType),
  OID_GEN_PHYSICAL_MEDIUM: (facts) => u32(facts.physicalMedium),
  OID_GEN_MAXIMUM_LOOKAHEAD: (facts) => u32(facts.lookahead),
  OID_GEN_CURRENT_LOOKAHEAD: (facts) => u32(facts.lookahead),
  OID_GEN_MAXIMUM_FRAME_SIZE: (facts) => u32(facts.mtu),
  OID_GEN_MAXIMUM_TOTAL_SIZE: (facts) => u32(facts.mtu + HEADER_BYTES),
  OID_GEN_LINK_SPEED: (facts) => u32(Number(BigInt.asUintN(32, facts.xmitSpeed / SPEED_UNIT))),
  OID_GEN_MAC_OPTIONS: (facts) => u32(facts.macOptions),
  OID_GEN_MEDIA_CONNECT_STATUS: (facts) =>
    u32(constant(facts.connectState === CONNECTED ? 'NdisMediaStateConnected' : 'NdisMediaStateDisconnected')),
  OID_802_3_PERMANENT_ADDRESS: (facts) => facts.permanentAddress,
  OID_802_3_CURRENT_ADDRESS: (facts) => facts.currentAddress,
  OID_802_3_MAXIMUM_LIST_SIZE: (facts) => u32(facts.maxMulticast),
}
const byOid: ReadonlyMap<number, (facts: AdapterFacts) => Uint8Array> = new Map(
  Object.entries(ANSWERS).map(([name, answer]) => [constant(name), answer]),
)

/** What NDIS itself answers to a query; undefined for what the miniport is asked. */
export const ndisAnswer = (oid: number, facts: AdapterFacts): Uint8Array | undefined => byOid.get(oid)?.(facts)
