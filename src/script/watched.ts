/**
 * At which functions and callbacks each rule is checked, so that nobody has to write it down a second time: what the API table
 * says, what stands in the source beside the name of the rule, and what the drivers that break it are caught at.
 */
import ts from 'typescript'
import { irqlBounds, HIGH_LEVEL } from '../core/kernel/irql'
import { API } from '../core/ndis/api'
import type { ApiEntry } from '../core/ndis/api/types'
import { RULES } from '../core/verifier/rules/index'

const API_NAMES: ReadonlySet<string> = new Set(API.map(({ name }) => name))

/** Rules by name, bounds of the IRQL, no spin lock: the binding checks the last two. */
function rulesOf({ rules, irql, noSpinLock }: ApiEntry): string[] {
  const [low, high] = irqlBounds(irql)
  const bound = low > 0 || high < HIGH_LEVEL ? [rules.find((rule) => rule.startsWith('Irql')) ?? 'Irql'] : []
  return [...rules, ...bound, ...(noSpinLock ? ['SpinLockHeldAtCall'] : [])]
}

type Scope = ts.Block | ts.SourceFile | ts.FunctionLikeDeclaration
/** A function with a name, as others in its file know it. */
type Declaration = ts.FunctionDeclaration | ts.VariableDeclaration

const isFunction = (node: ts.Node): node is ts.FunctionLikeDeclaration => ts.isFunctionLike(node) && 'body' in node
const isScope = (node: ts.Node): node is Scope => ts.isBlock(node) || ts.isSourceFile(node) || isFunction(node)

/** Calls `see` for a node and what is below it, what stands in functions left out. */
function walk(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  ts.forEachChild(node, (child) => {
    if (!isFunction(child)) walk(child, see)
  })
}
function walkAll(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  ts.forEachChild(node, (child) => walkAll(child, see))
}

/** What a scope declares, by name; parameters and parts of patterns as undefined: nobody knows what they are. */
const declared = new WeakMap<Scope, ReadonlyMap<string, Declaration | undefined>>()
function declarationsIn(scope: Scope): ReadonlyMap<string, Declaration | undefined> {
  const known = declared.get(scope)
  if (known) return known
  const found = new Map<string, Declaration | undefined>()
  if (isFunction(scope))
    for (const { name } of scope.parameters) for (const one of namesOf(name)) found.set(one, undefined)
  else
    for (const statement of scope.statements) {
      if (ts.isFunctionDeclaration(statement) && statement.name) found.set(statement.name.text, statement)
      if (ts.isVariableStatement(statement))
        for (const one of statement.declarationList.declarations)
          for (const name of namesOf(one.name)) found.set(name, ts.isIdentifier(one.name) ? one : undefined)
    }
  declared.set(scope, found)
  return found
}
const namesOf = (name: ts.BindingName): string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((part) => (ts.isBindingElement(part) ? namesOf(part.name) : []))

/** What an identifier means, in its own file. */
function meaningOf(identifier: ts.Identifier): Declaration | undefined {
  for (let node: ts.Node = identifier.parent; node; node = node.parent) {
    if (!isScope(node)) continue
    const found = declarationsIn(node)
    if (found.has(identifier.text)) return found.get(identifier.text)
  }
  return undefined
}

/** Names of the interface in a list, a table or a text, those of constants included. */
function namesIn(node: ts.Node, depth = 3): string[] {
  const found: string[] = []
  walk(node, (part) => {
    if ((ts.isStringLiteral(part) || ts.isIdentifier(part)) && API_NAMES.has(part.text)) found.push(part.text)
    else if (ts.isIdentifier(part) && depth > 0) {
      const meaning = meaningOf(part)
      const value = meaning && ts.isVariableDeclaration(meaning) ? meaning.initializer : undefined
      if (value && !isFunction(value) && !ts.isCallExpression(value)) found.push(...namesIn(value, depth - 1))
    }
  })
  return found
}

