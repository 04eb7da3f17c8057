import type { Clock } from '../clock/clock'
import { ACTIVATION, MAX_ACTIVATIONS, type Cpus } from './cpus'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from './irql'
import type { Decider, Decision, RanWork } from './schedule'
import { createWorkQueues, type Work } from './work-queues'

export type { Work }

export interface Scheduler {
  /** A preemption point: one tick of time passes, and whatever is due and permitted runs on top of the caller. */
  preempt(): void
  raise(irql: number): number
  /** Lowers the current CPU's IRQL and runs what that permits. */
  lower(irql: number): void
  /** `first`: in front of those that wait already. */
  queueDpc(cpu: number, work: Work, first?: boolean): void
  /** Takes a queued DPC back; false when it was not queued. */
  removeDpc(work: Work): boolean
  queueInterrupt(cpu: number, work: Work): void
  removeInterrupt(work: Work): void
  queueThread(cpu: number, work: Work): void
  /** A piece of work of NDIS itself for a thread of the current CPU, at PASSIVE_LEVEL. */
  queuePassive(name: string, run: () => void): void
  /** Runs work on the current CPU at its IRQL, on top of what runs there, and gives its result. */
  runNested<T>(kind: number, name: string, irql: number, run: () => T): T
  /** Runs everything and moves time on until `done`, at most `ticks` of time; what `done` says at the end. */
  runUntil(done: () => boolean, ticks: number): boolean
  /** Ticks in which no CPU had anything to run. */
  idleTicks(): number
  /** How often a CPU had run all its interrupts and DPCs, and went on below DISPATCH_LEVEL. */
  calmed(cpu: number): number
}

export interface SchedulerHooks {
  /** After an activation returned, before its IRQL is restored. */
  activationEnded(index: number): void
  tooDeep(): never
  /**
   * Present when decisions are recorded: `cpu` runs now, by the decider's word. What it runs goes into the list that is given back;
   * `on` is the CPU that is preempted for it, or the one that would have gone on.
   */
  decided?(decision: Decision, on: number): RanWork[]
}

export interface SchedulerParts {
  readonly clock: Clock
  readonly cpus: Cpus
  readonly decider: Decider
  /** The call site that executes: that of a call is the same again when it goes on after a preemption. */
  readonly site: { s: number }
  readonly hooks: SchedulerHooks
}

/** Virtual ticks for which a preempted CPU is held up at most: a millisecond for a thread, 50 microseconds for a DPC. */
const LONGEST_DELAY = 10_000
const LONGEST_DELAY_AT_DISPATCH = 500

