import { constant } from '../../src/core/ndis/constants'
import { listPool, netBufferPool } from '../../src/core/test-net-buffer-pool'
import { cell, type Bench } from './bench'
import { pick, remove, type Draw } from './world'

export type Kind = 'packet' | 'buffer' | 'netBuffer' | 'list'
const KINDS: readonly Kind[] = ['packet', 'buffer', 'netBuffer', 'list']
const TAG = 0x676e7257
const DIRQL = 5
const BLOCK_BYTES = 40
const NORMAL_PRIORITY = constant('NormalPoolPriority')

export interface Pool {
  readonly kind: Kind
  readonly handle: number
  readonly out: Set<number>
}
export interface Thing {
  readonly kind: Kind
  readonly at: number
  readonly pool: Pool
  /** The function that frees it. */
  readonly free: string
}
const ANY_FREE: Readonly<Record<Kind, string>> = {
  packet: 'NdisFreePacket',
  buffer: 'NdisFreeBuffer',
  netBuffer: 'NdisFreeNetBuffer',
  list: 'NdisFreeNetBufferList',
}
const POOL_FREE: Readonly<Record<Kind, string>> = {
  packet: 'NdisFreePacketPool',
  buffer: 'NdisFreeBufferPool',
  netBuffer: 'NdisFreeNetBufferPool',
  list: 'NdisFreeNetBufferListPool',
}

/** What a driver that makes mistakes has, had, and takes for something else. */
export interface Mess {
  readonly bench: Bench
  readonly pools: Pool[]
  readonly deadPools: Pool[]
  readonly things: Thing[]
  readonly deadThings: Thing[]
  readonly blocks: number[]
  readonly deadBlocks: number[]
  readonly lock: number
  readonly listHead: number
  readonly entries: readonly number[]
}

export function createMess(bench: Bench): Mess {
  const { space } = bench.machine.kernel
  const [lock, listHead] = [bench.memory(8), bench.memory(8)]
  const entries = [bench.memory(8), bench.memory(8), bench.memory(8)]
  for (const entry of entries) space.fill(entry, 8, 0)
  bench.call('NdisAllocateSpinLock', lock)
  bench.call('InitializeListHead', listHead)
  return {
    bench,
    pools: [],
    deadPools: [],
    things: [],
    deadThings: [],
    blocks: [],
    deadBlocks: [],
    lock,
    listHead,
    entries,
  }
}

/** Something that a driver does; `rules`: at least one of them must be reported, unless the machine stops or may. */
export interface Move {
  readonly name: string
  may(): boolean
  run(draw: Draw): void
  readonly rules: readonly string[]
  /** The move ends in a bugcheck. */
  readonly stops?: true
}

const FREED = ['DV:DoubleFree', 'DV:FreeUnallocated']
const HANDLE = ['DeadPoolHandle', 'InvalidPoolHandle']
const IRQL = ['Irql', 'Irql_Synch_Function', 'Irql_Miniport_Driver_Function', 'IrqlNdisDpr']

