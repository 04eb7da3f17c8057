/** The text of a configuration file: what stands in it, and where something is wrong. */
import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { readKeyword, type EntryIssue, type Keyword } from './configuration'
import { HARDWARE_MEMBERS, hardwareIssues, type Hardware } from './hardware'
import { isLevel, LEVELS_TAKE, type RuleLevels } from './rule-levels'

/** Line and column are 1-based; offset and length count characters of the text. */
export interface ConfigurationProblem {
  readonly message: string
  readonly line: number
  readonly column: number
  readonly offset: number
  readonly length: number
}

export interface ConfigurationReading {
  /** Entries that are right, in the order of the file. */
  readonly keywords: readonly Keyword[]
  /** Members that are right. */
  readonly hardware: Hardware
  /** Of rules, those that are right. */
  readonly levels: RuleLevels
  readonly problems: readonly ConfigurationProblem[]
  /** The text is JSON with an object `keywords`, or with room for one, so that entries can be changed in it. */
  readonly editable: boolean
}

const EXAMPLE = '{ "keywords": { "RingSize": 64 } }'
/** What a new file begins with. */
export const NEW_CONFIGURATION = '{\n  "keywords": {}\n}\n'

/** By the names that jsonc-parser gives its errors. */
const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is no JSON value: texts stand in double quotes, numbers are decimal',
  InvalidNumberFormat: 'this number is not written as JSON writes numbers',
  PropertyNameExpected: 'a name in double quotes is expected here; there may be a comma too many',
  ValueExpected: 'a value is expected here',
  ColonExpected: "':' is expected here",
  CommaExpected: "',' is expected here",
  CloseBraceExpected: "'}' is missing",
  CloseBracketExpected: "']' is missing",
  EndOfFileExpected: 'the file should end here: one object is all it may hold',
  InvalidCommentToken: 'JSON has no comments; "label" has room for a word of explanation',
  UnexpectedEndOfString: 'this text has no closing double quote',
  InvalidUnicode: '\\u takes four hexadecimal digits',
  InvalidEscapeCharacter: 'there is no such escape sequence; write \\\\ for a backslash',
  InvalidCharacter: 'this character cannot stand in a text; write it as \\u and four digits',
}

type Report = (message: string, at: Pick<Node, 'offset' | 'length'>) => void

/** A byte order mark counts as a blank, so that offsets stay. */
const plain = (text: string): string => text.replace(/^\uFEFF/, ' ')

/** The tree of the text; undefined, and the first error, when it is no JSON. */
export function parseStrictly(text: string): { tree: Node | undefined; error: ParseError | undefined } {
  const errors: ParseError[] = []
  const tree = parseTree(plain(text), errors, { disallowComments: true, allowTrailingComma: false })
  return { tree: errors.length > 0 ? undefined : tree, error: errors[0] }
}

/** Line and column of an offset, both from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

/** Reads what it can; every problem says where it is and what to do. */
export function readConfiguration(text: string): ConfigurationReading {
  const problems: ConfigurationProblem[] = []
  const report: Report = (message, { offset, length }) =>
    void problems.push({ message, offset, length, ...placeOf(text, offset) })
  const nothing = { keywords: [], hardware: {}, levels: {}, problems, editable: false }
  const { tree, error } = parseStrictly(text)
  if (error) {
    const blank = text.trim() === ''
    report(
      blank ? `the file is empty: write ${EXAMPLE}` : (SYNTAX[printParseErrorCode(error.error)] ?? 'this is no JSON'),
      error,
    )
    return nothing
  }
  if (tree?.type !== 'object') {
    report(`the file takes an object: ${EXAMPLE}`, tree ?? { offset: 0, length: 0 })
    return nothing
  }
  const keywords = checkFile(tree, report)
  return {
    keywords: keywords ? checkEntries(keywords, report) : [],
    hardware: checkHardware(tree, report),
    levels: checkRules(tree, report),
    problems,
    editable: keywords !== undefined,
  }
}

const keyOf = (property: Node): Node => property.children![0]!
const nameOf = (property: Node): string => keyOf(property).value as string
const valueNode = (property: Node): Node => property.children![1]!
const properties = (node: Node): readonly Node[] => node.children ?? []

const MEMBERS: readonly string[] = ['$schema', 'keywords', ...HARDWARE_MEMBERS, 'rules']

