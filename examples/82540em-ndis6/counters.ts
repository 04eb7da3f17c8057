/** Counters of the NIC, and which of them NDIS is given. */
import {
  NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_RCV,
  NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_XMIT,
  NDIS_STATISTICS_FLAGS_VALID_BYTES_RCV,
  NDIS_STATISTICS_FLAGS_VALID_BYTES_XMIT,
  NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_RCV,
  NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_XMIT,
  NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_RCV,
  NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_XMIT,
  NDIS_STATISTICS_FLAGS_VALID_RCV_DISCARDS,
  NDIS_STATISTICS_FLAGS_VALID_RCV_ERROR,
  NDIS_STATISTICS_FLAGS_VALID_XMIT_DISCARDS,
  NDIS_STATISTICS_FLAGS_VALID_XMIT_ERROR,
} from 'ndis'

/** Statistics registers (SDM 13.7) that OIDs ask for. */
export const COUNTERS = {
  CrcErrors: 0x4000,
  AlignmentErrors: 0x4004,
  ReceiveErrors: 0x400c,
  /** Frames for which there was no descriptor. */
  Missed: 0x4010,
  SingleCollisions: 0x4014,
  ExcessiveCollisions: 0x4018,
  MultipleCollisions: 0x401c,
  LateCollisions: 0x4020,
  LengthErrors: 0x4040,
  GoodReceived: 0x4074,
  BroadcastReceived: 0x4078,
  MulticastReceived: 0x407c,
  GoodSent: 0x4080,
  MulticastSent: 0x40f0,
  BroadcastSent: 0x40f4,
} as const
export type Statistics = Record<keyof typeof COUNTERS | 'OctetsReceived' | 'OctetsSent', number>

export const noStatistics = (): Statistics => ({
  CrcErrors: 0,
  AlignmentErrors: 0,
  ReceiveErrors: 0,
  Missed: 0,
  SingleCollisions: 0,
  ExcessiveCollisions: 0,
  MultipleCollisions: 0,
  LateCollisions: 0,
  LengthErrors: 0,
  GoodReceived: 0,
  BroadcastReceived: 0,
  MulticastReceived: 0,
  GoodSent: 0,
  MulticastSent: 0,
  BroadcastSent: 0,
  OctetsReceived: 0,
  OctetsSent: 0,
})

/** Members of NDIS_STATISTICS_INFO that mean something. */
export const SUPPORTED_STATISTICS =
  NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_RCV |
  NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_RCV |
  NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_RCV |
  NDIS_STATISTICS_FLAGS_VALID_BYTES_RCV |
  NDIS_STATISTICS_FLAGS_VALID_RCV_DISCARDS |
  NDIS_STATISTICS_FLAGS_VALID_RCV_ERROR |
  NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_XMIT |
  NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_XMIT |
  NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_XMIT |
  NDIS_STATISTICS_FLAGS_VALID_BYTES_XMIT |
  NDIS_STATISTICS_FLAGS_VALID_XMIT_ERROR |
  NDIS_STATISTICS_FLAGS_VALID_XMIT_DISCARDS
