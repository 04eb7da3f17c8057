import { describe, expect, test } from 'vitest'
import { words } from '../../memory/address-space'
import { createMicrowire } from './microwire'

/** Drives the wires as software does: data are stable while the clock rises. */
function setUp() {
  const store = words(new Int32Array(64))
  for (let address = 0; address < 64; address++) store[address] = address * 0x101
  const microwire = createMicrowire(store, 0)
  let out = false
  const clock = (high: boolean): boolean => {
    microwire.wires(true, false, high)
    out = microwire.wires(true, true, high)
    microwire.wires(true, false, high)
    return out
  }
  const send = (bits: string): void => [...bits].forEach((bit) => clock(bit === '1'))
  return {
    store,
    select: () => void microwire.wires(true, false, false),
    release: () => microwire.wires(false, false, false),
    send,
    command(bits: string): void {
      microwire.wires(true, false, false)
      send(bits)
      microwire.wires(false, false, false)
    },
    last: () => out,
    receive: () =>
      Array.from({ length: 16 }, () => (clock(false) ? 1 : 0)).reduce<number>((word, bit) => (word << 1) | bit, 0),
  }
}
const EWEN = '10011xxxx'.replaceAll('x', '0')
const EWDS = '10000xxxx'.replaceAll('x', '0')

describe('a Microwire EEPROM of 64 words (93C46)', () => {
  test('READ: a zero, then 16 bits, then those of the next word, round the end', () => {
    const { select, send, last, receive } = setUp()
    select()
    send('0000110111110')
    expect(last()).toBe(false)
    expect([receive(), receive(), receive()]).toEqual([62 * 0x101, 63 * 0x101, 0])
  })
  test('WRITE and ERASE only between EWEN and EWDS, when chip select falls', () => {
    const { command, select, send, release, store } = setUp()
    command('101000011' + '1010101001010101')
    command('111000100')
    expect([store[3], store[4]]).toEqual([0x303, 0x404])
    command(EWEN)
    select()
    send('101000011' + '1010101001010101')
    expect(store[3]).toBe(0x303)
    expect(release()).toBe(true)
    command('111000100')
    expect([store[3], store[4], store[5]]).toEqual([0xaa55, 0xffff, 0x505])
    command(EWDS)
    command('111000101')
    expect(store[5]).toBe(0x505)
  })
  test('WRAL and ERAL take all words', () => {
    const { command, store } = setUp()
    command(EWEN)
    command('100010000' + '0001001000110100')
    expect([store[0], store[63]]).toEqual([0x1234, 0x1234])
    command('100100000')
    expect([store[0], store[63]]).toEqual([0xffff, 0xffff])
  })
  test('a command that is broken off, or too long, does nothing', () => {
    const { command, store } = setUp()
    command(EWEN)
    command('101000011' + '10101010')
    command('10100001')
    expect(Array.from({ length: 64 }, (_, address) => store[address])).toEqual(
      Array.from({ length: 64 }, (_, address) => address * 0x101),
    )
  })
})
