/** Everything that is wrong, as one tree: what the types say, what the run broke, what was left behind. */
import type { BugcheckReport, LeakReport, RunError, SourceLocation, ViolationReport } from '../../src/shared/report'
import type { TreeNode } from './tree'

export interface TypeProblem {
  readonly uri: string
  readonly name: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly severity: 'error' | 'warning'
}

export interface ProblemNode {
  readonly kind: 'group' | 'error' | 'warning' | 'violation' | 'detail'
  readonly title: string
  readonly text: string
  readonly site?: { readonly file: string; readonly line: number; readonly column?: number; readonly function?: string }
  readonly address?: number
}

export interface ProblemSources {
  readonly types: readonly TypeProblem[]
  readonly violations: readonly ViolationReport[]
  readonly bugcheck: BugcheckReport | null | undefined
  readonly leaks: readonly LeakReport[]
  readonly error: RunError | undefined
}

type Node = TreeNode<ProblemNode>

const detail = (key: string, title: string, site: SourceLocation): Node => ({
  key,
  value: { kind: 'detail', title, text: site.function ? `in ${site.function}` : '', site },
})

const stackNodes = (key: string, stack: readonly SourceLocation[]): Node[] =>
  stack.map((site, index) => detail(`${key}/stack${index}`, index ? 'called from' : 'at', site))

function violationNode(violation: ViolationReport, index: number): Node {
  const key = `violation${index}`
  const { object } = violation
  const places: readonly (readonly [string, SourceLocation | undefined])[] = [
    ['allocated at', violation.allocatedAt],
    ['freed at', violation.freedAt],
    ['acquired at', violation.acquiredAt],
  ]
  return {
    key,
    value: { kind: 'violation', title: violation.rule, text: violation.message, site: violation },
    children: [
      ...(object
        ? [
            {
              key: `${key}/object`,
              value: {
                kind: 'detail',
                title: `${object.kind}, ${object.size} bytes`,
                text: object.offset ? `touched at offset ${object.offset}` : '',
                address: object.address,
              },
            } satisfies Node,
          ]
        : []),
      ...places.flatMap(([title, site]) => (site ? [detail(`${key}/${title}`, title, site)] : [])),
      ...(violation.related ?? []).map(({ text, place, stack }, at) => ({
        ...detail(`${key}/related${at}`, text, place),
        ...(stack && { children: stackNodes(`${key}/related${at}`, stack) }),
      })),
      ...stackNodes(key, violation.stack),
    ],
  }
}

const bugcheckNode = (bugcheck: BugcheckReport): Node => ({
  key: 'bugcheck',
  value: {
    kind: 'violation',
    title: `Bugcheck 0x${bugcheck.code.toString(16).toUpperCase().padStart(8, '0')} ${bugcheck.name}`,
    text: `${bugcheck.message} (${bugcheck.parameters.map((value) => `0x${value.toString(16).toUpperCase().padStart(8, '0')}`).join(', ')})`,
    site: bugcheck,
  },
  children: stackNodes('bugcheck', bugcheck.stack),
})

const leakNode = (leak: LeakReport, index: number): Node => ({
  key: `leak${index}`,
  value: {
    kind: 'violation',
    title: `Leak: ${leak.count} ${leak.kind}`,
    text: `${leak.bytes ? `${leak.bytes} bytes ` : ''}${leak.tag ? `tagged '${leak.tag}' ` : ''}not freed when the driver was unloaded`,
    site: leak,
  },
})

const errorNode = (error: RunError): Node => ({
  key: 'run-error',
  value: {
    kind: 'error',
    title: 'The driver did not run',
    text: error.message,
    ...(error.file ? { site: { file: error.file, line: error.line ?? 1, column: error.column ?? 1 } } : {}),
  },
})

const typeNode = (problem: TypeProblem, index: number): Node => ({
  key: `type/${problem.uri}/${index}`,
  value: {
    kind: problem.severity,
    title: problem.message,
    text: '',
    site: { file: problem.uri, line: problem.line, column: problem.column },
  },
})

const group = (key: string, title: string, children: readonly Node[]): Node[] =>
  children.length ? [{ key, value: { kind: 'group', title, text: String(children.length) }, children }] : []

export function problemTree({ types, violations, bugcheck, leaks, error }: ProblemSources): Node[] {
  const run = [
    ...(error ? [errorNode(error)] : []),
    ...(bugcheck ? [bugcheckNode(bugcheck)] : []),
    ...violations.map(violationNode),
    ...leaks.map(leakNode),
  ]
  const documents = [...new Set(types.map((problem) => problem.uri))]
  return [
    ...group('run', 'Last run', run),
    ...documents.flatMap((uri) => {
      const mine = types.filter((problem) => problem.uri === uri)
      return group(`document/${uri}`, mine[0]?.name ?? uri, mine.map(typeNode))
    }),
  ]
}

export const problemCount = (sources: ProblemSources): number =>
  sources.types.length +
  sources.violations.length +
  sources.leaks.length +
  (sources.bugcheck ? 1 : 0) +
  (sources.error ? 1 : 0)
