import { describe, expect, test } from 'vitest'
import { tableFaults } from '../register-table'
import { INTEL_82540EM } from './82540em.table'
import { MASK, SHIFT, WORD } from './registers'
import { PHY_82540EM } from './phy.table'
import { EEPROM_WORDS } from './state'
import { createGuest, type Guest } from './test-82540em'

const { CTRL, STATUS, EERD, EECD, ICR, MDIC } = MASK

/** SDM 13.4.4: a word of the EEPROM. */
function readEeprom({ write, read, wait }: Guest, address: number): number {
  write('EERD', (address << SHIFT.EERD.ADDR) | EERD.START)
  for (let polls = 0; polls < 100 && (read('EERD') & EERD.DONE) === 0; polls++) wait(1)
  expect(read('EERD') & EERD.DONE).not.toBe(0)
  return read('EERD') >>> SHIFT.EERD.DATA
}

describe('the register map (SDM 13.2)', () => {
  test('holds together', () => expect(tableFaults(INTEL_82540EM)).toEqual([]))
  test('has the registers where the manual has them', () => {
    const offsets = (['CTRL', 'ICR', 'RCTL', 'TDT', 'RDT', 'GPRC', 'MTA', 'RAL', 'RAH', 'VFTA'] as const).map(
      (name) => WORD[name] * 4,
    )
    expect(offsets).toEqual([0, 0xc0, 0x100, 0x3818, 0x2818, 0x4074, 0x5200, 0x5400, 0x5404, 0x5600])
  })
})

describe('PCI (SDM 4.1, 5.6)', () => {
  test('identity, and a memory window of 128 KiB', () => {
    const { bus } = createGuest()
    expect([...bus.functions[0]!.readConfig(0, 4)]).toEqual([0x86, 0x80, 0x0e, 0x10])
    bus.functions[0]!.writeConfig(0x10, Uint8Array.of(0xff, 0xff, 0xff, 0xff))
    expect([...bus.functions[0]!.readConfig(0x10, 4)]).toEqual([0, 0, 0xfe, 0xff])
  })
  test('the I/O window reaches every register by IOADDR and IODATA (SDM 13.2.2)', () => {
    const { readPort, writePort, read } = createGuest()
    writePort(0, WORD.MTA * 4 + 8)
    writePort(4, 0x8765_4321)
    expect(read('MTA', 2)).toBe(0x8765_4321)
    expect(readPort(0)).toBe(WORD.MTA * 4 + 8)
    expect(readPort(4)).toBe(0x8765_4321)
  })
})

describe('accesses (SDM 13.2)', () => {
  test('reserved bits stay 0', () => {
    const { write, read } = createGuest()
    write('RDLEN', 0xffff_ffff)
    expect(read('RDLEN')).toBe(0x000f_ff80)
    write('ITR', 0xffff_ffff)
    expect(read('ITR')).toBe(0xffff)
  })
  test('unknown offsets are logged once by the register before them, and answer 0', () => {
    const { readAt, writeAt, log } = createGuest()
    writeAt(0x104, 0xabcd)
    writeAt(0x104, 1)
    expect(readAt(0x1_8000)).toBe(0)
    expect(log).toEqual([
      '82540EM: write of 0xabcd to reserved offset 0x0104 behind RCTL',
      '82540EM: read of reserved offset 0x18000 behind FFLT, which answers 0',
    ])
  })
  test('registers that the model keeps without acting on them say so once', () => {
    const { write, read, log } = createGuest()
    write('TIPG', 0x0060_200a)
    write('TIPG', 0x0060_2008)
    write('TIPG', 0x0060_2008)
    expect(read('TIPG')).toBe(0x0060_2008)
    expect(log).toEqual(['82540EM: TIPG is kept (0x602008), but the model does not act on it'])
  })
  test('writes of read-only registers and of other widths have no effect and are reported', () => {
    const { write, writeAt, readAt, read, rules, misused } = createGuest()
    write('STATUS', 0xffff_ffff)
    write('GPRC', 1)
    writeAt(WORD.TCTL * 4, 0xff, 1)
    writeAt(WORD.TCTL * 4 + 2, 0xffff, 2)
    expect(readAt(WORD.LEDCTL * 4 + 1, 1)).toBe(0x83)
    expect(rules()).toEqual([
      'NicRegisterReadOnly',
      'NicRegisterReadOnly',
      'NicRegisterWidth',
      'NicRegisterWidth',
      'NicRegisterWidth',
    ])
    expect(misused[2]![1]).toContain('write of 1 byte at offset 0x0400 (TCTL)')
    expect([read('STATUS') & STATUS.LU, read('GPRC'), read('TCTL')]).toEqual([0, 0, 0])
  })
})

