/** The fields of a structure that lies over bytes: as a tree, and found by offset. */
import type { StructFieldView } from '../../src/shared/views'
import type { TreeNode } from './tree'

export const fieldNodes = (fields: readonly StructFieldView[]): TreeNode<StructFieldView>[] =>
  fields.map((field) => ({
    key: field.path,
    value: field,
    ...(field.children?.length ? { children: fieldNodes(field.children) } : {}),
  }))

/** The innermost field that holds the byte at `offset` from the start of the structure, and the paths that lead to it. */
export function fieldAt(fields: readonly StructFieldView[], offset: number): readonly StructFieldView[] {
  const field = fields.find((candidate) => offset >= candidate.offset && offset < candidate.offset + candidate.size)
  return field ? [field, ...fieldAt(field.children ?? [], offset)] : []
}

/** Index of the top-level field at an offset: neighbours are shaded apart by it. -1 for padding. */
export const fieldIndexAt = (fields: readonly StructFieldView[], offset: number): number =>
  fields.findIndex((field) => offset >= field.offset && offset < field.offset + field.size)