/** NICs and their wire: the members that are there and right. */
function checkHardware(file: Node, report: Report): Hardware {
  const right = HARDWARE_MEMBERS.flatMap((member) => {
    const node = findNodeAtLocation(file, [member])
    if (!node) return []
    const value = plainValue(node)
    const issues = hardwareIssues(member, value)
    for (const { path, takes } of issues) {
      const at = findNodeAtLocation(node, [...path]) ?? node
      report(`${[member, ...path].join('.')} takes ${takes}, not ${shown(at)}`, at)
    }
    return issues.length > 0 ? [] : [[member, value] as const]
  })
  return Object.fromEntries(right)
}

/** Levels of rules by name or pattern. */
function checkRules(file: Node, report: Report): RuleLevels {
  const node = findNodeAtLocation(file, ['rules'])
  if (!node) return {}
  if (node.type !== 'object') report('"rules" takes an object: { "SpinLockBalanced": "break" }', node)
  else checkTwice(node, report, (name) => name)
  const right = properties(node).flatMap((property) => {
    if (node.type !== 'object') return []
    const level: unknown = plainValue(valueNode(property))
    if (isLevel(level)) return [[nameOf(property), level] as const]
    report(`rules.${nameOf(property)} takes ${LEVELS_TAKE}, not ${shown(valueNode(property))}`, valueNode(property))
    return []
  })
  return Object.fromEntries(right)
}

const NO_KEYWORDS: Node = { type: 'object', offset: 0, length: 0, children: [] }

/** The object `keywords`, when there is one, or none is needed. */
function checkFile(file: Node, report: Report): Node | undefined {
  checkTwice(file, report, (name) => name)
  for (const property of properties(file))
    if (!MEMBERS.includes(nameOf(property)))
      report(`unknown member "${nameOf(property)}"; there are ${MEMBERS.slice(1).join(', ')}`, keyOf(property))
  const keywords = findNodeAtLocation(file, ['keywords'])
  // A driver may have NICs, or rules, and no keyword.
  const others = [...HARDWARE_MEMBERS, 'rules'].some((member) => findNodeAtLocation(file, [member]))
  if (!keywords && others) return NO_KEYWORDS
  if (!keywords) report(`"keywords" is missing: write ${EXAMPLE}`, { offset: file.offset, length: 1 })
  else if (keywords.type !== 'object') report(`"keywords" takes an object: ${EXAMPLE}`, keywords)
  return keywords?.type === 'object' ? keywords : undefined
}

function checkTwice(object: Node, report: Report, fold: (name: string) => string): ReadonlySet<Node> {
  const seen = new Set<string>()
  const again = new Set<Node>()
  for (const property of properties(object)) {
    const name = nameOf(property)
    if (seen.has(fold(name))) {
      report(
        `"${name}" is given twice${fold('a') === 'A' ? '; upper and lower case are the same' : ''}`,
        keyOf(property),
      )
      again.add(property)
    }
    seen.add(fold(name))
  }
  return again
}

function checkEntries(keywords: Node, report: Report): Keyword[] {
  const again = checkTwice(keywords, report, (name) => name.toUpperCase())
  return properties(keywords).flatMap((property): Keyword[] => {
    const node = valueNode(property)
    if (node.type === 'object') checkTwice(node, report, (name) => name)
    const read = readKeyword(nameOf(property), plainValue(node))
    if (!('length' in read)) return again.has(property) ? [] : [read]
    for (const issue of read) reportEntry(property, issue, report)
    return []
  })
}

function reportEntry(property: Node, { path, unknown, isName, takes }: EntryIssue, report: Report): void {
  const entry = valueNode(property)
  const name = nameOf(property)
  for (const member of unknown ?? []) {
    const node = properties(entry).find((candidate) => nameOf(candidate) === member)
    report(`${name}: unknown member "${member}"; there are ${takes}`, node ? keyOf(node) : entry)
  }
  if (unknown) return
  if (isName) return report(`"${name}" is no name of a keyword: it takes ${takes}`, keyOf(property))
  const at = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  const node = findNodeAtLocation(entry, at)
  if (!node) return report(`${name}: "${path.join('.')}" is missing; it takes ${takes}`, keyOf(property))
  report(`${[name, ...path].join('.')} takes ${takes}, not ${shown(node)}`, node)
}

const LONGEST_SHOWN = 40
function shown(node: Node): string {
  const text = node.type === 'object' ? 'an object' : JSON.stringify(plainValue(node))
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text
}

/** jsonc-parser's own would lose a member named __proto__. */
function plainValue(node: Node): unknown {
  if (node.type === 'array') return properties(node).map(plainValue)
  if (node.type !== 'object') return node.value
  return Object.fromEntries(properties(node).map((property) => [nameOf(property), plainValue(valueNode(property))]))
}
