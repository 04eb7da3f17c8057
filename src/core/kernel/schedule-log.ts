import { SYS_ACTIVATION } from '../memory/records'
import type { Cpus } from './cpus'
import { beforeDecision, type Decision, type RanWork } from './schedule'

/** A decision that was taken, and what it meant. */
export interface TakenDecision extends Decision {
  /** The CPU that was preempted, or the one that would have gone on. */
  readonly on: number
  readonly irql: number
  /** Call site on that CPU; 0 when none of a driver, and for a choice. */
  readonly site: number
  /** What ran there; '' for a choice. */
  readonly interrupted: string
  /** What ran instead, in order. */
  readonly ran: readonly RanWork[]
}

export interface ScheduleLog {
  decided(decision: Decision, on: number): RanWork[]
  /** By their time. */
  taken(): readonly TakenDecision[]
}

export function createScheduleLog(cpus: Cpus, site: { readonly s: number }): ScheduleLog {
  const taken: TakenDecision[] = []
  /** The innermost activation of the CPU that runs now. */
  function running(): string {
    for (let index = cpus.depth() - 1; index >= 0; index--)
      if (cpus.activation(index, SYS_ACTIVATION.Cpu) === cpus.current()) return cpus.nameOf(index)
    return ''
  }
  return {
    decided(decision, on) {
      const ran: RanWork[] = []
      const preempts = decision.choice === 0
      taken.push({
        ...decision,
        on,
        irql: preempts ? cpus.irql() : 0,
        site: preempts ? site.s : 0,
        interrupted: preempts ? running() : '',
        ran,
      })
      return ran
    },
    // A preemption inside of what another one's tick lets run is noted before it.
    taken: () => [...taken].sort(beforeDecision),
  }
}
