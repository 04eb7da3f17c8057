import type { StructTable } from '../../shared/views'

/** Reads NDIS's own records and any struct out of shared memory by their tables (structs.json). */
export class RecordReader {
  readonly view: DataView
  readonly bytes: Uint8Array
  readonly #offsets = new Map<string, ReadonlyMap<string, number>>()
  constructor(
    readonly memory: SharedArrayBuffer,
    readonly tables: ReadonlyMap<string, StructTable>,
  ) {
    this.view = new DataView(memory)
    this.bytes = new Uint8Array(memory)
    for (const table of tables.values())
      this.#offsets.set(table.name, new Map(table.fields.map((field) => [field.name, field.offset])))
  }
  size(struct: string): number {
    return this.tables.get(struct)?.size ?? 0
  }
  /** A 32-bit field, unsigned; 0 outside of memory. */
  get(struct: string, address: number, field: string): number {
    const offset = this.#offsets.get(struct)?.get(field)
    if (offset === undefined) throw new Error(`${struct} has no field ${field}`)
    return this.u32(address + offset)
  }
  /** A 64-bit field, unsigned; exact below 2^53. */
  u64(struct: string, address: number, field: string): number {
    const low = this.get(struct, address, field)
    return this.u32(address + this.#offsets.get(struct)!.get(field)! + 4) * 0x1_0000_0000 + low
  }
  u32(address: number): number {
    return address >= 0 && address + 4 <= this.view.byteLength ? this.view.getUint32(address, true) : 0
  }
  ascii(address: number, limit = 128): string {
    let text = ''
    for (let i = 0; i < limit; i++) {
      const code = this.bytes[address + i]
      if (!code) break
      text += String.fromCharCode(code)
    }
    return text
  }
  tag(value: number): string {
    let text = ''
    for (let i = 0; i < 4; i++) {
      const code = (value >>> (8 * i)) & 0xff
      text += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'
    }
    return text
  }
}
