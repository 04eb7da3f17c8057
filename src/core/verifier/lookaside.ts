import type { Kernel } from '../kernel/kernel'
import { constant } from '../ndis/constants'
import type { LookasideLists } from '../ndis/lookaside'
import { beforeFree } from './freed-memory'
import { reportBadFree } from './bad-frees'
import { hex } from './hex'
import type { After, Before, RuleFamily } from './rules'
import { checkReturned } from './spoiled-blocks'
import { objectDetails } from './touched-object'

const SMALLEST_BLOCK = constant('LOOKASIDE_MINIMUM_BLOCK_SIZE')
/** Initialize, allocate, free and delete of each kind of list. */
const KINDS = [
  ['NdisInitializeNPagedLookasideList', 'NdisAllocateFromNPagedLookasideList', 'NdisFreeToNPagedLookasideList', 'NdisDeleteNPagedLookasideList'],
  ['ExInitializeLookasideListEx', 'ExAllocateFromLookasideListEx', 'ExFreeToLookasideListEx', 'ExDeleteLookasideListEx'],
] as const // prettier-ignore
/** Where each of the two takes Size. */
const SIZE_AT: readonly number[] = [4, 5]

interface Entry {
  readonly list: number
  readonly allocated: number
}

/** Lookaside lists: used before they are made, blocks freed twice or to another list, lists that vanish or lose blocks. */
export function lookasideRules(k: Kernel, lookaside: LookasideLists): RuleFamily {
  const { violation } = k.verifier
  const { pool, site } = k
  /** Blocks that drivers have, and those that went back. */
  const out = new Map<number, Entry>()
  const back = new Map<number, Entry & { readonly freed: number }>()

  function noList(fn: string, list: number): boolean {
    if (lookaside.isList(list)) return false
    violation(
      'LookasideUninitialized',
      fn,
      `${fn} was given ${hex(list)}, where there is no lookaside list: it was never initialized, or it is deleted.`,
    )
    return true
  }
  function initialize(fn: string, list: number, size: number): boolean {
    if (lookaside.isList(list))
      violation(
        'LookasideReinit',
        fn,
        `The lookaside list at ${hex(list)} is initialized again; the blocks that wait in it are lost.`,
      )
    if (size >>> 0 >= SMALLEST_BLOCK) return false
    violation(
      'LookasideBlockTooSmall',
      fn,
      `${fn} was asked for blocks of ${size >>> 0} bytes; a block that waits in the list holds a link of ${SMALLEST_BLOCK}.`,
    )
    return true
  }
  function free(fn: string, list: number, entry: number): boolean {
    if (noList(fn, list)) return true
    const held = out.get(entry)
    if (!held) {
      const gone = back.get(entry)
      if (!gone) return reportBadFree(k, fn, entry, { kinds: ['lookaside block'], name: 'block of a lookaside list' })
      violation(
        'DV:DoubleFree',
        fn,
        `${fn} frees the block at ${hex(entry)}, which is back in a lookaside list already.`,
        {
          ...objectDetails(k, entry),
          ...gone,
        },
      )
      return true
    }
    if (held.list !== list) {
      violation(
        'LookasideWrongList',
        fn,
        `${fn} was given the block at ${hex(entry)} for the list at ${hex(list)}; it is of the list at ${hex(held.list)}, whose blocks may have another size.`,
        { ...objectDetails(k, entry), ...held },
      )
      return true
    }
    checkReturned(k, fn, entry)
    out.delete(entry)
    back.set(entry, { ...held, freed: site.s })
    return false
  }
  function remove(fn: string, list: number): boolean {
    if (noList(fn, list)) return true
    const lost = [...out].filter(([, entry]) => entry.list === list)
    for (const [address] of lost) out.delete(address)
    const still = lost.filter(([address]) => pool.problem(address)?.kind !== 'already freed')
    if (still.length > 0)
      violation(
        'LookasideEntriesOut',
        fn,
        `${fn} deletes the list at ${hex(list)} while ${still.length} of its blocks ${still.length > 1 ? 'are' : 'is'} out: nothing can take ${still.length > 1 ? 'them' : 'it'} back any more.`,
        { allocated: still[0]![1].allocated },
      )
    return false
  }

  const before: Record<string, Before> = {}
  const after: Record<string, After> = {}
  KINDS.forEach(([init, allocate, release, drop], kind) => {
    before[init] = (...args: readonly unknown[]) => initialize(init, Number(args[0]), Number(args[SIZE_AT[kind]!]))
    before[allocate] = (list: number) => noList(allocate, list)
    before[release] = (list: number, entry: number) => free(release, list, entry)
    before[drop] = (list: number) => remove(drop, list)
    after[allocate] = (entry: number, list: number) => {
      if (entry === 0) return
      back.delete(entry)
      out.set(entry, { list, allocated: site.s })
    }
  })
  const freed = beforeFree(k, (fn, { start, end, allocated }) => {
    // A driver's own Free gives its blocks to the pool; so may the driver itself, although the list then counts wrong.
    out.delete(start)
    for (const list of lookaside.lists())
      if (list >= start && list < end)
        violation(
          'FreeWithActiveLookaside',
          fn,
          `${fn} frees memory that holds the lookaside list at ${hex(list)}, which is not deleted: the blocks that wait in it are lost.`,
          { allocated },
        )
  })
  return { before: { ...before, ...freed }, after }
}
