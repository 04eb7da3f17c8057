import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import type { Words } from '../memory/address-space'
import { SYS_ACTIVATION } from '../memory/records'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { hex } from './hex'
import type { Lock } from './lock-classes'
import { createClocks, threadOf, timeOf } from './lock-clocks'
import { HANDOVERS } from './lock-handovers.table'
import type { LockHolds } from './lock-holds'
import { areConcurrent, type Thread, type Threads } from './lock-threads'
import {
  createTouches,
  indexOf,
  NOBODY,
  READER,
  READ_SITE,
  SPLIT,
  UNTRACKED,
  WORD_BYTES,
  WRITER,
  WRITE_SITE,
} from './lock-touches'
import type { After, Before, RuleFamily } from './rules'

/** Things that one takes up from another beside locks and words of interlocked calls, which are even numbers. */
const THING = {
  /** All that goes through NDIS: timers, work items, packets that are sent and come back. */
  THROUGH_NDIS: -1,
  /** Whoever writes a register has told the device: an interrupt comes after it. */
  TO_DEVICE: -3,
  /** What an ISR did is over for whoever then writes a register: it keeps the device quiet, or lets it ask again. */
  FROM_ISR: -5,
} as const

/** What an activation at the level of interrupts is synchronized with. */
const AT_DIRQL: ReadonlySet<number> = new Set([ACTIVATION.ISR, ACTIVATION.SYNCHRONIZED])

/** Who runs, and what orders it with what ran before. */
function createOrder({ cpus, windows }: Kernel, threads: Threads, holds: LockHolds, interrupt: () => Lock | undefined) {
  const clocks = createClocks(threads.count)
  /** By activation: it took up what it was called with. */
  const begun: boolean[] = []
  const state = { thread: undefined as Thread | undefined, epoch: 0, changes: -1, dead: false }

  const isIsr = (index: number): boolean => cpus.activation(index, SYS_ACTIVATION.Kind) === ACTIVATION.ISR
  /** Something else runs than at the last access. */
  function refresh(): void {
    state.changes = cpus.changes()
    const thread = (state.thread = threads.current())
    state.epoch = 0
    if (!thread) return
    // A function that NDIS calls with something knows of whoever gave that to NDIS before.
    if (thread.takesUp && begun[threads.base()] !== true) clocks.takeUp(thread.number, THING.THROUGH_NDIS)
    begun[threads.base()] = true
    const lock = interrupt()
    if (lock) {
      clocks.takeUp(thread.number, lock.number)
      clocks.takeUp(thread.number, THING.TO_DEVICE)
    }
    state.epoch = clocks.epoch(thread.number)
  }
  function now(): Thread | undefined {
    if (state.changes !== cpus.changes()) refresh()
    return state.thread
  }
  function letGo(thing: number): void {
    const current = now()
    if (!current) return
    if (!clocks.letGo(current.number, thing)) state.dead = true
    state.epoch = clocks.epoch(current.number)
  }
  function takeUp(thing: number): void {
    const current = now()
    if (current) clocks.takeUp(current.number, thing)
  }
  holds.watch({
    taken: (lock) => takeUp(lock.number),
    dropped: ({ lock }) => letGo(lock.number),
  })
  function writesRegister(): void {
    takeUp(THING.FROM_ISR)
    letGo(THING.TO_DEVICE)
  }
  windows.watch(writesRegister)
  return {
    state,
    now,
    letGo,
    takeUp,
    writesRegister,
    activationEnded(index: number): void {
      begun[index] = false
      if (!AT_DIRQL.has(cpus.activation(index, SYS_ACTIVATION.Kind))) return
      const current = now()
      const lock = interrupt()
      if (!current || !lock) return
      if (isIsr(index)) {
        // Its DPC comes after it, and so does what keeps the device quiet; what it learned of others it does not tell them.
        clocks.letGoOwn(current.number, THING.THROUGH_NDIS)
        clocks.letGoOwn(current.number, THING.FROM_ISR)
      }
      letGo(lock.number)
    },
    /** true when what is noted there happened at the same time as what runs, for all that orders the two. */
    races(noted: number, current: Thread): boolean {
      if (noted <= 0) return false
      const other = threadOf(noted)
      return timeOf(noted) > clocks.seenBy(current.number)[other]! && areConcurrent(threads.of(other), current)
    },
  }
}

/** What is noted of a word or a byte that races with what runs. */
interface Noted {
  readonly epoch: number
  readonly site: number
  readonly wrote: boolean
}

function reportRace(
  k: Kernel,
  [current, other]: readonly [Thread, Thread],
  address: number,
  isWord: boolean,
  write: boolean,
  { site, wrote }: Noted,
): void {
  const { pool, verifier } = k
  const block = pool.blockOf(address)
  const place = verifier.locator.site(site)
  const offset = block ? address - pool.dataOf(block) : 0
  const where = block ? `${offset} bytes into a block of ${pool.sizeOf(block)}` : 'in memory of the image'
  const size = isWord ? WORD_BYTES : 1
  verifier.violation(
    'DataRace',
    current.name,
    `${current.name} ${write ? 'writes' : 'reads'} the ${isWord ? 'word' : 'byte'} at ${hex(address)}, ${where}, which ${other.name} ${wrote ? 'writes' : 'reads'}${place ? ` after ${place.file}:${place.line}` : ''}: no lock that both hold and nothing that one hands to the other keeps the two apart.`,
    {
      ...(place && { related: [{ text: `${other.name} ${wrote ? 'wrote' : 'read'} it after this call`, place }] }),
      object: block
        ? { kind: 'pool memory', address: pool.dataOf(block), offset, size: pool.sizeOf(block) }
        : { kind: 'storage', address, offset, size },
    },
  )
}

