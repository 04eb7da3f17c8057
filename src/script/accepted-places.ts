import { RULES } from '../core/verifier/rules/index'
import type { RuleLevel } from '../core/verifier/rules/types'
import type { NoteReport } from '../shared/report'
import { ruleMatcher, unknownRules } from '../shared/rule-names'
import type { AcceptComment } from './accept-comments'

/** The places of a driver at which its author accepts that rules are broken. */
export interface AcceptedPlaces {
  add(file: string, comments: readonly AcceptComment[]): void
  /** The reason; undefined when the rule is not accepted on this line. */
  reason(rule: string, file: string, line: number): string | undefined
  /** What is wrong with the comments that are there. */
  problems(): NoteReport[]
  /** Comments that accepted nothing, though a rule that they name is checked. For a run that went through. */
  unused(levelOf: (rule: string) => RuleLevel): NoteReport[]
}

interface Entry extends AcceptComment {
  readonly file: string
  readonly fits: (rule: string) => boolean
  used: boolean
}

const HOW = 'write // ndis-accept RULE: why this is right here'
const NAMES = [...RULES.keys()]

/** What is wrong with a comment. A comment without a reason accepts nothing. */
function problemOf({ rule, reason }: Entry): Pick<NoteReport, 'code' | 'message'> | undefined {
  if (rule === '')
    return { code: 'accept-unknown-rule', message: `this comment accepts nothing, because it names no rule: ${HOW}` }
  const unknown = unknownRules([rule], NAMES)
  if (unknown !== undefined) return { code: 'accept-unknown-rule', message: `this comment accepts nothing: ${unknown}` }
  if (reason !== '') return undefined
  return { code: 'accept-without-reason', message: `${rule} is not accepted here without a reason: ${HOW}` }
}

export function createAcceptedPlaces(): AcceptedPlaces {
  const entries: Entry[] = []
  const note = ({ file, line, column }: Entry, what: Pick<NoteReport, 'code' | 'message'>): NoteReport => ({
    ...what,
    file,
    line,
    column,
  })
  return {
    add(file, comments) {
      for (const comment of comments) entries.push({ ...comment, file, fits: ruleMatcher(comment.rule), used: false })
    },
    reason(rule, file, line) {
      const entry = entries.find(
        (candidate) =>
          candidate.about === line && candidate.file === file && candidate.reason !== '' && candidate.fits(rule),
      )
      if (entry) entry.used = true
      return entry?.reason
    },
    problems: () =>
      entries.flatMap((entry) => {
        const problem = problemOf(entry)
        return problem ? [note(entry, problem)] : []
      }),
    unused: (levelOf) =>
      entries
        .filter((entry) => !entry.used && !problemOf(entry))
        .filter(({ fits }) => NAMES.some((rule) => fits(rule) && levelOf(rule) !== 'off'))
        .map((entry) =>
          note(entry, {
            code: 'accept-unused',
            message: `${entry.rule} was not broken in line ${entry.about} in this run: if it never is, take this comment out`,
          }),
        ),
  }
}
