import type { Kernel } from '../kernel/kernel'
import { SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import { DESCRIPTOR_HEADER, LOANED, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import type { DriverLife } from '../ndis/driver'
import type { Mdls } from '../ndis/mdl'
import { MINIMUM_RECEIVE_RESERVED, OOB, PACKET } from '../ndis/packet-layout'
import type { Receive5 } from '../ndis/receive5'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from '../ndis/status'
import type { DescriptorPointers } from './descriptor-pointer'
import { hex } from './hex'
import type { PacketChainChecks } from './packet-chains'
import type { RuleFamily } from './rules'

const FN = 'NdisMIndicateReceivePacket'

/** Receive indications: packets that are out, or not ready for a receiver (PV ff546718, ff557202, ff558916, CE ms920742). */
export function receive5Rules(
  k: Kernel,
  pools: DescriptorPools,
  driver: DriverLife,
  receive: Receive5,
  mdls: Mdls,
  pointers: DescriptorPointers,
  chains: PacketChainChecks,
): RuleFamily {
  const { space } = k
  const { violation } = k.verifier
  const details = (packet: number) => pointers.details(packet)
  const oob = (packet: number, field: number): number =>
    space.r32(packet + space.r16(packet + PACKET.NdisPacketOobOffset) + field)

  function inUse(packet: number, why: string): true {
    violation(
      'PacketInUse',
      FN,
      `The packet at ${hex(packet)} is indicated ${why}: NDIS stops the machine for that (0x7C, 5).`,
      details(packet),
    )
    return true
  }

  function checkReserved(packet: number): void {
    const reserved = pools.get(pools.poolOf(packet, POOL_KIND.PACKET), SYS_POOL.ReservedLength)
    // On CE a protocol gets exactly this much; elsewhere at least.
    const exact = k.traits.receiveReservedIsExact
    if (exact ? reserved !== MINIMUM_RECEIVE_RESERVED : reserved < MINIMUM_RECEIVE_RESERVED)
      violation(
        'ProtocolReservedLength',
        FN,
        `The pool of the packet at ${hex(packet)} reserves ${reserved} bytes for protocols; receive indications need ${exact ? 'exactly' : 'at least'} ${MINIMUM_RECEIVE_RESERVED}.`,
        details(packet),
      )
  }

  function checkOob(packet: number): void {
    const status = oob(packet, OOB.Status) | 0
    if (status !== NDIS_STATUS_SUCCESS && status !== NDIS_STATUS_RESOURCES)
      violation(
        'ReceivePacketStatus',
        FN,
        `The packet at ${hex(packet)} has the status ${hex(status)}; NDIS_SET_PACKET_STATUS must set NDIS_STATUS_SUCCESS or NDIS_STATUS_RESOURCES before each indication.`,
        details(packet),
      )
    const header = oob(packet, OOB.HeaderSize)
    const first = space.r32(packet + PACKET.Head)
    if (header === 0 || (first !== 0 && header > mdls.byteCount(first)))
      violation(
        'ReceiveHeaderSize',
        FN,
        header === 0
          ? `The packet at ${hex(packet)} has no header size; NDIS_SET_PACKET_HEADER_SIZE must set it.`
          : `The header of ${header} bytes does not lie in the first buffer of the packet at ${hex(packet)}, which has ${mdls.byteCount(first)}.`,
        details(packet),
      )
  }

  function checkData(packet: number): void {
    let mdl = space.r32(packet + PACKET.Head)
    if (mdl === 0) violation('ReceiveEmptyPacket', FN, `The packet at ${hex(packet)} has no buffers.`, details(packet))
    for (; mdl !== 0; mdl = mdls.next(mdl)) {
      const length = mdls.byteCount(mdl)
      if (length > 0) k.access.range(FN, mdls.systemAddress(mdl), length, false)
    }
  }

  /** true when the packet cannot be indicated. */
  function badPacket(packet: number): boolean {
    if (pointers.badPacket(FN, packet, false)) return true
    if ((pools.get(packet - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.State) & LOANED) !== 0)
      return inUse(packet, 'while a receiver still holds it')
    if (chains.badChain(FN, packet)) return true
    chains.stale(FN, packet)
    checkReserved(packet)
    checkOob(packet)
    checkData(packet)
    return false
  }

  return {
    before: {
      [FN](MiniportAdapterHandle: number, ReceivePackets: number, NumberOfPackets: number) {
        const adapter = receive.adapterOf(MiniportAdapterHandle)
        if (!adapter) {
          violation(
            'InvalidHandle',
            FN,
            `${FN} was given ${hex(MiniportAdapterHandle)}, which is no initialized adapter.`,
          )
          return true
        }
        if (!driver.handler(adapter.returnPacket))
          violation(
            'ReturnPacketHandlerMissing',
            FN,
            'A miniport that indicates packets must register a ReturnPacketHandler; without one nobody may keep its packets.',
          )
        const array = ReceivePackets >>> 0
        const count = NumberOfPackets >>> 0
        const before = k.verifier.count()
        if (count > 0) k.access.range(FN, array, 4 * count, false)
        // Whatever lies behind the array is no packet.
        if (k.verifier.count() !== before) return true
        for (let i = 0; i < count; i++) {
          const packet = space.r32(array + 4 * i)
          if (badPacket(packet)) return true
          for (let j = 0; j < i; j++)
            if (space.r32(array + 4 * j) === packet) return inUse(packet, 'twice in one array')
        }
        return false
      },
    },
  }
}
