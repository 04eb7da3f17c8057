import type { Finding } from '../../shared/explore'
import { isOpen, type RunReport } from '../../shared/report'

/** What is wrong with a run, in the order in which it came; what a person accepted is not. */
export function findingsOf({ violations, bugcheck, leaks, error }: RunReport): Finding[] {
  const all: Finding[] = [
    ...violations.filter(isOpen).map(({ rule, function: fn, file, line }) => ({
      kind: 'violation' as const,
      name: rule,
      function: fn,
      file,
      line,
    })),
    ...(bugcheck
      ? [
          {
            kind: 'bugcheck' as const,
            name: bugcheck.name,
            function: bugcheck.stack[0]?.function ?? '',
            file: bugcheck.file,
            line: bugcheck.line,
          },
        ]
      : []),
    ...leaks
      .filter(isOpen)
      .map(({ kind, file, line }) => ({ kind: 'leak' as const, name: kind, function: '', file, line })),
    ...(error
      ? [{ kind: 'error' as const, name: error.code, function: '', file: error.file ?? '', line: error.line ?? 0 }]
      : []),
  ]
  const seen = new Set<string>()
  return all.filter((finding) => !seen.has(findingKey(finding)) && seen.add(findingKey(finding)))
}

export const findingKey = ({ kind, name, function: fn, file, line }: Finding): string =>
  [kind, name, fn, file, line].join(' ')

/** Equal for runs that show the same, in whatever order. */
export const outcomeKey = (findings: readonly Finding[]): string => findings.map(findingKey).sort().join('\n')
