import { same } from '../same'
import { cell } from '../bench'
import { atMostDispatch, DISPATCH, PASSIVE, pick, remove, type Area, type Draw, type Step, type World } from '../world'

const SIZES = [1, 7, 8, 15, 16, 100, 1000, 5000] as const
const TAGS = [0x31676154, 0x32676154] as const
/** What memory holds that was just allocated. */
const FRESH = 0xcb
const MOST = 12

interface Block {
  readonly at: number
  readonly tag: number | undefined
  readonly bytes: Uint8Array
}

/** Tagged pool memory: sizes, tags, contents, and functions that fill, move and compare it. */
export function createMemoryArea(world: World): Area {
  const { bench } = world
  const { u8 } = bench.machine.kernel.space
  const blocks: Block[] = []
  const low = atMostDispatch(world)
  const some = (): boolean => blocks.length > 0

  function add(at: number, size: number, tag: number | undefined): void {
    same(at % 8, 0)
    for (const other of blocks) same(at >= other.at + other.bytes.length || at + size <= other.at, true)
    blocks.push({ at, tag, bytes: new Uint8Array(size).fill(FRESH) })
  }
  const allocating = (name: string, may: () => boolean, run: (size: number, tag: number) => void): Step => ({
    name,
    may: () => may() && blocks.length < MOST,
    run: (draw) => run(pick(draw, SIZES), pick(draw, TAGS)),
  })
  function out(name: string, size: number, ...more: unknown[]): number {
    const address = cell()
    same(bench.call(name, address, size, ...more), 0)
    return address.value
  }
  const freeing = (name: string, may: () => boolean, run: (block: Block) => void): Step => ({
    name,
    may: () => may() && some(),
    run(draw) {
      const block = pick(draw, blocks)
      expectBytes(block)
      remove(blocks, block)
      run(block)
    },
  })
  const expectBytes = ({ at, bytes }: Block): void => same(Buffer.compare(u8.subarray(at, at + bytes.length), bytes), 0)
  /** A part of a block, never empty. */
  function part(draw: Draw): { block: Block; offset: number; length: number } {
    const block = pick(draw, blocks)
    const offset = draw(block.bytes.length)
    return { block, offset, length: 1 + draw(block.bytes.length - offset) }
  }
  const filling = (name: string, value: (draw: Draw) => number, args: (value: number) => unknown[]): Step => ({
    name,
    may: some,
    run(draw) {
      const { block, offset, length } = part(draw)
      const byte = value(draw)
      block.bytes.fill(byte, offset, offset + length)
      bench.call(name, block.at + offset, length, ...args(byte))
    },
  })
  const moving = (name: string): Step => ({
    name,
    may: some,
    run(draw) {
      const [from, to] = [part(draw), part(draw)]
      const length = Math.min(from.length, to.length)
      const copy = from.block.bytes.slice(from.offset, from.offset + length)
      to.block.bytes.set(copy, to.offset)
      bench.call(name, to.block.at + to.offset, from.block.at + from.offset, length)
    },
  })
  const comparing = (name: string, result: (equal: number, length: number) => number): Step => ({
    name,
    may: () => low() && some(),
    run(draw) {
      const [a, b] = [part(draw), part(draw)]
      const length = Math.min(a.length, b.length)
      let equal = 0
      while (equal < length && a.block.bytes[a.offset + equal] === b.block.bytes[b.offset + equal]) equal++
      same(bench.call(name, a.block.at + a.offset, b.block.at + b.offset, length), result(equal, length))
    },
  })
  const passive = (): boolean => world.irql === PASSIVE
  const freeAny = (block: Block): number => bench.call('NdisFreeMemory', block.at, block.bytes.length, 0)

  return {
    steps: [
      allocating('NdisAllocateMemory', low, (size) => add(out('NdisAllocateMemory', size, 0, 0), size, undefined)),
      allocating('NdisAllocateMemoryWithTag', low, (size, tag) =>
        add(out('NdisAllocateMemoryWithTag', size, tag), size, tag),
      ),
      allocating('NdisAllocateMemoryWithTagPriority', low, (size, tag) =>
        add(bench.call('NdisAllocateMemoryWithTagPriority', 0, size, tag, 0), size, tag),
      ),
      allocating('ExAllocatePoolWithTag', low, (size, tag) =>
        add(bench.call('ExAllocatePoolWithTag', 0, size, tag), size, tag),
      ),
      freeing('NdisFreeMemory', low, freeAny),
      freeing('NdisFreeMemoryWithTag', passive, (block) =>
        block.tag === undefined ? freeAny(block) : bench.call('NdisFreeMemoryWithTag', block.at, block.tag),
      ),
      freeing('NdisFreeMemoryWithTagPriority', passive, (block) =>
        block.tag === undefined ? freeAny(block) : bench.call('NdisFreeMemoryWithTagPriority', 0, block.at, block.tag),
      ),
      freeing('ExFreePoolWithTag', low, (block) => bench.call('ExFreePoolWithTag', block.at, block.tag ?? 0)),
      freeing('ExFreePool', low, (block) => bench.call('ExFreePool', block.at)),
      filling(
        'NdisFillMemory',
        (draw) => draw(256),
        (byte) => [byte],
      ),
      filling(
        'NdisZeroMemory',
        () => 0,
        () => [],
      ),
      moving('NdisMoveMemory'),
      moving('RtlCopyMemory'),
      comparing('NdisEqualMemory', (equal, length) => (equal === length ? 1 : 0)),
      comparing('RtlCompareMemory', (equal) => equal),
    ],
    check: () => blocks.forEach(expectBytes),
    drain() {
      if (world.irql > DISPATCH) throw new Error('drained at a device IRQL')
      for (const block of blocks.splice(0)) freeAny(block)
    },
  }
}
