import type { Cable, WirePort } from '../../wire/port'
import type { Device, DeviceFactory, DeviceHost } from '../device'
import { NAME_82540EM } from './82540em.table'
import type { Chip } from './chip'
import { createControl } from './control'
import { createEeprom, DEVICE_82540EM, VENDOR_INTEL } from './eeprom'
import { createInterrupts } from './interrupts'
import { createIoWindow } from './io-window'
import { createLink } from './link'
import { createOutgoing } from './outgoing'
import { createPhy } from './phy'
import { createReceiver } from './receive'
import { createReceiveFilter } from './receive-filter'
import { createRegisterFile } from './register-file'
import { MASK, WORD } from './registers'
import { STATE_82540EM } from './state'
import { createStatistics } from './statistics'
import { createTransmitter } from './transmit'

const { ICR, RCTL, STATUS } = MASK
const NETWORK_ETHERNET = 0x02_0000
const IO_BAR = 1
const IDENTITY: Device['identity'] = {
  vendorId: VENDOR_INTEL,
  deviceId: DEVICE_82540EM,
  revision: 2,
  classCode: NETWORK_ETHERNET,
  subsystemVendorId: VENDOR_INTEL,
  subsystemId: DEVICE_82540EM,
  bars: [
    { kind: 'memory', bytes: 0x2_0000 },
    { kind: 'io', bytes: 8 },
  ],
}

/** The blocks of the chip and what they tell each other. */
function createBlocks(chip: Chip) {
  const { host, words, at } = chip
  /** In the MAC (RCTL.LBM) or in the PHY. */
  const loopback = (): boolean => (words[at + WORD.RCTL]! & RCTL.LBM) !== 0 || phy.loopback()
  const interrupts = createInterrupts(chip)
  const eeprom = createEeprom(chip)
  const phy = createPhy(chip, {
    cable: () => cable,
    changed: () => link.update(),
    accessed: () => interrupts.raise(ICR.MDAC),
  })
  const link = createLink(chip, phy, {
    changed() {
      interrupts.raise(ICR.LSC)
      transmitter.run()
    },
  })
  const statistics = createStatistics(chip)
  const filter = createReceiveFilter(chip)
  const receiver = createReceiver(chip, { interrupts, statistics, filter, controlChanged: () => transmitter.run() })
  const outgoing = createOutgoing(chip, { statistics, cable: () => cable, loopback, looped: receiver.receive })
  const transmitter = createTransmitter(chip, { interrupts, outgoing, statistics, loopback })
  const port: WirePort = {
    name: NAME_82540EM,
    receive(frame) {
      // Without a link, or while it loops, the MAC does not listen.
      if ((words[at + WORD.STATUS]! & STATUS.LU) !== 0 && !loopback()) receiver.receive(frame)
    },
    linkChanged: (speed) => phy.cableChanged(speed),
  }
  const cable: Cable = host.plug(port)
  return { interrupts, eeprom, phy, link, statistics, filter, receiver, transmitter }
}

/**
 * The Intel 82540EM at register level, as the SDM (PCI/PCI-X Family of Gigabit Ethernet Controllers) describes it.
 * BAR 0 are its registers in memory; BAR 1 the I/O window, which is BAR 2 on the card, where BAR 1 is the flash.
 * Not modelled: flow control, half duplex, fibre, wake-up, management, the flash, the packet buffer as memory, a receive FIFO
 * in front of the ring, thresholds of descriptors, interrupts by message.
 */
export const create82540em: DeviceFactory = (host: DeviceHost): Device => {
  const { words, at } = host.state(STATE_82540EM.words)
  const chip: Chip = { host, words, at }
  const blocks = createBlocks(chip)
  const { interrupts, eeprom, phy, link, filter, receiver, transmitter } = blocks
  const loadAddress = (): void => {
    eeprom.loadAddress()
    filter.update()
  }
  const control = createControl(chip, {
    reset() {
      resetMac()
      registers.inReset()
    },
    holdPhy: phy.hold,
    loadAddress,
    linkChanged: link.update,
  })
  const registers = createRegisterFile(
    chip,
    [control, ...Object.values(blocks)].flatMap((block) => ('handlers' in block ? [block.handlers] : [])),
  )
  const io = createIoWindow(chip, registers)

  /** CTRL.RST: everything but the PHY, the EEPROM and configuration space (SDM 13.4.1, 14.1). */
  function resetMac(): void {
    eeprom.reset()
    phy.reset()
    registers.setDefaults()
    loadAddress()
    receiver.reset()
    transmitter.reset()
    phy.hold(false)
    interrupts.reset()
    link.update()
  }
  function powerOn(): void {
    io.reset()
    resetMac()
    phy.powerOn()
    interrupts.reset()
  }
  powerOn()

  return {
    name: NAME_82540EM,
    identity: IDENTITY,
    read: (bar, offset, width) => (bar === IO_BAR ? io.read(offset, width) : registers.read(offset, width)),
    write: (bar, offset, width, value) =>
      bar === IO_BAR ? io.write(offset, width, value) : registers.write(offset, width, value),
    reset: powerOn,
  }
}
