import type { Cpus } from './cpus'
import { DISPATCH_LEVEL } from './irql'

/** Something that runs on a CPU at an IRQL: an interrupt service, a DPC, a thread's piece of work. */
export interface Work {
  readonly name: string
  /** One of ACTIVATION. */
  readonly kind: number
  readonly irql: number
  readonly run: () => void
}

/** What waits for each CPU. */
export interface WorkQueues {
  /** Interrupts and DPCs on all CPUs: lowering the IRQL looks further only when there are some. */
  readonly waiting: number
  has(cpu: number): boolean
  /** The next interrupt or else DPC that the IRQL of a CPU lets through, taken out; undefined when there is none. */
  next(cpu: number): Work | undefined
  nextThread(cpu: number): Work | undefined
  addDpc(cpu: number, work: Work, first: boolean): void
  removeDpc(work: Work): boolean
  addInterrupt(cpu: number, work: Work): void
  removeInterrupt(work: Work): void
  addThread(cpu: number, work: Work): void
}

export function createWorkQueues(cpus: Cpus): WorkQueues {
  const queues = (): Work[][] => Array.from({ length: cpus.count }, () => [])
  const dpcs = queues()
  const interrupts = queues()
  const threads = queues()

  const account = (cpu: number, delta: number): void => {
    all.waiting += delta
    cpus.setQueued(cpu, dpcs[cpu]!.length, interrupts[cpu]!.length)
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
  const all = {
    waiting: 0,
    has: (cpu: number) => interrupts[cpu]!.length > 0 || dpcs[cpu]!.length > 0 || threads[cpu]!.length > 0,
    next: (cpu: number) => nextInterrupt(cpu) ?? nextDpc(cpu),
    nextThread: (cpu: number) => threads[cpu]!.shift(),
    addDpc(cpu: number, work: Work, first: boolean) {
      if (first) dpcs[cpu]!.unshift(work)
      else dpcs[cpu]!.push(work)
      account(cpu, 1)
    },
    removeDpc(work: Work) {
      for (let cpu = 0; cpu < cpus.count; cpu++) {
        const at = dpcs[cpu]!.indexOf(work)
        if (at < 0) continue
        dpcs[cpu]!.splice(at, 1)
        account(cpu, -1)
        return true
      }
      return false
    },
    addInterrupt(cpu: number, work: Work) {
      interrupts[cpu]!.push(work)
      account(cpu, 1)
    },
    removeInterrupt(work: Work) {
      for (let cpu = 0; cpu < cpus.count; cpu++) {
        const kept = interrupts[cpu]!.filter((other) => other !== work)
        const removed = interrupts[cpu]!.length - kept.length
        interrupts[cpu] = kept
        if (removed > 0) account(cpu, -removed)
      }
    },
    addThread: (cpu: number, work: Work) => void threads[cpu]!.push(work),
  }
  return all
}
