import type { DecisionReport } from './report'

/** Pieces of work that a sentence has room for. */
const MOST_PIECES = 6

/** 'CPU 1 runs MiniportInterrupt, then MiniportInterruptDPC'. */
function runs(ran: DecisionReport['ran']): string {
  const different = ran.filter(({ cpu, name }, index) => cpu !== ran[index - 1]?.cpu || name !== ran[index - 1]?.name)
  const parts = different
    .slice(0, MOST_PIECES)
    .map(({ cpu, name }, index) => (cpu === different[index - 1]?.cpu ? name : `CPU ${cpu} runs ${name}`))
  return parts.join(', then ') + (different.length > MOST_PIECES ? ', and more' : '')
}

/** Where a CPU was: 'in MiniportSend at driver.ts:40, before NdisAcquireSpinLock'. */
function placeOf({ interrupted, at }: DecisionReport, nameOf: (file: string) => string): string {
  if (!at || at.line === 0) return interrupted === '' ? 'outside of the driver' : `in ${interrupted}`
  const within = at.function === '' ? interrupted : at.function
  const callback = interrupted !== '' && interrupted !== within ? ` (${interrupted})` : ''
  return `in ${within}${callback} at ${nameOf(at.file)}:${at.line}${at.api === undefined ? '' : `, before ${at.api}`}`
}

/**
 * What a decision of the scheduler did, as a sentence for people.
 *
 * @param nameOf how a file of the driver is named.
 */
export function decisionStory(decision: DecisionReport, nameOf = (file: string): string => file): string {
  const { kind, cpu, on, ran } = decision
  if (kind === 'choice') return `Nothing runs; CPU ${cpu} goes on first, not CPU ${on}: ${runs(ran)}`
  const where = `CPU ${on} ${placeOf(decision, nameOf)}`
  if (ran.length === 0) return `${where}, is held up for a while; nothing else runs`
  return `${where}, is ${ran.every((piece) => piece.cpu === on) ? 'interrupted' : 'held up'}; ${runs(ran)}`
}
