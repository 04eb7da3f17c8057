import type { ScheduleLog } from '../core/kernel/schedule-log'
import { TICK_NS } from '../core/clock/clock'
import type { CallSite, RunConfig } from '../shared/engine'
import type { ScheduleReport } from '../shared/report'
import { decisionText, EAGER, parseSchedule, scheduleText } from '../shared/schedule-text'
import { LoadError } from './errors'

/** What a run configuration says of the scheduler, for a machine. @throws LoadError */
export function scheduleOf({ schedule, cpus, recordSchedule = false }: RunConfig) {
  if (schedule === undefined) return { recordSchedule }
  if (schedule === EAGER) return { recordSchedule, schedule: 'eager' as const }
  try {
    return { recordSchedule, schedule: parseSchedule(schedule, cpus) }
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new LoadError('usage', `the schedule cannot be used: ${thrown.message}`)
    throw thrown
  }
}

/** What the scheduler decided, with the driver's lines. */
export function scheduleReport(log: ScheduleLog, site: (number: number) => CallSite | undefined): ScheduleReport {
  const taken = log.taken()
  return {
    text: scheduleText(taken),
    decisions: taken.map((decision) => {
      const { tick, choice, cpu, on, irql, interrupted, ran } = decision
      const at = site(decision.site)
      return {
        text: decisionText(decision),
        kind: choice === 0 ? 'preemption' : 'choice',
        timeNs: tick * TICK_NS,
        cpu,
        on,
        irql,
        interrupted,
        ...(at && { at }),
        ran,
      }
    }),
  }
}
