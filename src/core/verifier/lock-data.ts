import type { Kernel } from '../kernel/kernel'
import { words, type Words } from '../memory/address-space'
import { IMAGE_END, IMAGE_START } from '../memory/map'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { HANDOVERS } from './lock-handovers.table'
import { hex } from './hex'
import { createClocks, threadOf, timeOf } from './lock-clocks'
import type { LockHolds } from './lock-holds'
import { areConcurrent, type Thread, type Threads } from './lock-threads'
import type { After, Before, RuleFamily } from './rules'

const PAGE_SHIFT = 12
const PAGE = 1 << PAGE_SHIFT
/** Four for each word of memory: who wrote it last and the call site before, who read it last and the call site before. */
const [WRITER, WRITE_SITE, READER, READ_SITE] = [0, 1, 2, 3]
const WORD_BYTES = 4
/** A page has as many words of shadow as it has bytes. */
const indexOf = (address: number): number => address & (PAGE - WORD_BYTES)

/** Stands where the last writer would: nobody looks at this word. */
const UNTRACKED = -1
/** The word was read and not written. */
const NOBODY = -2
// Words have no prototype, and so no method of their own.
const fill = Int32Array.prototype.fill as unknown as {
  call(page: Words, value: number, start: number, end: number): void
}

/** The thing that everything is that goes through NDIS: timers, work items, packets that are sent and come back. */
const THROUGH_NDIS = -1

/**
 * DataRace: two functions of the driver touch one word, one of them writes, and nothing orders the two: no lock that both take, no
 * timer, work item, event or packet by which one hands over to the other. It is enough that both ran; they need not have met.
 * Looked at are words of pool blocks of the driver and of storage(), and accesses of four bytes and more.
 */
