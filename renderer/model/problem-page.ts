/** What stands beside the list of problems: one problem with its whole story. */
import type { RelatedPlace, SourceLocation } from '../../src/shared/report'
import { address, duration, irqlName } from './format'
import { bugcheckParameters, type Problem, type ProblemSite } from './problems'

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
}

const stackOf = (stack: readonly SourceLocation[]): StoryPlace[] =>
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
    }
  }
  if (source.kind === 'bugcheck') {
    const { bugcheck } = source
    return {
      facts: [...when(bugcheck), ['Parameters', bugcheckParameters(bugcheck)]],
      stories: story('Where', stackOf(bugcheck.stack)),
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
      stories: story('Allocated', [{ text: 'at', site: { file, line } }]),
    }
  }
  return { facts: [], stories: [] }
}

/** As text for a bug report. */
export function problemText(problem: Problem): string {
  const { facts, stories, object } = problemPage(problem)
  const place = ({ text, site }: StoryPlace) =>
    `  ${text} ${site.function ? `${site.function} ` : ''}${site.file}:${site.line}`
  return [
    problem.title,
    problem.text,
    ...facts.map(([name, value]) => `${name}: ${value}`),
    ...(object ? [`${object.text} at ${address(object.address)}`] : []),
    ...stories.flatMap(({ heading, places }) => [heading, ...places.map(place)]),
  ]
    .filter(Boolean)
    .join('\n')
}
