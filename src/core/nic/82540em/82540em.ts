import type { Cable, WirePort } from '../../wire/port'
import type { Device, DeviceFactory, DeviceHost, Width } from '../device'
import type { Chip, Handlers } from './chip'
import { NAME_82540EM } from './82540em.table'
import { createEeprom, DEVICE_82540EM, VENDOR_INTEL } from './eeprom'
import { createInterrupts } from './interrupts'
import { createLink } from './link'
import { createPhy } from './phy'
import { createRegisterFile } from './register-file'
import { MASK, WORD } from './registers'
import { STATE_82540EM } from './state'

const { CTRL, CTRL_EXT, ICR } = MASK
const NETWORK_ETHERNET = 0x02_0000
const REVISION = 2
const MEMORY_BYTES = 0x2_0000
/** The I/O window of 8 bytes (SDM 4.1.1.2): the address of a register, and its data. */
const IO = { BAR: 1, BYTES: 8, IOADDR: 0, IODATA: 4 } as const

function chipOf(host: DeviceHost): Chip {
  const { words, at } = host.state(STATE_82540EM.words)
  return { host, words, at }
}

/**
 * The Intel 82540EM at register level, as the SDM (PCI/PCI-X Family of Gigabit Ethernet Controllers) describes it.
 * BAR 0 are its registers in memory; BAR 1 the I/O window, which is BAR 2 on the card, where BAR 1 is the flash.
 */
export const create82540em: DeviceFactory = (host): Device => {
  const chip = chipOf(host)
  const { words, at } = chip
  const interrupts = createInterrupts(chip)
  const eeprom = createEeprom(chip)
  const phy = createPhy(chip, {
    cable: () => cable,
    changed: () => link.update(),
    accessed: () => interrupts.raise(ICR.MDAC),
  })
  const link = createLink(chip, phy, { changed: () => interrupts.raise(ICR.LSC) })
  const own: Handlers = {
    write: {
      [WORD.CTRL](value) {
        if ((value & CTRL.RST) !== 0) {
          resetMac()
          return registers.inReset()
        }
        words[at + WORD.CTRL] = value
        phy.hold((value & CTRL.PHY_RST) !== 0)
        link.update()
      },
      [WORD.CTRL_EXT](value) {
        words[at + WORD.CTRL_EXT] = value & ~CTRL_EXT.EE_RST
        if ((value & CTRL_EXT.EE_RST) !== 0) eeprom.loadAddress()
      },
    },
  }
  const registers = createRegisterFile(chip, [own, interrupts.handlers, eeprom.handlers, phy.handlers])
  const port: WirePort = {
    name: NAME_82540EM,
    receive: () => undefined,
    linkChanged: (speed) => phy.cableChanged(speed),
  }
  const cable: Cable = host.plug(port)

  /** CTRL.RST: everything but the PHY, the EEPROM and configuration space (SDM 13.4.1, 14.1). */
  function resetMac(): void {
    eeprom.reset()
    phy.reset()
    registers.setDefaults()
    eeprom.loadAddress()
    phy.hold(false)
    interrupts.reset()
    link.update()
  }
  let ioAddress = 0
  const io = {
    read(offset: number, width: Width): number {
      if (offset === IO.IODATA) return registers.read(ioAddress, width)
      return offset === IO.IOADDR ? ioAddress : 0
    },
    write(offset: number, width: Width, value: number): void {
      if (offset === IO.IODATA) registers.write(ioAddress, width, value)
      else if (offset === IO.IOADDR && width === 4) ioAddress = value >>> 0
    },
  }
  function powerOn(): void {
    ioAddress = 0
    resetMac()
    phy.powerOn()
    interrupts.reset()
  }
  powerOn()

  return {
    name: NAME_82540EM,
    identity: {
      vendorId: VENDOR_INTEL,
      deviceId: DEVICE_82540EM,
      revision: REVISION,
      classCode: NETWORK_ETHERNET,
      subsystemVendorId: VENDOR_INTEL,
      subsystemId: DEVICE_82540EM,
      bars: [
        { kind: 'memory', bytes: MEMORY_BYTES },
        { kind: 'io', bytes: IO.BYTES },
      ],
    },
    read: (bar, offset, width) => (bar === IO.BAR ? io.read(offset, width) : registers.read(offset, width)),
    write: (bar, offset, width, value) =>
      bar === IO.BAR ? io.write(offset, width, value) : registers.write(offset, width, value),
    reset: powerOn,
  }
}
