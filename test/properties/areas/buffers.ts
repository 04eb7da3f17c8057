import { same } from '../same'
import { cell } from '../bench'
import { createDescriptors, type Descriptors } from '../descriptors'
import { atMostDispatch, pick, remove, type Area, type Draw, type Step, type World } from '../world'

const SUCCESS = 0
const FAILURE = 0xc000_0001 | 0
const RESOURCES = 0xc000_009a | 0
const PAGE = 4096
const MOST_POOLS = 2
/** A range of several pages, and the memory that all buffers describe. */
const DATA_BYTES = 3 * PAGE

interface BufferPool {
  readonly handle: number
  readonly descriptors: Descriptors
}
export interface Buffer {
  readonly at: number
  readonly pool: BufferPool
  readonly address: number
  /** Bytes that it was made for; it must say so again when it is freed. */
  readonly original: number
  length: number
  chained: boolean
}
export interface BufferSide extends Area {
  /** Buffers that are in no chain. */
  loose(): Buffer[]
  pages(buffer: Buffer): number
  /** The buffer after it in its chain, as memory has it. */
  next(buffer: Buffer): number
}

/** Buffer pools, and buffers over one piece of memory. */
export function createBufferSide(world: World): BufferSide {
  const { bench } = world
  const { mdls, pools: allPools } = bench.machine
  const data = bench.memory(DATA_BYTES)
  const pools: BufferPool[] = []
  const buffers: Buffer[] = []
  const free = (): boolean => atMostDispatch(world)() && world.locks === 0
  const loose = (): Buffer[] => buffers.filter(({ chained }) => !chained)
  const some = (): boolean => buffers.length > 0

  function add(pool: BufferPool, at: number, address: number, length: number): void {
    pool.descriptors.taken(at)
    buffers.push({ at, pool, address, original: length, length, chained: false })
  }
  function give(buffer: Buffer): void {
    remove(buffers, buffer)
    buffer.pool.descriptors.givenBack(buffer.at)
    bench.call('NdisFreeBuffer', buffer.at)
  }
  function destroy(pool: BufferPool): void {
    remove(pools, pool)
    bench.call('NdisFreeBufferPool', pool.handle)
  }
  const idle = (): BufferPool[] => pools.filter(({ descriptors }) => descriptors.out === 0)

  const creating: Step = {
    name: 'NdisAllocateBufferPool',
    may: () => free() && pools.length < MOST_POOLS,
    run(draw) {
      const count = 1 + draw(5)
      const [status, handle] = [cell(), cell()]
      bench.call('NdisAllocateBufferPool', status, handle, count)
      same(status.value, SUCCESS)
      pools.push({ handle: handle.value, descriptors: createDescriptors(count, 0) })
    },
  }
  const taking: Step = {
    name: 'NdisAllocateBuffer',
    may: () => free() && pools.length > 0,
    run(draw) {
      const pool = pick(draw, pools)
      const offset = draw(DATA_BYTES - 1)
      const length = 1 + draw(DATA_BYTES - offset)
      const [status, buffer] = [cell(), cell()]
      bench.call('NdisAllocateBuffer', status, buffer, pool.handle, data + offset, length)
      if (pool.descriptors.isFull()) same([status.value, buffer.value], [RESOURCES, 0])
      else {
        same(status.value, SUCCESS)
        add(pool, buffer.value, data + offset, length)
      }
    },
  }
  function copy(draw: Draw): void {
    const [source, pool] = [pick(draw, loose()), pick(draw, pools)]
    const offset = draw(source.length)
    // Now and then more than there is.
    const length = draw(4) === 0 ? source.length - offset + 1 + draw(9) : 1 + draw(source.length - offset)
    const [status, buffer] = [cell(), cell()]
    bench.call('NdisCopyBuffer', status, buffer, pool.handle, source.at, offset, length)
    if (pool.descriptors.isFull()) same([status.value, buffer.value], [RESOURCES, 0])
    else if (offset + length > source.length) {
      same([status.value, buffer.value], [FAILURE, 0])
      pool.descriptors.passedThrough()
    } else {
      same(status.value, SUCCESS)
      add(pool, buffer.value, source.address + offset, length)
    }
  }
  const copying: Step = {
    name: 'NdisCopyBuffer',
    may: () => free() && pools.length > 0 && loose().length > 0,
    run: copy,
  }
  const adjusting: Step = {
    name: 'NdisAdjustBufferLength',
    // The packet of a chained one would remember counts that no longer hold (PV ff557102).
    may: () => atMostDispatch(world)() && loose().length > 0,
    run(draw) {
      const buffer = pick(draw, loose())
      buffer.length = buffer.original - draw(buffer.original)
      bench.call('NdisAdjustBufferLength', buffer.at, buffer.length)
    },
  }
  const whole = (): Buffer[] => loose().filter(({ length, original }) => length === original)
  const giving: Step = {
    name: 'NdisFreeBuffer',
    may: () => free() && whole().length > 0,
    run: (draw) => give(pick(draw, whole())),
  }
  const querying: Step = {
    name: 'NdisQueryBufferSafe, NdisQueryBufferOffset, NdisBufferLength',
    may: () => free() && some(),
    run(draw) {
      const buffer = pick(draw, buffers)
      const [address, length, offset, again] = [cell(), cell(), cell(), cell()]
      bench.call('NdisQueryBufferSafe', buffer.at, address, length, 16)
      bench.call('NdisQueryBufferOffset', buffer.at, offset, again)
      same([address.value, length.value], [buffer.address, buffer.length])
      same([offset.value, again.value], [buffer.address % PAGE, buffer.length])
      same(bench.call('NdisBufferLength', buffer.at), buffer.length)
    },
  }
  const destroying: Step = {
    name: 'NdisFreeBufferPool',
    may: () => free() && idle().length > 0,
    run: (draw) => destroy(pick(draw, idle())),
  }
  const pages = ({ address, length }: Buffer): number => Math.ceil(((address % PAGE) + length) / PAGE)

  return {
    steps: [creating, taking, taking, copying, adjusting, giving, querying, destroying],
    loose,
    pages,
    next: ({ at }) => mdls.next(at),
    check() {
      for (const buffer of buffers)
        same([mdls.systemAddress(buffer.at), mdls.byteCount(buffer.at)], [buffer.address, buffer.length])
      for (const pool of pools) same(allPools.inUse(pool.handle), pool.descriptors.out)
    },
    drain() {
      for (const buffer of [...buffers]) {
        bench.call('NdisAdjustBufferLength', buffer.at, buffer.original)
        give(buffer)
      }
      for (const pool of [...pools]) destroy(pool)
    },
  }
}
