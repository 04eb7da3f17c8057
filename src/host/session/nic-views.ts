import { fieldValue, fits } from '../../shared/descriptors'
import { GRANULE_SHIFT, SHADOW } from '../../shared/memory-map'
import type {
  DescriptorOwner,
  LinkView,
  NicTable,
  NicView,
  RingDescriptor,
  RingTable,
  RingView,
} from '../../shared/views'
import type { RecordReader } from './record-reader'

/** Lists in memory may be spoiled by the driver: no walk is longer. */
const MOST_DEVICES = 64
const MOST_OFFSETS = 4096
const MOST_DESCRIPTORS = 65_536
const MOST_ROWS = 256
const MILLION = 1_000_000

const hex = (value: number | bigint): string => `0x${value.toString(16)}`

/** index is one of from ... to - 1 around the ring; none is, when an end is outside of it. */
const between = (index: number, from: number, to: number, length: number): boolean =>
  from < length && to < length && (index - from + length) % length < (to - from + length) % length

interface Places {
  /** Address of SYS_MACHINE. */
  readonly machine: number
  /** End of the memory of the driver. */
  readonly ramBytes: number
  readonly physicalOffset: number
}
/** What is in the registers of a ring. */
interface Ring {
  readonly base: bigint
  readonly length: number
  readonly head: number
  readonly tail?: number
}

/** The NICs of a session as shared memory has them: their registers, their rings in the memory of the driver, their links. */
export class NicViews {
  readonly #read: RecordReader
  readonly #places: Places
  readonly #tables: ReadonlyMap<string, NicTable>
  /** `tables`: register maps by the name of the device. */
  constructor(read: RecordReader, places: Places, tables: ReadonlyMap<string, NicTable>) {
    this.#read = read
    this.#places = places
    this.#tables = tables
  }

