import type { Node, Program } from 'acorn'
import { fullAncestor } from 'acorn-walk'
import type { CompiledBreakpoint } from '../shared/engine'
import { isExpression, logParts } from '../shared/expressions'
import type { Edits } from './edits'
import { OWN } from './own-names'

/** A statement before which other statements may stand, and whether braces are needed for that. */
interface Spot {
  readonly start: number
  readonly end: number
  readonly line: number
  readonly bare: boolean
}

const BODY_OWNERS = new Set([
  'IfStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'LabeledStatement',
])

function statements(program: Program): Spot[] {
  const spots: Spot[] = []
  fullAncestor(program, (node, _state, ancestors) => {
    const parent = ancestors.at(-2) as Node | undefined
    if (
      !/(Statement|VariableDeclaration)$/.test(node.type) ||
      node.type === 'BlockStatement' ||
      node.type === 'EmptyStatement'
    )
      return
    if (node.type === 'VariableDeclaration' && parent && /^For/.test(parent.type)) return
    const bare = parent !== undefined && BODY_OWNERS.has(parent.type)
    spots.push({ start: node.start, end: node.end, line: node.loc!.start.line, bare })
  })
  return spots.sort((a, b) => a.start - b.start)
}

/** 'a {b} c' as a template literal; braces hold expressions. Null when one is no expression. */
export function logTemplate(message: string): string | null {
  let template = ''
  for (const { text, expression } of logParts(message)) {
    if (!expression) template += text.replace(/[`\\$]/g, '\\$&').replace(/\r?\n/g, '\\n')
    else if (isExpression(text)) template += `\${${OWN.log}(${text})}`
    else return null
  }
  return `\`${template}\``
}

function statementFor(breakpoint: CompiledBreakpoint): string | null {
  const { id, condition, hitCondition, logMessage } = breakpoint
  if (condition !== undefined && !isExpression(condition)) return null
  const template = logMessage === undefined ? undefined : logTemplate(logMessage)
  if (template === null) return null
  const hit = `${OWN.hit}(${id}${template ? `,()=>${template}` : ''})`
  const stop = template ? hit : `if(${hit})debugger`
  const test = condition === undefined ? '' : `if(${condition.replace(/\r?\n/g, ' ')}\u0020)`
  // A condition that throws is one that does not hold, as with any debugger.
  return condition === undefined && hitCondition === undefined && !template ? null : `try{${test}{${stop}}}catch{}`
}

/** Writes conditions, hit counts and logpoints into their lines (perf/FACTS: V8's own cost 190 microseconds a pass). */
export function compileBreakpoints(
  program: Program,
  edits: Edits,
  file: string,
  breakpoints: readonly CompiledBreakpoint[],
): void {
  const mine = breakpoints.filter((breakpoint) => breakpoint.file === file)
  if (mine.length === 0) return
  const spots = statements(program)
  for (const breakpoint of mine) {
    const spot = spots.find((candidate) => candidate.line >= breakpoint.line)
    const text = statementFor(breakpoint)
    if (!spot || text === null) continue
    edits.insertFirst(spot.start, spot.bare ? `{${text};` : `${text};`, true)
    if (spot.bare) edits.insert(spot.end, '}')
  }
}
