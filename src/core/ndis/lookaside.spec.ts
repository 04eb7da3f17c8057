import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { FILL } from '../memory/map'
import { SYS_BLOCK } from '../memory/records'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { createGuest, type Guest } from '../test-guest'
import { constant } from './constants'

const LIST = layout(
  'NPAGED_LOOKASIDE_LIST',
  'L.TotalAllocates', 'L.AllocateMisses', 'L.TotalFrees', 'L.FreeMisses', 'L.ListHead.Depth', 'L.Size', 'L.Tag', 'L.Depth',
) // prettier-ignore
const TAG = 0x6b6f6f4c // 'Look'
const SIZE = 24

/** One of the two families of lookaside lists, as a driver uses it. */
interface Kind {
  readonly name: string
  initialize(guest: Guest, list: number, allocate?: unknown, free?: unknown, size?: number): number
  readonly allocate: string
  readonly free: string
  readonly remove: string
}
const KINDS: readonly Kind[] = [
  {
    name: 'NPAGED_LOOKASIDE_LIST (DDI ndisinitializenpagedlookasidelist)',
    initialize: (guest, list, allocate = 0, free = 0, size = SIZE) =>
      guest.call('NdisInitializeNPagedLookasideList', list, allocate, free, 0, size, TAG, 0),
    allocate: 'NdisAllocateFromNPagedLookasideList',
    free: 'NdisFreeToNPagedLookasideList',
    remove: 'NdisDeleteNPagedLookasideList',
  },
  {
    name: 'LOOKASIDE_LIST_EX (WDM exinitializelookasidelistex)',
    initialize: (guest, list, allocate = 0, free = 0, size = SIZE) =>
      guest.call('ExInitializeLookasideListEx', list, allocate, free, constant('NonPagedPoolNx'), 0, size, TAG, 0),
    allocate: 'ExAllocateFromLookasideListEx',
    free: 'ExFreeToLookasideListEx',
    remove: 'ExDeleteLookasideListEx',
  },
]

