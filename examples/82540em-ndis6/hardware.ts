/** The NIC itself: EEPROM, reset, units, address filters, link. What touches registers outside of the paths of data. */
import {
  MediaDuplexStateFull,
  MediaDuplexStateHalf,
  MediaDuplexStateUnknown,
  NDIS_PACKET_TYPE_ALL_MULTICAST,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_PACKET_TYPE_MULTICAST,
  NDIS_PACKET_TYPE_PROMISCUOUS,
  NdisStallExecution,
} from 'ndis'
import { highOf, lowOf, read, write, type Adapter } from './adapter'
import {
  ADDRESS_VALID,
  CTRL,
  DESCRIPTOR_BYTES,
  EEPROM_SUM,
  EEPROM_WORDS,
  EERD,
  EVERY_CAUSE,
  LINK_SPEEDS,
  MTA_WORDS,
  RCTL,
  RECEIVE_ADDRESSES,
  REG,
  STATUS,
  TCTL,
  TIPG_COPPER,
  WANTED_CAUSES,
} from './registers'

/** Longest wait for a word of the EEPROM: 100 times 5 microseconds. */
const EEPROM_TRIES = 100
const EEPROM_STALL = 5
/** What the manual asks for after a reset before the registers are touched again, microseconds. */
const RESET_STALL = 10
/** TIDV and TADV, units of 1.024 microseconds: a send may wait so long for its interrupt, for others to join it. */
const TRANSMIT_DELAY = 32
const TRANSMIT_DELAY_MOST = 64

/** A word of the EEPROM; -1 when the NIC does not answer. */
function readEeprom(adapter: Adapter, word: number): number {
  write(adapter, REG.EERD, EERD.START | (word << EERD.ADDRESS_SHIFT))
  for (let i = 0; i < EEPROM_TRIES; i++) {
    const value = read(adapter, REG.EERD)
    if (value & EERD.DONE) return value >>> EERD.DATA_SHIFT
    NdisStallExecution(EEPROM_STALL)
  }
  return -1
}

/** The address in the EEPROM; undefined when the EEPROM does not answer, or its sum is wrong. */
export function readPermanentAddress(adapter: Adapter): number[] | undefined {
  const address: number[] = []
  let sum = 0
  for (let word = 0; word < EEPROM_WORDS; word++) {
    const value = readEeprom(adapter, word)
    if (value < 0) return undefined
    sum = (sum + value) & 0xffff
    if (word < 3) address.push(value & 0xff, value >>> 8)
  }
  return sum === EEPROM_SUM ? address : undefined
}

/** Stops all DMA and every interrupt at once; the registers go to their defaults. */
export function resetHardware(adapter: Adapter): void {
  write(adapter, REG.IMC, EVERY_CAUSE)
  // A frame on its way to memory is finished before the reset takes the bus away from it (SDM 14.3).
  write(adapter, REG.RCTL, 0)
  write(adapter, REG.TCTL, TCTL.PSP)
  write(adapter, REG.CTRL, CTRL.RST)
  NdisStallExecution(RESET_STALL)
  write(adapter, REG.IMC, EVERY_CAUSE)
  // Reading clears the causes.
  read(adapter, REG.ICR)
}

/** After a reset: link, rings, timers. The receiver stays off until setReceiver turns it on. */
export function setUpHardware(adapter: Adapter): void {
  const { Transmit, TransmitRing, Receive, ReceiveRing } = adapter
  write(adapter, REG.CTRL, CTRL.SLU | CTRL.ASDE)

  write(adapter, REG.TDBAL, lowOf(TransmitRing))
  write(adapter, REG.TDBAH, highOf(TransmitRing))
  write(adapter, REG.TDLEN, Transmit.length * DESCRIPTOR_BYTES)
  write(adapter, REG.TDH, 0)
  write(adapter, REG.TDT, 0)
  write(adapter, REG.TIDV, TRANSMIT_DELAY)
  write(adapter, REG.TADV, TRANSMIT_DELAY_MOST)
  write(adapter, REG.TIPG, TIPG_COPPER)
  write(adapter, REG.TCTL, TCTL.EN | TCTL.PSP | TCTL.CT | TCTL.COLD)

  write(adapter, REG.RDBAL, lowOf(ReceiveRing))
  write(adapter, REG.RDBAH, highOf(ReceiveRing))
  write(adapter, REG.RDLEN, Receive.length * DESCRIPTOR_BYTES)
  write(adapter, REG.RDH, 0)
  // One descriptor stays with the driver: RDH = RDT would say that the NIC has none.
  write(adapter, REG.RDT, Receive.length - 1)
  write(adapter, REG.RDTR, 0)
  write(adapter, REG.ITR, adapter.InterruptGap)
}

