import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { SYS_LOCK } from '../memory/records'
import { hex } from './hex'
import { LOCK_KIND, type Lock, type LockClasses } from './lock-classes'
import { canMeet, type Context } from './lock-contexts'
import { relatedUse, type LockState, type Use } from './lock-races'
import { NO_LOCKS } from './lock-sets'
import type { Before, RuleFamily } from './rules'

const { Flink, Blink } = layout('LIST_ENTRY', 'Flink', 'Blink')

/** What one context did to a list. */
interface ListUse extends Use {
  /** The call that came with these locks. */
  readonly fn: string
  /** It only asked whether the list is empty, which may be done without the lock, for a hint. */
  readonly looks: boolean
}
/** Uses of one list, by the number of their context. */
type ListUses = Map<number, ListUse>

/** A pause comes when the rest has come to its end. */
const isOver = ({ alone, name }: Context): boolean => alone || /Pause$/.test(name)

/**
 * ListLockMissing: where two functions of the driver that can run at once change a list under one lock, that lock is what guards it,
 * and a third must hold it, too. A list that only changes hands, or that nobody guards, is left to DataRace, which looks at memory.
 */
export function listLockRules(k: Kernel, classes: LockClasses, state: LockState): RuleFamily {
  const { site, verifier, locks } = k
  const { sets, holds, contexts } = state
  if (verifier.level('ListLockMissing') === 'off') return {}
  /** By the address of the head. */
  const lists = new Map<number, ListUses>()
  /** The head of the list that an entry was put into. */
  const headOf = new Map<number, number>()
  /** Most calls are made as the one before. */
  let lastHead = 0
  let lastSet = 0
  let lastContext: Context | undefined
  let lastLooks = false

  const has = (use: Use, lock: Lock): boolean => sets.locksOf(use.set).includes(lock)
  /** The lock that two uses that can meet have in common. */
  function guardOf(uses: readonly ListUse[]): { readonly lock: Lock; readonly by: ListUse } | undefined {
    for (const a of uses)
      for (const b of uses) {
        if (a === b || !canMeet(a.context, b.context)) continue
        const [lock] = sets.locksOf(sets.common(a.set, b.set))
        if (lock && lock.lockClass.kind !== LOCK_KIND.MINIPORT) return { lock, by: a }
      }
    return undefined
  }
  function check(head: number, all: ListUses): void {
    if (all.size < 3) return
    const uses = [...all.values()]
    const guard = guardOf(uses)
    if (!guard) return
    const { lock, by } = guard
    const place = verifier.locator.site(by.site)
    const without = uses.find((use) => !use.looks && !has(use, lock) && canMeet(use.context, by.context))
    if (!without) return
    verifier.violation(
      'ListLockMissing',
      without.fn,
      `${without.fn} changes the list at ${hex(head)} in ${without.context.name}, which does not hold the ${lock.lockClass.name}; ${by.context.name} holds it when it uses this list${place ? ` at ${place.file}:${place.line}` : ''}, and so do others. The two can run at once, and the links of the list break.`,
      { related: relatedUse(k, state, by), ...(without.site !== site.s && { at: without.site }) },
    )
  }
  function used(fn: string, head: number, lock: number, looks = false): void {
    const context = contexts.current()
    const record = lock === 0 ? 0 : locks.find(lock)
    const held =
      record === 0
        ? holds.set()
        : sets.with(holds.set(), classes.lockAt(LOCK_KIND.SPIN, lock, locks.get(record, SYS_LOCK.InitSite)))
    if (head === lastHead && held === lastSet && context === lastContext && (looks || !lastLooks)) return
    lastHead = head
    lastSet = held
    lastContext = context
    lastLooks = looks
    if (isOver(context) || (looks && held === NO_LOCKS)) return
    let uses = lists.get(head)
    if (!uses) lists.set(head, (uses = new Map<number, ListUse>()))
    const old = uses.get(context.number)
    if (old && looks && !old.looks) return
    const known = old && old.looks === looks ? old : undefined
    const set = known ? sets.common(known.set, held) : held
    if (known && set === known.set) return
    uses.set(context.number, { context, set, site: site.s, fn, looks })
    check(head, uses)
  }

  const each = (names: readonly string[], hook: (fn: string) => Before): Readonly<Record<string, Before>> =>
    Object.fromEntries(names.map((name) => [name, hook(name)]))
  const inserts = (fn: string) => (head: number, entry: number, lock: unknown) => {
    headOf.set(entry, head)
    used(fn, head, Number(lock ?? 0))
    return false
  }
  /** `link`: the one of the head that leads to the entry. */
  const removes = (fn: string, link: number) => (head: number, lock: unknown) => {
    headOf.delete(k.space.r32(head + link))
    used(fn, head, Number(lock ?? 0))
    return false
  }
  return {
    before: {
      InitializeListHead(head: number) {
        lists.delete(head)
        lastHead = 0
        return false
      },
      IsListEmpty(head: number) {
        used('IsListEmpty', head, 0, true)
        return false
      },
      RemoveEntryList(entry: number) {
        const head = headOf.get(entry)
        if (head !== undefined) used('RemoveEntryList', head, 0)
        headOf.delete(entry)
        return false
      },
      RemoveTailList: removes('RemoveTailList', Blink),
      ...each(
        [
          ...['InsertHeadList', 'InsertTailList', 'NdisInterlockedInsertHeadList', 'NdisInterlockedInsertTailList'],
          ...['ExInterlockedInsertHeadList', 'ExInterlockedInsertTailList'],
        ],
        inserts,
      ),
      ...each(['RemoveHeadList', 'NdisInterlockedRemoveHeadList', 'ExInterlockedRemoveHeadList'], (fn) =>
        removes(fn, Flink),
      ),
    },
  }
}