describe('EEPROM (SDM 5.3, 5.6)', () => {
  test('the words add up to BABA, the first three are the address of the slot', () => {
    const guest = createGuest({ slot: 2 })
    const words = Array.from({ length: EEPROM_WORDS }, (_, address) => readEeprom(guest, address))
    expect(words.reduce((sum, word) => sum + word, 0) & 0xffff).toBe(0xbaba)
    expect(words.slice(0, 3).flatMap((word) => [word & 0xff, word >> 8])).toEqual([0x00, 0x1b, 0x21, 0, 0, 3])
    expect(words[0x0d]).toBe(0x100e)
  })
  test('EERD.DONE comes after the clocks that a read takes (SDM 13.4.4)', () => {
    const { write, read, wait } = createGuest()
    write('EERD', EERD.START)
    expect(read('EERD') & EERD.DONE).toBe(0)
    wait(27)
    expect(read('EERD')).toBe((0x1b00_0000 | EERD.DONE) >>> 0)
  })
  test('by its wires: request, grant, READ command, 16 bits (SDM 13.4.3)', () => {
    const { write, read } = createGuest()
    const set = (pins: number): void => write('EECD', EECD.EE_REQ | pins)
    const clockIn = (high: boolean): void => {
      set(EECD.CS | (high ? EECD.DI : 0))
      set(EECD.CS | EECD.SK | (high ? EECD.DI : 0))
      set(EECD.CS | (high ? EECD.DI : 0))
    }
    const send = (value: number, bits: number): void => {
      for (let bit = bits - 1; bit >= 0; bit--) clockIn(((value >> bit) & 1) === 1)
    }
    const receive = (): number => {
      let word = 0
      for (let bit = 0; bit < 16; bit++) {
        clockIn(false)
        word = (word << 1) | ((read('EECD') & EECD.DO) !== 0 ? 1 : 0)
      }
      return word
    }
    expect(read('EECD') & EECD.EE_GNT).toBe(0)
    set(0)
    expect(read('EECD') & EECD.EE_GNT).not.toBe(0)
    set(EECD.CS)
    send(0b110, 3)
    send(0, 6)
    expect([receive(), receive()]).toEqual([0x1b00, 0x0021])
    set(0)
    // EWEN, WRITE of word 20h, EWDS, WRITE that is ignored, READ.
    for (const [command, data] of [[0b100_110000], [0b101_100000, 0x1234], [0b100_000000], [0b101_100000, 0x4321]]) {
      set(EECD.CS)
      send(command!, 9)
      if (data !== undefined) send(data, 16)
      set(0)
    }
    set(EECD.CS)
    send(0b110_100000, 9)
    expect(receive()).toBe(0x1234)
  })
  test('survives CTRL.RST, which loads RAL0 and RAH0 from it (SDM 13.4.1, 13.5.2)', () => {
    const guest = createGuest()
    guest.write('RAL', 0x1122_3344)
    guest.initialize()
    expect([guest.read('RAL'), guest.read('RAH')]).toEqual([0x0021_1b00, 0x8000_0100])
  })
})

describe('reset (SDM 13.4.1)', () => {
  test('RST reads 0 at once and gives registers their defaults; what comes within a microsecond is lost', () => {
    const { write, read, wait, rules, misused } = createGuest()
    write('ITR', 100)
    write('CTRL', read('CTRL') | CTRL.RST)
    expect([read('CTRL') & CTRL.RST, read('ITR')]).toEqual([0, 0])
    write('ITR', 200)
    expect(rules()).toEqual(['NicRegisterInReset'])
    expect(misused[0]![1]).toContain('write of 0xc8 to ITR within 1 microsecond of CTRL.RST')
    wait(1)
    write('ITR', 300)
    expect(read('ITR')).toBe(300)
  })
  test('a reset of the device is as power-on: the PHY too', () => {
    const { writePhy, readPhy, device } = createGuest()
    writePhy(4, 0x0061)
    expect(readPhy(4)).toBe(0x0061)
    device.reset()
    expect(readPhy(4)).toBe(0x0de1)
  })
})

