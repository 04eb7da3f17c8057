/** What stands beside the list of problems: one problem with its whole story. */
import type { BugcheckReport, RelatedPlace, SourceLocation } from '../../src/shared/report'
import { address, duration, irqlName } from './format'
import type { AnalysisSection } from '../../src/shared/bugcheck-text'
import { excerptLines, type MemoryExcerpt } from '../../src/shared/memory-excerpt'
import type { Problem, ProblemSite } from './problems'

export interface StoryPlace {
  readonly text: string
  readonly site: ProblemSite
}
export interface Story {
  readonly heading: string
  readonly places: readonly StoryPlace[]
}

export interface ProblemPage {
  /** Words and values, in the order of display. */
  readonly facts: readonly (readonly [string, string])[]
  readonly stories: readonly Story[]
  /** The object that was touched. */
  readonly object?: { readonly text: string; readonly address: number }
  /** Its event in the log, when there is one. */
  readonly event?: number
  readonly rule?: string
  /** The bytes around what was touched. */
  readonly memory?: MemoryExcerpt
  /** How a bugcheck came about. */
  readonly analysis?: readonly AnalysisSection[]
}

/** A stack, innermost first, as places. */
export const stackOf = (stack: readonly ProblemSite[]): StoryPlace[] =>
  stack.map((site, index) => ({ text: index ? 'called from' : 'at', site }))
const story = (heading: string, places: readonly StoryPlace[]): Story[] => (places.length ? [{ heading, places }] : [])

const relatedStories = (related: readonly RelatedPlace[]): Story[] =>
  related.map(({ text, place, stack }) => ({ heading: text, places: stackOf(stack?.length ? stack : [place]) }))

const when = ({ cpu, irql, timeNs }: { readonly cpu: number; readonly irql: number; readonly timeNs: number }) =>
  [
    ['CPU', `${cpu} at ${irqlName(irql)}`],
    ['Time', duration(timeNs)],
  ] as const

const acceptedFact = ({ accepted }: { readonly accepted?: string }): (readonly [string, string])[] =>
  accepted === undefined ? [] : [['Accepted', accepted]]

/** The four parameters, as debuggers print them, each with what it stands for. */
const bugcheckFacts = ({ analysis }: BugcheckReport): (readonly [string, string])[] =>
  analysis.parameters.map(({ value, meaning }, at) => [`Parameter ${at + 1}`, `${address(value)}  ${meaning}`])

export function problemPage({ source }: Problem): ProblemPage {
  if (source.kind === 'violation') {
    const { violation } = source
    const { object } = violation
    const origins: readonly (readonly [string, SourceLocation | undefined])[] = [
      ['allocated at', violation.allocatedAt],
      ['freed at', violation.freedAt],
      ['acquired at', violation.acquiredAt],
    ]
    return {
      facts: [
        ...when(violation),
        ...(violation.count > 1 ? [['Found', `${violation.count} times`] as const] : []),
        ...acceptedFact(violation),
      ],
      stories: [
        ...story('Where', stackOf(violation.stack.length ? violation.stack : [violation])),
        ...story(
          'Before',
          origins.flatMap(([text, site]) => (site ? [{ text, site }] : [])),
        ),
        ...relatedStories(violation.related ?? []),
      ],
      ...(object && {
        object: {
          text: `${object.kind}, ${object.size} bytes${object.offset ? `, touched at offset ${object.offset}` : ''}`,
          address: object.address,
        },
      }),
      ...(violation.event >= 0 && { event: violation.event }),
      rule: violation.rule,
      ...(violation.memory && { memory: violation.memory }),
    }
  }
  if (source.kind === 'bugcheck') {
    const { bugcheck } = source
    return {
      facts: [...when(bugcheck), ...bugcheckFacts(bugcheck)],
      stories: [],
      analysis: bugcheck.analysis.sections,
    }
  }
  if (source.kind === 'leak') {
    const { leak } = source
    const { file, line } = leak
    return {
      facts: [
        ['Left behind', `${leak.count} ${leak.kind}`],
        ...(leak.bytes ? [['Bytes', String(leak.bytes)] as const] : []),
        ...(leak.tag ? [['Tag', leak.tag] as const] : []),
        ...acceptedFact(leak),
      ],
      stories: story('Allocated', leak.stack.length ? stackOf(leak.stack) : [{ text: 'at', site: { file, line } }]),
    }
  }
  return { facts: [], stories: [] }
}

/** As text for a bug report. */
export function problemText(problem: Problem): string {
  const { facts, stories, object, memory, analysis = [] } = problemPage(problem)
  const place = ({ text, site }: StoryPlace) =>
    `  ${text} ${site.function ? `${site.function} ` : ''}${site.file}:${site.line}`
  return [
    problem.title,
    problem.text,
    ...facts.map(([name, value]) => `${name}: ${value}`),
    ...(object ? [`${object.text} at ${address(object.address)}`] : []),
    ...(memory ? excerptLines(memory) : []),
    ...analysis.flatMap(({ title, lines }) => [title, ...lines.map((line) => `  ${line.text}`)]),
    ...stories.flatMap(({ heading, places }) => [heading, ...places.map(place)]),
  ]
    .filter(Boolean)
    .join('\n')
}
