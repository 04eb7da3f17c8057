// The NIC itself: reset, EEPROM, address filters, link, counters.
import {
  NDIS_PACKET_TYPE_ALL_MULTICAST,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_PACKET_TYPE_MULTICAST,
  NDIS_PACKET_TYPE_PROMISCUOUS,
  NDIS_STATUS_MEDIA_CONNECT,
  NDIS_STATUS_MEDIA_DISCONNECT,
  NDIS_STATUS_NO_CABLE,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisMIndicateStatus,
  NdisMIndicateStatusComplete,
  NdisReleaseSpinLock,
  NdisStallExecution,
} from 'ndis'
import { read, write, type Adapter, type PacketList } from './adapter'
import { CAUSE, CTRL, EEPROM_SUM, EEPROM_WORDS, EERD, GONE, RAH_AV, RCTL, REG, STATISTIC, STATUS } from './registers'
import { completeAll, restartTransmit, startTransmit } from './send'
import { startReceive } from './receive'

/** Causes that interrupt us. */
export const CAUSES = CAUSE.TXDW | CAUSE.LSC | CAUSE.RXDMT0 | CAUSE.RXO | CAUSE.RXT0
const ALL_CAUSES = 0xffff_ffff
/** Shortest time between two interrupts, units of 256 ns: 50 microseconds, 20000 a second at most (SDM 13.4.18). The ring must last so long. */
const THROTTLE = 195
/** A word of the EEPROM is there after some microseconds; a broken one never says so. */
const EEPROM_POLLS = 1000
const RESET_MICROSECONDS = 10
const EXACT_ADDRESSES = 16
const HASH_WORDS = 128

/** One word of the EEPROM (SDM 5.6, 13.4.4); undefined when it does not answer. */
function readEeprom(a: Adapter, word: number): number | undefined {
  write(a, REG.EERD, EERD.START | (word << EERD.ADDRESS_SHIFT))
  for (let poll = 0; poll < EEPROM_POLLS; poll++) {
    const value = read(a, REG.EERD)
    if ((value & EERD.DONE) !== 0) return value >>> EERD.DATA_SHIFT
    NdisStallExecution(5)
  }
  return undefined
}

/** The address that the NIC was made with; undefined when the EEPROM is broken. */
export function readPermanentAddress(a: Adapter): readonly number[] | undefined {
  const words: number[] = []
  let sum = 0
  for (let word = 0; word < EEPROM_WORDS; word++) {
    const value = readEeprom(a, word)
    if (value === undefined) return undefined
    sum += value
    if (word < 3) words.push(value)
  }
  return (sum & 0xffff) === EEPROM_SUM ? words.flatMap((value) => [value & 0xff, value >>> 8]) : undefined
}

/** Masks all interrupts at the NIC. The ISR does it, or what runs under NdisMSynchronizeWithInterrupt. */
export function maskInterrupts(a: Adapter): void {
  a.InterruptMasked = true
  write(a, REG.IMC, ALL_CAUSES)
}
export function unmaskInterrupts(a: Adapter): void {
  // First the flag: the ISR may come before the write returns.
  a.InterruptMasked = false
  write(a, REG.IMS, CAUSES)
}

/** Brings the NIC to a standstill (SDM 14.3): no interrupt, no transfer, registers as after power-on. */
export function resetHardware(a: Adapter): void {
  write(a, REG.IMC, ALL_CAUSES)
  write(a, REG.RCTL, 0)
  write(a, REG.TCTL, 0)
  write(a, REG.CTRL, (read(a, REG.CTRL) | CTRL.RST) >>> 0)
  NdisStallExecution(RESET_MICROSECONDS)
  write(a, REG.IMC, ALL_CAUSES)
  read(a, REG.ICR)
}

/** Set link up, speed by auto-negotiation; out of link reset and PHY reset (SDM 13.4.1). It takes the PHY some time. */
export function setLinkUp(a: Adapter): void {
  const control = read(a, REG.CTRL) & ~(CTRL.LRST | CTRL.PHY_RST)
  write(a, REG.CTRL, (control | CTRL.SLU | CTRL.ASDE) >>> 0)
}

/** Sets up a NIC that was reset, up to its interrupts, which stay masked. Called without locks while Running is false. */
export function startHardware(a: Adapter): void {
  setLinkUp(a)
  write(a, REG.ITR, THROTTLE)
  NdisAcquireSpinLock(a.SendLock)
  if (a.Transmit) startTransmit(a, a.Transmit)
  NdisReleaseSpinLock(a.SendLock)
  NdisAcquireSpinLock(a.ReceiveLock)
  writeAddresses(a)
  writeHash(a)
  if (a.Receive) startReceive(a, a.Receive)
  writeFilter(a)
  NdisReleaseSpinLock(a.ReceiveLock)
}

