import { same } from '../same'
import { always, atMostDispatch, pick, remove, type Area, type Draw, type Step, type World } from '../world'

const ENTRIES = 12

interface List {
  readonly head: number
  /** The lock that interlocked calls take; 0: none. */
  readonly lock: number
  /** First to last. */
  readonly items: number[]
}

/** Lists of all kinds; an entry is in one of them or in none. */
export function createLists(world: World): Area {
  const { bench } = world
  const { r32, r16, w32 } = bench.machine.kernel.space
  const low = atMostDispatch(world)
  const unused = Array.from({ length: ENTRIES }, () => bench.memory(8))
  const entries = [...unused]
  function spinLock(): number {
    const lock = bench.memory(8)
    bench.call('NdisAllocateSpinLock', lock)
    return lock
  }
  function list(lock: number, initialize: (head: number) => void): List {
    const head = bench.memory(8)
    initialize(head)
    return { head, lock, items: [] }
  }
  const doubly = [
    list(0, (head) => bench.call('InitializeListHead', head)),
    list(0, (head) => bench.call('NdisInitializeListHead', head)),
  ]
  const locked = [
    list(spinLock(), (head) => bench.call('NdisInitializeListHead', head)),
    list(spinLock(), (head) => bench.call('InitializeListHead', head)),
  ]
  const singly = list(0, (head) => w32(head, 0))
  const singlyLocked = list(spinLock(), (head) => w32(head, 0))
  const sequenced = list(spinLock(), (head) => bench.call('NdisInitializeSListHead', head))
  /** Changes of the sequenced list. */
  let changes = 0
  const spare = (): boolean => unused.length > 0

  const inserting = (name: string, may: () => boolean, insert: (draw: Draw, entry: number) => void): Step => ({
    name,
    may: () => may() && spare(),
    run(draw) {
      const entry = pick(draw, unused)
      remove(unused, entry)
      insert(draw, entry)
    },
  })
  const taken = (items: number[], end: 'first' | 'last'): number | undefined => {
    const entry = end === 'first' ? items.shift() : items.pop()
    if (entry !== undefined) unused.push(entry)
    return entry
  }
  /** The displaced neighbour; NULL when there was none. */
  const insertLocked =
    (name: string, end: 'first' | 'last') =>
    (draw: Draw, entry: number): void => {
      const { head, lock, items } = pick(draw, locked)
      const neighbour = (end === 'first' ? items[0] : items.at(-1)) ?? 0
      if (end === 'first') items.unshift(entry)
      else items.push(entry)
      same(bench.call(name, head, entry, lock), neighbour)
    }
  const removeLocked = (name: string): Step => ({
    name,
    may: low,
    run(draw) {
      const { head, lock, items } = pick(draw, locked)
      same(bench.call(name, head, lock), taken(items, 'first') ?? 0)
    },
  })
  const push =
    (name: string, { head, lock, items }: List) =>
    (_draw: Draw, entry: number): void => {
      const first = items[0] ?? 0
      items.unshift(entry)
      const result = bench.call(name, head, entry, lock)
      if (lock !== 0) same(result, first)
    }
  const pop = (
    name: string,
    may: () => boolean,
    { head, lock, items }: List,
    popped = (): void => undefined,
  ): Step => ({
    name,
    may,
    run() {
      const entry = taken(items, 'first')
      if (entry !== undefined) popped()
      same(bench.call(name, head, lock), entry ?? 0)
    },
  })
  const pushSequenced = (name: string): Step =>
    inserting(name, low, (draw, entry) => {
      changes++
      push(name, sequenced)(draw, entry)
    })
  const popSequenced = (name: string): Step => pop(name, low, sequenced, () => void changes++)

  const doublySteps: Step[] = [
    inserting('InsertHeadList', always, (draw, entry) => {
      const { head, items } = pick(draw, doubly)
      items.unshift(entry)
      bench.call('InsertHeadList', head, entry)
    }),
    inserting('InsertTailList', always, (draw, entry) => {
      const { head, items } = pick(draw, doubly)
      items.push(entry)
      bench.call('InsertTailList', head, entry)
    }),
    ...(['first', 'last'] as const).map((end): Step => {
      const name = end === 'first' ? 'RemoveHeadList' : 'RemoveTailList'
      return {
        name,
        may: always,
        run(draw) {
          const { head, items } = pick(draw, doubly)
          // Of an empty list the head itself comes out.
          same(bench.call(name, head), taken(items, end) ?? head)
        },
      }
    }),
    {
      name: 'RemoveEntryList',
      may: () => doubly.some(({ items }) => items.length > 0),
      run(draw) {
        const { items } = pick(
          draw,
          doubly.filter((each) => each.items.length > 0),
        )
        const entry = pick(draw, items)
        remove(items, entry)
        unused.push(entry)
        same(bench.call('RemoveEntryList', entry), items.length === 0 ? 1 : 0)
      },
    },
    {
      name: 'IsListEmpty',
      may: always,
      run(draw) {
        const { head, items } = pick(draw, doubly)
        same(bench.call('IsListEmpty', head), items.length === 0 ? 1 : 0)
      },
    },
  ]
  const steps: Step[] = [
    ...doublySteps,
    ...['Ndis', 'Ex'].flatMap((prefix) => [
      inserting(`${prefix}InterlockedInsertHeadList`, low, insertLocked(`${prefix}InterlockedInsertHeadList`, 'first')),
      inserting(`${prefix}InterlockedInsertTailList`, low, insertLocked(`${prefix}InterlockedInsertTailList`, 'last')),
      removeLocked(`${prefix}InterlockedRemoveHeadList`),
      pushSequenced(`${prefix}InterlockedPushEntrySList`),
      popSequenced(`${prefix}InterlockedPopEntrySList`),
    ]),
    inserting('PushEntryList', always, push('PushEntryList', singly)),
    pop('PopEntryList', always, singly),
    inserting('NdisInterlockedPushEntryList', low, push('NdisInterlockedPushEntryList', singlyLocked)),
    pop('NdisInterlockedPopEntryList', low, singlyLocked),
    {
      name: 'NdisInterlockedFlushSList',
      may: low,
      run() {
        const first = sequenced.items[0]
        if (first !== undefined) changes++
        unused.push(...sequenced.items.splice(0))
        same(bench.call('NdisInterlockedFlushSList', sequenced.head), first ?? 0)
      },
    },
    {
      name: 'NdisQueryDepthSList',
      may: low,
      run: () => same(bench.call('NdisQueryDepthSList', sequenced.head), sequenced.items.length),
    },
  ]
  const follow = (head: number, offset: number, end: number): number[] => {
    const found: number[] = []
    for (let at = r32(head + offset); at !== end && found.length <= entries.length; at = r32(at + offset))
      found.push(at)
    return found
  }
  return {
    steps,
    check() {
      for (const { head, items } of [...doubly, ...locked]) {
        same(follow(head, 0, head), items)
        same(follow(head, 4, head), [...items].reverse())
      }
      for (const { head, items } of [singly, singlyLocked, sequenced]) same(follow(head, 0, 0), items)
      for (const { lock } of [...locked, singlyLocked, sequenced]) same(r32(lock), 0)
      same([r16(sequenced.head + 4), r16(sequenced.head + 6)], [sequenced.items.length, changes & 0xffff])
    },
    drain() {
      for (const { head, items } of doubly) while (items.pop() !== undefined) bench.call('RemoveHeadList', head)
      for (const { head, lock, items } of locked)
        while (items.pop() !== undefined) bench.call('NdisInterlockedRemoveHeadList', head, lock)
      while (singly.items.pop() !== undefined) bench.call('PopEntryList', singly.head)
      while (singlyLocked.items.pop() !== undefined)
        bench.call('NdisInterlockedPopEntryList', singlyLocked.head, singlyLocked.lock)
      for (; sequenced.items.pop() !== undefined; changes++)
        bench.call('NdisInterlockedPopEntrySList', sequenced.head, sequenced.lock)
      unused.splice(0, unused.length, ...entries)
    },
  }
}
