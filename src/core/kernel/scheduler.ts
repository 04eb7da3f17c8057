import type { Clock } from '../clock/clock'
import { ACTIVATION, MAX_ACTIVATIONS, type Cpus } from './cpus'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from './irql'
import type { Random } from './random'

/** Something that runs on a CPU at an IRQL: an interrupt service, a DPC, a thread's piece of work. */
export interface Work {
  readonly name: string
  /** One of ACTIVATION. */
  readonly kind: number
  readonly irql: number
  readonly run: () => void
}

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
}

/** Virtual ticks after which another CPU may get its turn, when it has something to run. */
const QUANTUM = 16

export function createScheduler(clock: Clock, cpus: Cpus, random: Random, hooks: SchedulerHooks): Scheduler {
  const { tick } = clock
  const dpcs: Work[][] = []
  const interrupts: Work[][] = []
  const threads: Work[][] = []
  for (let cpu = 0; cpu < cpus.count; cpu++) {
    dpcs.push([])
    interrupts.push([])
    threads.push([])
  }
  /** Interrupts and DPCs waiting on any CPU: lowering the IRQL looks further only when there are some. */
  let waiting = 0
  let idle = 0
  const calm: number[] = Array.from({ length: cpus.count }, () => 0)

  const account = (cpu: number, delta: number): void => {
    waiting += delta
    cpus.setQueued(cpu, dpcs[cpu]!.length, interrupts[cpu]!.length)
  }

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

  function nextInterrupt(cpu: number): Work | undefined {
    const queue = interrupts[cpu]!
    const irql = cpus.irqlOf(cpu)
    let best: Work | undefined
    for (const work of queue) if (work.irql > irql && (!best || work.irql > best.irql)) best = work
    if (best) {
      queue.splice(queue.indexOf(best), 1)
      account(cpu, -1)
    }
    return best
  }
  function nextDpc(cpu: number): Work | undefined {
    if (cpus.irqlOf(cpu) >= DISPATCH_LEVEL) return undefined
    const work = dpcs[cpu]!.shift()
    if (work) account(cpu, -1)
    return work
  }

  /** Interrupts, then DPCs, that the current CPU's IRQL lets through. */
  function deliver(): boolean {
    const cpu = cpus.current()
    let ran = false
    for (let work = nextInterrupt(cpu) ?? nextDpc(cpu); work; work = nextInterrupt(cpu) ?? nextDpc(cpu)) {
      runNested(work.kind, work.name, work.irql, work.run)
      ran = true
    }
    if (ran && cpus.irqlOf(cpu) < DISPATCH_LEVEL) calm[cpu]!++
    return ran
  }

  const hasWork = (cpu: number): boolean =>
    interrupts[cpu]!.length > 0 || dpcs[cpu]!.length > 0 || threads[cpu]!.length > 0

  /** One piece of work on another CPU, on top of the current one's, which is suspended meanwhile. */
  function runOn(cpu: number): boolean {
    const back = cpus.current()
    cpus.switchTo(cpu)
    let ran = deliver()
    const thread = threads[cpu]!.shift()
    if (thread) {
      runNested(thread.kind, thread.name, thread.irql, thread.run)
      deliver()
      ran = true
    }
    cpus.switchTo(back)
    return ran
  }

  function interleave(): void {
    const able: number[] = []
    for (let cpu = 0; cpu < cpus.count; cpu++)
      if (cpu !== cpus.current() && cpus.idle(cpu) && hasWork(cpu)) able.push(cpu)
    if (able.length > 0 && random.below(4) === 0) runOn(able[random.below(able.length)]!)
  }

  const arm = (): void => clock.arm(cpus.count > 1 ? 1 + random.below(QUANTUM) : Infinity)

  function attention(): void {
    clock.fireDue()
    if (waiting > 0) deliver()
    // A CPU that holds a spin lock only sees the others spin: nothing is gained by running them now.
    // Nor by what they do while it holds the lock of an interrupt, which everything above DISPATCH_LEVEL does.
    const free = cpus.locksHeld() === 0 && cpus.irql() <= DISPATCH_LEVEL
    if (cpus.count > 1 && free && cpus.depth() < MAX_ACTIVATIONS / 2) interleave()
    arm()
  }

  const preempt = (): void => {
    if (tick()) attention()
  }

  /** Runs one thing somewhere; false when nothing can run. A CPU whose innermost activation waits may run others. */
  function runSomething(): boolean {
    if (deliver()) return true
    const here = cpus.current()
    const start = cpus.count > 1 ? random.below(cpus.count) : 0
    for (let i = 0; i < cpus.count; i++) {
      const cpu = (start + i) % cpus.count
      if ((cpu === here || cpus.idle(cpu)) && hasWork(cpu) && runOn(cpu)) return true
    }
    return false
  }

  function queueThread(cpu: number, work: Work): void {
    threads[cpu]!.push(work)
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
      if (waiting > 0) deliver()
    },
    queueDpc(cpu, work, first = false) {
      if (first) dpcs[cpu]!.unshift(work)
      else dpcs[cpu]!.push(work)
      account(cpu, 1)
      clock.interrupt()
    },
    removeDpc(work) {
      for (let cpu = 0; cpu < cpus.count; cpu++) {
        const at = dpcs[cpu]!.indexOf(work)
        if (at < 0) continue
        dpcs[cpu]!.splice(at, 1)
        account(cpu, -1)
        return true
      }
      return false
    },
    queueInterrupt(cpu, work) {
      interrupts[cpu]!.push(work)
      account(cpu, 1)
      clock.interrupt()
    },
    removeInterrupt(work) {
      for (let cpu = 0; cpu < cpus.count; cpu++) {
        const kept = interrupts[cpu]!.filter((other) => other !== work)
        const removed = interrupts[cpu]!.length - kept.length
        interrupts[cpu] = kept
        if (removed > 0) account(cpu, -removed)
      }
    },
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