/** What the filter of NDIS means to RCTL; the receive unit is on in any case. Under ReceiveLock. */
export function writeFilter(a: Adapter): void {
  const { PacketFilter } = a
  let control = RCTL.EN | RCTL.SECRC
  if (PacketFilter & NDIS_PACKET_TYPE_PROMISCUOUS) control |= RCTL.UPE | RCTL.MPE
  if (PacketFilter & NDIS_PACKET_TYPE_ALL_MULTICAST) control |= RCTL.MPE
  if (PacketFilter & (NDIS_PACKET_TYPE_BROADCAST | NDIS_PACKET_TYPE_PROMISCUOUS)) control |= RCTL.BAM
  write(a, REG.RCTL, control)
}

const wantsMulticast = ({ PacketFilter }: Adapter): boolean => (PacketFilter & NDIS_PACKET_TYPE_MULTICAST) !== 0

/** Exact addresses: the first is our own, behind it the first multicast ones (SDM 13.5.2, 13.5.3). Under ReceiveLock. */
export function writeAddresses(a: Adapter): void {
  const directed = (a.PacketFilter & NDIS_PACKET_TYPE_DIRECTED) !== 0
  const exact = wantsMulticast(a) ? a.Multicast : []
  for (let entry = 0; entry < EXACT_ADDRESSES; entry++) {
    const address = entry > 0 ? exact[entry - 1] : directed ? a.CurrentAddress : undefined
    // Not valid while it is half written.
    write(a, REG.RAH + 8 * entry, 0)
    if (!address) continue
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = address
    write(a, REG.RAL + 8 * entry, (b0 | (b1 << 8) | (b2 << 16) | (b3 << 24)) >>> 0)
    write(a, REG.RAH + 8 * entry, (b4 | (b5 << 8) | RAH_AV) >>> 0)
  }
}

/**
 * Multicast addresses that found no exact entry: bits 47:36 of the address choose one of 4096 bits (SDM 13.5.1, RCTL.MO = 0).
 * Others may hash to the same bit: NDIS looks at each address once more. Under ReceiveLock.
 */
export function writeHash(a: Adapter): void {
  const hash = Array.from({ length: HASH_WORDS }, () => 0)
  if (wantsMulticast(a))
    for (const [, , , , b4 = 0, b5 = 0] of a.Multicast.slice(EXACT_ADDRESSES - 1)) {
      const bit = (b4 >>> 4) | (b5 << 4)
      hash[bit >>> 5]! |= 1 << (bit & 31)
    }
  hash.forEach((word, index) => write(a, REG.MTA + 4 * index, word >>> 0))
}

export const linkIsUp = (a: Adapter): boolean => (read(a, REG.STATUS) & STATUS.LU) !== 0
/** In units of 100 bit/s, as OID_GEN_LINK_SPEED has it. */
export const linkSpeed = (a: Adapter): number =>
  [100_000, 1_000_000, 10_000_000, 10_000_000][(read(a, REG.STATUS) >>> STATUS.SPEED_SHIFT) & STATUS.SPEED_MASK]!

/** Looks whether there is a cable, and tells the protocols when that changed. IRQL = DISPATCH_LEVEL, without locks. */
export function checkLink(a: Adapter): void {
  let ended: PacketList | undefined
  NdisAcquireSpinLock(a.SendLock)
  const up = a.Running && linkIsUp(a)
  const changed = a.Running && up !== a.LinkUp
  if (changed) {
    a.LinkUp = up
    a.SendStatus = up ? NDIS_STATUS_SUCCESS : NDIS_STATUS_NO_CABLE
    if (!up) ended = restartTransmit(a, NDIS_STATUS_NO_CABLE)
  }
  NdisReleaseSpinLock(a.SendLock)
  if (ended) completeAll(a, ended)
  if (!changed) return
  NdisMIndicateStatus(a.Handle, up ? NDIS_STATUS_MEDIA_CONNECT : NDIS_STATUS_MEDIA_DISCONNECT, 0, 0)
  NdisMIndicateStatusComplete(a.Handle)
}

/** false when the card is not there any more. */
export const isThere = (a: Adapter): boolean => read(a, REG.STATUS) !== GONE

/**
 * Adds what the NIC counted since the last time. Each counter stops at its greatest value, so that it must be read now and then:
 * MiniportCheckForHang does. IRQL <= DISPATCH_LEVEL.
 */
export function gatherStatistics(a: Adapter): void {
  const { Statistics: sums } = a
  NdisAcquireSpinLock(a.StatisticsLock)
  sums.Sent += read(a, STATISTIC.GPTC)
  sums.Received += read(a, STATISTIC.GPRC)
  sums.NoBuffer += read(a, STATISTIC.MPC)
  sums.Alignment += read(a, STATISTIC.ALGNERRC)
  sums.ReceiveErrors += read(a, STATISTIC.CRCERRS) + read(a, STATISTIC.RXERRC)
  sums.OneCollision += read(a, STATISTIC.SCC)
  sums.MoreCollisions += read(a, STATISTIC.MCC)
  sums.Deferred += read(a, STATISTIC.DC)
  sums.LateCollisions += read(a, STATISTIC.LATECOL)
  sums.SendErrors += read(a, STATISTIC.ECOL)
  NdisReleaseSpinLock(a.StatisticsLock)
}
