/** Everything that is wrong: what the types say, what the run broke, what was left behind. One entry a place, in groups. */
import {
  isOpen,
  type BugcheckReport,
  type LeakReport,
  type NoteReport,
  type RunError,
  type ViolationReport,
} from '../../src/shared/report'
import { baseName } from './format'
import type { TreeNode } from './tree'

export interface TypeProblem {
  readonly uri: string
  readonly name: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly severity: 'error' | 'warning'
}

export interface ProblemSources {
  readonly types: readonly TypeProblem[]
  readonly violations: readonly ViolationReport[]
  readonly bugcheck: BugcheckReport | null | undefined
  readonly leaks: readonly LeakReport[]
  readonly error: RunError | undefined
  readonly notes: readonly NoteReport[]
}

export interface ProblemSite {
  readonly file: string
  readonly line: number
  readonly column?: number
  readonly function?: string
  /** The driver that it is a file of; that of the session when left out. */
  readonly program?: string
}

/** What a problem was made of; the page beside the list tells the rest. */
export type ProblemSource =
  | { readonly kind: 'violation'; readonly violation: ViolationReport }
  | { readonly kind: 'bugcheck'; readonly bugcheck: BugcheckReport }
  | { readonly kind: 'leak'; readonly leak: LeakReport }
  | { readonly kind: 'failure'; readonly error: RunError }
  | { readonly kind: 'type'; readonly problem: TypeProblem }
  | { readonly kind: 'note'; readonly note: NoteReport }

export interface Problem {
  readonly key: string
  readonly source: ProblemSource
  readonly severity: 'error' | 'warning' | 'violation' | 'accepted' | 'note'
  /** The rule, or what it is. */
  readonly title: string
  readonly text: string
  readonly site?: ProblemSite
  /** How often it was found at this place. */
  readonly count: number
}

/** By what the list is put together. */
export const GROUPINGS = {
  source: 'Run and files',
  rule: 'Rule',
  file: 'File',
  function: 'Function',
} as const
export type Grouping = keyof typeof GROUPINGS
export const isGrouping = (value: unknown): value is Grouping => typeof value === 'string' && value in GROUPINGS

export type ProblemNode =
  | { readonly kind: 'group'; readonly title: string; readonly problems: number }
  | { readonly kind: 'problem'; readonly problem: Problem }

const ofViolation = (violation: ViolationReport, index: number): Problem => ({
  key: `violation${index}`,
  source: { kind: 'violation', violation },
  severity: isOpen(violation) ? 'violation' : 'accepted',
  title: violation.rule,
  text: violation.message,
  site: violation,
  count: violation.count,
})

export const bugcheckCode = (code: number): string => `0x${code.toString(16).toUpperCase().padStart(8, '0')}`

const ofBugcheck = (bugcheck: BugcheckReport): Problem => ({
  key: 'bugcheck',
  source: { kind: 'bugcheck', bugcheck },
  severity: 'violation',
  title: `Bugcheck ${bugcheckCode(bugcheck.code)} ${bugcheck.name}`,
  text: bugcheck.message,
  site: bugcheck,
  count: 1,
})

const ofLeak = (leak: LeakReport, index: number): Problem => ({
  key: `leak${index}`,
  source: { kind: 'leak', leak },
  severity: isOpen(leak) ? 'violation' : 'accepted',
  title: `Leak: ${leak.count} ${leak.kind}`,
  text: `${leak.bytes ? `${leak.bytes} bytes ` : ''}${leak.tag ? `tagged '${leak.tag}' ` : ''}not freed when the driver was unloaded`,
  site: leak,
  count: 1,
})

const ofError = (error: RunError): Problem => ({
  key: 'failure',
  source: { kind: 'failure', error },
  severity: 'error',
  title: 'The driver did not run',
  text: error.message,
  ...(error.file && { site: { file: error.file, line: error.line ?? 1, column: error.column ?? 1 } }),
  count: 1,
})

const ofType = (problem: TypeProblem, index: number): Problem => ({
  key: `type/${problem.uri}/${index}`,
  source: { kind: 'type', problem },
  severity: problem.severity,
  title: problem.message,
  text: '',
  site: { file: problem.uri, line: problem.line, column: problem.column },
  count: 1,
})

const ofNote = (note: NoteReport, index: number): Problem => ({
  key: `note${index}`,
  source: { kind: 'note', note },
  severity: 'note',
  title: 'Note',
  text: note.message,
  site: note,
  count: 1,
})

/** The worst first: what ended the run, then what it broke, then what it left, then the types. */
export const problemsOf = ({
  types,
  violations,
  bugcheck,
  leaks,
  error,
  notes,
}: ProblemSources): readonly Problem[] => [
  ...(error ? [ofError(error)] : []),
  ...(bugcheck ? [ofBugcheck(bugcheck)] : []),
  ...violations.map(ofViolation),
  ...leaks.map(ofLeak),
  ...notes.map(ofNote),
  ...types.map(ofType),
]

/** What a filter looks at: rule, words, and each function and line of the stack. */
function haystack({ title, text, site, source }: Problem): string {
  const stack = source.kind === 'violation' ? source.violation.stack : []
  const places = [...(site ? [site] : []), ...stack]
  return [title, text, ...places.map((place) => `${place.function ?? ''} ${baseName(place.file)}:${place.line}`)]
    .join('\n')
    .toLowerCase()
}

/** Problems that have every word of the filter; a word with - before it must not occur. */
export function filterProblems(problems: readonly Problem[], filter: string): readonly Problem[] {
  // A lone - is the beginning of a word to come.
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-')
  if (words.length === 0) return problems
  return problems.filter((problem) => {
    const text = haystack(problem)
    return words.every((word) => (word.startsWith('-') ? !text.includes(word.slice(1)) : text.includes(word)))
  })
}

const RUN = 'Last run'
function groupOf({ source, title, site }: Problem, by: Grouping): string {
  if (by === 'file') return site ? baseName(site.file) : 'No file'
  if (by === 'function') return site?.function ? site.function : 'Outside of functions'
  if (by === 'rule') return source.kind === 'type' ? 'Types' : source.kind === 'leak' ? 'Leaks' : title
  return source.kind === 'type' ? source.problem.name : RUN
}

/** Groups in the order of their first problem. */
export function problemTree(problems: readonly Problem[], by: Grouping): TreeNode<ProblemNode>[] {
  const groups = new Map<string, Problem[]>()
  for (const problem of problems) {
    const name = groupOf(problem, by)
    const members = groups.get(name)
    if (members) members.push(problem)
    else groups.set(name, [problem])
  }
  return [...groups].map(([title, members]) => ({
    key: `group/${title}`,
    value: { kind: 'group', title, problems: members.length },
    children: members.map((problem) => ({ key: problem.key, value: { kind: 'problem', problem } })),
  }))
}

/** Problems that nobody accepted; notes are none. */
export const openProblems = (problems: readonly Problem[]): number =>
  problems.filter(({ severity }) => severity !== 'accepted' && severity !== 'note').length
