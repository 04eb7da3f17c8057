/** Breakpoints as a person keeps them: they outlive sessions, restarts and edits above them. */
import type { DebugProtocol } from '@vscode/debugprotocol'

export interface BreakpointDetails {
  /** JavaScript expression; '' for none. */
  readonly condition: string
  /** '5', '>= 5', '% 5'; '' for none. */
  readonly hitCondition: string
  /** Text with {expressions}; '' for none. Prints instead of stopping. */
  readonly logMessage: string
}

export interface LineBreakpoint extends BreakpointDetails {
  readonly id: number
  readonly uri: string
  /** 1-based. */
  readonly line: number
  readonly enabled: boolean
}

export interface CallBreakpointEntry extends BreakpointDetails {
  readonly id: number
  /** 'NdisAllocatePacket', 'NdisAllocate*' or 'category:allocate'. */
  readonly name: string
  readonly enabled: boolean
}

/** What the running session says about one breakpoint. `line`: where it really is. */
export interface Verdict {
  readonly verified: boolean
  readonly message?: string
  readonly line?: number
}

export const NO_DETAILS: BreakpointDetails = { condition: '', hitCondition: '', logMessage: '' }

export type Look = 'plain' | 'conditional' | 'log'
export type Standing = 'enabled' | 'disabled' | 'unverified'

export const look = (details: BreakpointDetails): Look =>
  details.logMessage ? 'log' : details.condition || details.hitCondition ? 'conditional' : 'plain'

/** Without a session nothing has been refused yet: the disc is drawn as it will be once the run confirms it. */
export const standing = (enabled: boolean, verdict: Verdict | undefined): Standing =>
  !enabled ? 'disabled' : verdict && !verdict.verified ? 'unverified' : 'enabled'

export function describe(details: BreakpointDetails): string {
  const parts = [
    details.logMessage && `log "${details.logMessage}"`,
    details.condition && `when ${details.condition}`,
    details.hitCondition && `hits ${details.hitCondition}`,
  ]
  return parts.filter(Boolean).join(', ')
}

const nextId = (list: readonly { readonly id: number }[]): number =>
  list.reduce((top, entry) => Math.max(top, entry.id), 0) + 1

export function toggleLine(list: readonly LineBreakpoint[], uri: string, line: number): LineBreakpoint[] {
  const rest = list.filter((entry) => entry.uri !== uri || entry.line !== line)
  return rest.length < list.length ? rest : [...list, { id: nextId(list), uri, line, enabled: true, ...NO_DETAILS }]
}

/** Adds or changes the breakpoint of a line. */
export function putLine(
  list: readonly LineBreakpoint[],
  uri: string,
  line: number,
  details: BreakpointDetails,
): LineBreakpoint[] {
  const known = list.find((entry) => entry.uri === uri && entry.line === line)
  return known
    ? list.map((entry) => (entry === known ? { ...entry, ...details, enabled: true } : entry))
    : [...list, { id: nextId(list), uri, line, enabled: true, ...details }]
}

/** After an edit: new lines by id. Two that end up on one line become one. */
export function moveLines(
  list: readonly LineBreakpoint[],
  uri: string,
  lines: ReadonlyMap<number, number>,
): LineBreakpoint[] {
  const taken = new Set<number>()
  return list.flatMap((entry) => {
    if (entry.uri !== uri) return [entry]
    const line = lines.get(entry.id) ?? entry.line
    if (taken.has(line)) return []
    taken.add(line)
    return [line === entry.line ? entry : { ...entry, line }]
  })
}

/** A document got another name, e.g. by Save As. */
export const renameDocument = (list: readonly LineBreakpoint[], from: string, to: string): LineBreakpoint[] =>
  list.map((entry) => (entry.uri === from ? { ...entry, uri: to } : entry))

export function toggleCall(list: readonly CallBreakpointEntry[], name: string): CallBreakpointEntry[] {
  const rest = list.filter((entry) => entry.name !== name)
  return rest.length < list.length ? rest : [...list, { id: nextId(list), name, enabled: true, ...NO_DETAILS }]
}

const optional = (details: BreakpointDetails): Partial<BreakpointDetails> =>
  Object.fromEntries(Object.entries(details).filter(([, value]) => value !== ''))

const detailsOf = ({ condition, hitCondition, logMessage }: BreakpointDetails): Partial<BreakpointDetails> =>
  optional({ condition, hitCondition, logMessage })

export const toSourceBreakpoint = (entry: LineBreakpoint): DebugProtocol.SourceBreakpoint => ({
  line: entry.line,
  ...detailsOf(entry),
})

export const toFunctionBreakpoint = (entry: CallBreakpointEntry): DebugProtocol.FunctionBreakpoint => ({
  name: entry.name,
  ...detailsOf({ ...entry, logMessage: '' }),
})

export const toVerdict = ({ verified, message, line }: DebugProtocol.Breakpoint): Verdict => ({
  verified,
  ...(message ? { message } : {}),
  ...(line ? { line } : {}),
})

/** DAP answers in the order of the request: pairs each answer with the breakpoint that was asked for. */
export const pairAnswers = <T>(
  asked: readonly T[],
  answers: readonly DebugProtocol.Breakpoint[],
): (readonly [T, DebugProtocol.Breakpoint])[] =>
  asked.flatMap((entry, index) => {
    const answer = answers[index]
    return answer ? [[entry, answer] as const] : []
  })

/** A disc on a comment goes to the line that the run really stops at; one that is there already takes it in. */
export function settleLine(list: readonly LineBreakpoint[], id: number, line: number): readonly LineBreakpoint[] {
  const entry = list.find((candidate) => candidate.id === id)
  return !entry || entry.line === line ? list : moveLines(list, entry.uri, new Map([[id, line]]))
}
