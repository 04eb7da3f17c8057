/** Trees as the list of their visible rows: what a virtual list, arrow keys and ARIA levels need. */

export interface TreeNode<T> {
  readonly key: string
  readonly value: T
  /** undefined: a leaf. An empty array: open to load, or nothing in it. */
  readonly children?: readonly TreeNode<T>[]
}

export interface TreeRow<T> {
  readonly key: string
  readonly value: T
  /** 1-based, as aria-level. */
  readonly level: number
  readonly expandable: boolean
  readonly expanded: boolean
  readonly parent: string | undefined
  /** 1-based place among its siblings, and how many there are. */
  readonly position: number
  readonly siblings: number
}

export function flatten<T>(
  nodes: readonly TreeNode<T>[],
  expanded: ReadonlySet<string>,
  level = 1,
  parent?: string,
): TreeRow<T>[] {
  return nodes.flatMap((node, index) => {
    const open = node.children !== undefined && expanded.has(node.key)
    const row: TreeRow<T> = {
      key: node.key,
      value: node.value,
      level,
      expandable: node.children !== undefined,
      expanded: open,
      parent,
      position: index + 1,
      siblings: nodes.length,
    }
    return open && node.children ? [row, ...flatten(node.children, expanded, level + 1, node.key)] : [row]
  })
}

export type TreeMove =
  { readonly focus: string } | { readonly expand: string } | { readonly collapse: string } | undefined

/** The arrow keys of the ARIA tree pattern. */
export function treeMove<T>(rows: readonly TreeRow<T>[], current: string | undefined, key: string): TreeMove {
  const index = rows.findIndex((row) => row.key === current)
  const row = rows[index]
  const to = (target: number): TreeMove => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, target))]
    return next && { focus: next.key }
  }
  if (!row) return to(0)
  switch (key) {
    case 'ArrowDown':
      return to(index + 1)
    case 'ArrowUp':
      return to(index - 1)
    case 'Home':
      return to(0)
    case 'End':
      return to(rows.length - 1)
    case 'ArrowRight':
      return !row.expandable ? undefined : row.expanded ? to(index + 1) : { expand: row.key }
    case 'ArrowLeft':
      return row.expanded ? { collapse: row.key } : row.parent === undefined ? undefined : { focus: row.parent }
    default:
      return undefined
  }
}
