import type { Network } from '../ndis/network'
import { WAY_TRANSFER } from '../ndis/way'

/** Why a packet may not be changed now although it is live; undefined when it may. Asked only of packets that are out. */
export type LentPackets = (fn: string, packet: number) => string | undefined

const SET_STATUS = /^NDIS_SET_PACKET_STATUS$|^NdisSetPacketStatus$/
const COPIES = /^NdisCopyFromPacketToPacket(Safe)?$/

/**
 * What a miniport may do with packets that protocols lent to it (W2K 204trnsf_8: the out-of-band block is read-only once
 * MiniportSendPackets has returned; PV NDIS_SET_PACKET_TIME_SENT; PV MiniportTransferData).
 */
export function createLentPackets({ stacks5, units5 }: Network): LentPackets {
  const { ways } = stacks5
  const isOffered = (packet: number): boolean => [...units5.values()].some(({ sender }) => sender.isOffered(packet))
  return (fn, packet) => {
    if (ways.origin(packet) === 0)
      return "a receiver holds it; it is the driver's again when MiniportReturnPacket gets it"
    if (ways.has(packet, WAY_TRANSFER))
      return COPIES.test(fn) ? undefined : 'received data is transferred into it, until ProtocolTransferDataComplete'
    if (fn === 'NDIS_SET_PACKET_TIME_SENT' || (SET_STATUS.test(fn) && isOffered(packet))) return undefined
    return SET_STATUS.test(fn)
      ? 'it is being sent: its status is set inside of MiniportSendPackets only, later NdisMSendComplete tells it'
      : "it is being sent; it is the protocol's again when ProtocolSendComplete gets it"
  }
}
