import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL, irqlName } from '../kernel/irql'
import { LOCK_STATE } from '../kernel/locks'
import { layout } from '../memory/layout'
import { SYS_LOCK } from '../memory/records'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

const { Flink, Blink } = layout('LIST_ENTRY', 'Flink', 'Blink')

/** Lists, with and without a lock: heads never initialized, entries inserted twice, links into freed memory, locks held. */
export function listRules(k: Kernel): RuleFamily {
  const { space, verifier, locks, cpus, access } = k
  const { violation } = verifier
  const { r32 } = space

  /** The entries whose links a change of the list writes must be memory of the driver too. */
  const badLink = (fn: string, address: number): boolean => !access.range(fn, address, 8, true)

  function uninitialized(fn: string, head: number): boolean {
    if (r32(head + Flink) !== 0 || r32(head + Blink) !== 0) return false
    violation(
      'ListUninitialized',
      fn,
      `The list head at ${hex(head)} was never initialized: its links are NULL. InitializeListHead comes first.`,
    )
    return false
  }
  function badHead(fn: string, head: number): boolean {
    return uninitialized(fn, head) || badLink(fn, r32(head + Flink)) || badLink(fn, r32(head + Blink))
  }
  function checkInsert(fn: string, head: number, entry: number): boolean {
    if (badHead(fn, head)) return true
    const next = r32(entry + Flink)
    const previous = r32(entry + Blink)
    // Both neighbours still point at the entry: it is linked. Stale links of a removed one do not look so.
    const linked =
      next !== entry &&
      k.shadow.firstBad(next, 8) < 0 &&
      k.shadow.firstBad(previous, 8) < 0 &&
      r32(next + Blink) === entry &&
      r32(previous + Flink) === entry
    if (linked)
      violation(
        'ListEntryInUse',
        fn,
        `The entry at ${hex(entry)} is in a list already: inserting it again ties the two places together.`,
      )
    return false
  }
  function checkRemove(fn: string, entry: number): boolean {
    return badLink(fn, r32(entry + Flink)) || badLink(fn, r32(entry + Blink))
  }
  function checkLock(fn: string, lock: number): boolean {
    // Those of the kernel keep interrupts off, and may be called at any level.
    if (cpus.irql() > DISPATCH_LEVEL && fn.startsWith('Ndis'))
      violation(
        'InterlockedAboveDispatch',
        fn,
        `${fn} at ${irqlName(cpus.irql())}: it takes a spin lock at DISPATCH_LEVEL, which code at that level may hold right now.`,
      )
    const record = locks.find(lock)
    if (record === 0)
      violation('DV:LockUninitialized', fn, `${fn} takes the spin lock at ${hex(lock)}, which was never initialized.`)
    else if (locks.get(record, SYS_LOCK.State) === LOCK_STATE.HELD)
      violation(
        'SpinLock',
        fn,
        `${fn} takes the spin lock at ${hex(lock)} itself, and CPU ${locks.get(record, SYS_LOCK.OwnerCpu)} holds it already: the call waits for ever.`,
        { acquired: locks.get(record, SYS_LOCK.AcquireSite) },
      )
    return false
  }

  const each = (names: readonly string[], make: (fn: string) => Before): Readonly<Record<string, Before>> =>
    Object.fromEntries(names.map((name) => [name, make(name)]))
  return {
    before: {
      ...each(
        ['InsertHeadList', 'InsertTailList'],
        (fn) => (head: number, entry: number) => checkInsert(fn, head, entry),
      ),
      ...each(['RemoveHeadList', 'RemoveTailList'], (fn) => (head: number) => badHead(fn, head)),
      IsListEmpty: (head: number) => uninitialized('IsListEmpty', head),
      RemoveEntryList: (entry: number) => checkRemove('RemoveEntryList', entry),
      PopEntryList: (head: number) => badSingle('PopEntryList', head),
      NdisInterlockedAddUlong: (_addend: unknown, _increment: number, lock: number) =>
        checkLock('NdisInterlockedAddUlong', lock),
      NdisInterlockedAddLargeInteger: (_addend: number, _increment: number, lock: number) =>
        checkLock('NdisInterlockedAddLargeInteger', lock),
      ...each(
        [
          'NdisInterlockedInsertHeadList',
          'NdisInterlockedInsertTailList',
          'ExInterlockedInsertHeadList',
          'ExInterlockedInsertTailList',
        ],
        (fn) => (head: number, entry: number, lock: number) => checkInsert(fn, head, entry) || checkLock(fn, lock),
      ),
      ...each(
        ['NdisInterlockedRemoveHeadList', 'ExInterlockedRemoveHeadList'],
        (fn) => (head: number, lock: number) => badHead(fn, head) || checkLock(fn, lock),
      ),
      ...each(
        ['NdisInterlockedPushEntryList', 'NdisInterlockedPushEntrySList', 'ExInterlockedPushEntrySList'],
        (fn) => (_head: number, _entry: number, lock: number) => checkLock(fn, lock),
      ),
      ...each(
        ['NdisInterlockedPopEntryList', 'NdisInterlockedPopEntrySList', 'ExInterlockedPopEntrySList'],
        (fn) => (head: number, lock: number) => badSingle(fn, head) || checkLock(fn, lock),
      ),
    },
  }

  function badSingle(fn: string, head: number): boolean {
    const first = r32(head)
    return first !== 0 && !access.range(fn, first, 4, false)
  }
}