describe('the PHY through MDIC (SDM 13.4.7)', () => {
  test('identifies itself; an access takes 64 clocks of 2.5 MHz; nobody answers at another address', () => {
    const { readPhy, write, read, wait } = createGuest()
    expect([readPhy(2), readPhy(3)]).toEqual([0x0141, 0x0c20])
    write('MDIC', (2 << SHIFT.MDIC.OP) | (5 << SHIFT.MDIC.PHYADD))
    wait(25)
    expect(read('MDIC') & MDIC.R).toBe(0)
    wait(1)
    expect(read('MDIC') & (MDIC.R | MDIC.E)).toBe(MDIC.R | MDIC.E)
  })
  test('MDIC.I raises MDAC when the access is complete', () => {
    const { write, read, wait } = createGuest()
    write('MDIC', (2 << SHIFT.MDIC.OP) | (1 << SHIFT.MDIC.PHYADD) | MDIC.I)
    wait(26)
    expect(read('ICR')).toBe(ICR.MDAC)
  })
  test('has the registers of its table, and their defaults', () => {
    const { readPhy } = createGuest({ speed: 0 })
    for (const { offset, reset } of Object.values(PHY_82540EM)) expect(readPhy(offset)).toBe(reset)
    expect(readPhy(22)).toBe(0)
  })
})

describe('the link (SDM 8.6, 13.4.2)', () => {
  const { PSTATUS } = PHY_82540EM
  const linkBit = 1 << PSTATUS.fields.LINK.shift
  test('comes up after auto-negotiation, once SLU permits it, and raises LSC', () => {
    const { write, read, wait, readPhy } = createGuest()
    expect(readPhy(1) & linkBit).toBe(0)
    wait(3000)
    expect(readPhy(1) & linkBit).toBe(linkBit)
    expect(read('STATUS') & STATUS.LU).toBe(0)
    write('CTRL', read('CTRL') | CTRL.SLU | CTRL.ASDE)
    expect(read('STATUS')).toBe(STATUS.LU | STATUS.FD | (2 << SHIFT.STATUS.SPEED) | (2 << SHIFT.STATUS.ASDV))
    expect(read('ICR')).toBe(ICR.LSC)
    expect(readPhy(17) >> 14).toBe(2)
    expect(readPhy(5) & 0x4000).toBe(0x4000)
  })
  test.each([10, 100] as const)('a partner of %i Mb/s', (speed) => {
    const guest = createGuest({ speed })
    guest.initialize()
    expect((guest.read('STATUS') & STATUS.SPEED) >> SHIFT.STATUS.SPEED).toBe(speed === 10 ? 0 : 1)
    expect(guest.read('STATUS') & STATUS.LU).toBe(STATUS.LU)
    expect(guest.inside('LINK_SPEED')).toBe(speed)
  })
  test('a pulled cable clears LU with LSC; the PHY keeps the loss until it was read', () => {
    const guest = createGuest()
    guest.initialize()
    guest.read('ICR')
    guest.plugIn(0)
    expect([guest.read('ICR'), guest.read('STATUS') & STATUS.LU]).toEqual([ICR.LSC, 0])
    guest.plugIn(1000)
    guest.wait(3000)
    expect([guest.read('ICR'), guest.read('STATUS') & STATUS.LU]).toEqual([ICR.LSC, STATUS.LU])
    expect([guest.readPhy(1) & linkBit, guest.readPhy(1) & linkBit]).toEqual([0, linkBit])
  })
  test('what is advertised bounds the speed after negotiating again', () => {
    const guest = createGuest()
    guest.initialize()
    guest.writePhy(9, 0)
    guest.writePhy(0, 0x1340)
    expect(guest.read('STATUS') & STATUS.LU).toBe(0)
    guest.wait(3000)
    expect((guest.read('STATUS') & STATUS.SPEED) >> SHIFT.STATUS.SPEED).toBe(1)
  })
  test('power down and PHY_RST drop it', () => {
    const guest = createGuest()
    guest.initialize()
    guest.writePhy(0, 0x1940)
    expect(guest.read('STATUS') & STATUS.LU).toBe(0)
    guest.writePhy(0, 0x1140)
    guest.wait(3000)
    expect(guest.read('STATUS') & STATUS.LU).toBe(STATUS.LU)
    guest.write('CTRL', guest.read('CTRL') | CTRL.PHY_RST)
    expect(guest.mdic(2, 2) & MDIC.E).toBe(MDIC.E)
    guest.write('CTRL', guest.read('CTRL') & ~CTRL.PHY_RST)
    guest.wait(3000)
    expect(guest.read('STATUS') & STATUS.LU).toBe(STATUS.LU)
  })
  test('a forced speed that is not that of the PHY gives none', () => {
    const guest = createGuest()
    guest.initialize()
    const forced = CTRL.SLU | CTRL.FRCSPD
    guest.write('CTRL', forced | (1 << SHIFT.CTRL.SPEED))
    expect(guest.read('STATUS') & STATUS.LU).toBe(0)
    guest.write('CTRL', forced | (2 << SHIFT.CTRL.SPEED))
    expect(guest.read('STATUS') & STATUS.LU).toBe(STATUS.LU)
  })
})
