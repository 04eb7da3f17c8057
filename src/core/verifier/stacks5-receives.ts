import { DISPATCH_LEVEL, irqlName } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Adapters } from '../ndis/adapters'
import { constant } from '../ndis/constants'
import type { Network } from '../ndis/network'
import { PACKET } from '../ndis/packet-layout'
import { NDIS_STATUS_PENDING } from '../ndis/status'
import { counted } from './counted'
import type { DescriptorPointers } from './descriptor-pointer'
import { hex } from './hex'
import type { PacketChainChecks } from './packet-chains'
import type { RuleFamily } from './rules'
import type { Handles5 } from './stacks5-handles'

const ETHERNET_HEADER = 14
const DESERIALIZE = constant('NDIS_ATTRIBUTE_DESERIALIZE')

interface Parts {
  readonly network: Network
  readonly adapters: Adapters
  readonly handles: Handles5
  readonly pointers: DescriptorPointers
  readonly chains: PacketChainChecks
}

/** Frames that miniports indicate and protocols take (PV NdisMEthIndicateReceive, NdisTransferData, NdisReturnPackets). */
export function receiveRules5(k: Kernel, { network, adapters, handles, pointers, chains }: Parts): RuleFamily {
  const { space, verifier, access } = k
  const { violation } = verifier
  const { stacks5, indications5, receive5 } = network

  /** true: bytes that NDIS or a protocol reads are not there. */
  function badBytes(fn: string, address: number, bytes: number): boolean {
    const before = verifier.count()
    if (bytes >>> 0 > 0) access.range(fn, address >>> 0, bytes >>> 0, false)
    return verifier.count() !== before
  }
  function indicated(
    handle: number,
    header: number,
    headerBytes: number,
    lookahead: number,
    lookaheadBytes: number,
    bytes: number,
  ): boolean {
    const fn = 'NdisMEthIndicateReceive'
    if (handles.badAdapter(fn, handle)) return true
    if (headerBytes >>> 0 !== ETHERNET_HEADER)
      violation(
        'EthernetHeaderSize',
        fn,
        `${fn} was given a header of ${headerBytes >>> 0} bytes; that of an Ethernet frame has ${ETHERNET_HEADER}.`,
      )
    if (lookaheadBytes >>> 0 > bytes >>> 0)
      violation(
        'LookaheadSize',
        fn,
        `${fn} was given ${lookaheadBytes >>> 0} bytes of lookahead of a frame that has only ${bytes >>> 0} behind its header.`,
      )
    return badBytes(fn, header, Math.max(headerBytes >>> 0, ETHERNET_HEADER)) || badBytes(fn, lookahead, lookaheadBytes)
  }
  function transfer(handle: number, context: number, bytes: number, packet: number): boolean {
    const fn = 'NdisTransferData'
    const binding = handles.binding(fn, handle)
    if (pointers.badPacket(fn, packet, false) || chains.badChain(fn, packet)) return true
    const details = pointers.details(packet)
    if (stacks5.ways.isOut(packet)) {
      violation('PacketInUse', fn, `${fn} is given the packet at ${hex(packet)}, which is out already.`, details)
      return true
    }
    if (space.r32(packet + PACKET.Head) === 0 && bytes >>> 0 > 0)
      violation('TransferEmptyPacket', fn, `The packet at ${hex(packet)} has no buffers to copy into.`, details)
    if (!binding || indications5.isReceiving(binding, context)) return false
    violation(
      'TransferOutsideReceive',
      fn,
      `${fn} is called with the MacReceiveContext ${hex(context)} outside of the ProtocolReceive that was given it: the miniport does not have that frame any more.`,
    )
    return true
  }
  const adapter = (fn: string) => (handle: number) => handles.badAdapter(fn, handle)
  /** PV NdisMIndicateStatus: below DISPATCH_LEVEL for deserialized miniports only. Does not refuse the call. */
  function statusBelowDispatch(handle: number): false {
    const miniport = adapters.find(handle)
    const irql = k.cpus.irql()
    if (miniport && irql < DISPATCH_LEVEL && (miniport.attributeFlags & DESERIALIZE) === 0)
      violation(
        'Irql',
        'NdisMIndicateStatus',
        `NdisMIndicateStatus is called at ${irqlName(irql)}; a serialized miniport may call it at DISPATCH_LEVEL only.`,
      )
    return false
  }

  adapters.watch({
    halting({ handle }) {
      const [packet] = receive5.held(handle)
      if (packet !== undefined)
        violation(
          'PacketsNotReturned',
          'ProtocolReceivePacket',
          `The miniport is halted, and ${counted(receive5.held(handle).length, 'packet')} that it indicated never came back through NdisReturnPackets; the first is at ${hex(packet)}.`,
          pointers.details(packet),
        )
    },
  })

  return {
    before: {
      NdisMEthIndicateReceive: (
        handle: number,
        _context: number,
        header: number,
        headerBytes: number,
        lookahead: number,
        lookaheadBytes: number,
        bytes: number,
      ) => indicated(handle, header, headerBytes, lookahead, lookaheadBytes, bytes),
      NdisMEthIndicateReceiveComplete: adapter('NdisMEthIndicateReceiveComplete'),
      NdisMIndicateStatus: (handle: number, _status: number, buffer: number, bytes: number) =>
        handles.badAdapter('NdisMIndicateStatus', handle) ||
        statusBelowDispatch(handle) ||
        badBytes('NdisMIndicateStatus', buffer, bytes),
      NdisMIndicateStatusComplete: adapter('NdisMIndicateStatusComplete'),
      NdisMTransferDataComplete(handle: number, packet: number, status: number) {
        const fn = 'NdisMTransferDataComplete'
        if (handles.badAdapter(fn, handle) || pointers.badPacket(fn, packet, false)) return true
        if ((status | 0) === NDIS_STATUS_PENDING)
          violation('TransferCompletePending', fn, `${fn} ends a transfer with NDIS_STATUS_PENDING, which is no end.`)
        return false
      },
      NdisTransferData: (
        _Status: unknown,
        handle: number,
        context: number,
        _offset: number,
        bytes: number,
        packet: number,
      ) => transfer(handle, context, bytes, packet),
      NdisReturnPackets(array: number, count: number) {
        const fn = 'NdisReturnPackets'
        if (badBytes(fn, array, 4 * (count >>> 0))) return true
        // A bad one is not touched; the others go back.
        for (let i = 0; i < count >>> 0; i++) pointers.badPacket(fn, space.r32((array >>> 0) + 4 * i), false)
        return false
      },
      NdisGetReceivedPacket(handle: number, context: number) {
        const fn = 'NdisGetReceivedPacket'
        const binding = handles.binding(fn, handle)
        if (binding && !indications5.isReceiving(binding, context))
          violation(
            'ReceivedPacketOutsideReceive',
            fn,
            `${fn} is called with the context ${hex(context)} outside of the ProtocolReceive that was given it.`,
          )
        return false
      },
    },
  }
}
