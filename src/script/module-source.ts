import {
  parse,
  type CallExpression,
  type Comment,
  type ExportDefaultDeclaration,
  type ExportNamedDeclaration,
  type Identifier,
  type ImportDeclaration,
  type Node,
  type Program,
} from 'acorn'
import { fullAncestor, type FullAncestorWalkerCallback } from 'acorn-walk'
import type { CallSite, CompiledBreakpoint, Insertion } from '../shared/engine'
import { readAcceptComments, type AcceptComment } from './accept-comments'
import { compileBreakpoints } from './breakpoints'
import { Edits } from './edits'
import { LoadError } from './errors'
import { keepExportsLive, namesOf } from './live-exports'
import { OWN } from './own-names'
import { passBugchecks } from './stopped-catches'
import { stripTypes } from './strip'

export interface ModuleSource {
  /** Text to evaluate: an expression, a function of the names of OWN. */
  readonly code: string
  readonly insertions: readonly Insertion[]
  /** What its comments accept. */
  readonly accepts: readonly AcceptComment[]
  /** Local names of what comes from 'ndis'. */
  readonly imported: readonly string[]
  /** What they are called there; 'all' for a namespace. */
  readonly uses: readonly string[] | 'all'
  /** Files that are imported from, in order. */
  readonly imports: readonly ImportedFile[]
  /** Names of the values that it exports. */
  readonly exported: ReadonlySet<string>
}

export interface Place {
  readonly line: number
  readonly column: number
}
export interface ImportedFile extends Place {
  readonly specifier: string
  /** Names that are imported from it, with their places. */
  readonly names: readonly (Place & { readonly name: string })[]
}

export interface ModuleContext {
  readonly path: string
  /** Call sites of the whole program; the loader adds to them. */
  readonly sites: CallSite[]
  /** Names that 'ndis' exports as values. */
  readonly values: ReadonlySet<string>
  /** Names that exist as types only. */
  readonly types: ReadonlySet<string>
  readonly breakpoints: readonly CompiledBreakpoint[]
}

interface Importing {
  /** Local name -> interface name. */
  readonly names: Map<string, string>
  readonly namespaces: Set<string>
  readonly prologue: string[]
  readonly imports: ImportedFile[]
}

function parseProgram(code: string, file: string, onComment: Comment[]): Program {
  try {
    return parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true, onComment })
  } catch (thrown) {
    const { message, loc } = thrown as { message: string; loc?: { line: number; column: number } }
    throw new LoadError('syntax', message.replace(/ \(\d+:\d+\)$/, ''), file, loc?.line, loc && loc.column + 1)
  }
}

const nameOf = (node: Identifier | { type: 'Literal'; value?: unknown }): string =>
  node.type === 'Identifier' ? (node as Identifier).name : String((node as { value?: unknown }).value)

const placeOf = ({ loc }: Node): Place => ({ line: loc?.start.line ?? 0, column: (loc?.start.column ?? 0) + 1 })

function refuse(
  context: ModuleContext,
  node: Node,
  code: 'import-refused' | 'unknown-export' | 'unsupported-syntax',
  message: string,
): never {
  throw new LoadError(code, message, context.path, node.loc?.start.line, (node.loc?.start.column ?? 0) + 1)
}