describe.each(KINDS)('$name', (kind) => {
  const setUp = (allocate?: unknown, free?: unknown) => {
    const guest = createGuest()
    const list = guest.memory(LIST.SIZE)
    kind.initialize(guest, list, allocate, free)
    const { r16, r32 } = guest.machine.kernel.space
    const used = (): number[] => [LIST['L.TotalAllocates'], LIST['L.AllocateMisses'], LIST['L.TotalFrees'], LIST['L.FreeMisses']].map((at) => r32(list + at)) // prettier-ignore
    return {
      guest,
      list,
      used,
      waiting: () => r16(list + LIST['L.ListHead.Depth']),
      take: () => guest.call(kind.allocate, list),
      give: (entry: number) => guest.call(kind.free, list, entry),
      leaks: () => liveBlocks(guest),
    }
  }

  test('gives blocks of tagged pool and gives those that came back again', () => {
    const { guest, list, take, give, used, waiting } = setUp()
    const { pool, space } = guest.machine.kernel
    const first = take()
    const second = take()
    expect(pool.sizeOf(pool.blockOf(first))).toBe(SIZE)
    expect(space.r32(pool.dataOf(pool.blockOf(second)) - 4)).toBe(TAG)
    expect(guest.bytes(first, 2)).toEqual([FILL.FRESH, FILL.FRESH])
    give(first)
    expect(waiting()).toBe(1)
    expect(take()).toBe(first)
    expect(guest.bytes(first, SIZE)).toEqual(Array.from({ length: SIZE }, () => FILL.FRESH))
    expect(used()).toEqual([3, 2, 1, 0])
    give(first)
    give(second)
    expect(guest.call(kind.remove, list)).toBe(0)
    expect(guest.broken()).toEqual([])
    expect(liveBlocks(guest)).toEqual([list])
  })

  test('keeps no more than its depth and gives the rest back to pool at once', () => {
    const { guest, list, take, give, used, waiting } = setUp()
    const entries = Array.from({ length: 6 }, take)
    entries.forEach(give)
    expect(waiting()).toBe(guest.machine.kernel.space.r16(list + LIST['L.Depth']))
    expect(used()).toEqual([6, 6, 6, 2])
    guest.call(kind.remove, list)
    expect(liveBlocks(guest)).toEqual([list])
    expect(guest.broken()).toEqual([])
  })

  test("asks the driver's own Allocate and Free", () => {
    const seen: unknown[][] = []
    const guest = createGuest()
    const list = guest.memory(LIST.SIZE)
    const block = guest.memory(SIZE)
    const allocate = (...args: unknown[]) => (seen.push(['allocate', ...args.slice(1)]), block)
    const free = (...args: unknown[]) => void seen.push(['free', ...args])
    kind.initialize(guest, list, allocate, free)
    const more = kind.allocate.startsWith('Ex') ? [list] : []
    expect(guest.call(kind.allocate, list)).toBe(block)
    guest.call(kind.free, list, block)
    guest.call(kind.remove, list)
    expect(seen).toEqual([
      ['allocate', SIZE, TAG, ...more],
      ['free', block, ...more],
    ])
    expect(guest.broken()).toEqual([])
  })

  test("a driver's Allocate that has nothing to give means NULL, and nothing is out then", () => {
    const { guest, list, take } = setUp(() => 0)
    expect(take()).toBe(0)
    guest.call(kind.remove, list)
    expect(guest.broken()).toEqual([])
  })

  test('NULL when memory is short', () => {
    const guest = createGuest()
    const list = guest.memory(LIST.SIZE)
    kind.initialize(guest, list, 0, 0, 0x7fff_0000)
    expect(guest.call(kind.allocate, list)).toBe(0)
  })

  test('a block that was given back may not be touched: it is poisoned as freed memory is', () => {
    const { guest, take, give } = setUp()
    const { access, space } = guest.machine.kernel
    const entry = take()
    give(entry)
    access.check(entry + 8, 4, false)
    expect(space.r8(entry + 8)).toBe(FILL.FREED)
    expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
    expect(take()).toBe(entry)
    expect(access.check(entry + 8, 4, true)).toBe(true)
    expect(guest.broken()).toHaveLength(1)
  })

  test.each([
    ['twice', 'DV:DoubleFree', (s: ReturnType<typeof setUp>) => {
      const entry = s.take()
      s.give(entry)
      s.give(entry)
    }],
    ['memory that is no block of it', 'DV:FreeUnallocated', (s: ReturnType<typeof setUp>) => s.give(s.guest.memory(SIZE))],
    ['a block of another list', 'LookasideWrongList', (s: ReturnType<typeof setUp>) => {
      const other = s.guest.memory(LIST.SIZE)
      kind.initialize(s.guest, other)
      s.give(s.guest.call(kind.allocate, other))
    }],
    ['a block that was overrun', 'DV:WrotePastEnd', (s: ReturnType<typeof setUp>) => {
      const entry = s.take()
      s.guest.machine.kernel.space.w8(entry + SIZE, 1)
      s.give(entry)
    }],
  ] as const)('%s given back is %s', (_what, rule, run) => {
    const state = setUp()
    run(state)
    expect(state.guest.broken()).toEqual([rule])
  }) // prettier-ignore

  test('deleted with blocks out: they are lost', () => {
    const { guest, list, take } = setUp()
    take()
    take()
    guest.call(kind.remove, list)
    expect(guest.broken()).toEqual(['LookasideEntriesOut'])
    expect(guest.machine.kernel.verifier.violations[0]!.message).toContain('2 of its blocks are out')
  })

  test('a block that the driver frees by itself is not out any more', () => {
    const { guest, list, take } = setUp()
    guest.call('ExFreePool', take())
    guest.call(kind.remove, list)
    expect(guest.broken()).toEqual([])
  })

  test('used before it is made, and after it is deleted', () => {
    const { guest, list, take, give } = setUp()
    const entry = take()
    expect(guest.call(kind.allocate, guest.memory(LIST.SIZE))).toBe(0)
    give(entry)
    guest.call(kind.remove, list)
    guest.call(kind.remove, list)
    give(entry)
    expect(guest.broken()).toEqual(['LookasideUninitialized', 'LookasideUninitialized', 'LookasideUninitialized'])
  })

  test('made twice, with blocks too small for a link, and freed with the memory that it lies in', () => {
    const { guest, list } = setUp()
    kind.initialize(guest, list)
    kind.initialize(guest, guest.memory(LIST.SIZE), 0, 0, 3)
    guest.call('NdisFreeMemory', list, LIST.SIZE, 0)
    expect(guest.broken()).toEqual(['LookasideReinit', 'LookasideBlockTooSmall', 'FreeWithActiveLookaside'])
  })

  test('without the rules a second free ties the list into a ring, and deleting it still ends', () => {
    const guest = createGuest({ rules: false })
    const list = guest.memory(LIST.SIZE)
    const blocks = new Set<number>()
    kind.initialize(guest, list, 0, (entry: number) => void blocks.add(entry))
    const entry = guest.call(kind.allocate, list)
    guest.call(kind.free, list, entry)
    guest.call(kind.free, list, entry)
    guest.call(kind.remove, list)
    expect([...blocks]).toEqual([entry])
  })
})

describe('ExInitializeLookasideListEx', () => {
  const initialize = (guest: Guest, type: number, flags: number, size = SIZE): number =>
    guest.call('ExInitializeLookasideListEx', guest.memory(LIST.SIZE), 0, 0, type, flags, size, TAG, 0)

  test('refuses a pool and flags that there are not', () => {
    const guest = createGuest()
    expect(initialize(guest, 77, 0)).toBe(constant('STATUS_INVALID_PARAMETER_4'))
    expect(initialize(guest, constant('NonPagedPool'), 3)).toBe(constant('STATUS_INVALID_PARAMETER_5'))
    expect(initialize(guest, constant('PagedPool'), constant('EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE'))).toBe(0)
  })
  test('raises an exception where the driver asked for one', () => {
    const guest = createGuest()
    const list = guest.memory(LIST.SIZE)
    const flags = constant('EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL')
    guest.call('ExInitializeLookasideListEx', list, 0, 0, 0, flags, 0x7fff_0000, TAG, 0)
    const { name, parameters } = guest.crash(() => guest.call('ExAllocateFromLookasideListEx', list))
    expect([name, parameters[0] | 0]).toEqual([
      'KMODE_EXCEPTION_NOT_HANDLED',
      constant('STATUS_INSUFFICIENT_RESOURCES'),
    ])
  })
})

/** Blocks of pool that the driver has not freed. */
function liveBlocks(guest: Guest): number[] {
  const { pool } = guest.machine.kernel
  const addresses: number[] = []
  pool.forEach((block) => {
    const address = pool.dataOf(block)
    if (pool.problem(address) === null && guest.machine.kernel.space.r32(block + SYS_BLOCK.Owner) === OWNER_DRIVER)
      addresses.push(address)
  })
  return addresses
}
