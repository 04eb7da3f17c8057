import { BLOCK } from '../../core/wire/formats/pcapng'

interface Waiting {
  readonly ns: number
  readonly block: Uint8Array
}
const HIGH_WORD = 0x1_0000_0000
/** Where the time of an Enhanced Packet Block lies. */
const TIME = { HIGH: 12, LOW: 16 } as const
const ALWAYS = -Infinity
const AT_THE_END = Infinity

/**
 * Puts captured frames into the order of their times. They are heard when they are given to a line, which may be busy: then
 * their first bit leaves later than frames arrive that are heard after them. Such a frame waits here until its time.
 */
export class CaptureOrder {
  #waiting: Waiting[] = []

  /**
   * Takes whole blocks; gives those whose time has come, in order.
   *
   * @param nowNs - virtual time that had passed when the last of them was written
   */
  add(blocks: Uint8Array, nowNs: number): Uint8Array {
    const all = [...this.#waiting, ...split(blocks)]
    // The order of the blocks themselves where times are the same: sort() is stable.
    all.sort((left, right) => left.ns - right.ns)
    const first = all.findIndex(({ ns }) => ns > nowNs)
    const end = first < 0 ? all.length : first
    // Copies, because a few bytes would keep all of `blocks` in memory.
    this.#waiting = all.slice(end).map(({ ns, block }) => ({ ns, block: block.slice() }))
    return joined(all.slice(0, end))
  }
  get empty(): boolean {
    return this.#waiting.length === 0
  }
}

/** The blocks with the time that they belong to: those about the file come first, statistics last. */
function split(blocks: Uint8Array): Waiting[] {
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.length)
  const found: Waiting[] = []
  for (let at = 0; at < blocks.length;) {
    const type = view.getUint32(at, true)
    const length = view.getUint32(at + 4, true)
    found.push({ ns: timeOf(type, view, at), block: blocks.subarray(at, at + length) })
    at += length
  }
  return found
}
function timeOf(type: number, view: DataView, at: number): number {
  if (type === BLOCK.INTERFACE_STATISTICS) return AT_THE_END
  if (type !== BLOCK.ENHANCED_PACKET) return ALWAYS
  return view.getUint32(at + TIME.HIGH, true) * HIGH_WORD + view.getUint32(at + TIME.LOW, true)
}
function joined(parts: readonly Waiting[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { block }) => sum + block.length, 0))
  let at = 0
  for (const { block } of parts) {
    bytes.set(block, at)
    at += block.length
  }
  return bytes
}