export function createScheduler({ clock, cpus, decider, site, hooks }: SchedulerParts): Scheduler {
  const { tick } = clock
  const queues = createWorkQueues(cpus)
  let idle = 0
  /** What runs because of the decision that is under way, when decisions are recorded. */
  let ran: RanWork[] | undefined
  /** Choices at the time of the newest one. */
  let choices = 0
  let choiceTick = -1
  const calm: number[] = Array.from({ length: cpus.count }, () => 0)

  function runNested<T>(kind: number, name: string, irql: number, run: () => T): T {
    if (cpus.depth() >= MAX_ACTIVATIONS) hooks.tooDeep()
    const before = cpus.irql()
    cpus.setIrql(irql)
    const index = cpus.enter(kind, name)
    const result = run()
    hooks.activationEnded(index)
    cpus.leave(index)
    cpus.setIrql(before)
    return result
  }

  /** Interrupts, then DPCs, that the current CPU's IRQL lets through. */
  function deliver(): boolean {
    const cpu = cpus.current()
    let some = false
    for (let work = queues.next(cpu); work; work = queues.next(cpu)) {
      ran?.push({ cpu, name: work.name })
      runNested(work.kind, work.name, work.irql, work.run)
      some = true
    }
    if (some && cpus.irqlOf(cpu) < DISPATCH_LEVEL) calm[cpu]!++
    return some
  }

  /** One piece of work on another CPU, on top of the current one's, which is suspended meanwhile. */
  function runOn(cpu: number): boolean {
    const back = cpus.current()
    cpus.switchTo(cpu)
    let some = deliver()
    const thread = queues.nextThread(cpu)
    if (thread) {
      ran?.push({ cpu, name: thread.name })
      runNested(thread.kind, thread.name, thread.irql, thread.run)
      deliver()
      some = true
    }
    cpus.switchTo(back)
    return some
  }
  /** What `act` lets run happens because of a decision. */
  function decided(tick: number, choice: number, cpu: number, on: number, act: () => boolean): boolean {
    const outer = ran
    ran = hooks.decided?.({ tick, choice, cpu }, on)
    const some = act()
    ran = outer
    return some
  }

  /**
   * Time goes on from alarm to alarm, at most until `latest`, until `cpu` has something to run, or an interrupt or DPC comes for the
   * CPU that waits; then that runs.
   */
  function wait(cpu: number, latest: number): boolean {
    const on = cpus.current()
    for (;;) {
      if (cpu !== on && queues.has(cpu) && runOn(cpu)) return true
      if (queues.waiting > 0 && deliver()) return true
      const next = clock.nextDue()
      if (next > latest) return false
      clock.advance(Math.max(0, next - clock.now()))
      clock.fireDue()
    }
  }

  /** At a preemption point the CPU that runs may be held up while another one, or an interrupt, has its turn. */
  function interleave(tick: number): void {
    const on = cpus.current()
    let able = 0
    for (let cpu = 0; cpu < cpus.count; cpu++) if (cpu !== on && cpus.idle(cpu) && queues.has(cpu)) able |= 1 << cpu
    const cpu = decider.preempt(tick, able)
    if (cpu < 0 || (cpu !== on && !cpus.idle(cpu))) return
    const latest = clock.now() + (cpus.irql() < DISPATCH_LEVEL ? LONGEST_DELAY : LONGEST_DELAY_AT_DISPATCH)
    if (((able >> cpu) & 1) === 0 && clock.nextDue() > latest) return
    decided(tick, 0, cpu, on, () => {
      const some = wait(cpu, latest)
      // What came for this CPU meanwhile was only waiting for it to go on: when it runs is nobody's decision.
      return (queues.waiting > 0 && deliver()) || some
    })
  }

  const arm = (): void => clock.arm(decider.quantum(clock.now()))

  function attention(): void {
    const tick = clock.now()
    const { s } = site
    clock.fireDue()
    if (queues.waiting > 0) deliver()
    site.s = s
    // A CPU that holds a spin lock only sees the others spin: nothing is gained by running them now.
    // Nor by what they do while it holds the lock of an interrupt, which everything above DISPATCH_LEVEL does.
    const free = cpus.locksHeld() === 0 && cpus.irql() <= DISPATCH_LEVEL
    if (decider.decides && free && cpus.depth() < MAX_ACTIVATIONS / 2) interleave(tick)
    site.s = s
    arm()
  }

  const preempt = (): void => {
    if (tick()) attention()
  }

  /** Lets one of several CPUs go on; usually that which ran last, or the next one. */
  function choose(able: number): boolean {
    let usual = cpus.current()
    while (((able >> usual) & 1) === 0) usual = (usual + 1) % cpus.count
    const now = clock.now()
    choices = now === choiceTick ? choices + 1 : 1
    choiceTick = now
    const choice = choices
    const cpu = decider.first(now, choice, able, usual)
    return cpu === usual ? runOn(cpu) : decided(now, choice, cpu, usual, () => runOn(cpu))
  }

  /** Runs one thing somewhere; false when nothing can run. A CPU whose innermost activation waits may run others. */
  function runSomething(): boolean {
    if (deliver()) return true
    const here = cpus.current()
    let able = 0
    for (let cpu = 0; cpu < cpus.count; cpu++) if ((cpu === here || cpus.idle(cpu)) && queues.has(cpu)) able |= 1 << cpu
    if (able === 0) return false
    // More than one bit.
    return (able & (able - 1)) === 0 ? runOn(31 - Math.clz32(able)) : choose(able)
  }

  function queueThread(cpu: number, work: Work): void {
    queues.addThread(cpu, work)
    clock.interrupt()
  }

  return {
    preempt,
    runNested,
    raise(irql) {
      const old = cpus.irql()
      cpus.setIrql(irql)
      return old
    },
    lower(irql) {
      cpus.setIrql(irql)
      if (queues.waiting === 0) return
      const { s } = site
      deliver()
      site.s = s
    },
    queueDpc(cpu, work, first = false) {
      queues.addDpc(cpu, work, first)
      clock.interrupt()
    },
    removeDpc: queues.removeDpc,
    queueInterrupt(cpu, work) {
      queues.addInterrupt(cpu, work)
      clock.interrupt()
    },
    removeInterrupt: queues.removeInterrupt,
    queueThread,
    queuePassive: (name, run) =>
      queueThread(cpus.current(), { name, kind: ACTIVATION.THREAD, irql: PASSIVE_LEVEL, run }),
    runUntil(done, ticks) {
      const deadline = clock.now() + ticks
      const irql = cpus.irql()
      cpus.setIrql(PASSIVE_LEVEL)
      while (!done()) {
        if (clock.now() >= deadline) break
        clock.fireDue()
        if (runSomething()) continue
        const next = Math.min(clock.nextDue(), deadline)
        if (next === Infinity) break
        idle += next - clock.now()
        clock.advance(next - clock.now())
      }
      cpus.setIrql(irql)
      arm()
      return done()
    },
    idleTicks: () => idle,
    calmed: (cpu) => calm[cpu]!,
  }
}
export const THREAD_KIND = ACTIVATION.THREAD
