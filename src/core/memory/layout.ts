import { STRUCTS } from './structs'
import type { FieldTable } from './structs/types'

/** Byte offsets of members of a struct of ndis.h, by their documented path, and its size. */
export type Layout<F extends string> = Readonly<Record<F, number>> & { readonly SIZE: number }

function offsetOf(struct: string, path: string): number {
  let fields: readonly FieldTable[] | undefined = STRUCTS.get(struct)?.fields
  let offset = 0
  for (const part of path.split('.')) {
    const field: FieldTable | undefined = fields?.find((candidate) => candidate.name === part)
    if (!field) throw new Error(`${struct} has no member ${path}`)
    offset += field.offset
    fields = field.fields ?? (field.struct === undefined ? undefined : STRUCTS.get(field.struct)?.fields)
  }
  return offset
}

/** Offsets derived from the struct's table: `layout('KDPC', 'DeferredRoutine').DeferredRoutine`. Throws for unknown names. */
export function layout<F extends string>(struct: string, ...paths: readonly F[]): Layout<F> {
  const table = STRUCTS.get(struct)
  if (!table) throw new Error(`no struct table ${struct}`)
  const pairs = paths.map((path): [string, number] => [path, offsetOf(struct, path)])
  return { ...(Object.fromEntries(pairs) as Record<F, number>), SIZE: table.size }
}

/** Every function member of a struct and its offset, in order. */
export const functionMembers = (struct: string): readonly { readonly name: string; readonly offset: number }[] =>
  (STRUCTS.get(struct)?.fields ?? []).flatMap(({ type, name, offset }) => (type === 'fn' ? [{ name, offset }] : []))
