import type { Kernel } from '../kernel/kernel'
import { allocatingStack } from './allocation-stacks'
import { callStackKey } from './call-stack-key'
import { hex } from './hex'
import { objectDetails } from './touched-object'
import type { Place, Related } from './verifier'

/** Something that should have been given back. */
export interface LeftObject {
  readonly address: number
  /** Call site. */
  readonly allocated: number
}

/** Those that one call site allocated. */
interface Group {
  readonly first: LeftObject
  count: number
  readonly stacks: Map<string, { readonly stack: readonly Place[]; count: number }>
}

/** Where in the driver the function that allocates was called from. */
const callerOf = (stack: readonly Place[]): Place | undefined => stack[1] ?? stack[0]

/** How the driver came to them, when that was in more than one way. */
function waysOf({ stacks }: Group): Related[] {
  if (stacks.size < 2) return []
  return [...stacks.values()].flatMap(({ stack, count }) => {
    const place = callerOf(stack)
    return place ? [{ text: `${count} of them ${count > 1 ? 'come' : 'comes'} from here`, place, stack }] : []
  })
}

/** One report for each call site that allocated, with a line for each stack that led to it. */
export function reportLeft(
  k: Kernel,
  rule: string,
  fn: string,
  objects: readonly LeftObject[],
  textOf: (count: number, first: string) => string,
): void {
  const isReported = k.verifier.level(rule) !== 'off'
  const groups = new Map<number, Group>()
  for (const object of objects) {
    if (isReported) k.verifier.leftBehind.add(object.address)
    const group = groups.get(object.allocated) ?? { first: object, count: 0, stacks: new Map() }
    groups.set(object.allocated, group)
    group.count++
    const stack = allocatingStack(k, object.address, object.allocated)
    const key = callStackKey('', stack)
    const way = group.stacks.get(key) ?? { stack, count: 0 }
    group.stacks.set(key, way)
    way.count++
  }
  for (const group of groups.values()) {
    const { first, count, stacks } = group
    const related = waysOf(group)
    k.verifier.violation(rule, fn, textOf(count, hex(first.address)), {
      ...objectDetails(k, first.address),
      ...{ at: first.allocated, allocated: first.allocated, stack: [...stacks.values()][0]!.stack },
      ...(related.length > 0 && { related }),
    })
  }
}
