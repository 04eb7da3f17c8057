import { BLOCK_ALLOCATED, FILL, NULL_END, POOL_KIND, SHADOW } from '../../shared/memory-map'
import type { ByteKind, FieldTable, MemoryView, StructFieldView } from '../../shared/views'
import type { RecordReader } from './record-reader'

const MOST_BYTES = 64 * 1024
/** Lists in memory may be spoiled by the driver: no walk is longer. */
const LONGEST_WALK = 1_000_000
const MOST_POOLS = 100_000
/** What lies over a descriptor, by SYS_POOL.Kind. */
const STRUCTS: Readonly<Record<number, string>> = {
  [POOL_KIND.PACKET]: 'NDIS_PACKET',
  [POOL_KIND.BUFFER]: 'MDL',
  [POOL_KIND.NET_BUFFER]: 'NET_BUFFER',
  [POOL_KIND.NET_BUFFER_LIST]: 'NET_BUFFER_LIST',
}

/** Bytes, what kind of byte each is, and structs laid over them. */
export class MemoryViews {
  readonly #read: RecordReader
  readonly #machine: number
  constructor(read: RecordReader, machine: number) {
    this.#read = read
    this.#machine = machine
  }

  /** `address` any 32-bit number; at most 64 KiB. Bytes that cannot be read are 0 and counted. */
  memory(address: number, count: number): MemoryView {
    const length = Math.max(0, Math.min(count, MOST_BYTES))
    const data = Buffer.alloc(length)
    const limit = this.#read.get('SYS_MACHINE', this.#machine, 'Shadow')
    let unreadable = 0
    const kinds: ByteKind[] = []
    for (let i = 0; i < length; i++) {
      const at = address + i
      const inside = at >= 0 && at < limit
      if (inside) data[i] = this.#read.bytes[at]!
      else unreadable++
      kinds.push(inside ? this.#kindOf(at, limit) : 'u')
    }
    const object = this.#objectAt(address)
    return {
      address,
      data: data.toString('base64'),
      kinds: runLength(kinds),
      unreadableBytes: unreadable,
      ...(object && { object }),
    }
  }

  #kindOf(at: number, shadow: number): ByteKind {
    const state = this.#read.bytes[shadow + (at >>> 3)]!
    switch (state) {
      case SHADOW.UNMAPPED:
        return at < NULL_END ? 'n' : 'u'
      case SHADOW.SYSTEM:
      case SHADOW.HEADER:
        return 'h'
      case SHADOW.GUARD:
        return 'g'
      case SHADOW.FREED:
        return 'x'
      case SHADOW.DESCRIPTOR:
        return this.#descriptorKind(at)
      default: {
        const fresh = (state & 0xf0) === SHADOW.FRESH ? state & 0x0f : 0
        if (fresh > 0 && (at & 7) >= fresh) return 'g'
        if (fresh > 0) return this.#read.bytes[at] === FILL.FRESH ? 'f' : '.'
        if ((state & 7) !== 0 && (at & 7) >= (state & 7)) return 'g'
        return this.#isFresh(at) ? 'f' : '.'
      }
    }
  }
  /** Eight fill bytes in a row were never written; a single one is a value like any other. */
  #isFresh(at: number): boolean {
    if (this.#read.bytes[at] !== FILL.FRESH) return false
    const start = at & ~7
    for (let i = 0; i < 8; i++) if (this.#read.bytes[start + i] !== FILL.FRESH) return false
    return true
  }
  #descriptorKind(at: number): ByteKind {
    const found = this.#descriptorAt(at)
    if (!found) return 'x'
    return found.allocated ? '.' : found.fresh ? 'f' : 'x'
  }
  #descriptorAt(
    at: number,
  ): { address: number; size: number; allocated: boolean; fresh: boolean; pool: number } | undefined {
    let steps = 0
    for (
      let pool = this.#read.get('SYS_MACHINE', this.#machine, 'Pools');
      pool !== 0 && steps++ < MOST_POOLS;
      pool = this.#read.get('SYS_POOL', pool, 'Next')
    ) {
      const get = (field: string): number => this.#read.get('SYS_POOL', pool, field)
      const first = get('First')
      const stride = get('Stride')
      if (stride === 0 || at < first - this.#read.size('SYS_DESCRIPTOR') || at >= get('End')) continue
      const address = first + Math.floor((at - first) / stride) * stride
      const state = this.#read.get('SYS_DESCRIPTOR', address - this.#read.size('SYS_DESCRIPTOR'), 'State')
      return {
        address,
        size: get('DescriptorSize'),
        allocated: (state & 1) !== 0,
        fresh: address >= get('Frontier'),
        pool,
      }
    }
    return undefined
  }

  #objectAt(address: number): MemoryView['object'] {
    const descriptor = this.#descriptorAt(address)
    if (descriptor && address >= descriptor.address && address < descriptor.address + descriptor.size) {
      const struct = STRUCTS[this.#read.get('SYS_POOL', descriptor.pool, 'Kind')]
      const tag = this.#read.tag(this.#read.get('SYS_POOL', descriptor.pool, 'Tag'))
      return {
        kind: 'descriptor',
        address: descriptor.address,
        size: descriptor.size,
        tag,
        state: descriptor.allocated ? 'allocated' : descriptor.fresh ? 'fresh' : 'free',
        ...(struct && { struct }),
      }
    }
    const end = this.#read.get('SYS_MACHINE', this.#machine, 'HeapEnd')
    const header = this.#read.size('SYS_BLOCK')
    for (
      let block = this.#read.get('SYS_MACHINE', this.#machine, 'HeapStart'), steps = 0;
      block < end && steps < LONGEST_WALK;
      steps++
    ) {
      const size = this.#read.get('SYS_BLOCK', block, 'TotalSize')
      if (size < header) return undefined
      if (address >= block && address < block + size) {
        const state = this.#read.get('SYS_BLOCK', block, 'State') === BLOCK_ALLOCATED ? 'allocated' : 'freed'
        const inside = state === 'allocated' ? this.#descriptorIn(block + header, address) : undefined
        if (inside) return inside
        return {
          kind: 'pool block',
          address: block + header,
          size: this.#read.get('SYS_BLOCK', block, 'Size'),
          tag: this.#read.tag(this.#read.get('SYS_BLOCK', block, 'PoolTag')),
          state,
        }
      }
      block += size
    }
    return undefined
  }

  /** The descriptor that tagged pool gave to a pool: beyond its capacity, or of a pool without a limit. */
  #descriptorIn(record: number, address: number): MemoryView['object'] {
    const pool = this.#read.get('SYS_DESCRIPTOR', record, 'Pool')
    const start = record + this.#read.size('SYS_DESCRIPTOR')
    if (address < start || !this.#isPool(pool) || !this.#isOut(pool, record)) return undefined
    const struct = STRUCTS[this.#read.get('SYS_POOL', pool, 'Kind')]
    return {
      kind: 'descriptor',
      address: start,
      size: this.#read.get('SYS_BLOCK', record - this.#read.size('SYS_BLOCK'), 'Size') - (start - record),
      tag: this.#read.tag(this.#read.get('SYS_POOL', pool, 'Tag')),
      state: 'allocated',
      ...(struct && { struct }),
    }
  }
  #isPool(address: number): boolean {
    let pool = this.#read.get('SYS_MACHINE', this.#machine, 'Pools')
    for (let steps = 0; pool !== 0 && steps < MOST_POOLS; steps++) {
      if (pool === address) return true
      pool = this.#read.get('SYS_POOL', pool, 'Next')
    }
    return false
  }
  /** Any block may have the address of a pool in this place: the pool itself says which are its descriptors. */
  #isOut(pool: number, record: number): boolean {
    let at = this.#read.get('SYS_POOL', pool, 'Live')
    for (let steps = 0; at !== 0 && steps < LONGEST_WALK; steps++) {
      if (at === record) return true
      at = this.#read.get('SYS_DESCRIPTOR', at, 'Next')
    }
    return false
  }

  /** The fields of a struct at an address; undefined when there is no such struct. */
  struct(name: string, address: number): { size: number; fields: StructFieldView[] } | undefined {
    const table = this.#read.tables.get(name)
    if (!table) return undefined
    return { size: table.size, fields: table.fields.map((field) => this.#field(field, address, '')) }
  }
  #field(field: FieldTable, base: number, prefix: string, depth = 0): StructFieldView {
    const address = base + field.offset
    const path = prefix + field.name
    const count = field.count ?? 1
    const nested = field.fields ?? (field.struct ? this.#read.tables.get(field.struct)?.fields : undefined)
    const shown = {
      name: field.name,
      path,
      offset: field.offset,
      size: field.size * count,
      ctype: field.count ? `${field.ctype}[${field.count}]` : field.ctype,
    }
    if (nested && count === 1 && depth < 8)
      return {
        ...shown,
        value: '',
        children: nested.map((inner) => this.#field(inner, address, `${path}.`, depth + 1)),
      }
    if (field.type === 'bytes' || count > 1)
      return { ...shown, value: this.#hexBytes(address, Math.min(32, field.size * count)) }
    const { value, pointer } = this.#scalar(field, address)
    return {
      ...shown,
      value,
      ...(pointer !== undefined &&
        pointer !== 0 && { pointer: { address: pointer, ...(field.target && { struct: field.target }) } }),
    }
  }
  #hexBytes(address: number, length: number): string {
    return Array.from(this.#read.bytes.subarray(address, address + length), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join(' ')
  }
  #scalar(field: FieldTable, address: number): { value: string; pointer?: number } {
    const { view } = this.#read
    if (address < 0 || address + field.size > view.byteLength) return { value: '(unreadable)' }
    switch (field.type) {
      case 'u8':
      case 'bool':
        return { value: String(view.getUint8(address)) }
      case 'i8':
        return { value: String(view.getInt8(address)) }
      case 'u16':
        return { value: String(view.getUint16(address, true)) }
      case 'i16':
        return { value: String(view.getInt16(address, true)) }
      case 'i32':
        return { value: String(view.getInt32(address, true)) }
      case 'u64':
        return { value: String(view.getBigUint64(address, true)) }
      case 'i64':
        return { value: String(view.getBigInt64(address, true)) }
      case 'ptr':
      case 'fn': {
        const pointer = view.getUint32(address, true)
        return { value: `0x${pointer.toString(16).padStart(8, '0')}`, pointer }
      }
      default: {
        const value = view.getUint32(address, true)
        return { value: value > 0xffff ? `${value} (0x${value.toString(16)})` : String(value) }
      }
    }
  }
}

function runLength(kinds: readonly ByteKind[]): string {
  let text = ''
  for (let i = 0; i < kinds.length;) {
    let end = i
    while (end < kinds.length && kinds[end] === kinds[i]) end++
    text += `${end - i}${kinds[i]}`
    i = end
  }
  return text
}
