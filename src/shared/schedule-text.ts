import type { Decision, Schedule } from '../core/kernel/schedule'

/**
 * Schedules as text: decisions with commas, blanks or line ends between them; what follows a # in a line is a remark.
 *
 *     340@1       at tick 340 (of 100 ns virtual time) the CPU that runs is held up, and CPU 1 has its turn
 *     512+2@0     of the choices at tick 512 the second one: CPU 0 goes on first
 *     none        no decision at all
 *     eager       in place of a schedule: the seed decides, and looks for trouble (createEagerDecider)
 */
export const NO_DECISION = 'none'
export const EAGER = 'eager'
const DECISION = /^(\d{1,15})(?:\+(\d{1,9}))?@([0-7])$/

export const decisionText = ({ tick, choice, cpu }: Decision): string =>
  `${tick}${choice === 0 ? '' : `+${choice}`}@${cpu}`

export const scheduleText = (schedule: Schedule): string =>
  schedule.length === 0 ? NO_DECISION : schedule.map(decisionText).join(',')

function parseDecision(word: string, cpus: number): Decision {
  const [, tick, choice, cpu] = DECISION.exec(word) ?? []
  if (tick === undefined || cpu === undefined)
    throw new RangeError(`'${word}' is no decision; write TICK@CPU, such as 340@1, or TICK+CHOICE@CPU, such as 512+1@0`)
  if (choice !== undefined && Number(choice) === 0)
    throw new RangeError(`'${word}' is no decision: choices are counted from 1`)
  if (Number(cpu) >= cpus)
    throw new RangeError(`'${word}' is for CPU ${cpu}, and there ${cpus === 1 ? 'is one CPU' : `are ${cpus} CPUs`}`)
  return { tick: Number(tick), choice: Number(choice ?? 0), cpu: Number(cpu) }
}

/**
 * @param cpus of the run.
 * @throws RangeError that says what is wrong and what to write.
 */
export function parseSchedule(text: string, cpus: number): Schedule {
  const words = text
    .replaceAll(/#.*/g, '')
    .split(/[\s,]+/)
    .filter(Boolean)
  if (words.length === 0) throw new RangeError(`a schedule without any decision is written ${NO_DECISION}`)
  if (words.length === 1 && words[0] === NO_DECISION) return []
  const places = new Set<string>()
  return words.map((word) => {
    const decision = parseDecision(word, cpus)
    const place = `${decision.tick}+${decision.choice}`
    if (places.has(place)) throw new RangeError(`'${word}' is the second decision at one place; leave one of them`)
    places.add(place)
    return decision
  })
}

/** Checks what came from outside for a run configuration. @throws RangeError that says what to write. */
export function checkSchedule(schedule: unknown, cpus = 1): void {
  if (schedule === undefined || schedule === EAGER) return
  if (typeof schedule !== 'string') throw new RangeError('`schedule` is a text, such as 340@1,512@0')
  parseSchedule(schedule, cpus)
}