/** Names that a call is given: texts and lists of them, or a parameter of `LIST.map((name) => ...)`. */
const namesGiven = ({ arguments: given }: ts.CallExpression): string[] =>
  given.flatMap((argument) => {
    if (isFunction(argument) || ts.isObjectLiteralExpression(argument) || ts.isCallExpression(argument)) return []
    if (!ts.isIdentifier(argument)) return namesIn(argument)
    const around = ts.findAncestor(argument, (node) => isFunction(node) && declarationsIn(node).has(argument.text))
    const call = around?.parent
    if (!call || !ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return namesIn(argument)
    return namesIn(call.expression.expression)
  })

const keyOf = (node: ts.Node): string => {
  const isMember = ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)
  return isMember && (ts.isIdentifier(node.name) || ts.isStringLiteral(node.name)) ? node.name.text : ''
}

/** Where the functions of the sources are used. */
class Uses {
  readonly #byName = new Map<string, ts.Identifier[]>()
  readonly #leading = new Map<Declaration, readonly string[]>()

  constructor(files: readonly ts.SourceFile[]) {
    for (const file of files)
      walkAll(file, (node) => {
        if (!ts.isIdentifier(node)) return
        const uses = this.#byName.get(node.text)
        if (uses) uses.push(node)
        else this.#byName.set(node.text, [node])
      })
  }

  #of(declaration: Declaration): readonly ts.Identifier[] {
    const name = (declaration.name as ts.Identifier).text
    const isExported = ts.isFunctionDeclaration(declaration) && ts.isSourceFile(declaration.parent)
    return (this.#byName.get(name) ?? []).filter((use) => {
      const { parent } = use
      if (ts.isPropertyAccessExpression(parent) && parent.name === use) return false
      if (ts.isImportSpecifier(parent) || use === declaration.name || keyOf(parent) === name) return false
      const meaning = meaningOf(use)
      return meaning ? meaning === declaration : isExported && use.getSourceFile() !== declaration.getSourceFile()
    })
  }
  #leadingToFunction(declaration: Declaration): readonly string[] {
    const known = this.#leading.get(declaration)
    if (known) return known
    this.#leading.set(declaration, [])
    const found = [...new Set(this.#of(declaration).flatMap((use) => this.leadingTo(use)))]
    this.#leading.set(declaration, found)
    return found
  }

  /** Functions that lead to a node: those that its call is given, else the one whose handler it stands in, else those of the callers. */
  leadingTo(start: ts.Node): readonly string[] {
    for (let node: ts.Node = start.parent; !ts.isSourceFile(node); node = node.parent) {
      if (ts.isCallExpression(node)) {
        const names = namesGiven(node)
        if (names.length > 0) return names
      }
      if (API_NAMES.has(keyOf(node))) return [keyOf(node)]
      if (ts.isFunctionDeclaration(node) && node.name) return this.#leadingToFunction(node)
      if (
        ts.isVariableDeclaration(node) &&
        ts.isIdentifier(node.name) &&
        node.initializer &&
        isFunction(node.initializer)
      )
        return this.#leadingToFunction(node)
    }
    return []
  }
}

/** What each driver that breaks a rule is caught at (test/rules/fixtures). */
const caught = (text: string): readonly (readonly [rule: string, fn: string])[] =>
  [...text.matchAll(/\brule: '([^']+)',(?:(?!\brule: ')[^])*?\bfn: '([^']+)'/g)].map(
    ([, rule, fn]) => [rule!, fn!] as const,
  )

/**
 * Rules by name, each with functions and callbacks at which it is checked, sorted. Not all of them for a rule that is checked
 * wherever memory is touched or a callback returns.
 *
 * @param core Sources of the core by path.
 * @param fixtures Texts of test/rules/fixtures.
 */
export function watchedBy(
  core: ReadonlyMap<string, string>,
  fixtures: Iterable<string>,
): ReadonlyMap<string, readonly string[]> {
  const watched = new Map([...RULES.keys()].map((rule) => [rule, new Set<string>()] as const))
  for (const entry of API) for (const rule of rulesOf(entry)) watched.get(rule)?.add(entry.name)
  for (const text of fixtures) for (const [rule, fn] of caught(text)) watched.get(rule)?.add(fn)
  const files = [...core].map(([name, text]) => ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true))
  const uses = new Uses(files)
  for (const file of files)
    walkAll(file, (node) => {
      if (!ts.isStringLiteral(node) || ts.isPropertyAssignment(node.parent)) return
      const names = watched.get(node.text)
      if (names) for (const name of uses.leadingTo(node)) names.add(name)
    })
  return new Map([...watched].map(([rule, names]) => [rule, [...names].sort()]))
}