export function dataRaceRules(k: Kernel, threads: Threads, holds: LockHolds): RuleFamily {
  const { cpus, site, verifier, pool, access, space } = k
  if (verifier.level('DataRace') === 'off') return {}
  const clocks = createClocks(threads.count)
  const pages: (Words | undefined)[] = Array.from({ length: space.size >>> PAGE_SHIFT }, () => undefined)
  /** Where nothing of the driver was allocated yet. */
  const nobodys = words(new Int32Array(PAGE).fill(UNTRACKED))
  /** 0: nobody whom anything meets. */
  let epoch = 0
  let thread: Thread | undefined
  let changes = -1
  let dead = false

  function newPage(address: number, mark: number): Words {
    const page = words(new Int32Array(PAGE).fill(mark))
    pages[address >>> PAGE_SHIFT] = page
    return page
  }
  /** Something else runs than at the last access. */
  function refresh(): void {
    changes = cpus.changes()
    thread = threads.current()
    if (!thread) epoch = 0
    else {
      // A function that NDIS calls with something knows of whoever gave that to NDIS.
      if (thread.takesUp) clocks.takeUp(thread.number, THROUGH_NDIS)
      epoch = clocks.epoch(thread.number)
    }
  }
  const now = (): Thread | undefined => {
    if (changes !== cpus.changes()) refresh()
    return thread
  }
  function letGo(thing: number): void {
    const current = now()
    if (!current) return
    if (!clocks.letGo(current.number, thing)) dead = true
    epoch = clocks.epoch(current.number)
  }
  function takeUp(thing: number): void {
    const current = now()
    if (current) clocks.takeUp(current.number, thing)
  }

  /** true when what is noted there happened at the same time as what runs, for all that orders the two. */
  function races(noted: number, current: Thread): boolean {
    if (noted <= 0) return false
    const other = threadOf(noted)
    return timeOf(noted) > clocks.seenBy(current.number)[other]! && areConcurrent(threads.of(other), current)
  }
  function report(address: number, write: boolean, noted: number, at: number, wrote: boolean): void {
    const current = thread!
    const other = threads.of(threadOf(noted))
    const block = pool.blockOf(address)
    const place = verifier.locator.site(at)
    const where = block
      ? `${address - pool.dataOf(block)} bytes into a block of ${pool.sizeOf(block)}`
      : 'in memory of the image'
    verifier.violation(
      'DataRace',
      current.name,
      `${current.name} ${write ? 'writes' : 'reads'} the word at ${hex(address)}, ${where}, which ${other.name} ${wrote ? 'writes' : 'reads'}${place ? ` after ${place.file}:${place.line}` : ''}: no lock that both hold and nothing that one hands to the other keeps the two apart.`,
      {
        ...(place && { related: [{ text: `${other.name} ${wrote ? 'wrote' : 'read'} it after this call`, place }] }),
        object: block
          ? {
              kind: 'pool memory',
              address: pool.dataOf(block),
              offset: address - pool.dataOf(block),
              size: pool.sizeOf(block),
            }
          : { kind: 'storage', address, offset: 0, size: WORD_BYTES },
      },
    )
  }
  function note(address: number, page: Words, write: boolean): void {
    if (verifier.muted || dead) return
    const at = indexOf(address)
    const current = thread
    if (!current) {
      // Whoever prepares or clears memory with nobody about makes it new.
      if (write) for (let i = 0; i < WORD_BYTES; i++) page[at + i] = 0
      return
    }
    const writer = page[at + WRITER]!
    const reader = page[at + READER]!
    const wrote = races(writer, current)
    if (wrote) report(address, write, writer, page[at + WRITE_SITE]!, true)
    else if (write && races(reader, current)) report(address, write, reader, page[at + READ_SITE]!, false)
    // So that whoever makes the word new sees that it is not.
    if (writer === 0) page[at + WRITER] = NOBODY
    page[at + (write ? WRITER : READER)] = epoch
    page[at + (write ? WRITE_SITE : READ_SITE)] = site.s
  }
  /** The page of a word that was never looked at: image is the driver's, of the pool what was allocated for it. */
  function firstPage(address: number): Words {
    const page = address >= IMAGE_START && address < IMAGE_END ? newPage(address, 0) : nobodys
    pages[address >>> PAGE_SHIFT] = page
    return page
  }
  /** On the way of each access to memory: whoever comes again before anything else ran is done with one comparison. */
  function touched(address: number, size: number, write: boolean): void {
    if (size < WORD_BYTES) return
    if (changes !== cpus.changes()) refresh()
    const page = pages[address >>> PAGE_SHIFT] ?? firstPage(address)
    const noted = page[indexOf(address) + (write ? WRITER : READER)]!
    if (noted !== epoch && noted !== UNTRACKED) note(address, page, write)
  }
  access.watch(touched)

  /** What is allocated is new: what was done with it before says nothing. What NDIS keeps for itself is nobody's to race for. */
  pool.watch((address, size, owner) => {
    const mark = owner === OWNER_DRIVER ? 0 : UNTRACKED
    for (let at = address; at < address + size;) {
      const end = Math.min((at & -PAGE) + PAGE, address + size)
      const known = pages[at >>> PAGE_SHIFT] ?? nobodys
      const page = known === nobodys && mark === 0 ? newPage(at, UNTRACKED) : known
      if (page !== nobodys) fill.call(page, mark, indexOf(at), indexOf(end - 1) + WORD_BYTES)
      at = end
    }
  })
  holds.watch({
    taken: (lock) => takeUp(lock.number),
    dropped: ({ lock }) => letGo(lock.number),
  })

  const gives: Before = () => {
    letGo(THROUGH_NDIS)
    return false
  }
  const waited: After = () => takeUp(THROUGH_NDIS)
  /** Interlocked calls on one word follow one another. */
  const interlocked: Before = (target: unknown) => {
    if (typeof target === 'number') {
      takeUp(-target)
      letGo(-target)
    }
    return false
  }
  /** Both links of the head; the entries may be anybody's. */
  const changesList: Before = (head: number) => {
    touched(head >>> 0, WORD_BYTES, true)
    touched((head >>> 0) + WORD_BYTES, WORD_BYTES, true)
    return false
  }
  const each = <T>(names: readonly string[], hook: T): Readonly<Record<string, T>> =>
    Object.fromEntries(names.map((name) => [name, hook]))
  return {
    before: {
      ...each(HANDOVERS.gives, gives),
      ...each(HANDOVERS.interlocked, interlocked),
      ...each(HANDOVERS.lists, changesList),
    },
    after: each(HANDOVERS.waits, waited),
  }
}