/** Right moves, so that there is something to do wrong. They break no rule. */
export function rightMoves(mess: Mess): Move[] {
  const { bench, pools, deadPools, things, deadThings, blocks, deadBlocks } = mess
  const scratch = bench.memory(64)
  const guest = { machine: bench.machine, call: bench.call, memory: () => scratch }

  function createPool(kind: Kind): number {
    const [status, handle] = [cell(), cell()]
    switch (kind) {
      case 'packet':
        bench.call('NdisAllocatePacketPoolEx', status, handle, 2, 1, 16)
        return handle.value
      case 'buffer':
        bench.call('NdisAllocateBufferPool', status, handle, 3)
        return handle.value
      case 'netBuffer':
        return netBufferPool(guest)
      case 'list':
        return listPool(guest, { netBuffer: true })
    }
  }
  function take({ kind, handle }: Pool, draw: Draw): Omit<Thing, 'pool' | 'kind'> {
    const [status, result] = [cell(), cell()]
    switch (kind) {
      case 'packet': {
        bench.call('NdisAllocatePacket', status, result, handle)
        return { at: status.value === 0 ? result.value : 0, free: 'NdisFreePacket' }
      }
      case 'buffer':
        bench.call('NdisAllocateBuffer', status, result, handle, scratch, 1 + draw(64))
        return { at: result.value, free: 'NdisFreeBuffer' }
      case 'netBuffer':
        return { at: bench.call('NdisAllocateNetBuffer', handle, 0, 0, 0), free: 'NdisFreeNetBuffer' }
      case 'list':
        return { at: bench.call('NdisAllocateNetBufferList', handle, 8, 0), free: 'NdisFreeNetBufferList' }
    }
  }
  const idle = (): Pool[] => pools.filter(({ out }) => out.size === 0)
  const right = (name: string, may: () => boolean, run: (draw: Draw) => void): Move => ({ name, may, run, rules: [] })
  return [
    right(
      'create a pool',
      () => pools.length < 8,
      (draw) => {
        const kind = pick(draw, KINDS)
        const handle = createPool(kind)
        const old = deadPools.find((pool) => pool.handle === handle)
        if (old) remove(deadPools, old)
        pools.push({ kind, handle, out: new Set() })
      },
    ),
    right(
      'take a descriptor',
      () => pools.length > 0 && things.length < 12,
      (draw) => {
        const pool = pick(draw, pools)
        const { at, free } = take(pool, draw)
        if (at === 0) return
        const old = deadThings.filter((thing) => thing.at === at)
        for (const thing of old) remove(deadThings, thing)
        things.push({ kind: pool.kind, pool, at, free })
        pool.out.add(at)
      },
    ),
    right(
      'free a descriptor',
      () => things.length > 0,
      (draw) => {
        const thing = pick(draw, things)
        remove(things, thing)
        thing.pool.out.delete(thing.at)
        deadThings.push(thing)
        bench.call(thing.free, thing.at)
      },
    ),
    right(
      'free a pool',
      () => idle().length > 0,
      (draw) => {
        const pool = pick(draw, idle())
        remove(pools, pool)
        deadPools.push(pool)
        bench.call(POOL_FREE[pool.kind], pool.handle)
      },
    ),
    right(
      'allocate memory',
      () => blocks.length < 8,
      () => {
        const at = bench.call('NdisAllocateMemoryWithTagPriority', 0, BLOCK_BYTES, TAG, NORMAL_PRIORITY)
        if (deadBlocks.includes(at)) remove(deadBlocks, at)
        blocks.push(at)
      },
    ),
    right(
      'free memory',
      () => blocks.length > 0,
      (draw) => {
        const at = pick(draw, blocks)
        remove(blocks, at)
        deadBlocks.push(at)
        bench.call('NdisFreeMemory', at, BLOCK_BYTES, 0)
      },
    ),
  ]
}

