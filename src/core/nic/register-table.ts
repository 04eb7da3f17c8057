/**
 * The shape of a device's register map as data (DESIGN section 2). From it come the names in the log, the NIC panel and the
 * reference page in docs; the device itself takes offsets and bits from the same table. Offsets in bytes from the start of the
 * memory BAR; the word of a register lies at `state.words[state.at + (offset >> 2)]` (DeviceHost.state), which is where a
 * debugger looks at it: what reading it does to the device does not happen there.
 */

/** RO read, WO write, RW both, RC cleared by reading, W1C cleared by writing ones. */
export type RegisterAccess = 'RO' | 'RW' | 'RC' | 'WO' | 'W1C'

/** Bits of a word: of a register, or of a field of a descriptor. */
export interface BitField {
  readonly name: string
  /** Lowest bit, 0 to 31. */
  readonly shift: number
  /** Bits, 1 to 32. */
  readonly width: number
  readonly doc: string
  /** What values stand for, where they are not just numbers: { 0: '10 Mb/s', 1: '100 Mb/s' }. */
  readonly values?: Readonly<Record<number, string>>
}

export interface RegisterTable {
  /** As the manual writes it; of an array the name of all of it, 'MTA': its elements are MTA[0] ... */
  readonly name: string
  readonly offset: number
  /** An array of so many. */
  readonly count?: number
  /** Bytes from one element of an array to the next; 4 when left out. */
  readonly stride?: number
  readonly access: RegisterAccess
  /** After a reset. What does not survive it is 0; what the manual leaves undefined is what this device gives. */
  readonly reset: number
  /** One line for the hover. */
  readonly doc: string
  /** Section of the manual: 'SDM 13.4.1'. */
  readonly section?: string
  /** Heading that it stands under: 'General', 'Interrupt', 'Receive', 'Transmit', 'Filters', 'Statistics' ... */
  readonly group: string
  readonly fields?: readonly BitField[]
  /** It counts: the panel shows it among the counters. */
  readonly counter?: {
    /** Name of the register with the upper 32 bits, when there is one. */
    readonly high?: string
    readonly unit: 'frames' | 'bytes' | 'events'
  }
}

/** A field of a descriptor in memory, little-endian. */
export interface DescriptorField {
  readonly name: string
  /** Byte where its lowest bit is, from the start of the descriptor. */
  readonly offset: number
  /** Bit of that byte where it begins; 0 when left out. */
  readonly shift?: number
  /** Bits, 1 to 64. */
  readonly width: number
  readonly doc: string
  /** What the panel makes of it: where the buffer is (a physical address), how many bytes. */
  readonly role?: 'address' | 'length'
  /** Shifts count from the lowest bit of this field. */
  readonly bits?: readonly BitField[]
}
export interface DescriptorLayout {
  readonly name: string
  readonly doc: string
  /** The layout of descriptors whose bytes say so: (u32 at `offset` & mask) === value. The first one that fits; always, when left out. */
  readonly when?: BytePattern
  readonly fields: readonly DescriptorField[]
}
/** (little-endian u32 at `offset` of a descriptor & mask) === value, all unsigned. */
export interface BytePattern {
  readonly offset: number
  readonly mask: number
  readonly value: number
}

/** A ring of descriptors. Registers by name; each of them holds its number in the whole word. */
export interface RingTable {
  readonly name: string
  readonly direction: 'transmit' | 'receive'
  readonly doc: string
  readonly section?: string
  /** Physical address of descriptor 0. */
  readonly baseLow: string
  readonly baseHigh?: string
  readonly length: { readonly register: string; readonly unit: 'bytes' | 'descriptors' }
  /** Index of the descriptor that the device takes next. */
  readonly head: string
  /**
   * Index of the first descriptor that the device may not take: it owns head ... tail - 1 modulo the length, none when they are
   * equal. Left out where each descriptor says itself who owns it (`owned`).
   */
  readonly tail?: string
  readonly descriptorBytes: number
  /** A descriptor is the device's, whatever the indices are. */
  readonly owned?: BytePattern
  /** The device is done with a descriptor that it does not own. */
  readonly done: BytePattern
  /** An error is written in a descriptor that is done. */
  readonly failed?: BytePattern
  readonly layouts: readonly DescriptorLayout[]
}