/**
 * DataRace: two functions of the driver touch one byte, one of them writes, and nothing orders the two: no lock that both take, no
 * timer, work item, event, packet or interrupt by which one hands over to the other. It is enough that both ran; they need not have
 * met. Looked at are pool blocks of the driver and storage(), member by member; what NDIS or a device does with them is not.
 */
export function dataRaceRules(
  k: Kernel,
  threads: Threads,
  holds: LockHolds,
  interrupt: () => Lock | undefined,
): RuleFamily {
  const { cpus, site, verifier, pool, access, space } = k
  if (verifier.level('DataRace') === 'off') return {}
  const order = createOrder(k, threads, holds, interrupt)
  const { state, now, letGo, takeUp } = order
  const { pageOf, bytesOf, byteIndexOf, mark } = createTouches(space.size)

  /** What is noted in the cells of a word or byte that races with what runs. */
  function raceIn(cells: Words, at: number, write: boolean, current: Thread): Noted | undefined {
    const writer = cells[at + WRITER]!
    if (order.races(writer, current)) return { epoch: writer, site: cells[at + WRITE_SITE]!, wrote: true }
    const reader = cells[at + READER]!
    if (write && order.races(reader, current)) return { epoch: reader, site: cells[at + READ_SITE]!, wrote: false }
    return undefined
  }
  function note(cells: Words, at: number, write: boolean, current: Thread | undefined): Noted | undefined {
    if (!current) {
      // Whoever prepares or clears memory with nobody about makes it new.
      if (write) for (let i = 0; i < WORD_BYTES; i++) cells[at + i] = 0
      return undefined
    }
    const race = raceIn(cells, at, write, current)
    // So that whoever makes the word new sees that it is not.
    if (cells[at + WRITER] === 0) cells[at + WRITER] = NOBODY
    cells[at + (write ? WRITER : READER)] = state.epoch
    cells[at + (write ? WRITE_SITE : READ_SITE)] = site.s
    return race
  }
  /** A part of a word, or a word whose parts are used on their own. */
  function noteBytes(address: number, size: number, page: Words, write: boolean): Noted | undefined {
    const cells = bytesOf(address, page)
    let race: Noted | undefined
    for (let byte = address; byte < address + size; byte++) {
      const at = byteIndexOf(byte)
      if (cells[at + (write ? WRITER : READER)] !== state.epoch) race = note(cells, at, write, state.thread) ?? race
    }
    return race
  }
  /** The same byte as before, by whoever was there last. */
  function isNoted(address: number, write: boolean): boolean {
    const page = pageOf(address)
    if (page[indexOf(address) + WRITER] !== SPLIT) return false
    return bytesOf(address, page)[byteIndexOf(address) + (write ? WRITER : READER)] === state.epoch
  }
  function touchedAnew(address: number, size: number, write: boolean): void {
    if (size === 1 && isNoted(address, write)) return
    if (verifier.muted || state.dead || (!state.thread && !write)) return
    for (let at = address; at < address + size;) {
      const end = Math.min((at & -WORD_BYTES) + WORD_BYTES, address + size)
      const page = pageOf(at)
      const word = page[indexOf(at) + WRITER]!
      const isWord = end - at === WORD_BYTES && word !== SPLIT
      const race =
        word === UNTRACKED
          ? undefined
          : isWord
            ? note(page, indexOf(at), write, state.thread)
            : noteBytes(at, end - at, page, write)
      if (race) reportRace(k, [state.thread!, threads.of(threadOf(race.epoch))], at, isWord, write, race)
      at = end
    }
  }
  /** On the way of each access to memory: whoever comes again before anything else ran is done with one comparison. */
  function touched(address: number, size: number, write: boolean): void {
    if (state.changes !== cpus.changes()) now()
    const noted = pageOf(address)[indexOf(address) + (write ? WRITER : READER)]!
    const isInWord = (address & (WORD_BYTES - 1)) + size <= WORD_BYTES
    if (!isInWord || (noted !== state.epoch && noted !== UNTRACKED)) touchedAnew(address, size, write)
  }
  access.watch(touched)
  // What NDIS keeps for itself is nobody's to race for.
  pool.watch((address, size, owner) => mark(address, size, owner === OWNER_DRIVER ? 0 : UNTRACKED))

  const gives: Before = () => {
    letGo(THING.THROUGH_NDIS)
    return false
  }
  const writesPort: Before = () => {
    order.writesRegister()
    return false
  }
  const waited: After = () => takeUp(THING.THROUGH_NDIS)
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
    touched(head >>> 0, 2 * WORD_BYTES, true)
    return false
  }
  const each = <T>(names: readonly string[], hook: T): Readonly<Record<string, T>> =>
    Object.fromEntries(names.map((name) => [name, hook]))
  return {
    before: {
      ...each(HANDOVERS.gives, gives),
      ...each(HANDOVERS.interlocked, interlocked),
      ...each(HANDOVERS.lists, changesList),
      ...each(HANDOVERS.ports, writesPort),
    },
    after: each(HANDOVERS.waits, waited),
    activationEnded: order.activationEnded,
  }
}