/** Frees of what is free already, of what is something else, of pools that are not empty. */
function wrongFrees(mess: Mess): Move[] {
  const { bench, pools, deadPools, things, deadThings, blocks, deadBlocks } = mess
  const { space } = bench.machine.kernel
  const some = (list: readonly unknown[]) => (): boolean => list.length > 0
  const packets = (): Thing[] => things.filter(({ kind }) => kind === 'packet')
  const buffers = (): Thing[] => things.filter(({ kind }) => kind === 'buffer')
  const full = (): Pool[] => pools.filter(({ out }) => out.size > 0)
  /** The move did what it did: the descriptors of the pool are gone. */
  function buryPool(pool: Pool): void {
    remove(pools, pool)
    deadPools.push(pool)
    for (const thing of things.filter((each) => each.pool === pool)) {
      remove(things, thing)
      deadThings.push(thing)
    }
  }
  function buryThing(thing: Thing): void {
    remove(things, thing)
    thing.pool.out.delete(thing.at)
    deadThings.push(thing)
  }
  return [
    {
      name: 'free a descriptor again',
      may: some(deadThings),
      rules: FREED,
      run(draw) {
        const { free, at } = pick(draw, deadThings)
        bench.call(free, at)
      },
    },
    {
      name: 'free a descriptor as another kind of one',
      may: some(things),
      rules: [...FREED, 'MdlPairing'],
      run(draw) {
        const thing = pick(draw, things)
        bench.call(
          ANY_FREE[
            pick(
              draw,
              KINDS.filter((kind) => kind !== thing.kind),
            )
          ],
          thing.at,
        )
      },
    },
    {
      name: 'free a packet by the NonInterlocked form',
      may: () => packets().length > 0,
      rules: ['NonInterlockedPairing', ...FREED],
      run(draw) {
        const packet = pick(draw, packets())
        bench.call('NdisDprFreePacketNonInterlocked', packet.at)
        buryThing(packet)
      },
    },
    {
      name: 'free a packet with its buffers',
      may: () => packets().length > 0 && buffers().length > 0,
      rules: ['ChainedBuffersLost'],
      run(draw) {
        const [packet, buffer] = [pick(draw, packets()), pick(draw, buffers())]
        bench.call('NdisChainBufferAtFront', packet.at, buffer.at)
        bench.call('NdisFreePacket', packet.at)
        buryThing(packet)
      },
    },
    {
      name: 'free an MDL of a buffer pool as one of NDIS 6',
      may: () => buffers().length > 0,
      rules: ['MdlPairing'],
      run: (draw) => void bench.call('NdisFreeMdl', pick(draw, buffers()).at),
    },
    {
      name: 'free the middle of a descriptor',
      may: some(things),
      rules: FREED,
      run(draw) {
        const { free, at } = pick(draw, things)
        bench.call(free, at + pick(draw, [4, 8, 1, -4]))
      },
    },
    {
      name: 'free a pool with descriptors out',
      may: () => full().length > 0,
      rules: ['FreePoolWithDescriptorsOut'],
      run(draw) {
        const pool = pick(draw, full())
        bench.call(POOL_FREE[pool.kind], pool.handle)
        buryPool(pool)
      },
    },
    {
      name: 'free memory again',
      may: some(deadBlocks),
      rules: FREED,
      run: (draw) => void bench.call('NdisFreeMemory', pick(draw, deadBlocks), BLOCK_BYTES, 0),
    },
    {
      name: 'free the middle of memory, a pool or a descriptor as memory',
      may: () => blocks.length > 0 && pools.length > 0 && things.length > 0,
      rules: FREED,
      run(draw) {
        const at = pick(draw, [pick(draw, blocks) + 8, pick(draw, pools).handle, pick(draw, things).at])
        bench.call('NdisFreeMemory', at, BLOCK_BYTES, 0)
      },
    },
    {
      name: 'free memory with another tag',
      may: some(blocks),
      rules: ['PoolTagMismatch'],
      run(draw) {
        const at = pick(draw, blocks)
        remove(blocks, at)
        deadBlocks.push(at)
        bench.call('ExFreePoolWithTag', at, TAG + 1)
      },
    },
    {
      name: 'write past the end of memory',
      may: some(blocks),
      rules: ['DV:WrotePastEnd'],
      run(draw) {
        const at = pick(draw, blocks)
        space.w8(at + BLOCK_BYTES + draw(8), 0)
        remove(blocks, at)
        deadBlocks.push(at)
        bench.call('NdisFreeMemory', at, BLOCK_BYTES, 0)
      },
    },
    {
      name: 'write to freed memory through a function',
      may: some(deadBlocks),
      rules: ['DV:SpecialPoolUseAfterFree', 'DV:UseAfterFree', 'NullCheck', 'InvalidPointer'],
      stops: true,
      run: (draw) => void bench.call('NdisZeroMemory', pick(draw, deadBlocks), BLOCK_BYTES),
    },
  ]
}

/** Handles of pools that are gone, or are of another kind. */
function wrongHandles({ bench, pools, deadPools }: Mess): Move[] {
  function allocate(kind: Kind, handle: number): void {
    if (kind === 'packet') bench.call('NdisAllocatePacket', cell(), cell(), handle)
    else if (kind === 'buffer') bench.call('NdisAllocateBuffer', cell(), cell(), handle, bench.memory(8), 8)
    else if (kind === 'netBuffer') bench.call('NdisAllocateNetBuffer', handle, 0, 0, 0)
    else bench.call('NdisAllocateNetBufferList', handle, 0, 0)
  }
  return [
    {
      name: 'take from a pool that is gone',
      may: () => deadPools.length > 0,
      rules: HANDLE,
      run(draw) {
        const { kind, handle } = pick(draw, deadPools)
        allocate(kind, handle)
      },
    },
    {
      name: 'free a pool again',
      may: () => deadPools.length > 0,
      rules: HANDLE,
      run(draw) {
        const { kind, handle } = pick(draw, deadPools)
        bench.call(POOL_FREE[kind], handle)
      },
    },
    {
      name: 'take from a pool of another kind, or free it as one',
      may: () => pools.length > 0,
      rules: HANDLE,
      run(draw) {
        const pool = pick(draw, pools)
        const kind = pick(
          draw,
          KINDS.filter((other) => other !== pool.kind),
        )
        if (draw(2) === 0) allocate(kind, pool.handle)
        else bench.call(POOL_FREE[kind], pool.handle)
      },
    },
  ]
}