function readImport(node: ImportDeclaration, context: ModuleContext, into: Importing): void {
  const from = String(node.source.value)
  if (from !== 'ndis' && !/^\.\.?\//.test(from))
    refuse(
      context,
      node,
      'import-refused',
      `a driver script cannot import '${from}': it has the language, 'ndis' and its own files (./name), nothing else`,
    )
  if (from !== 'ndis') {
    const index = into.imports.length
    const names = node.specifiers.flatMap((specifier) =>
      specifier.type === 'ImportSpecifier'
        ? [{ name: nameOf(specifier.imported as Identifier), ...placeOf(specifier) }]
        : specifier.type === 'ImportDefaultSpecifier'
          ? [{ name: 'default', ...placeOf(specifier) }]
          : [],
    )
    into.imports.push({ specifier: from, ...placeOf(node), names })
    for (const specifier of node.specifiers) {
      const member =
        specifier.type === 'ImportNamespaceSpecifier'
          ? ''
          : specifier.type === 'ImportDefaultSpecifier'
            ? 'default'
            : nameOf(specifier.imported as Identifier)
      const local = specifier.local.name
      if (specifier.type === 'ImportNamespaceSpecifier') into.prologue.push(`const ${local}=${OWN.link}(${index});`)
      else
        into.prologue.push(
          `let ${local}=${OWN.link}(${index})[${JSON.stringify(member)}];`,
          `${OWN.follow}(${index},${JSON.stringify(member)},(v)=>${local}=v);`,
        )
    }
    return
  }
  for (const specifier of node.specifiers) {
    if (specifier.type === 'ImportNamespaceSpecifier') {
      into.namespaces.add(specifier.local.name)
      into.prologue.push(`const ${specifier.local.name}=${OWN.interface};`)
      continue
    }
    const imported = specifier.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(specifier.imported as Identifier)
    if (context.values.has(imported)) into.names.set(specifier.local.name, imported)
    else if (!context.types.has(imported))
      refuse(context, specifier, 'unknown-export', `'ndis' has no export named '${imported}'`)
  }
}

interface Exporting {
  /** `export { from as to } from './other'` */
  readonly passedOn: { source: number; from: string; to: string }[]
  readonly functions: [exported: string, local: string][]
  readonly values: [exported: string, local: string][]
}

function readNamedExport(node: ExportNamedDeclaration, edits: Edits, into: Exporting, importing: Importing): void {
  const declaration = node.declaration
  if (declaration) {
    edits.blank(node.start, declaration.start)
    if (declaration.type === 'FunctionDeclaration') into.functions.push([declaration.id.name, declaration.id.name])
    else if (declaration.type === 'ClassDeclaration') into.values.push([declaration.id.name, declaration.id.name])
    else if (declaration.type === 'VariableDeclaration')
      for (const { id } of declaration.declarations) for (const name of namesOf(id)) into.values.push([name, name])
    return
  }
  edits.blank(node.start, node.end)
  const source = node.source
    ? importing.imports.push({
        specifier: String(node.source.value),
        ...placeOf(node),
        names: node.specifiers.map((specifier) => ({
          name: nameOf(specifier.local as Identifier),
          ...placeOf(specifier),
        })),
      }) - 1
    : -1
  for (const specifier of node.specifiers) {
    const local = nameOf(specifier.local as Identifier)
    if (source >= 0) into.passedOn.push({ source, from: local, to: nameOf(specifier.exported as Identifier) })
    const value = source < 0 ? local : `${OWN.link}(${source})[${JSON.stringify(local)}]`
    into.values.push([nameOf(specifier.exported as Identifier), value])
  }
}

/** Holds the value of `export default`. */
const DEFAULT = '$ndisDefault'

function readDefaultExport(node: ExportDefaultDeclaration, edits: Edits, into: Exporting): void {
  const { declaration } = node
  const named =
    (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') && declaration.id
  if (named) {
    edits.blank(node.start, declaration.start)
    into.values.push(['default', named.name])
    return
  }
  // Not longer than the words it replaces, so that the columns behind stay.
  edits.blank(node.start, node.start + 'export default'.length, `${DEFAULT}=`)
  into.values.push(['default', DEFAULT])
}

function enclosingFunction(ancestors: readonly Node[]): string {
  for (let i = ancestors.length - 1; i >= 0; i--) {
    const node = ancestors[i]! as Node & { id?: Identifier | null; key?: Identifier }
    if (
      node.type === 'FunctionDeclaration' ||
      node.type === 'FunctionExpression' ||
      node.type === 'ArrowFunctionExpression'
    ) {
      if (node.id) return node.id.name
      const parent = ancestors[i - 1] as (Node & { id?: Identifier; key?: Identifier }) | undefined
      if (parent?.type === 'VariableDeclarator' && parent.id?.type === 'Identifier') return parent.id.name
      if (
        parent &&
        (parent.type === 'Property' || parent.type === 'MethodDefinition') &&
        parent.key?.type === 'Identifier'
      )
        return parent.key.name
      return '(anonymous)'
    }
  }
  return ''
}

const calledName = ({ callee }: CallExpression, importing: Importing): string =>
  callee.type === 'Identifier'
    ? (importing.names.get(callee.name) ?? callee.name)
    : callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
      ? callee.property.name
      : ''

/** Marks each call of the interface with the number of its call site, so that blame costs one store and no stack walk. */
function instrument(program: Program, edits: Edits, context: ModuleContext, importing: Importing): void {
  const statementStarts = new Set<number>()
  const isInterface = (call: CallExpression): boolean => {
    const { callee } = call
    if (callee.type === 'Identifier') return importing.names.has(callee.name)
    return (
      callee.type === 'MemberExpression' &&
      callee.object.type === 'Identifier' &&
      importing.namespaces.has(callee.object.name)
    )
  }
  const containsCall = (node: Node): boolean => {
    let found = false
    const look: FullAncestorWalkerCallback<unknown> = (inner) => {
      if (inner.type === 'CallExpression' || inner.type === 'NewExpression') found = true
    }
    fullAncestor(node, look)
    return found
  }
  const visit: FullAncestorWalkerCallback<unknown> = (node, _state, ancestors) => {
    if (node.type === 'ImportExpression')
      refuse(
        context,
        node,
        'import-refused',
        'a driver script cannot import at run time: import() is not there, use an import declaration',
      )
    if (node.type === 'ExpressionStatement') statementStarts.add(node.start)
    if (node.type !== 'CallExpression') return
    const call = node as CallExpression
    if (call.callee.type === 'Identifier' && call.callee.name === 'eval')
      refuse(context, node, 'unsupported-syntax', 'a driver script cannot call eval')
    if (!isInterface(call)) return
    const number = context.sites.length
    const { line, column } = node.loc!.start
    context.sites.push({
      file: context.path,
      line,
      column: column + 1,
      function: enclosingFunction(ancestors),
      api: calledName(call, importing),
    })
    const last = call.arguments.at(-1)
    if (last && call.arguments.some(containsCall)) {
      // The arguments make calls of their own: mark this one after them.
      const value = last.type === 'SpreadElement' ? last.argument : last
      edits.insertFirst(value.start, `${OWN.mark}(${number},`)
      edits.insert(value.end, ')')
    } else marks.push({ call, number })
  }
  const marks: { call: CallExpression; number: number }[] = []
  fullAncestor(program, visit)
  for (const { call, number } of marks) {
    const set = `${OWN.site}.s=${number},`
    // At the start of a statement a parenthesis would continue the line above when that has no semicolon.
    if (statementStarts.has(call.start)) edits.insert(call.start, set)
    else {
      edits.insert(call.callee.start, `(${set}`)
      edits.insert(call.callee.end, ')')
    }
  }
}

/** Turns one file of a driver into something to evaluate; throws LoadError. */
export function readModule(source: string, context: ModuleContext): ModuleSource {
  const stripped = stripTypes(source, context.path)
  const comments: Comment[] = []
  const program = parseProgram(stripped, context.path, comments)
  const edits = new Edits(stripped)
  const importing: Importing = { names: new Map(), namespaces: new Set(), prologue: [], imports: [] }
  const exporting: Exporting = { passedOn: [], functions: [], values: [] }
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      readImport(node, context, importing)
      edits.blank(node.start, node.end)
    } else if (node.type === 'ExportNamedDeclaration') readNamedExport(node, edits, exporting, importing)
    else if (node.type === 'ExportDefaultDeclaration') readDefaultExport(node, edits, exporting)
    else if (node.type === 'ExportAllDeclaration')
      refuse(context, node, 'unsupported-syntax', "'export *' is not supported: name what is exported")
  }
  instrument(program, edits, context, importing)
  keepExportsLive(program, edits, exporting.values)
  passBugchecks(program, edits)
  compileBreakpoints(program, edits, context.path, context.breakpoints)

  const bindings = [...importing.names].map(([local, name]) => `${local}=${OWN.interface}.${name}`)
  const rebinding = [...importing.names].map(([local, name]) => `if(n===${JSON.stringify(name)})${local}=f;`)
  const exportFunctions = exporting.functions.map(
    ([exported, local]) => `${OWN.exports}[${JSON.stringify(exported)}]=${local};`,
  )
  const parameters = Object.values(OWN).join(',')
  const head = [
    `(function(${parameters}){'use strict';let ${DEFAULT};`,
    ...exportFunctions,
    bindings.length ? `var ${bindings.join(',')};` : '',
    bindings.length ? `${OWN.rebind}((n,f)=>{${rebinding.join('')}});` : '',
    ...importing.prologue,
    ...exporting.passedOn.map(
      ({ source, from, to }) =>
        `${OWN.follow}(${source},${JSON.stringify(from)},(v)=>${OWN.changed}(${JSON.stringify(to)},()=>v));`,
    ),
  ].join('')
  edits.insertFirst(0, head, true)
  const { code, insertions } = edits.apply()
  const exportValues = exporting.values.map(
    ([exported, local]) => `${OWN.exports}[${JSON.stringify(exported)}]=${local};`,
  )
  return {
    code: `${code}\n;${exportValues.join('')}})`,
    insertions,
    accepts: readAcceptComments(comments, stripped),
    imports: importing.imports,
    exported: new Set([...exporting.functions, ...exporting.values].map(([exported]) => exported)),
    imported: [...importing.names.keys(), ...importing.namespaces],
    uses: importing.namespaces.size > 0 ? 'all' : [...importing.names.values()],
  }
}