  /** Addresses of the records of a list, oldest first. */
  #records(list: 'Devices' | 'Links', struct: 'SYS_DEVICE' | 'SYS_LINK'): number[] {
    const records: number[] = []
    let record = this.#read.get('SYS_MACHINE', this.#places.machine, list)
    for (; record !== 0 && records.length < MOST_DEVICES; record = this.#read.get(struct, record, 'Next'))
      records.push(record)
    return records.reverse()
  }
  #device(slot: number): { readonly record: number; readonly table: NicTable | undefined } {
    const record = this.#records('Devices', 'SYS_DEVICE').find(
      (at) => this.#read.get('SYS_DEVICE', at, 'Slot') === slot,
    )
    if (record === undefined) throw new Error(`there is no NIC in slot ${slot}`)
    return { record, table: this.#tables.get(this.#name(record)) }
  }
  #name(record: number): string {
    return this.#read.ascii(this.#read.get('SYS_DEVICE', record, 'Name'))
  }

  nics(): NicView[] {
    const links = new Map(
      this.#records('Links', 'SYS_LINK').map((at) => [this.#read.get('SYS_LINK', at, 'Slot'), this.#link(at)]),
    )
    return this.#records('Devices', 'SYS_DEVICE')
      .map((record) => {
        const slot = this.#read.get('SYS_DEVICE', record, 'Slot')
        const link = links.get(slot)
        return { slot, name: this.#name(record), ...(link && { link }) }
      })
      .sort((left, right) => left.slot - right.slot)
  }
  #link(record: number): LinkView {
    const get = (field: string): number => this.#read.get('SYS_LINK', record, field)
    const traffic = (way: 'Out' | 'In') => ({
      frames: get(`${way}Frames`),
      bytes: this.#read.u64('SYS_LINK', record, `${way}Bytes`),
      lost: get(`${way}Lost`),
    })
    const limit = get('SpeedLimit')
    return {
      otherEnd: this.#read.ascii(get('OtherEnd')),
      speed: get('Speed'),
      cable: get('Cable') !== 0,
      options: {
        speed: limit === 10 || limit === 100 ? limit : 1000,
        delayNs: get('DelayNs'),
        loss: get('LossPpm') / MILLION,
        duplicate: get('DuplicatePpm') / MILLION,
        reorder: get('ReorderPpm') / MILLION,
        corrupt: get('CorruptPpm') / MILLION,
      },
      out: traffic('Out'),
      in: traffic('In'),
      duplicated: get('Duplicated'),
      reordered: get('Reordered'),
      corrupted: get('Corrupted'),
      inFlight: get('InFlight'),
    }
  }

  /** Words at byte offsets of the device's registers; 0 where it keeps none. */
  registers(slot: number, offsets: readonly number[]): number[] {
    const { record } = this.#device(slot)
    return offsets.slice(0, MOST_OFFSETS).map((offset) => this.#word(record, offset))
  }
  #word(record: number, offset: number): number {
    const bytes = this.#read.get('SYS_DEVICE', record, 'StateBytes')
    const state = this.#read.get('SYS_DEVICE', record, 'State')
    return offset >= 0 && offset + 4 <= bytes ? this.#read.u32(state + offset) : 0
  }

  /** `start` undefined: at the head. Throws Error for a slot or ring that there is not. */
  ring(slot: number, name: string, start: number | undefined, count: number): RingView {
    const { record, table } = this.#device(slot)
    const ring = table?.rings.find((candidate) => candidate.name === name)
    if (!table || !ring) throw new Error(`the NIC in slot ${slot} has no ring '${name}'`)
    const register = (wanted: string): number => {
      const found = table.registers.find((candidate) => candidate.name === wanted)
      return found ? this.#word(record, found.offset) : 0
    }
    const bytes = ring.length.unit === 'bytes' ? ring.descriptorBytes : 1
    const high = ring.baseHigh === undefined ? 0 : register(ring.baseHigh)
    const now: Ring = {
      base: (BigInt(high) << 32n) | BigInt(register(ring.baseLow)),
      length: Math.floor(register(ring.length.register) / bytes),
      head: register(ring.head),
      ...(ring.tail !== undefined && { tail: register(ring.tail) }),
    }
    const address = this.#memory(now.base, now.length * ring.descriptorBytes)
    const problem = this.#problem(ring, now, address)
    const shown = address === undefined || this.#dead(address, 1) ? 0 : Math.min(now.length, MOST_DESCRIPTORS)
    return {
      ...now,
      base: Number(now.base),
      ...(address !== undefined && { address }),
      ...(problem !== undefined && { problem }),
      owners: Array.from({ length: shown }, (_unused, index) => this.#owner(ring, now, address!, index)).join(''),
      descriptors: address === undefined ? [] : this.#descriptors(ring, address, shown, start ?? now.head, count),
    }
  }
  /** The virtual address of memory that a device reaches at a physical one; undefined where there is none. */
  #memory(physical: bigint, length: number): number | undefined {
    const address = Number(physical) - this.#places.physicalOffset
    const first = this.#read.get('SYS_MACHINE', this.#places.machine, 'ImageStart')
    return length > 0 && address >= first && address + length <= this.#places.ramBytes ? address : undefined
  }
  /** What is wrong with memory that is not all allocated; undefined when it is. */
  #dead(address: number, length: number): string | undefined {
    const shadow = this.#read.get('SYS_MACHINE', this.#places.machine, 'Shadow')
    const last = (address + length - 1) >>> GRANULE_SHIFT
    for (let granule = address >>> GRANULE_SHIFT; granule <= last; granule++) {
      const state = this.#read.bytes[shadow + granule] ?? 0
      if (state === SHADOW.FREED) return 'the ring lies in memory that was freed.'
      if (state === SHADOW.UNMAPPED || state >= SHADOW.SYSTEM)
        return 'the ring reaches beyond the memory that was allocated.'
    }
    return undefined
  }
  #problem(ring: RingTable, { base, length, head, tail }: Ring, address: number | undefined): string | undefined {
    if (length === 0) return `There is no ring yet: ${ring.length.register} is 0.`
    const what = `${ring.baseLow} says ${hex(base)}`
    const physical = base + BigInt(this.#places.physicalOffset)
    if (address === undefined && this.#memory(physical, 1) !== undefined)
      return `${what}, which is the virtual address of memory; the device takes physical ones, ${hex(physical)} here.`
    if (address === undefined)
      return `${what}, where there is no memory for ${length} descriptors that a device may reach.`
    const dead = address === undefined ? undefined : this.#dead(address, length * ring.descriptorBytes)
    if (dead !== undefined) return `${what}: ${dead}`
    const outside = [
      { register: ring.head, index: head },
      { register: ring.tail ?? '', index: tail ?? 0 },
    ].find(({ index }) => index >= length)
    return (
      outside && `${outside.register} is ${outside.index}, but there are ${length} descriptors, 0 to ${length - 1}.`
    )
  }
  #owner(ring: RingTable, { length, head, tail }: Ring, address: number, index: number): DescriptorOwner {
    const at = address + index * ring.descriptorBytes
    const owned = ring.owned
      ? fits(this.#read.view, at, ring.owned)
      : tail !== undefined && between(index, head, tail, length)
    if (owned) return 'h'
    if (!fits(this.#read.view, at, ring.done)) return '.'
    return ring.failed && fits(this.#read.view, at, ring.failed) ? 'e' : 'd'
  }
  #descriptors(ring: RingTable, address: number, length: number, start: number, count: number): RingDescriptor[] {
    const first = Math.max(0, start)
    const rows = Math.max(0, Math.min(count, MOST_ROWS, length - first))
    return Array.from({ length: rows }, (_unused, row) => {
      const at = address + (first + row) * ring.descriptorBytes
      const bytes = this.#read.bytes.slice(at, at + ring.descriptorBytes)
      const layout = ring.layouts.findIndex(({ when }) => !when || fits(this.#read.view, at, when))
      const pointer = ring.layouts[layout]?.fields.find((field) => field.role === 'address')
      const buffer = pointer && this.#memory(fieldValue(bytes, pointer), 1)
      return {
        index: first + row,
        address: at,
        data: Buffer.from(bytes).toString('hex'),
        layout,
        ...(buffer !== undefined && { buffer }),
      }
    })
  }
}