/** Locks, lists and levels in the wrong order. Several of them are the end of the machine. */
function wrongOrders({ bench, pools, lock, listHead, entries }: Mess): Move[] {
  const free = (): boolean => bench.machine.kernel.cpus.locksHeld() === 0
  return [
    {
      name: 'a Dpr form at PASSIVE_LEVEL',
      may: () => pools.some(({ kind }) => kind === 'packet'),
      rules: IRQL,
      run(draw) {
        const [status, packet] = [cell(), cell()]
        bench.call(
          'NdisDprAllocatePacket',
          status,
          packet,
          pick(
            draw,
            pools.filter(({ kind }) => kind === 'packet'),
          ).handle,
        )
        if (status.value === 0) bench.call('NdisFreePacket', packet.value)
      },
    },
    {
      name: 'a pool above DISPATCH_LEVEL',
      may: () => true,
      rules: IRQL,
      run() {
        const [status, handle] = [cell(), cell()]
        bench.call('KeRaiseIrql', DIRQL, cell())
        bench.call('NdisAllocatePacketPool', status, handle, 1, 16)
        bench.call('KeLowerIrql', 0)
        if (status.value === 0) bench.call('NdisFreePacketPool', handle.value)
      },
    },
    { name: 'release a lock that is not held', may: free, rules: ['SpinLockRelease'], run: () => releaseTwice() },
    {
      name: 'two locks in the wrong order',
      may: free,
      rules: ['DV:LockReleaseOrder'],
      run() {
        const other = bench.memory(8)
        bench.call('NdisAllocateSpinLock', other)
        bench.call('NdisAcquireSpinLock', lock)
        bench.call('NdisAcquireSpinLock', other)
        bench.call('NdisReleaseSpinLock', lock)
        bench.call('KeRaiseIrqlToDpcLevel')
        bench.call('NdisReleaseSpinLock', other)
        bench.call('KeLowerIrql', 0)
        bench.call('NdisFreeSpinLock', other)
      },
    },
    {
      name: 'insert an entry twice, and remove it twice',
      may: () => true,
      rules: ['ListEntryInUse', 'ListUninitialized'],
      stops: true,
      run(draw) {
        const entry = pick(draw, entries)
        bench.call('InsertTailList', listHead, entry)
        bench.call('InsertTailList', listHead, entry)
        bench.call('RemoveEntryList', entry)
        bench.call('RemoveEntryList', entry)
        bench.call('InitializeListHead', listHead)
      },
    },
    { name: 'take a lock twice', may: free, rules: ['SpinLock'], stops: true, run: () => twice() },
    {
      name: 'take a lock above DISPATCH_LEVEL',
      may: free,
      rules: IRQL,
      stops: true,
      run() {
        bench.call('KeRaiseIrql', DIRQL, cell())
        bench.call('NdisAcquireSpinLock', lock)
      },
    },
    {
      name: 'raise the IRQL downwards',
      may: () => true,
      rules: ['DV:RaiseIrqlBad'],
      stops: true,
      run() {
        bench.call('KeRaiseIrql', DIRQL, cell())
        bench.call('KeRaiseIrql', 1, cell())
      },
    },
    {
      name: 'lower the IRQL upwards',
      may: () => true,
      rules: ['DV:LowerIrqlBad'],
      stops: true,
      run: () => void bench.call('KeLowerIrql', DIRQL),
    },
  ]
  function twice(): void {
    bench.call('NdisAcquireSpinLock', lock)
    bench.call('NdisAcquireSpinLock', lock)
  }
  function releaseTwice(): void {
    bench.call('KeRaiseIrqlToDpcLevel')
    bench.call('NdisReleaseSpinLock', lock)
    bench.call('KeLowerIrql', 0)
  }
}

export const wrongMoves = (mess: Mess): Move[] => [...wrongFrees(mess), ...wrongHandles(mess), ...wrongOrders(mess)]