/** What a model of NIC looks like to a driver. */
export interface NicTable {
  /** Device.name, by which a debugger finds the table of a device. */
  readonly device: string
  readonly title: string
  /** Where it is documented. */
  readonly source: string
  readonly registers: readonly RegisterTable[]
  readonly rings: readonly RingTable[]
}

/** Bytes from one element of a register to the next. */
export const strideOf = ({ stride }: Pick<RegisterTable, 'stride'>): number => stride ?? 4

/** Name of the register at an offset, 'RAL[3]' in an array; undefined where there is none. Offsets inside a register are its own. */
export function registerAt(registers: readonly RegisterTable[], offset: number): string | undefined {
  for (const register of registers) {
    const { name, count } = register
    const index = Math.floor((offset - register.offset) / strideOf(register))
    if (index < 0 || index >= (count ?? 1) || offset - register.offset - index * strideOf(register) >= 4) continue
    return count === undefined ? name : `${name}[${index}]`
  }
  return undefined
}

/** What is wrong in a table, in plain words; nothing when it holds together. For specs. */
export function tableFaults({ registers, rings }: NicTable): string[] {
  const faults: string[] = []
  const owner = new Map<number, string>()
  const names = new Map(registers.map((register) => [register.name, register]))
  if (names.size !== registers.length) faults.push('two registers have one name')
  for (const register of registers) {
    const { name, offset, count = 1, fields = [] } = register
    if (offset % 4 !== 0) faults.push(`${name} is not at a multiple of 4`)
    for (let i = 0; i < count; i++) {
      const at = offset + i * strideOf(register)
      if (owner.has(at)) faults.push(`${name} lies on ${owner.get(at)} at 0x${at.toString(16)}`)
      owner.set(at, name)
    }
    faults.push(...bitFaults(name, fields, 32))
  }
  for (const ring of rings) {
    const used = [ring.baseLow, ring.baseHigh, ring.length.register, ring.head, ring.tail]
    for (const name of used) if (name && !names.has(name)) faults.push(`${ring.name}: there is no register ${name}`)
    if (!ring.tail && !ring.owned) faults.push(`${ring.name}: neither a tail nor a bit says who owns a descriptor`)
    for (const layout of ring.layouts) faults.push(...layoutFaults(ring, layout))
  }
  return faults
}

function bitFaults(name: string, fields: readonly BitField[], width: number): string[] {
  const faults: string[] = []
  let taken = 0n
  for (const field of fields) {
    const mask = ((1n << BigInt(field.width)) - 1n) << BigInt(field.shift)
    if (field.width < 1 || field.shift < 0 || field.shift + field.width > width)
      faults.push(`${name}.${field.name} does not fit into ${width} bits`)
    if ((taken & mask) !== 0n) faults.push(`${name}.${field.name} shares bits with another field`)
    taken |= mask
  }
  return faults
}
function layoutFaults(ring: RingTable, { name, fields }: DescriptorLayout): string[] {
  const whole = `${ring.name}, ${name}`
  const spans = fields.map(({ offset, shift = 0, width, ...field }) => ({
    ...field,
    from: offset * 8 + shift,
    to: offset * 8 + shift + width,
  }))
  return spans.flatMap(({ name: field, from, to, bits = [] }) => [
    ...(to > ring.descriptorBytes * 8 ? [`${whole}: ${field} does not fit into the descriptor`] : []),
    ...(spans.some((other) => other.name !== field && other.from < to && from < other.to)
      ? [`${whole}: ${field} shares bits with another field`]
      : []),
    ...bitFaults(`${whole}: ${field}`, bits, to - from),
  ])
}
