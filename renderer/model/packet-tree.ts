/** The fields of a frame as a tree whose keys stay the same from frame to frame, so that what was opened stays open. */
import type { FieldNode } from '../../src/shared/packets'
import type { TreeNode } from './tree'

export function packetTree(fields: readonly FieldNode[], parent = ''): TreeNode<FieldNode>[] {
  const seen = new Map<string, number>()
  return fields.map((value) => {
    const place = seen.get(value.name) ?? 0
    seen.set(value.name, place + 1)
    const key = `${parent}/${value.name}${place > 0 ? `:${place}` : ''}`
    return { key, value, ...(value.children && { children: packetTree(value.children, key) }) }
  })
}

/** Longer than any frame. */
const MOST_BYTES = 1_000_000

export interface FoundField {
  readonly key: string
  /** Keys of the headings that it is in, outermost first. */
  readonly parents: readonly string[]
  readonly field: FieldNode
}

const covers = ({ offset, length }: FieldNode, at: number): boolean => at >= offset && at < offset + length
/** Whole fields come before their bits, and both before headings. */
const rank = ({ mask }: FieldNode, leaf: boolean): number => (leaf ? (mask === undefined ? 0 : 1) : 2)

/** The field that a byte is shown as: of several the shortest. The frame as a whole covers everything and is never meant. */
export function fieldAtByte(nodes: readonly TreeNode<FieldNode>[], at: number): FoundField | undefined {
  let best: (FoundField & { readonly order: number }) | undefined
  const visit = (level: readonly TreeNode<FieldNode>[], parents: readonly string[]): void => {
    for (const { key, value: field, children } of level) {
      if (field.name === 'frame') continue
      const order = rank(field, children === undefined) * MOST_BYTES + field.length
      if (covers(field, at) && (best === undefined || order < best.order)) best = { key, parents, field, order }
      if (children) visit(children, [...parents, key])
    }
  }
  visit(nodes, [])
  return best
}