/** Packet filters that the NIC can do. */
export const SUPPORTED_FILTERS =
  NDIS_PACKET_TYPE_DIRECTED |
  NDIS_PACKET_TYPE_MULTICAST |
  NDIS_PACKET_TYPE_ALL_MULTICAST |
  NDIS_PACKET_TYPE_BROADCAST |
  NDIS_PACKET_TYPE_PROMISCUOUS

/** The bit of a multicast address in the hash table, with RCTL.MO 0: bits 47:36 of the address (SDM 13.5.1). */
const hashOf = (address: readonly number[]): number => (((address[5] ?? 0) << 4) | ((address[4] ?? 0) >> 4)) & 0xfff

function writeAddress(adapter: Adapter, entry: number, address: readonly number[] | undefined, valid: boolean): void {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = address ?? []
  write(adapter, REG.RAL + 8 * entry, (a | (b << 8) | (c << 16) | (d << 24)) >>> 0)
  write(adapter, REG.RAH + 8 * entry, (e | (f << 8) | (valid ? ADDRESS_VALID : 0)) >>> 0)
}

/**
 * Fills the exact filters with our own address and the first multicast addresses; the others go into the hash table, which lets
 * some strangers in too: NDIS sorts those out.
 */
export function writeAddresses(adapter: Adapter): void {
  const { CurrentAddress, Multicast, PacketFilter } = adapter
  writeAddress(adapter, 0, CurrentAddress, (PacketFilter & NDIS_PACKET_TYPE_DIRECTED) !== 0)
  const wanted = (PacketFilter & NDIS_PACKET_TYPE_MULTICAST) !== 0
  for (let entry = 1; entry < RECEIVE_ADDRESSES; entry++) {
    const address = Multicast[entry - 1]
    writeAddress(adapter, entry, address, wanted && address !== undefined)
  }
  const table = new Array<number>(MTA_WORDS).fill(0)
  if (wanted)
    for (const address of Multicast.slice(RECEIVE_ADDRESSES - 1)) {
      const hash = hashOf(address)
      table[hash >> 5] = (table[hash >> 5] ?? 0) | (1 << (hash & 31))
    }
  table.forEach((bits, word) => write(adapter, REG.MTA + 4 * word, bits >>> 0))
}

/** Turns the receiver on while lists are received and somebody listens, else off. Under ReceiveLock. */
export function setReceiver(adapter: Adapter): void {
  const { PacketFilter } = adapter
  const on = adapter.Running && !adapter.Stopped && PacketFilter !== 0
  const promiscuous = (PacketFilter & NDIS_PACKET_TYPE_PROMISCUOUS) !== 0
  const bits =
    RCTL.SECRC |
    (on ? RCTL.EN : 0) |
    (promiscuous ? RCTL.UPE | RCTL.MPE : 0) |
    (PacketFilter & NDIS_PACKET_TYPE_ALL_MULTICAST ? RCTL.MPE : 0) |
    (promiscuous || PacketFilter & NDIS_PACKET_TYPE_BROADCAST ? RCTL.BAM : 0)
  write(adapter, REG.RCTL, bits)
}

export const enableInterrupts = (adapter: Adapter): void => write(adapter, REG.IMS, WANTED_CAUSES)

export interface Link {
  readonly Up: boolean
  /** Bits a second. */
  readonly Speed: bigint
  readonly FullDuplex: boolean
}

/** What the link bits of STATUS say. */
export function linkOf(status: number): Link {
  return {
    Up: (status & STATUS.LU) !== 0,
    Speed: LINK_SPEEDS[(status >> STATUS.SPEED_SHIFT) & STATUS.SPEED_MASK] ?? 0n,
    FullDuplex: (status & STATUS.FD) !== 0,
  }
}
/** The bits of STATUS that describe the link. */
export const LINK_BITS = STATUS.LU | STATUS.FD | (STATUS.SPEED_MASK << STATUS.SPEED_SHIFT)

/** NET_IF_LINK_SPEED_UNKNOWN: of a link that is down. */
export const UNKNOWN_SPEED = 0xffff_ffff_ffff_ffffn
/** MediaDuplexState of the link bits of STATUS. */
export function duplexOf(status: number): number {
  const { Up, FullDuplex } = linkOf(status)
  if (!Up) return MediaDuplexStateUnknown
  return FullDuplex ? MediaDuplexStateFull : MediaDuplexStateHalf
}
