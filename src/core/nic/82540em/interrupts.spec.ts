import { describe, expect, test } from 'vitest'
import { eachRegister, MASK, WORD, type RegisterName } from './registers'
import { createGuest } from './test-82540em'

const { ICR, RCTL } = MASK

function setUp() {
  const guest = createGuest()
  guest.initialize()
  guest.read('ICR')
  return guest
}

describe('causes and masks (SDM 13.4.17 to 13.4.21)', () => {
  test('the line is (ICR & IMS) != 0; reading ICR returns and clears every cause', () => {
    const { write, read, line } = setUp()
    write('ICS', ICR.LSC | ICR.RXT0)
    expect(line()).toBe(false)
    write('IMS', ICR.RXT0)
    expect(line()).toBe(true)
    expect(read('ICR')).toBe(ICR.LSC | ICR.RXT0)
    expect([line(), read('ICR')]).toEqual([false, 0])
  })
  test('IMS adds to the mask, IMC takes away from it; both leave the other bits', () => {
    const { write, read, line } = setUp()
    write('IMS', ICR.RXT0)
    write('IMS', ICR.LSC)
    expect(read('IMS')).toBe(ICR.RXT0 | ICR.LSC)
    write('ICS', ICR.LSC)
    write('IMC', ICR.LSC)
    expect([line(), read('IMS'), read('IMC'), read('ICS')]).toEqual([false, ICR.RXT0, 0, 0])
    write('IMS', ICR.LSC)
    expect(line()).toBe(true)
  })
  test('ones written to ICR clear those causes', () => {
    const { write, read, line } = setUp()
    write('IMS', ICR.RXT0 | ICR.LSC)
    write('ICS', ICR.RXT0 | ICR.LSC)
    write('ICR', ICR.RXT0)
    expect(line()).toBe(true)
    write('ICR', ICR.LSC)
    expect([line(), read('ICR')]).toEqual([false, 0])
  })
  test('reserved causes do not exist; a reset clears causes and mask', () => {
    const { write, read, line, wait } = setUp()
    write('IMS', 0xffff_ffff)
    write('ICS', 0xffff_ffff)
    expect(read('IMS')).toBe(0x0001_f6df)
    write('CTRL', MASK.CTRL.RST)
    expect(line()).toBe(false)
    wait(1)
    expect([read('ICR'), read('IMS')]).toEqual([0, 0])
  })
})

describe('throttling (SDM 13.4.18)', () => {
  test('the line rises at most every ITR units of 256 ns; causes wait in ICR', () => {
    const { write, read, line, wait, interrupts } = setUp()
    write('ITR', 100)
    write('IMS', ICR.RXT0)
    write('ICS', ICR.RXT0)
    expect(line()).toBe(true)
    read('ICR')
    write('ICS', ICR.RXT0)
    expect(line()).toBe(false)
    wait(25)
    expect(line()).toBe(false)
    wait(1)
    expect([line(), interrupts()]).toEqual([true, 2])
  })
  test('what is taken back while it waits does not interrupt', () => {
    const { write, read, line, wait } = setUp()
    write('ITR', 100)
    write('IMS', ICR.RXT0)
    write('ICS', ICR.RXT0)
    read('ICR')
    write('ICS', ICR.RXT0)
    write('ICR', ICR.RXT0)
    wait(100)
    expect(line()).toBe(false)
  })
})

describe('statistics (SDM 13.7)', () => {
  const frame = (first: number, length: number): number[] => [
    ...(first === 0xff ? Array<number>(6).fill(0xff) : [first, 0x1b, 0x21, 0, 0, 1]),
    ...Array<number>(length - 6).fill(0x55),
  ]
  const LENGTHS = [60, 61, 123, 124, 251, 252, 507, 508, 1019, 1020, 1514] as const
  const BYTES = LENGTHS.reduce((sum, length) => sum + length + 4, 0)

  test('of frames received, by size and kind, in bytes with CRC; reading clears', () => {
    const { receiveRing, arrive, read } = setUp()
    receiveRing(32, 2048, RCTL.BAM | RCTL.MPE | RCTL.SECRC)
    for (const length of LENGTHS) arrive(frame(0, length))
    arrive(frame(0xff, 60))
    arrive(frame(0x01, 60))
    arrive(frame(0x02, 60))
    const sizes = (['PRC64', 'PRC127', 'PRC255', 'PRC511', 'PRC1023', 'PRC1522'] as const).map((name) => read(name))
    expect(sizes).toEqual([3, 2, 2, 2, 2, 2])
    expect((['GPRC', 'BPRC', 'MPRC', 'TPR'] as const).map((name) => read(name))).toEqual([13, 1, 1, 14])
    expect([read('GORCL'), read('GORCL'), read('GORCH'), read('GORCL')]).toEqual([BYTES + 128, BYTES + 128, 0, 0])
    expect([read('TORL'), read('GPRC'), read('PRC64')]).toEqual([BYTES + 192, 0, 0])
  })
  test('of frames sent', () => {
    const { transmitRing, put, write, read } = setUp()
    const ring = transmitRing(32)
    const frames = [...LENGTHS.map((length) => frame(0, length)), frame(0xff, 60), frame(0x01, 60)]
    frames.forEach((bytes, index) => put(ring.at(index), bytes, 0x0b00_0000))
    write('TDT', frames.length)
    const sizes = (['PTC64', 'PTC127', 'PTC255', 'PTC511', 'PTC1023', 'PTC1522'] as const).map((name) => read(name))
    expect(sizes).toEqual([3, 2, 2, 2, 2, 2])
    expect((['GPTC', 'BPTC', 'MPTC', 'TPT'] as const).map((name) => read(name))).toEqual([13, 1, 1, 13])
    expect([read('GOTCL'), read('TOTL'), read('TOTH'), read('TOTL')]).toEqual([BYTES + 128, BYTES + 128, 0, 0])
  })
  test('64 bits carry into the high half; counters of 32 bits stay at their maximum', () => {
    const { transmitRing, put, write, read, space, state } = setUp()
    const ring = transmitRing()
    const set = (name: RegisterName, value: number): number => (space.i32[state.at + WORD[name]] = value)
    set('GOTCL', -10)
    set('GPTC', -1)
    put(ring.at(0), frame(0, 60), 0x0b00_0000)
    write('TDT', 1)
    expect([read('GOTCL'), read('GOTCH'), read('GOTCL')]).toEqual([54, 1, 0])
    expect(read('GPTC')).toBe(0xffff_ffff)
  })
  test('a debugger looks without clearing', () => {
    const { transmitRing, put, write, peek, read } = setUp()
    const ring = transmitRing()
    put(ring.at(0), frame(0, 60), 0x0b00_0000)
    write('TDT', 1)
    expect([peek('GPTC'), peek('GPTC'), peek('ICR'), read('GPTC')]).toEqual([1, 1, ICR.TXDW | ICR.TXQE, 1])
  })
  test('every counter clears by reading', () => {
    const { space, state, readAt } = setUp()
    eachRegister((index, { access }) => {
      if (access === 'RC') space.i32[state.at + index] = 5
    })
    const offsets: number[] = []
    eachRegister((index, { access }) => void (access === 'RC' && offsets.push(index * 4)))
    for (const offset of offsets) readAt(offset)
    expect(offsets.map((offset) => readAt(offset))).toEqual(offsets.map(() => 0))
  })
})
