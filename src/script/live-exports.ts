import type { Function as FunctionNode, Identifier, Node, Pattern, Program } from 'acorn'
import { fullAncestor, type FullAncestorWalkerCallback } from 'acorn-walk'
import type { Edits } from './edits'
import { OWN } from './own-names'

/** Names that a pattern declares or assigns: `{ a, b: [c] }` has a and c. */
export function namesOf(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        namesOf(property.type === 'RestElement' ? property.argument : property.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? namesOf(element) : []))
    case 'AssignmentPattern':
      return namesOf(pattern.left)
    case 'RestElement':
      return namesOf(pattern.argument)
    default:
      return []
  }
}

/** Names that a function or block declares for what is inside of it. */
function declaredBy(node: Node): string[] {
  const names: string[] = []
  if ('params' in node) for (const param of (node as FunctionNode).params) names.push(...namesOf(param))
  const look: FullAncestorWalkerCallback<unknown> = (inner, _state, ancestors) => {
    if (
      inner.type !== 'VariableDeclarator' &&
      inner.type !== 'FunctionDeclaration' &&
      inner.type !== 'ClassDeclaration'
    )
      return
    const within = ancestors.slice(0, -1).reverse()
    // A var belongs to its function, everything else to the block around it.
    const declaration = within[0] as (Node & { kind?: string }) | undefined
    const owner = within.find((outer) => 'params' in outer || (declaration?.kind !== 'var' && isBlock(outer)))
    if ((owner ?? node) !== node && !('params' in node && (owner as Node) === (node as FunctionNode).body)) return
    const { id } = inner as Node & { id: Pattern | Identifier | null }
    if (id) names.push(...namesOf(id))
  }
  fullAncestor(node, look)
  return names
}
const isBlock = ({ type }: Node): boolean => /^(BlockStatement|For\w*Statement|SwitchStatement|CatchClause)$/.test(type)
const isScope = (node: Node): boolean => 'params' in node || isBlock(node)

/**
 * Importers of a variable see what is assigned to it later, as the language has it: each assignment to an exported
 * variable also says its new value. Nothing is added to modules whose exports stay as they are.
 */
export function keepExportsLive(
  program: Program,
  edits: Edits,
  exported: readonly (readonly [exported: string, local: string])[],
): void {
  const names = new Map(exported.map(([name, local]) => [local, name]))
  const visit: FullAncestorWalkerCallback<unknown> = (node, _state, ancestors) => {
    const target =
      node.type === 'AssignmentExpression'
        ? (node as Node & { left: Pattern }).left
        : node.type === 'UpdateExpression'
          ? ((node as Node & { argument: Node }).argument as Pattern)
          : undefined
    if (!target) return
    for (const local of namesOf(target)) {
      const name = names.get(local)
      if (name === undefined) continue
      if (ancestors.some((outer) => isScope(outer) && declaredBy(outer).includes(local))) continue
      edits.insertFirst(node.start, `${OWN.changed}(${JSON.stringify(name)},()=>${local},`)
      edits.insert(node.end, ')')
    }
  }
  if (names.size > 0) fullAncestor(program, visit)
}
