import { same } from '../same'
import { layout } from '../../../src/core/memory/layout'
import { netBufferPool, listPool } from '../../../src/core/test-net-buffer-pool'
import { atMostDispatch, DISPATCH, pick, remove, type Area, type Draw, type Step, type World } from '../world'

const MOST_POOLS = 4
const MOST_OUT = 10
const MOST_CONTEXTS = 3
const NB = layout('NET_BUFFER', 'Next', 'DataLength', 'MdlChain', 'DataOffset', 'CurrentMdl', 'CurrentMdlOffset')
const NBL = layout('NET_BUFFER_LIST', 'Next', 'FirstNetBuffer', 'Context')

interface Pool {
  readonly handle: number
  readonly dataSize: number
  readonly contextSize: number
  /** Lists come with a NET_BUFFER. */
  readonly netBuffer: boolean
  out: number
}
interface NetBuffer {
  readonly at: number
  readonly pool: Pool
}
/** A context area of a list: its used bytes are its last ones. */
interface Context {
  readonly size: number
  offset: number
  /** It came with the list. */
  readonly own: boolean
  readonly bytes: Uint8Array
}
interface List extends NetBuffer {
  /** Oldest first. */
  readonly contexts: Context[]
}

/** Pools of NET_BUFFERs and NET_BUFFER_LISTs, what comes out of them, and the contexts of lists. */
export function createNetBufferArea(world: World): Area {
  const { bench } = world
  const { kernel, pools: allPools, mdls } = bench.machine
  const { r32, u8 } = kernel.space
  const low = atMostDispatch(world)
  const netBufferPools: Pool[] = []
  const listPools: Pool[] = []
  const netBuffers: NetBuffer[] = []
  const lists: List[] = []
  const scratch = bench.memory(64)
  const guest = {
    machine: bench.machine,
    call: bench.call,
    // Parameters may be forgotten as soon as the pool is there, so that they lie in one place.
    memory: () => scratch,
  }
  let stamp = 0

  function fresh(pool: Pool, at: number): number {
    same(at % 8, 0)
    same(
      [...netBuffers, ...lists].every((other) => other.at !== at),
      true,
    )
    pool.out++
    return at
  }
  /** All of the data is unused at first. */
  function expectNetBuffer(at: number, dataSize: number): void {
    const mdl = r32(at + NB.MdlChain)
    same([r32(at + NB.DataLength), r32(at + NB.DataOffset), r32(at + NB.Next)], [0, dataSize, 0])
    same(mdl === 0 ? 0 : mdls.byteCount(mdl), dataSize)
  }
  const creating: Step = {
    name: 'NdisAllocateNetBufferPool',
    may: () => low() && netBufferPools.length < MOST_POOLS,
    run(draw) {
      const dataSize = pick(draw, [0, 1, 100, 4096])
      const handle = netBufferPool(guest, dataSize)
      same(handle !== 0, true)
      netBufferPools.push({ handle, dataSize, contextSize: 0, netBuffer: false, out: 0 })
    },
  }
  const creatingLists: Step = {
    name: 'NdisAllocateNetBufferListPool',
    may: () => low() && listPools.length < MOST_POOLS,
    run(draw) {
      const netBuffer = draw(2) === 1
      const dataSize = netBuffer ? pick(draw, [0, 64, 2000]) : 0
      const contextSize = pick(draw, [0, 8, 40])
      const handle = listPool(guest, { netBuffer, dataSize, contextSize })
      same(handle !== 0, true)
      listPools.push({ handle, dataSize, contextSize, netBuffer, out: 0 })
    },
  }
  const poolsOf = (withData: boolean): Pool[] => netBufferPools.filter(({ dataSize }) => dataSize > 0 === withData)
  const takingNetBuffer = (name: string, withData: boolean): Step => ({
    name,
    may: () => low() && poolsOf(withData).length > 0 && netBuffers.length < MOST_OUT,
    run(draw) {
      const pool = pick(draw, poolsOf(withData))
      const at = fresh(pool, bench.call(name, pool.handle, ...(withData ? [] : [0, 0, 0])))
      netBuffers.push({ at, pool })
      expectNetBuffer(at, pool.dataSize)
      same(bench.call('NdisGetPoolFromNetBuffer', at), pool.handle)
    },
  })
  function takeList(draw: Draw, name: string, pool: Pool): void {
    const [size, backFill] = [8 * draw(4), 8 * draw(3)]
    const chain = name === 'NdisAllocateNetBufferList' ? [] : [0, 0, 0]
    const at = fresh(pool, bench.call(name, pool.handle, size, backFill, ...chain))
    const bytes = Math.max(size + backFill, pool.contextSize)
    const own = { size: bytes, offset: bytes - size, own: true, bytes: new Uint8Array(bytes) }
    lists.push({ at, pool, contexts: bytes === 0 ? [] : [own] })
    same(bench.call('NdisGetPoolFromNetBufferList', at), pool.handle)
  }
  const takingList = (name: string, pools: () => Pool[]): Step => ({
    name,
    may: () => low() && pools().length > 0 && lists.length < MOST_OUT,
    run: (draw) => takeList(draw, name, pick(draw, pools())),
  })
  const addingContext: Step = {
    name: 'NdisAllocateNetBufferListContext',
    may: () => low() && lists.some(({ contexts }) => contexts.length < MOST_CONTEXTS),
    run(draw) {
      const { at, contexts } = pick(
        draw,
        lists.filter((list) => list.contexts.length < MOST_CONTEXTS),
      )
      const [size, backFill] = [4 * (1 + draw(6)), 4 * draw(4)]
      same(bench.call('NdisAllocateNetBufferListContext', at, size, backFill, 0x7478_6e43), 0)
      const newest = contexts.at(-1)
      if (newest && newest.offset >= size) newest.offset -= size
      else
        contexts.push({ size: size + backFill, offset: backFill, own: false, bytes: new Uint8Array(size + backFill) })
      // The driver fills what it got.
      const { offset, bytes } = contexts.at(-1)!
      const start = bench.call('NET_BUFFER_LIST_CONTEXT_DATA_START', at)
      for (let i = 0; i < size; i++) u8[start + i] = bytes[offset + i] = ++stamp & 0xff
    },
  }
  function freeContext({ at, contexts }: List, size: number): void {
    const newest = contexts.at(-1)!
    newest.offset += size
    if (newest.offset === newest.size && !newest.own) contexts.pop()
    bench.call('NdisFreeNetBufferListContext', at, size)
  }
  const droppingContext: Step = {
    name: 'NdisFreeNetBufferListContext',
    may: () => low() && lists.some(({ contexts }) => contexts.length > 0),
    run(draw) {
      const list = pick(
        draw,
        lists.filter(({ contexts }) => contexts.length > 0),
      )
      const { size, offset } = list.contexts.at(-1)!
      freeContext(list, 4 * draw((size - offset) / 4 + 1))
    },
  }
  function freeNetBuffer(netBuffer: NetBuffer): void {
    remove(netBuffers, netBuffer)
    netBuffer.pool.out--
    bench.call('NdisFreeNetBuffer', netBuffer.at)
  }
  function freeList(list: List): void {
    remove(lists, list)
    list.pool.out--
    bench.call('NdisFreeNetBufferList', list.at)
  }
  const bare = (): List[] => lists.filter(({ contexts }) => contexts.every(({ own }) => own))
  const steps: Step[] = [
    creating,
    creatingLists,
    takingNetBuffer('NdisAllocateNetBuffer', false),
    takingNetBuffer('NdisAllocateNetBufferMdlAndData', true),
    takingList('NdisAllocateNetBufferList', () => listPools),
    takingList('NdisAllocateNetBufferAndNetBufferList', () =>
      listPools.filter(({ netBuffer, dataSize }) => netBuffer && dataSize === 0),
    ),
    addingContext,
    droppingContext,
    {
      name: 'NdisFreeNetBuffer',
      may: () => low() && netBuffers.length > 0,
      run: (draw) => freeNetBuffer(pick(draw, netBuffers)),
    },
    {
      name: 'NdisFreeNetBufferList',
      may: () => low() && bare().length > 0,
      run: (draw) => freeList(pick(draw, bare())),
    },
    freeingPool('NdisFreeNetBufferPool', netBufferPools),
    freeingPool('NdisFreeNetBufferListPool', listPools),
  ]
  function freeingPool(name: string, pools: Pool[]): Step {
    const idle = (): Pool[] => pools.filter(({ out }) => out === 0)
    return {
      name,
      may: () => low() && idle().length > 0,
      run(draw) {
        const pool = pick(draw, idle())
        remove(pools, pool)
        bench.call(name, pool.handle)
      },
    }
  }
  function expectList({ at, pool, contexts }: List): void {
    const netBuffer = r32(at + NBL.FirstNetBuffer)
    same(netBuffer !== 0, pool.netBuffer)
    if (netBuffer !== 0) expectNetBuffer(netBuffer, pool.dataSize)
    let area = r32(at + NBL.Context)
    for (const { size, offset, bytes } of [...contexts].reverse()) {
      same([kernel.space.r16(area + 4), kernel.space.r16(area + 6)], [size, offset])
      for (let i = offset; i < size; i++) if (u8[area + 8 + i] !== bytes[i]) same([i, u8[area + 8 + i]], [i, bytes[i]])
      area = r32(area)
    }
    same(area, 0)
  }
  return {
    steps,
    check() {
      for (const { at, pool } of netBuffers) expectNetBuffer(at, pool.dataSize)
      lists.forEach(expectList)
      for (const pool of [...netBufferPools, ...listPools]) same(allPools.inUse(pool.handle), pool.out)
    },
    drain() {
      if (world.irql > DISPATCH) throw new Error('drained at a device IRQL')
      for (const list of [...lists]) {
        for (let newest = list.contexts.at(-1); newest && !newest.own; newest = list.contexts.at(-1))
          freeContext(list, newest.size - newest.offset)
        freeList(list)
      }
      for (const netBuffer of [...netBuffers]) freeNetBuffer(netBuffer)
      for (const { handle } of netBufferPools.splice(0)) bench.call('NdisFreeNetBufferPool', handle)
      for (const { handle } of listPools.splice(0)) bench.call('NdisFreeNetBufferListPool', handle)
    },
  }
}
