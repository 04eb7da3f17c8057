/** The analysis of a bugcheck as lines of text, for every front end. */
import type { AnalysisLine, BugcheckAnalysis } from '../core/verifier/story'
import type { SourceLocation } from './report'

export type { AnalysisLine, AnalysisSection, BugcheckAnalysis } from '../core/verifier/story'

const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`

/** One line a parameter: its value and what it stands for. */
export const parameterLines = ({ parameters }: BugcheckAnalysis): readonly string[] =>
  parameters.map(({ value, meaning }, index) => `${index + 1}  ${hex(value)}  ${meaning}`)

/** `name` says how a place is named from where the person stands. */
export const analysisLine = ({ text, place }: AnalysisLine, name: (place: SourceLocation) => string): string =>
  place ? `${text}  ${name(place)}` : text

/** All of it, indented by sections. */
export function analysisLines(analysis: BugcheckAnalysis, name: (place: SourceLocation) => string): readonly string[] {
  return analysis.sections.flatMap(({ title, lines }) => [
    title,
    ...lines.map((line) => `  ${analysisLine(line, name)}`),
  ])
}
