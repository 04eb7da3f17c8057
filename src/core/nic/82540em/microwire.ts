import type { Words } from '../../memory/address-space'

const ADDRESS_BITS = 6
const ADDRESS_MASK = 0x3f
const DATA_BITS = 16
const ERASED = 0xffff
/** Start bit, two bits of opcode, the address. */
const COMMAND_BITS = 3 + ADDRESS_BITS
/** Operations by opcode; opcode 0 has its own in the two high bits of the address. */
const OPCODE = { EXTENDED: 0, WRITE: 1, READ: 2, ERASE: 3 } as const
const EXTENDED = { EWDS: 0, WRAL: 1, ERAL: 2, EWEN: 3 } as const

/** The four wires. */
export interface Microwire {
  /** New levels of chip select, clock and data in; true when data out is high afterwards. */
  wires(select: boolean, clock: boolean, dataIn: boolean): boolean
}

/**
 * A serial EEPROM of 64 words of 16 bits with the Microwire protocol, as a 93C46 has it: commands and data are shifted
 * in on the rising edge of the clock, most significant bit first, and data come out on it behind a zero.
 */
export function createMicrowire(store: Words, at: number): Microwire {
  let selected = false
  let clocked = false
  let shifted = 0
  let count = 0
  let out = true
  let writable = false
  /** Word that is being read, and the bit of it that comes next; -1: none. */
  let reading = -1
  let bit = 0

  function readBit(): void {
    out = ((store[at + reading]! >> bit) & 1) === 1
    bit--
    if (bit >= 0) return
    // Clocked on, it goes to the next word.
    bit = DATA_BITS - 1
    reading = (reading + 1) & ADDRESS_MASK
  }
  /** Writes are carried out when chip select falls. */
  function carryOut(): void {
    const long = count === COMMAND_BITS + DATA_BITS
    if (count !== COMMAND_BITS && !long) return
    const data = shifted & ERASED
    const command = long ? shifted >>> DATA_BITS : shifted
    const address = command & ADDRESS_MASK
    const opcode = (command >> ADDRESS_BITS) & 3
    const extended = opcode === OPCODE.EXTENDED ? address >> (ADDRESS_BITS - 2) : -1
    if (extended === EXTENDED.EWEN) writable = true
    else if (extended === EXTENDED.EWDS) writable = false
    if (!writable) return
    if (opcode === OPCODE.WRITE && long) store[at + address] = data
    else if (opcode === OPCODE.ERASE) store[at + address] = ERASED
    else if (extended === EXTENDED.ERAL || (extended === EXTENDED.WRAL && long))
      for (let word = 0; word <= ADDRESS_MASK; word++) store[at + word] = extended === EXTENDED.ERAL ? ERASED : data
  }
  function shift(dataIn: boolean): void {
    if (reading >= 0) return readBit()
    // Zeros in front of the start bit do not count.
    if (count === 0 && !dataIn) return
    if (count === COMMAND_BITS + DATA_BITS) return
    shifted = ((shifted << 1) | (dataIn ? 1 : 0)) >>> 0
    count++
    if (count === COMMAND_BITS && ((shifted >> ADDRESS_BITS) & 3) === OPCODE.READ) {
      reading = shifted & ADDRESS_MASK
      bit = DATA_BITS - 1
      out = false
    }
  }
  return {
    wires(select, clock, dataIn) {
      if (selected && !select) {
        if (reading < 0) carryOut()
        reading = -1
        shifted = count = 0
        // High: ready.
        out = true
      }
      if (select && clock && !clocked) shift(dataIn)
      selected = select
      clocked = clock
      return out
    },
  }
}
